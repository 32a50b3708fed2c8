#include "workspace/workspace.h"

#include "config/server_limits.h"

namespace twinstore {

Result<OpenDatabase> open_database(const Schema& schema, const DatabaseLocation& location,
                                   Clock& clock, IdSource& ids) {
  OpenDatabase database;
  if (!location.is_memory()) {
    TWINSTORE_TRY(database.lock, DatabaseLock::take(location.path));
    TWINSTORE_TRY_VOID(make_private_file(location.path));
  }
  SqliteOptions options;
  options.path = location.path;
  options.has_feed = true;
  options.busy_timeout_ms = location.busy_timeout_ms;
  TWINSTORE_TRY(database.storage, SqliteStorage::open(schema, options));
  TWINSTORE_TRY(database.authority, Authority::open(schema, *database.storage, clock, ids));
  return database;
}

Result<std::unique_ptr<Workspace>> Workspace::open(const Schema& schema,
                                                   const DatabaseLocation& location, Clock& clock,
                                                   IdSource& ids, CommitWatch watch) {
  std::unique_ptr<Workspace> workspace(new Workspace(schema));
  TWINSTORE_TRY(workspace->database_, open_database(schema, location, clock, ids));
  OpenDatabase& database = workspace->database_;
  workspace->first_head_ = database.authority->head();
  const FeedIdentity identity = database.authority->identity();
  if (location.is_memory()) {
    workspace->writer_feed_ = std::make_unique<ChangeFeed>(schema, *database.storage, identity);
  } else {
    SqliteOptions options;
    options.path = location.path;
    options.is_read_only = true;
    options.busy_timeout_ms = location.busy_timeout_ms;
    TWINSTORE_TRY(workspace->pull_readers_,
                  Readers::open(schema, options, identity, limits::readers));
    TWINSTORE_TRY(workspace->live_reader_, Readers::open(schema, options, identity, 1));
  }
  workspace->writer_ =
      std::make_unique<Writer>(*database.storage, *database.authority, std::move(watch));
  return workspace;
}

Workspace::~Workspace() { stop(); }

void Workspace::push(PushRequest request, size_t bytes, PushDone done) {
  // The writer takes a copy of `done` only when it takes the push.
  if (writer_->push(std::move(request), bytes, done)) return;
  done(Error{ErrorCode::Unavailable, "the server has more to store than it can; try again"});
}

bool Workspace::read(FeedTask task) { return read_with(pull_readers_.get(), std::move(task)); }

bool Workspace::read_live(FeedTask task) { return read_with(live_reader_.get(), std::move(task)); }

bool Workspace::read_with(Readers* readers, FeedTask task) {
  if (readers != nullptr) return readers->run(std::move(task));
  return writer_->run([feed = writer_feed_.get(), run = std::move(task)](Storage&) { run(*feed); });
}

void Workspace::stop() {
  // Readers first: the last connection to close a database in WAL mode is the one that folds the
  // WAL back (sqlite.org/wal.html#how_to_checkpoint), and a reading one may not.
  if (pull_readers_) pull_readers_->stop();
  if (live_reader_) live_reader_->stop();
  if (writer_) writer_->stop();
  pull_readers_.reset();
  live_reader_.reset();
  writer_feed_.reset();
  writer_.reset();
  database_.authority.reset();
  database_.storage.reset();
  database_.lock = DatabaseLock();
}

}  // namespace twinstore
