#include "sync/replica_records.h"

#include "base/json.h"
#include "base/planted.h"
#include "schema/field_value.h"
#include "sync/authority_records.h"
#include "sync/digest.h"
#include "sync/record_ring.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::string_view replica_space = "replica";
constexpr std::string_view scope_space = "scope";
constexpr std::string_view base_space = "base";
constexpr std::string_view missing_space = "missing";
const std::string journal_space = "journal";
constexpr std::string_view operation_space = "operation";
constexpr std::string_view operation_order_space = "operation_order";

std::string stage_space(const std::string& scope) { return "stage/" + scope; }

std::string row_text(const Schema& schema, const RowId& id) {
  return schema.at(id.collection).name + key_text(id.key);
}

Result<int64_t> read_number(Storage& storage, std::string_view name) {
  TWINSTORE_TRY(const auto text, storage.get(replica_space, name));
  return text ? int64_t{std::atoll(text->c_str())} : int64_t{0};
}

Result<ScopeState> read_scope(std::string_view name, std::string_view text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(text));
  ScopeState scope;
  scope.scope = std::string(name);
  TWINSTORE_TRY(scope.cursor, json_text(json, "cursor"));
  TWINSTORE_TRY(scope.epoch, json_text(json, "epoch"));
  TWINSTORE_TRY(scope.rev, json_integer(json, "rev"));
  TWINSTORE_TRY(scope.staged_cursor, json_text(json, "staged_cursor"));
  TWINSTORE_TRY(scope.staged_rev, json_integer(json, "staged_rev"));
  TWINSTORE_TRY(scope.staged_head, json_integer(json, "staged_head"));
  TWINSTORE_TRY(scope.staged_pages, json_integer(json, "staged_pages"));
  TWINSTORE_TRY(scope.last_seq, json_integer(json, "last_seq"));
  TWINSTORE_TRY(const std::string digest, json_text(json, "digest"));
  TWINSTORE_TRY(scope.digest, parse_digest(digest));
  TWINSTORE_TRY(scope.verified_at_ms, json_integer(json, "verified_at_ms"));
  TWINSTORE_TRY(const int64_t is_rereading, json_integer(json, "rereading"));
  scope.is_rereading = is_rereading != 0;
  TWINSTORE_TRY(const int64_t is_leaving, json_integer(json, "leaving"));
  scope.is_leaving = is_leaving != 0;
  scope.is_partial = json.value("partial", int64_t{0}) != 0;
  const int64_t withdrawn = json.value("withdrawn", int64_t{0});
  scope.is_withdrawn = withdrawn != 0;
  scope.is_emptied = withdrawn == 2;
  scope.is_behind = !scope.is_withdrawn;
  return scope;
}

}  // namespace

Result<std::optional<ReplicaIdentity>> read_identity(Storage& storage) {
  TWINSTORE_TRY(const auto text, storage.get(replica_space, "identity"));
  if (!text) return std::optional<ReplicaIdentity>{};
  TWINSTORE_TRY(const JsonValue json, parse_json(*text));
  ReplicaIdentity identity;
  TWINSTORE_TRY(const std::string client, json_text(json, "client_id"));
  TWINSTORE_TRY(identity.client, parse_client_id(client));
  TWINSTORE_TRY(identity.next_seq, json_integer(json, "next_seq"));
  TWINSTORE_TRY(identity.acked_seq, json_integer(json, "acked_seq"));
  TWINSTORE_TRY(const int64_t ticks, json_integer(json, "clock_ticks"));
  identity.clock_ticks = static_cast<uint64_t>(ticks);
  TWINSTORE_TRY(identity.next_order, json_integer(json, "next_order"));
  TWINSTORE_TRY(identity.epoch, json_text(json, "epoch"));
  return std::optional(identity);
}

Result<void> write_identity(Storage& storage, const ReplicaIdentity& identity) {
  return storage.put(replica_space, "identity",
                     "{\"client_id\":\"" + std::string(client_text(identity.client)) +
                         "\",\"next_seq\":" + std::to_string(identity.next_seq) +
                         ",\"acked_seq\":" + std::to_string(identity.acked_seq) +
                         ",\"clock_ticks\":" + std::to_string(identity.clock_ticks) +
                         ",\"next_order\":" + std::to_string(identity.next_order) +
                         ",\"epoch\":\"" + identity.epoch + "\"}");
}

Result<void> erase_unreadable(Storage& storage, const Schema& schema) {
  const auto reads = [&](std::string_view space, std::string_view key, std::string_view text) {
    if (space == scope_space) return read_scope(key, text).ok();
    if (space == base_space) return decode_row(schema, text).ok();
    return read_outbox_entry(schema, text).ok();
  };
  for (const std::string_view space :
       {scope_space, base_space, outbox_space, std::string_view(journal_space)}) {
    std::vector<std::string> unreadable;
    TWINSTORE_TRY_VOID(
        storage.scan(space, "", "", [&](std::string_view key, std::string_view text) {
          if (!text.empty() && !reads(space, key, text)) unreadable.emplace_back(key);
          return true;
        }));
    for (const std::string& key : unreadable) TWINSTORE_TRY_VOID(storage.erase(space, key));
  }
  if (read_identity(storage).ok()) return {};
  return storage.erase(replica_space, "identity");
}

ScopeState fresh_scope(const ScopeState& scope) {
  ScopeState fresh;
  fresh.scope = scope.scope;
  fresh.epoch = scope.epoch;
  fresh.rev = scope.rev;
  fresh.last_seq = scope.last_seq;
  fresh.verified_at_ms = scope.verified_at_ms;
  fresh.is_leaving = scope.is_leaving;
  fresh.is_rereading = true;
  return fresh;
}

Result<std::vector<ScopeState>> read_scopes(Storage& storage) {
  std::vector<ScopeState> scopes;
  Result<void> read;
  TWINSTORE_TRY_VOID(
      storage.scan(scope_space, "", "", [&](std::string_view name, std::string_view text) {
        auto scope = read_scope(name, text);
        if (!scope.ok()) {
          read = std::move(scope).error();
          return false;
        }
        scopes.push_back(std::move(scope).value());
        return true;
      }));
  TWINSTORE_TRY_VOID(std::move(read));
  return scopes;
}

Result<void> write_scope(Storage& storage, const ScopeState& scope) {
  std::string text = "{\"cursor\":";
  append_json_string(text, scope.cursor);
  text += ",\"epoch\":\"" + scope.epoch + "\",\"rev\":" + std::to_string(scope.rev) +
          ",\"staged_cursor\":";
  append_json_string(text, scope.staged_cursor);
  text += ",\"staged_rev\":" + std::to_string(scope.staged_rev) +
          ",\"staged_head\":" + std::to_string(scope.staged_head) +
          ",\"staged_pages\":" + std::to_string(scope.staged_pages) +
          ",\"last_seq\":" + std::to_string(scope.last_seq) + ",\"digest\":\"" +
          digest_text(scope.digest) +
          "\",\"verified_at_ms\":" + std::to_string(scope.verified_at_ms) +
          ",\"rereading\":" + (scope.is_rereading ? "1" : "0") +
          ",\"leaving\":" + (scope.is_leaving ? "1" : "0") + ",\"withdrawn\":" +
          (scope.is_emptied     ? "2"
           : scope.is_withdrawn ? "1"
                                : "0") +
          ",\"partial\":" + (scope.is_partial ? "1" : "0") + "}";
  return storage.put(scope_space, scope.scope, text);
}

Result<void> erase_scope(Storage& storage, const std::string& scope) {
  TWINSTORE_TRY_VOID(erase_staged_pages(storage, scope));
  return storage.erase(scope_space, scope);
}

Result<void> stage_page(Storage& storage, const std::string& scope, int64_t number,
                        std::string_view text) {
  return storage.put(stage_space(scope), ordered_text(number), text);
}

Result<std::vector<std::string>> staged_page_numbers(Storage& storage, const std::string& scope) {
  std::vector<std::string> numbers;
  TWINSTORE_TRY_VOID(
      storage.scan(stage_space(scope), "", "", [&](std::string_view key, std::string_view) {
        numbers.emplace_back(key);
        return true;
      }));
  return numbers;
}

Result<std::string> read_staged_page(Storage& storage, const std::string& scope,
                                     const std::string& number) {
  TWINSTORE_TRY(auto text, storage.get(stage_space(scope), number));
  if (!text) return Error{ErrorCode::StorageCorrupt, "a staged page is missing"};
  return *std::move(text);
}

Result<void> erase_staged_pages(Storage& storage, const std::string& scope) {
  TWINSTORE_TRY(const auto numbers, staged_page_numbers(storage, scope));
  for (const std::string& number : numbers) {
    TWINSTORE_TRY_VOID(storage.erase(stage_space(scope), number));
  }
  return {};
}

Result<bool> has_base(Storage& storage, const Schema& schema, const RowId& id) {
  TWINSTORE_TRY(const auto text, storage.get(base_space, row_text(schema, id)));
  return text.has_value();
}

Result<std::optional<RowVersion>> read_base(Storage& storage, const Schema& schema,
                                            const RowId& id) {
  TWINSTORE_TRY(const auto text, storage.get(base_space, row_text(schema, id)));
  if (!text || text->empty()) return std::optional<RowVersion>{};
  TWINSTORE_TRY(RowChange row, decode_row(schema, *text));
  return std::optional(std::move(row.row));
}

Result<void> write_base(Storage& storage, const Schema& schema, const RowId& id,
                        const std::optional<RowVersion>& row) {
  return storage.put(base_space, row_text(schema, id),
                     row ? encode_row(schema, {id.collection, *row}) : std::string());
}

Result<void> erase_base(Storage& storage, const Schema& schema, const RowId& id) {
  return storage.erase(base_space, row_text(schema, id));
}

Result<bool> note_operation(Storage& storage, const std::string& operation,
                            const std::string& time_text) {
  TWINSTORE_TRY(const auto known, storage.get(operation_space, operation));
  if (known) return false;
  if (TWINSTORE_PLANTED(operation_not_stored)) return true;
  TWINSTORE_TRY_VOID(storage.put(operation_space, operation, time_text));
  TWINSTORE_TRY(const auto oldest, add_to_ring(storage, std::string(operation_order_space),
                                               time_text, operation, limits::operations_kept));
  if (oldest) TWINSTORE_TRY_VOID(storage.erase(operation_space, *oldest));
  return true;
}

Result<int64_t> read_schema_version(Storage& storage) {
  return read_number(storage, "schema_version");
}

Result<bool> read_connected(Storage& storage) {
  TWINSTORE_TRY(const int64_t is_noted, read_number(storage, "connected"));
  TWINSTORE_TRY(const auto scopes, read_scopes(storage));
  return is_noted != 0 || !scopes.empty();
}

Result<void> write_connected(Storage& storage) {
  return storage.put(replica_space, "connected", "1");
}

Result<void> write_schema_version(Storage& storage, int64_t version) {
  return storage.put(replica_space, "schema_version", std::to_string(version));
}

Result<void> write_journal(Storage& storage, const Schema& schema, int64_t order,
                           const OutboxEntry& entry) {
  TWINSTORE_TRY(const auto oldest,
                add_to_ring(storage, journal_space, ordered_text(order),
                            outbox_entry_text(schema, entry), limits::journal_entries_max));
  if (!oldest) return {};
  TWINSTORE_TRY(const OutboxEntry gone, read_outbox_entry(schema, *oldest));
  return storage.put(
      replica_space, "journal_end",
      std::string(client_text(gone.client)) + " " + std::to_string(gone.mutation.seq));
}

Result<void> erase_journal(Storage& storage, int64_t order) {
  return erase_from_ring(storage, journal_space, ordered_text(order));
}

Result<std::map<int64_t, OutboxEntry>> read_journal(Storage& storage, const Schema& schema) {
  std::map<int64_t, OutboxEntry> entries;
  Result<void> read;
  TWINSTORE_TRY_VOID(
      storage.scan(journal_space, "", "", [&](std::string_view key, std::string_view text) {
        auto entry = read_outbox_entry(schema, text);
        if (!entry.ok()) {
          read = std::move(entry).error();
          return false;
        }
        entries.emplace(std::atoll(std::string(key).c_str()), std::move(entry).value());
        return true;
      }));
  TWINSTORE_TRY_VOID(std::move(read));
  return entries;
}

Result<std::optional<JournalEnd>> read_journal_end(Storage& storage) {
  TWINSTORE_TRY(const auto text, storage.get(replica_space, "journal_end"));
  if (!text) return std::optional<JournalEnd>{};
  JournalEnd end;
  TWINSTORE_TRY(end.client, parse_client_id(std::string_view(*text).substr(0, text->find(' '))));
  end.seq = std::atoll(text->c_str() + limits::client_id_bytes);
  return std::optional(end);
}

Result<RestoredWrites> read_restored(Storage& storage) {
  TWINSTORE_TRY(const int64_t replayed, read_number(storage, "replayed"));
  TWINSTORE_TRY(const int64_t is_incomplete, read_number(storage, "replay_incomplete"));
  return RestoredWrites{static_cast<size_t>(replayed), is_incomplete != 0};
}

Result<void> write_restored(Storage& storage, const RestoredWrites& restored) {
  TWINSTORE_TRY_VOID(storage.put(replica_space, "replayed", std::to_string(restored.replayed)));
  return storage.put(replica_space, "replay_incomplete", restored.is_incomplete ? "1" : "0");
}

Result<std::set<RowId>> read_missing_ids(Storage& storage, const Schema& schema) {
  std::set<RowId> ids;
  TWINSTORE_TRY_VOID(
      storage.scan(missing_space, "", "", [&](std::string_view, std::string_view text) {
        const auto row = decode_row(schema, text);
        if (!row.ok()) return true;
        const uint16_t collection = row.value().collection;
        ids.insert({collection, schema.at(collection).key_of(row.value().row.values)});
        return true;
      }));
  return ids;
}

Result<std::optional<MissingRow>> read_missing(Storage& storage, const Schema& schema,
                                               const RowId& id) {
  TWINSTORE_TRY(const auto text, storage.get(missing_space, row_text(schema, id)));
  if (!text) return std::optional<MissingRow>{};
  TWINSTORE_TRY(RowChange row, decode_row(schema, *text));
  return std::optional(MissingRow{id, std::move(row.row)});
}

Result<void> write_missing(Storage& storage, const Schema& schema, const MissingRow& row) {
  return storage.put(missing_space, row_text(schema, row.row),
                     encode_row(schema, {row.row.collection, row.version}));
}

Result<void> erase_missing(Storage& storage, const Schema& schema, const RowId& id) {
  return storage.erase(missing_space, row_text(schema, id));
}

Result<size_t> read_mismatches(Storage& storage) {
  TWINSTORE_TRY(const int64_t count, read_number(storage, "mismatches"));
  return static_cast<size_t>(count);
}

Result<void> write_mismatches(Storage& storage, size_t count) {
  return storage.put(replica_space, "mismatches", std::to_string(count));
}

}  // namespace twinstore
