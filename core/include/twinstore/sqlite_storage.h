// SqliteStorage: Storage in one SQLite file, the same code in the browser (over OPFS) and natively.
// WAL with synchronous=FULL: what commit() acknowledged survives power loss.
// Thread rule: one thread at a time; other threads open their own, read-only one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "twinstore/storage.h"

namespace twinstore {

class RowWatch;
class SqlQuery;

struct SqliteOptions {
  std::string path;  // a file name of the VFS, or ":memory:"
  std::string vfs;   // a registered VFS; empty: SQLite's default
  bool is_read_only = false;
  bool is_exclusive = false;  // the only connection, ever: WAL without shared memory
  bool has_feed = false;      // others pull from it: indexes for changes()
  int busy_timeout_ms = 5000;
};

class SqliteStorage final : public Storage {
 public:
  // Creates the file's tables, or brings them forward to this build's form and this schema.
  // Errors: StorageTooNew when a newer build or a newer schema wrote the file; SchemaMismatch when
  // the schema changed in a way that cannot be carried over; else as Storage.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStorage>> open(const Schema& schema,
                                                                   const SqliteOptions& options);
  ~SqliteStorage() override;
  SqliteStorage(const SqliteStorage&) = delete;
  SqliteStorage& operator=(const SqliteStorage&) = delete;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<std::vector<std::optional<RowVersion>>> load(const Collection& collection,
                                                      std::span<const Key> keys) override;
  Result<void> save(const Collection& collection, const RowVersion& row) override;
  Result<void> forget(const Collection& collection, const Key& key) override;
  Result<void> changes(std::string_view scope, Rev after, const TakeChange& take) override;
  Result<void> rows_of_scope(std::string_view scope, const TakeChange& take) override;
  Result<void> select(const Collection& collection, const Selection& selection,
                      const TakeChange& take) override;
  Result<int64_t> count(const Collection& collection, const Selection& selection) override;
  [[nodiscard]] Result<void> tombstones(const HybridTime& before, const TakeChange& take) override;
  Result<std::optional<std::string>> get(std::string_view space, std::string_view key) override;
  Result<void> put(std::string_view space, std::string_view key, std::string_view value) override;
  Result<void> erase(std::string_view space, std::string_view key) override;
  Result<void> scan(std::string_view space, std::string_view first, std::string_view last,
                    const TakeRecord& take) override;
  Result<std::vector<std::string>> spaces() override;
  Result<int64_t> bytes() override;
  // Of these, without the pages that are free to be used again.
  [[nodiscard]] Result<int64_t> bytes_in_use();

  // One read-only statement over the collections' tables. Errors: Sql for anything else: writes,
  // the store's own tables, PRAGMA, ATTACH, several statements, functions with side effects.
  [[nodiscard]] Result<std::unique_ptr<SqlQuery>> prepare_query(std::string_view sql);
  // Says which queries a change can affect (row_watch.h).
  [[nodiscard]] RowWatch& row_watch();

 private:
  struct Parts;  // hides sqlite3.h from those who only use Storage
  explicit SqliteStorage(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace twinstore
