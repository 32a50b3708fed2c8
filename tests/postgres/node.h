// One node's side of a shared database: its own connection and authority. And what a reader that
// follows the feed with a cursor has seen.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>

#include "base/system.h"
#include "cluster.h"
#include "storage_postgres/storage.h"
#include "sync/digest.h"
#include "twinstore/authority.h"

namespace twinstore::test {

inline PostgresOptions postgres_options(const std::string& url, bool is_read_only = false) {
  PostgresOptions options;
  options.url = url;
  options.is_read_only = is_read_only;
  return options;
}

inline std::unique_ptr<PostgresStorage> open_postgres(const Schema& schema,
                                                      const PostgresOptions& options) {
  auto storage = PostgresStorage::open(schema, options);
  if (!storage.ok()) std::fprintf(stderr, "%s\n", storage.error().message.c_str());
  TWINSTORE_CHECK(storage.ok());
  return std::move(storage).value();
}

class Node {
 public:
  Node(const Schema& schema, const std::string& url, uint64_t seed)
      : schema_(schema), ids_(seed), storage_(open_postgres(schema, postgres_options(url))) {
    auto opened = Authority::open(schema, *storage_, clock_, ids_);
    TWINSTORE_CHECK(opened.ok());
    authority_ = std::move(opened).value();
    client_ = new_client_id(ids_);
  }

  // One transaction that adds `rows` to cache_entries, with keys of this node's own.
  Result<void> add(int rows) {
    TWINSTORE_TRY(Transaction transaction, Transaction::begin(*storage_));
    std::set<std::string> scopes;
    for (int i = 0; i < rows; ++i) {
      Mutation mutation;
      mutation.hlc = hybrid_time_at(clock_.now_ms(), client_);
      const Collection& entries = *schema_.find("cache_entries");
      const std::string key = std::string(client_text(client_)) + std::to_string(++added_);
      Change change{entries.position, {Value(key)}, ChangeKind::Insert, 0, {}, {}};
      change.fields.push_back({1, Value(), Value("repo"), {}});
      mutation.changes.push_back(std::move(change));
      TWINSTORE_TRY(const Outcome outcome, authority_->apply(mutation, scopes));
      TWINSTORE_CHECK(outcome.status == OutcomeStatus::Applied);
    }
    return transaction.commit();
  }
  // After a failed transaction.
  Result<void> recover() { return authority_->reload(); }

  [[nodiscard]] PostgresStorage& storage() { return *storage_; }
  [[nodiscard]] Authority& authority() { return *authority_; }

 private:
  const Schema& schema_;
  SystemClock clock_;
  FakeIdSource ids_;
  std::unique_ptr<PostgresStorage> storage_;
  std::unique_ptr<Authority> authority_;
  ClientId client_{};
  int added_ = 0;
};

}  // namespace twinstore::test
