// What services and the REST API write about repositories, inside one transaction: records under
// the policies of their caller, uses of the cache, and deletions with what belongs to them.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
// Next: persistence.h, which has a transaction for each call.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/ingest.h"
#include "twinstore/own_writes.h"
#include "twinstore/selection.h"

namespace twinstore {

// What was removed, by collection.
using RowCounts = std::map<std::string, int64_t>;

// {"branches":2,…}: every collection of the application, those with nothing removed too.
[[nodiscard]] std::string row_counts_json(const Schema& schema, const RowCounts& counts);

class PersistenceWriter {
 public:
  // `writes` outlives the writer.
  explicit PersistenceWriter(OwnWrites& writes) : writes_(writes) {}

  // As ingest() for each, in their order; what they read is fetched for all together. A new cache
  // entry is created and used now, unless it says otherwise.
  // Errors: InvalidArgument for a base_rev that was never given; as Storage: the caller rolls back.
  [[nodiscard]] Result<std::vector<IngestResult>> store(const Schema& rules,
                                                        std::string_view source,
                                                        std::vector<IngestRecord> records);

  // Counts a hit of a stored entry and notes the time. False: there is none, or it has expired.
  // Errors: as Storage.
  [[nodiscard]] Result<bool> touch_cache_entry(std::string_view cache_key);

  // Each deletes at most `rows_max` rows and adds them to `counts`; true when nothing is left. What
  // belongs to the row goes before the row itself, so that an interrupted deletion can be repeated.
  // Errors: as Storage.
  [[nodiscard]] Result<bool> delete_repository(std::string_view repo_id, size_t rows_max,
                                               RowCounts& counts);
  [[nodiscard]] Result<bool> delete_branch(std::string_view repo_id, std::string_view name,
                                           size_t rows_max, RowCounts& counts);

  // One row alone; lowers `rows_left` by what it deletes. Errors: as Storage.
  [[nodiscard]] Result<void> delete_row(std::string_view collection, Key key, size_t& rows_left,
                                        RowCounts& counts);

 private:
  Result<void> date_new_entry(IngestRecord& record);
  // Lowers `rows_left` by what it deletes.
  Result<void> delete_rows(std::string_view collection, Selection selection, size_t& rows_left,
                           RowCounts& counts);

  OwnWrites& writes_;
};

}  // namespace twinstore
