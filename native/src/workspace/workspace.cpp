#include "workspace/workspace.h"

#include "base/files.h"
#include "config/server_limits.h"
#include "refresh/workspace_refresh.h"
#include "services/code_collections.h"
#include "storage_postgres/commit_signals.h"
#include "sync/authority_records.h"
#include "workspace/open_storage.h"

namespace twinstore {

Result<OpenDatabase> open_database(const Schema& schema, const DatabaseLocation& location,
                                   Clock& clock, IdSource& ids) {
  OpenDatabase database;
  if (!location.is_memory() && !location.is_postgres()) {
    if (location.workspace != main_workspace) {
      TWINSTORE_TRY_VOID(make_private_folder(location.workspaces_folder()));
    }
    TWINSTORE_TRY(database.lock, DatabaseLock::take(location.file()));
    TWINSTORE_TRY_VOID(make_private_file(location.file()));
  }
  TWINSTORE_TRY(database.storage, open_storage(schema, location, false));
  TWINSTORE_TRY(const bool is_backup, read_is_backup(*database.storage));
  if (is_backup) {
    return Error{ErrorCode::PreconditionFailed,
                 location.text() +
                     " is a backup, or a restore that was not finished; restore it,"
                     " or begin its epoch with restore --in-place"};
  }
  TWINSTORE_TRY(database.authority, Authority::open(schema, *database.storage, clock, ids));
  return database;
}

Result<std::unique_ptr<Workspace>> Workspace::open(const Schema& schema,
                                                   const DatabaseLocation& location, Clock& clock,
                                                   IdSource& ids, LiveHub::Deliver deliver,
                                                   std::shared_ptr<Metrics> metrics,
                                                   const RefreshConfig* refresh) {
  std::unique_ptr<Workspace> workspace(new Workspace(schema, metrics));
  TWINSTORE_TRY(workspace->database_, open_database(schema, location, clock, ids));
  OpenDatabase& database = workspace->database_;
  const Rev head = database.authority->head();
  const FeedIdentity identity = database.authority->identity();
  if (location.is_memory()) {
    workspace->writer_feed_ = std::make_unique<ChangeFeed>(schema, *database.storage, identity);
  } else {
    TWINSTORE_TRY(workspace->pull_readers_,
                  Readers::open(schema, location, identity, limits::readers));
    TWINSTORE_TRY(workspace->live_reader_, Readers::open(schema, location, identity, 1));
  }
  workspace->hub_ = std::make_unique<LiveHub>(
      schema,
      [raw = workspace.get()](FeedTask task) {
        return raw->read_with(raw->live_reader_.get(), std::move(task));
      },
      std::move(deliver));
  const CommitWatch tell = [raw = workspace.get()](const std::set<std::string>& scopes, Rev at) {
    raw->hub_->commit(scopes, at);
    AutoRefreshService* const service = raw->woken_by_commits_;
    if (service != nullptr) service->wake();
  };
  if (location.is_postgres()) {
    workspace->signals_ = std::make_unique<postgres::CommitSignals>(
        schema, postgres::SessionOptions{location.postgres_url, location.workspace}, head, tell);
  }
  workspace->writer_ = std::make_unique<Writer>(
      *database.storage, *database.authority,
      [tell, signals = workspace->signals_.get()](const std::set<std::string>& scopes, Rev before,
                                                  Rev after) {
        tell(scopes, after);
        if (signals != nullptr) signals->committed(before, after);
      },
      std::move(metrics));
  tell({}, head);
  if (refresh != nullptr && CodeCollections::of(schema).ok()) {
    TWINSTORE_TRY_VOID(workspace->start_refresh(location.workspace, *refresh));
  }
  return workspace;
}

Result<void> Workspace::start_refresh(const std::string& name, const RefreshConfig& config) {
  TWINSTORE_TRY(refresh_, WorkspaceRefresh::make(*this, name, config));
  woken_by_commits_ = &refresh_->service();
  refresh_->service().start();
  return {};
}

namespace {

const Error too_much_to_store{ErrorCode::Unavailable,
                              "the server has more to store than it can; try again"};

}  // namespace

Workspace::Workspace(const Schema& schema, std::shared_ptr<Metrics> metrics)
    : schema_(schema), metrics_(std::move(metrics)) {}

Workspace::~Workspace() { stop(); }

void Workspace::push(PushRequest request, size_t bytes, PushDone done, PushRights rights) {
  const PushDone measured = [metrics = metrics_, began = std::chrono::steady_clock::now(),
                             told = std::move(done)](Result<PushResponse> answer) {
    metrics->pushed(answer, began);
    told(std::move(answer));
  };
  // The writer takes a copy of it only when it takes the push.
  if (writer_->push(std::move(request), bytes, measured, std::move(rights))) return;
  measured(too_much_to_store);
}

void Workspace::write(WriteTask task, size_t bytes, WriteDone done) {
  if (writer_->write(std::move(task), bytes, done)) return;
  done(too_much_to_store);
}

bool Workspace::read(FeedTask task) { return read_with(pull_readers_.get(), std::move(task)); }

bool Workspace::subscribe(ConnectionId connection, Subscribe asked) {
  return hub_->subscribe(connection, std::move(asked));
}

bool Workspace::read_with(Readers* readers, FeedTask task) {
  if (readers != nullptr) return readers->run(std::move(task));
  return writer_->run([feed = writer_feed_.get(), run = std::move(task)](Storage&) { run(*feed); });
}

void Workspace::stop() {
  // It reads and writes until it is stopped.
  if (refresh_) refresh_->service().stop();
  // Readers first: the last connection to close a database in WAL mode is the one that folds the
  // WAL back (sqlite.org/wal.html#how_to_checkpoint), and a reading one may not.
  if (pull_readers_) pull_readers_->stop();
  if (live_reader_) live_reader_->stop();
  if (writer_) writer_->stop();
  signals_.reset();
  pull_readers_.reset();
  live_reader_.reset();
  writer_feed_.reset();
  writer_.reset();
  database_.authority.reset();
  database_.storage.reset();
  database_.lock = DatabaseLock();
}

}  // namespace twinstore
