// The authority's bookkeeping as records: its head, each client's last number, and the outcomes
// that a client may still ask for. Thread rule: as the Storage passed in.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/digest.h"
#include "twinstore/protocol.h"
#include "twinstore/storage.h"

namespace twinstore {

namespace records {
inline constexpr std::string_view authority = "authority";
inline constexpr std::string_view client = "client";
inline constexpr std::string_view statistics = "statistics";          // of the authority
inline constexpr std::string_view open_conflicts = "open_conflicts";  // changes with their index
}  // namespace records

// What every transaction reads first, and one that many of them read.
[[nodiscard]] std::set<RecordId> bookkeeping_read_first();
[[nodiscard]] RecordId last_seq_record(const ClientId& client);
[[nodiscard]] RecordId digest_record(std::string_view scope);

[[nodiscard]] Result<Rev> read_head(Storage& storage);
[[nodiscard]] Result<void> write_head(Storage& storage, Rev head);

// 0 for a client that was never seen.
[[nodiscard]] Result<int64_t> read_last_seq(Storage& storage, const ClientId& client);
[[nodiscard]] Result<void> write_last_seq(Storage& storage, const ClientId& client, int64_t seq);

struct OutcomeRecord {
  std::string content_hash;
  Outcome outcome;
};
[[nodiscard]] Result<std::optional<OutcomeRecord>> read_outcome_record(Storage& storage,
                                                                       const ClientId& client,
                                                                       int64_t seq);
[[nodiscard]] Result<void> write_outcome_record(Storage& storage, const ClientId& client,
                                                const OutcomeRecord& record, int64_t seq);
// True when an outcome of a number after `seq` is kept.
[[nodiscard]] Result<bool> has_outcome_after(Storage& storage, const ClientId& client, int64_t seq);
// Those up to and including `acked_seq`, except the newest outcomes_kept.
[[nodiscard]] Result<void> erase_outcome_records(Storage& storage, const ClientId& client,
                                                 int64_t acked_seq);

// Of a scope's live rows, and of all (all_scopes); see digest.h.
[[nodiscard]] Result<Digest> read_digest(Storage& storage, std::string_view scope);
[[nodiscard]] Result<void> write_digest(Storage& storage, std::string_view scope, Digest digest);

// Counts all of them anew where they were counted with another version of the schema: a field more
// changes what a row hashes to. In the caller's transaction.
[[nodiscard]] Result<void> count_digests_for(Storage& storage, const Schema& schema);

[[nodiscard]] Result<std::string> read_epoch(Storage& storage);
[[nodiscard]] Result<void> write_epoch(Storage& storage, const std::string& name);
// A copy that is kept and not served says so.
[[nodiscard]] Result<bool> read_is_backup(Storage& storage);
[[nodiscard]] Result<void> write_is_backup(Storage& storage, bool is_backup);
[[nodiscard]] Result<int64_t> read_replayed(Storage& storage);
[[nodiscard]] Result<void> write_replayed(Storage& storage, int64_t count);

// Up to this rev tombstones may be gone: a cursor below it cannot be continued.
[[nodiscard]] Result<Rev> read_horizon(Storage& storage);
[[nodiscard]] Result<void> write_horizon(Storage& storage, Rev rev);

// Text whose byte order is the order of the numbers. Requires number >= 0.
[[nodiscard]] std::string ordered_text(int64_t number);

}  // namespace twinstore
