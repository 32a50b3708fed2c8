#include "sync/authority_records.h"

#include <charconv>
#include <map>
#include <vector>

#include "base/json.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::string_view digest_space = "digest";
constexpr size_t ordered_digits = 16;  // 2^53 has as many

std::string outcome_space(const ClientId& client) {
  return "outcome/" + std::string(client_text(client));
}

Result<int64_t> read_number(Storage& storage, std::string_view space, std::string_view key) {
  TWINSTORE_TRY(const auto text, storage.get(space, key));
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::string ordered_text(int64_t number) {
  TWINSTORE_CHECK(number >= 0);
  const std::string digits = std::to_string(number);
  TWINSTORE_CHECK(digits.size() <= ordered_digits);
  return std::string(ordered_digits - digits.size(), '0') + digits;
}

std::set<RecordId> bookkeeping_read_first() {
  const std::string space(records::authority);
  return {{space, "head"},
          {space, std::string(records::open_conflicts)},
          {space, std::string(records::statistics)},
          digest_record(all_scopes)};
}

RecordId digest_record(std::string_view scope) {
  return {std::string(digest_space), std::string(scope)};
}

RecordId last_seq_record(const ClientId& client) {
  return {std::string(records::client), std::string(client_text(client))};
}

Result<Rev> read_head(Storage& storage) { return read_number(storage, records::authority, "head"); }

Result<void> write_head(Storage& storage, Rev head) {
  return storage.put(records::authority, "head", std::to_string(head));
}

Result<std::string> read_epoch(Storage& storage) {
  TWINSTORE_TRY(const auto name, storage.get(records::authority, "epoch"));
  return name.value_or("");
}

Result<void> write_epoch(Storage& storage, const std::string& name) {
  return storage.put(records::authority, "epoch", name);
}

Result<bool> read_is_backup(Storage& storage) {
  TWINSTORE_TRY(const auto mark, storage.get(records::authority, "is_backup"));
  return mark.has_value();
}

Result<void> write_is_backup(Storage& storage, bool is_backup) {
  return is_backup ? storage.put(records::authority, "is_backup", "1")
                   : storage.erase(records::authority, "is_backup");
}

Result<int64_t> read_replayed(Storage& storage) {
  return read_number(storage, records::authority, "replayed");
}

Result<void> write_replayed(Storage& storage, int64_t count) {
  return storage.put(records::authority, "replayed", std::to_string(count));
}

Result<Rev> read_horizon(Storage& storage) {
  return read_number(storage, records::authority, "horizon");
}

Result<void> write_horizon(Storage& storage, Rev rev) {
  return storage.put(records::authority, "horizon", std::to_string(rev));
}

Result<Digest> read_digest(Storage& storage, std::string_view scope) {
  TWINSTORE_TRY(const auto text, storage.get(digest_space, scope));
  return text ? parse_digest(*text) : Digest{0};
}

Result<void> write_digest(Storage& storage, std::string_view scope, Digest digest) {
  return storage.put(digest_space, scope, digest_text(digest));
}

Result<void> count_digests_for(Storage& storage, const Schema& schema) {
  TWINSTORE_TRY(const int64_t counted, read_number(storage, records::authority, "digest_schema"));
  if (counted == schema.version()) return {};
  std::map<std::string, Digest> digests;
  TWINSTORE_TRY_VOID(
      storage.scan(digest_space, "", "", [&](std::string_view scope, std::string_view) {
        digests.emplace(scope, Digest{0});
        return true;
      }));
  TWINSTORE_TRY_VOID(
      storage.rows_of_scope(all_scopes, [&](const Collection& collection, RowVersion&& row) {
        const Digest digest = row_digest(collection, row);
        digests[std::string(all_scopes)] += digest;
        digests[collection.scope_of(row.values)] += digest;
        return true;
      }));
  for (const auto& [scope, digest] : digests) {
    TWINSTORE_TRY_VOID(write_digest(storage, scope, digest));
  }
  return storage.put(records::authority, "digest_schema", std::to_string(schema.version()));
}

Result<int64_t> read_last_seq(Storage& storage, const ClientId& client) {
  return read_number(storage, records::client, client_text(client));
}

Result<void> write_last_seq(Storage& storage, const ClientId& client, int64_t seq) {
  return storage.put(records::client, client_text(client), std::to_string(seq));
}

Result<std::optional<OutcomeRecord>> read_outcome_record(Storage& storage, const ClientId& client,
                                                         int64_t seq) {
  TWINSTORE_TRY(const auto text, storage.get(outcome_space(client), ordered_text(seq)));
  if (!text) return std::optional<OutcomeRecord>{};
  TWINSTORE_TRY(const JsonValue json, parse_json(*text));
  OutcomeRecord record;
  record.outcome.seq = seq;
  TWINSTORE_TRY(record.content_hash, json_text(json, "hash"));
  TWINSTORE_TRY(const std::string status, json_text(json, "status"));
  TWINSTORE_TRY(record.outcome.status, parse_outcome(status));
  TWINSTORE_TRY(record.outcome.rev, json_integer(json, "rev"));
  TWINSTORE_TRY(const std::string hlc, json_text(json, "hlc"));
  if (!hlc.empty()) {
    TWINSTORE_TRY(record.outcome.hlc, parse_hybrid_time(hlc));
  }
  TWINSTORE_TRY(const std::string code, json_text(json, "code"));
  record.outcome.code = error_code(code);
  TWINSTORE_TRY(record.outcome.message, json_text(json, "message"));
  return std::optional(std::move(record));
}

Result<void> write_outcome_record(Storage& storage, const ClientId& client,
                                  const OutcomeRecord& record, int64_t seq) {
  const Outcome& outcome = record.outcome;
  std::string text = "{\"hash\":\"" + record.content_hash + "\",\"status\":\"" +
                     std::string(outcome_text(outcome.status)) +
                     "\",\"rev\":" + std::to_string(outcome.rev) + ",\"hlc\":\"" +
                     (outcome.hlc.is_set() ? outcome.hlc.text() : "") + "\",\"code\":\"" +
                     std::string(error_text(outcome.code)) + "\",\"message\":";
  append_json_string(text, outcome.message);
  return storage.put(outcome_space(client), ordered_text(seq), text + "}");
}

Result<bool> has_outcome_after(Storage& storage, const ClientId& client, int64_t seq) {
  bool has_one = false;
  TWINSTORE_TRY_VOID(storage.scan(outcome_space(client), ordered_text(seq + 1), "",
                                  [&](std::string_view, std::string_view) {
                                    has_one = true;
                                    return false;
                                  }));
  return has_one;
}

Result<void> erase_outcome_records(Storage& storage, const ClientId& client, int64_t acked_seq) {
  const int64_t kept = static_cast<int64_t>(limits::outcomes_kept_after_ack);
  if (acked_seq <= kept) return {};
  const std::string space = outcome_space(client);
  std::vector<std::string> keys;
  TWINSTORE_TRY_VOID(storage.scan(space, "", ordered_text(acked_seq - kept + 1),
                                  [&](std::string_view key, std::string_view) {
                                    keys.emplace_back(key);
                                    return true;
                                  }));
  for (const std::string& key : keys) {
    TWINSTORE_TRY_VOID(storage.erase(space, key));
  }
  return {};
}

}  // namespace twinstore
