#include "twinstore/store.h"

#include "schema/field_value.h"
#include "services/freshness_reader.h"
#include "storage/row_watch.h"
#include "storage/salvage.h"
#include "storage/sql_query.h"
#include "store/store_json.h"
#include "sync/replica_records.h"
#include "twinstore/freshness.h"
#include "twinstore/time_text.h"

namespace twinstore {

namespace {

JsonValue time_or_null(int64_t ms) { return ms == 0 ? JsonValue() : JsonValue(time_text(ms)); }

// A replica reads what it wrote: whatever is wrong with that, the file is damaged.
Error as_damage(const Error& error) {
  const bool is_said = error.code >= ErrorCode::StorageBusy && error.code <= ErrorCode::Unavailable;
  return is_said ? error : Error{ErrorCode::StorageCorrupt, error.message};
}

}  // namespace

Store::Store(Clock& clock) : clock_(clock) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, Clock& clock,
                                           IdSource& ids) {
  TWINSTORE_TRY(Schema schema, Schema::parse(options.schema_json));
  std::unique_ptr<Store> store(new Store(clock));
  store->schema_ = std::make_unique<Schema>(std::move(schema));
  TWINSTORE_TRY(store->storage_, SqliteStorage::open(*store->schema_, options.sqlite));
  auto replica = Replica::open(*store->schema_, *store->storage_, clock, ids);
  if (!replica.ok()) return as_damage(replica.error());
  store->replica_ = std::move(replica).value();
  TWINSTORE_TRY(store->open_conflicts_,
                store->query("SELECT count(*) FROM _conflicts WHERE status = 'open'"));
  return store;
}

Result<void> Store::salvage(const StoreOptions& options, const std::string& target) {
  TWINSTORE_TRY(const Schema schema, Schema::parse(options.schema_json));
  SqliteOptions fresh = options.sqlite;
  fresh.path = target;
  TWINSTORE_TRY_VOID(salvage_rows(schema, options.sqlite, fresh));
  TWINSTORE_TRY(const auto storage, SqliteStorage::open(schema, fresh));
  TWINSTORE_TRY(Transaction transaction, Transaction::begin(*storage));
  TWINSTORE_TRY_VOID(erase_unreadable(*storage, schema));
  // No schema has that version, so the replica reads anew.
  TWINSTORE_TRY_VOID(write_schema_version(*storage, 0));
  return transaction.commit();
}

Result<Commit> Store::write(std::string_view edits_json) {
  TWINSTORE_TRY(const EditBatch batch, parse_edits(*schema_, edits_json));
  return replica_->write(batch);
}

Result<std::unique_ptr<SqlQuery>> Store::query(std::string_view sql) {
  return storage_->prepare_query(sql);
}

Result<int64_t> Store::watch(SqlQuery& query, const std::vector<Value>& parameters) {
  TWINSTORE_TRY_VOID(query.bind(parameters));
  return storage_->row_watch().add(query.collections(), query.sql(), parameters);
}

void Store::unwatch(int64_t id) { storage_->row_watch().remove(id); }

std::vector<int64_t> Store::take_touched() { return storage_->row_watch().take_touched(); }

Result<std::string> Store::row(std::string_view collection, std::string_view key_json) {
  const Collection* found = schema_->find(collection);
  if (found == nullptr) {
    return Error{ErrorCode::UnknownCollection, "there is no collection " + std::string(collection)};
  }
  TWINSTORE_TRY(const JsonValue json, parse_json(key_json));
  TWINSTORE_TRY(const Key key, to_key(*found, json));
  TWINSTORE_TRY(const auto row, load_row(*storage_, *found, key));
  if (!row || row->is_deleted()) return std::string("null");
  return row_json(*found, row->values).dump();
}

Result<std::string> Store::staleness(std::string_view repo_id, std::string_view branch_name,
                                     double threshold_hours) {
  TWINSTORE_TRY_VOID(check_stale_threshold(threshold_hours));
  TWINSTORE_TRY(const auto facts, read_branch_facts(*schema_, *storage_, repo_id, branch_name));
  if (!facts) return Error{ErrorCode::NotFound, "there is no such branch here"};
  return staleness_json(branch_staleness(*facts, clock_.now_ms(), threshold_hours));
}

Result<std::string> Store::stale_branches(std::string_view repo_id, double threshold_hours) {
  TWINSTORE_TRY_VOID(check_stale_threshold(threshold_hours));
  StaleBranches found(clock_.now_ms(), threshold_hours);
  TWINSTORE_TRY_VOID(read_repository_facts(
      *schema_, *storage_, repo_id,
      [&](const std::string& name, const auto& facts) { found.add(name, facts); }));
  return found.json();
}

Result<std::string> Store::preview_json() {
  TWINSTORE_TRY(const auto writes, replica_->preview());
  return twinstore::preview_json(*schema_, writes);
}

Result<Store::Room> Store::make_room(int64_t bytes_max) {
  Room room;
  for (;;) {
    TWINSTORE_TRY(room.bytes, storage_->bytes_in_use());
    if (room.bytes <= bytes_max) return room;
    TWINSTORE_TRY(Eviction gone, replica_->evict(limits::delete_batch_rows));
    if (gone.rows == 0) return room;
    room.rows += static_cast<int64_t>(gone.rows);
    for (auto& [collection, keys] : gone.commit.rows) room.commit.rows[collection].merge(keys);
    room.commit.is_status_changed |= gone.commit.is_status_changed;
  }
}

// 0 where it cannot be read: whoever reads or writes next learns why.
int64_t Store::open_conflicts() const {
  Statement& statement = open_conflicts_->statement();
  const StatementUse use(statement);
  const auto has_row = statement.step();
  return has_row.ok() && has_row.value() ? statement.integer(0) : 0;
}

std::string Store::status_json() const {
  const ReplicaStatus status = replica_->status();
  JsonValue scopes = JsonValue::array();
  for (const ScopeState& scope : status.scopes) {
    JsonValue item{{"scope", scope.scope}, {"rev", scope.rev}, {"is_behind", scope.is_behind}};
    item["has_synced"] = scope.verified_at_ms != 0;
    item["is_withdrawn"] = scope.is_withdrawn;
    item["is_partial"] = scope.is_partial;
    item["verified_at"] = time_or_null(scope.verified_at_ms);
    scopes.push_back(std::move(item));
  }
  const JsonValue root{{"client_id", std::string(client_text(status.client))},
                       {"pending", status.pending},
                       {"pending_since", time_or_null(status.pending_since_ms)},
                       {"rejected", status.rejected},
                       {"conflicts", open_conflicts()},
                       {"mismatches", status.mismatches},
                       {"replayed", status.restored.replayed},
                       {"replay_incomplete", status.restored.is_incomplete},
                       {"missing", status.restored.missing},
                       {"scopes", std::move(scopes)}};
  return root.dump();
}

}  // namespace twinstore
