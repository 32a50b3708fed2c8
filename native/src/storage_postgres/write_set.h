// What one transaction has read and is going to write. Writes wait here and go to the server as a
// few statements, so that a transaction costs a few round trips however many rows it touches; reads
// are answered from here when they can be. Sound because the workspace is locked meanwhile.
// Thread rule: as the storage's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage_postgres/rows.h"
#include "storage_postgres/tables.h"
#include "twinstore/storage.h"

namespace twinstore::postgres {

class WriteSet {
 public:
  // Nothing: not known here. A value of nothing: known to be absent.
  using KnownRow = std::optional<std::optional<RowVersion>>;
  using KnownRecord = std::optional<std::optional<std::string>>;
  [[nodiscard]] KnownRow row(const RowId& id) const;
  [[nodiscard]] KnownRecord record(const RecordId& id) const;

  void read(const RowId& id, std::optional<RowVersion> row);
  void read(const RecordId& id, std::optional<std::string> value);
  void write(const RowId& id, std::optional<RowVersion> row);
  void write(const RecordId& id, std::optional<std::string> value);

  // Written records of a space with first <= key < last, in key order; nothing: erased. An empty
  // `last` has no upper end.
  [[nodiscard]] std::map<std::string, std::optional<std::string>> written_records(
      std::string_view space, std::string_view first, std::string_view last) const;

  // The statements that write what waits, most of all collections together.
  [[nodiscard]] std::vector<Step> steps(const Schema& schema,
                                        const std::vector<CollectionQueries>& queries,
                                        const std::string& workspace) const;
  [[nodiscard]] bool has_writes() const { return written_bytes_ > 0; }
  // How much waits; a measure, not a count.
  [[nodiscard]] size_t written_bytes() const { return written_bytes_; }
  void clear();

 private:
  enum class Stored : uint8_t { Unknown, Absent, Live, Deleted };
  struct Row {
    std::optional<RowVersion> version;
    Stored stored = Stored::Unknown;
    bool is_written = false;
  };
  struct Record {
    std::optional<std::string> value;
    bool is_written = false;
  };
  void add_collection_steps(std::vector<Step>& steps, const Collection& collection,
                            const CollectionQueries& queries, const std::string& workspace) const;
  void add_tombstone_steps(std::vector<Step>& steps, const Schema& schema,
                           const std::string& workspace) const;
  void add_record_steps(std::vector<Step>& steps, const std::string& workspace) const;

  std::map<RowId, Row> rows_;
  std::map<RecordId, Record> records_;
  size_t written_bytes_ = 0;
};

struct RecordQueries {
  Query get;         // $2 spaces, $3 keys: (place, value)
  Query save;        // $2 spaces, $3 keys, $4 long keys, $5 values
  Query remove;      // $2 spaces, $3 keys
  Query scan;        // space $2, from key $3, at most $4: (key, whole key, value)
  Query scan_until;  // and below $5
  Query spaces;      // their names in order, a step of the index for each
};
[[nodiscard]] const RecordQueries& record_queries();

}  // namespace twinstore::postgres
