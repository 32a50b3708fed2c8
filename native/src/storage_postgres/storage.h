// PostgresStorage: Storage in a PostgreSQL database that several server nodes share. A writing
// transaction has its workspace for itself, whichever node began it, so that the engine meets the
// same serial world as over SQLite; what commit() acknowledged is durable, or the server is
// refused. Thread rule: one thread at a time; other threads open their own, read-only one.
// Next: write_set.h for how a transaction costs few round trips, tables.h for the SQL.
#pragma once

#include <memory>
#include <string>

#include "twinstore/storage.h"

namespace twinstore {

struct PostgresOptions {
  std::string url;                 // postgresql://user:password@host/database, as libpq takes it
  std::string workspace = "main";  // whose rows these are
  bool is_read_only = false;
  int lock_timeout_ms = 5000;  // how long a writer waits for another one, of any node
  bool is_confined = false;    // refuses a role that row-level security does not hold
};

class PostgresStorage final : public Storage {
 public:
  // Creates the tables, or brings them forward to this build's form and this schema. `schema`
  // outlives the storage. Errors: InvalidArgument for a role that may not, or must not be used;
  // Unavailable when the server is not there, or runs with fsync,
  // full_page_writes or synchronous_commit off; StorageTooNew, SchemaMismatch as SqliteStorage;
  // else as Storage. After Unavailable a later begin() or read connects again.
  [[nodiscard]] static Result<std::unique_ptr<PostgresStorage>> open(
      const Schema& schema, const PostgresOptions& options);
  ~PostgresStorage() override;
  PostgresStorage(const PostgresStorage&) = delete;
  PostgresStorage& operator=(const PostgresStorage&) = delete;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  Result<void> prefetch(std::span<const RowId> rows, std::span<const RecordId> records) override;
  Result<std::vector<std::optional<RowVersion>>> load(const Collection& collection,
                                                      std::span<const Key> keys) override;
  Result<void> save(const Collection& collection, const RowVersion& row) override;
  Result<void> forget(const Collection& collection, const Key& key) override;
  Result<void> changes(std::string_view scope, Rev after, const TakeChange& take) override;
  Result<void> rows_of_scope(std::string_view scope, const TakeChange& take) override;
  Result<void> select(const Collection& collection, const Selection& selection,
                      const TakeChange& take) override;
  Result<int64_t> count(const Collection& collection, const Selection& selection) override;
  Result<void> tombstones(const HybridTime& before, const TakeChange& take) override;
  Result<std::optional<std::string>> get(std::string_view space, std::string_view key) override;
  Result<void> put(std::string_view space, std::string_view key, std::string_view value) override;
  Result<void> erase(std::string_view space, std::string_view key) override;
  Result<void> scan(std::string_view space, std::string_view first, std::string_view last,
                    const TakeRecord& take) override;
  Result<std::vector<std::string>> spaces() override;
  Result<int64_t> bytes() override;

 private:
  struct Parts;  // hides libpq-fe.h from those who only use Storage
  explicit PostgresStorage(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace twinstore
