// Start here. A Store is one application's data on one device: local tables that are read with SQL,
// written through edits, and kept level with a server by exchanging messages.
//
// One write, from here to the disk: Store::write parses the edits (edit.h) → Replica::write stamps
// them and asks `resolve` (conflict.h) for the new row → Storage saves row, base and outbox entry
// in one transaction (sqlite_storage.h) → the Commit says what was touched, for whoever watches.
// The same Commit makes Replica::next_message return a push, which Authority::push (authority.h)
// judges with the same `resolve`.
//
// Thread rule: one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "twinstore/replica.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore {

struct StoreOptions {
  std::string schema_json;
  SqliteOptions sqlite;
};

class Store {
 public:
  ~Store();
  // `clock` and `ids` outlive the store. Errors: those of Schema::parse and SqliteStorage::open.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const StoreOptions& options,
                                                           Clock& clock, IdSource& ids);

  // Carries what can be read of a damaged file into `target`, a file that is not there yet: rows,
  // and with them the writes that wait. A store that opens `target` reads all its scopes anew, so
  // what is missing comes back. `options` name the damaged file, which is left as it is. Errors:
  // those of open(); StorageCorrupt when nothing can be read that is worth it.
  [[nodiscard]] static Result<void> salvage(const StoreOptions& options, const std::string& target);

  // One local transaction, durable when it returns. `edits_json` as parse_edits takes it.
  // Errors: those of parse_edits and Replica::write; nothing is changed then.
  [[nodiscard]] Result<Commit> write(std::string_view edits_json);

  // One read-only statement. Errors: Sql, InvalidArgument.
  [[nodiscard]] Result<std::unique_ptr<SqlQuery>> query(std::string_view sql);

  // Watches a query with these parameters: take_touched() then names it whenever a committed change
  // can have changed its result; the query itself may go. Errors: InvalidArgument for another count
  // of parameters.
  [[nodiscard]] Result<int64_t> watch(SqlQuery& query, const std::vector<Value>& parameters);
  // Not an error when there is no such watch.
  void unwatch(int64_t id);
  // The watches that were touched since the last call, ascending.
  [[nodiscard]] std::vector<int64_t> take_touched();

  // One row as JSON with its documents as JSON, or "null". Errors: as parse_edits for the key.
  [[nodiscard]] Result<std::string> row(std::string_view collection, std::string_view key_json);

  // How fresh a branch's analysis is, as staleness_json() writes it. Errors: NotFound for a branch
  // that is not here, InvalidArgument for a threshold that is not accepted, UnknownCollection for
  // a schema without branches and analyses.
  [[nodiscard]] Result<std::string> staleness(std::string_view repo_id,
                                              std::string_view branch_name, double threshold_hours);
  // {"checked_at","stale_threshold_hours","next_change_at","branches":[{"branch_name",…}]}: the
  // stale branches by name, and when this answer changes by itself. A repository that is not here
  // has none. Errors: as staleness().
  [[nodiscard]] Result<std::string> stale_branches(std::string_view repo_id,
                                                   double threshold_hours);

  // What the server would make of the writes that wait, as JSON: how many end with each outcome,
  // and "writes" with id, made_at, outcome, rows [{collection, key}], the rows of `_conflicts` that
  // would be made ("meetings"), and of a rejected one code and message. Errors: as
  // Replica::preview.
  [[nodiscard]] Result<std::string> preview_json();

  // Makes room until the rows take at most `bytes_max` of the disk, or nothing more may leave
  // (Replica::evict). Pages that become free are used again; the file does not shrink. Errors: as
  // Storage; what has left by then stays away.
  struct Room {
    Commit commit;
    int64_t rows = 0;   // that have left
    int64_t bytes = 0;  // that are in use
  };
  [[nodiscard]] Result<Room> make_room(int64_t bytes_max);

  // What the user should know about the exchange, as JSON: client_id, pending, pending_since (when
  // the oldest was written), rejected, conflicts, mismatches, replayed, replay_incomplete, missing,
  // and the scopes with rev, has_synced, verified_at and is_withdrawn.
  [[nodiscard]] std::string status_json() const;

  [[nodiscard]] Replica& replica() { return *replica_; }
  [[nodiscard]] const Schema& schema() const { return *schema_; }
  [[nodiscard]] SqliteStorage& storage() { return *storage_; }

 private:
  explicit Store(Clock& clock);
  [[nodiscard]] int64_t open_conflicts() const;
  Clock& clock_;
  std::unique_ptr<Schema> schema_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<SqlQuery> open_conflicts_;  // asked for with every status
};

}  // namespace twinstore
