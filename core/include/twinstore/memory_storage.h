// MemoryStorage: Storage in maps, the plainest thing that keeps the contract. The other engines are
// judged by it. Thread rule: one thread at a time.
#pragma once

#include <map>

#include "twinstore/storage.h"

namespace twinstore {

class MemoryStorage final : public Storage {
 public:
  // `schema` outlives the storage.
  explicit MemoryStorage(const Schema& schema) : schema_(schema) {}

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
  Result<void> tombstones(const HybridTime& before, const TakeChange& take) override;
  Result<std::optional<std::string>> get(std::string_view space, std::string_view key) override;
  Result<void> put(std::string_view space, std::string_view key, std::string_view value) override;
  Result<void> erase(std::string_view space, std::string_view key) override;
  Result<void> scan(std::string_view space, std::string_view first, std::string_view last,
                    const TakeRecord& take) override;
  Result<std::vector<std::string>> spaces() override;
  Result<int64_t> bytes() override { return int64_t{0}; }

 private:
  struct Content {
    std::map<RowId, RowVersion> rows;  // tombstones included
    std::map<RecordId, std::string> records;
  };
  using Entry = std::pair<const RowId, RowVersion>;
  [[nodiscard]] bool is_in(std::string_view scope, const Entry& entry) const;
  [[nodiscard]] std::vector<const Entry*> selected(const Collection& collection,
                                                   const Selection& selection) const;
  void give(std::vector<const Entry*> entries, const TakeChange& take) const;
  void give_in_rev_order(std::vector<const Entry*> entries, const TakeChange& take) const;

  const Schema& schema_;
  Content content_;
  std::optional<Content> before_;  // what a rollback goes back to
};

}  // namespace twinstore
