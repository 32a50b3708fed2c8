// A replica's bookkeeping as records: who it is, its scopes and their staged pages, and the bases
// of its dirty rows. Thread rule: as the Storage passed in.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/outbox.h"
#include "twinstore/replica.h"

namespace twinstore {

struct ReplicaIdentity {
  ClientId client{};
  int64_t next_seq = 1;
  int64_t acked_seq = 0;
  uint64_t clock_ticks = 0;
  int64_t next_order = 1;  // of the outbox
  std::string epoch;       // of the authority that is followed; empty: none was heard of
};
[[nodiscard]] Result<std::optional<ReplicaIdentity>> read_identity(Storage& storage);
[[nodiscard]] Result<void> write_identity(Storage& storage, const ReplicaIdentity& identity);

// The version of the schema that the rows here were read with; 0: none were.
// Whether the replica has an authority; one that has scopes has.
[[nodiscard]] Result<bool> read_connected(Storage& storage);
[[nodiscard]] Result<void> write_connected(Storage& storage);

[[nodiscard]] Result<int64_t> read_schema_version(Storage& storage);
[[nodiscard]] Result<void> write_schema_version(Storage& storage, int64_t version);

// Erases what stands there and cannot be read: records of a file that was damaged. Requires a
// transaction.
[[nodiscard]] Result<void> erase_unreadable(Storage& storage, const Schema& schema);

// The same scope to be read from the beginning: what the authority no longer has will be gone at
// the next checkpoint.
[[nodiscard]] ScopeState fresh_scope(const ScopeState& scope);
// Where the scope of that name is in `scopes`, or their end.
[[nodiscard]] auto find_scope(auto& scopes, const std::string& name) {
  return std::ranges::find(scopes, name, &ScopeState::scope);
}
[[nodiscard]] Result<std::vector<ScopeState>> read_scopes(Storage& storage);
[[nodiscard]] Result<void> write_scope(Storage& storage, const ScopeState& scope);
// With its staged pages.
[[nodiscard]] Result<void> erase_scope(Storage& storage, const std::string& scope);

// Pages that wait for their checkpoint, as the text that carried them.
[[nodiscard]] Result<void> stage_page(Storage& storage, const std::string& scope, int64_t number,
                                      std::string_view text);
[[nodiscard]] Result<std::vector<std::string>> staged_page_numbers(Storage& storage,
                                                                   const std::string& scope);
[[nodiscard]] Result<std::string> read_staged_page(Storage& storage, const std::string& scope,
                                                   const std::string& number);
[[nodiscard]] Result<void> erase_staged_pages(Storage& storage, const std::string& scope);

// The base of a dirty row; a row that did not exist has a base too: nothing.
[[nodiscard]] Result<bool> has_base(Storage& storage, const Schema& schema, const RowId& id);
[[nodiscard]] Result<std::optional<RowVersion>> read_base(Storage& storage, const Schema& schema,
                                                          const RowId& id);
[[nodiscard]] Result<void> write_base(Storage& storage, const Schema& schema, const RowId& id,
                                      const std::optional<RowVersion>& row);
[[nodiscard]] Result<void> erase_base(Storage& storage, const Schema& schema, const RowId& id);

// False when the operation was noted before. The oldest are forgotten beyond operations_kept;
// `time_text` orders them.
[[nodiscard]] Result<bool> note_operation(Storage& storage, const std::string& operation,
                                          const std::string& time_text);

// Confirmed writes by their order in the outbox, the newest limits::journal_entries_max.
[[nodiscard]] Result<void> write_journal(Storage& storage, const Schema& schema, int64_t order,
                                         const OutboxEntry& entry);
[[nodiscard]] Result<void> erase_journal(Storage& storage, int64_t order);
[[nodiscard]] Result<std::map<int64_t, OutboxEntry>> read_journal(Storage& storage,
                                                                  const Schema& schema);
// The newest one that the journal had no room for.
struct JournalEnd {
  ClientId client{};
  int64_t seq = 0;
};
[[nodiscard]] Result<std::optional<JournalEnd>> read_journal_end(Storage& storage);

[[nodiscard]] Result<RestoredWrites> read_restored(Storage& storage);
[[nodiscard]] Result<void> write_restored(Storage& storage, const RestoredWrites& restored);

// Rows that a restored authority does not have.
[[nodiscard]] Result<std::set<RowId>> read_missing_ids(Storage& storage, const Schema& schema);
[[nodiscard]] Result<std::optional<MissingRow>> read_missing(Storage& storage, const Schema& schema,
                                                             const RowId& id);
[[nodiscard]] Result<void> write_missing(Storage& storage, const Schema& schema,
                                         const MissingRow& row);
[[nodiscard]] Result<void> erase_missing(Storage& storage, const Schema& schema, const RowId& id);

[[nodiscard]] Result<size_t> read_mismatches(Storage& storage);
[[nodiscard]] Result<void> write_mismatches(Storage& storage, size_t count);

}  // namespace twinstore
