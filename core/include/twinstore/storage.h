// Storage: rows with their versions, one feed of changes in rev order, and small ordered records
// for bookkeeping. Narrow on purpose: every engine behind it passes the same suite of tests.
// Thread rule: one thread at a time. Next: change.h for what is written through it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/record.h"
#include "twinstore/result.h"
#include "twinstore/schema.h"
#include "twinstore/selection.h"

namespace twinstore {

// The name that stands for every scope of the workspace.
inline constexpr std::string_view all_scopes = "*";

// The name of a record.
struct RecordId {
  std::string space;
  std::string key;

  friend auto operator<=>(const RecordId&, const RecordId&) = default;
};

// Where the newest version of each row stands. Errors of every call: StorageBusy, StorageFull,
// StorageIo, StorageCorrupt, Unavailable, Closed.
class Storage {
 public:
  virtual ~Storage() = default;

  // begin() … commit() is atomic and durable when commit() returns. A failed call leaves the
  // transaction to be rolled back; rollback() without a transaction does nothing. On a read-only
  // storage a transaction is one consistent state to read from.
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  // A hint: these are about to be read in this transaction. An engine behind a network fetches
  // them in one round trip; the others do nothing.
  [[nodiscard]] virtual Result<void> prefetch(std::span<const RowId>, std::span<const RecordId>) {
    return {};
  }

  // The versions of `keys`, in their order; nothing where the row never existed. A deleted row
  // comes back as its tombstone.
  [[nodiscard]] virtual Result<std::vector<std::optional<RowVersion>>> load(
      const Collection& collection, std::span<const Key> keys) = 0;
  // Replaces what was stored under the row's key. Requires a transaction.
  [[nodiscard]] virtual Result<void> save(const Collection& collection, const RowVersion& row) = 0;
  // Removes the row or its tombstone without a trace. Requires a transaction.
  [[nodiscard]] virtual Result<void> forget(const Collection& collection, const Key& key) = 0;

  // Versions with rev > `after` of `scope` (or of all_scopes) in rev order, tombstones included,
  // until `take` returns false. Reads one consistent state.
  using TakeChange = std::function<bool(const Collection&, RowVersion&&)>;
  [[nodiscard]] virtual Result<void> changes(std::string_view scope, Rev after,
                                             const TakeChange& take) = 0;
  // Every row of `scope`, in key order within each collection, then its tombstones; without those
  // of local collections.
  [[nodiscard]] virtual Result<void> rows_of_scope(std::string_view scope,
                                                   const TakeChange& take) = 0;

  // The live rows that the selection asks for, in its order, until `take` returns false.
  [[nodiscard]] virtual Result<void> select(const Collection& collection,
                                            const Selection& selection, const TakeChange& take) = 0;
  // How many rows it would take without its limit.
  [[nodiscard]] virtual Result<int64_t> count(const Collection& collection,
                                              const Selection& selection) = 0;

  // Tombstones of rows deleted before `time`, the oldest revs first.
  [[nodiscard]] virtual Result<void> tombstones(const HybridTime& before,
                                                const TakeChange& take) = 0;

  // Records: small texts under (space, key), ordered by key within a space.
  [[nodiscard]] virtual Result<std::optional<std::string>> get(std::string_view space,
                                                               std::string_view key) = 0;
  [[nodiscard]] virtual Result<void> put(std::string_view space, std::string_view key,
                                         std::string_view value) = 0;
  [[nodiscard]] virtual Result<void> erase(std::string_view space, std::string_view key) = 0;
  // Records with first <= key < last in key order; an empty `last` has no upper end.
  using TakeRecord = std::function<bool(std::string_view key, std::string_view value)>;
  [[nodiscard]] virtual Result<void> scan(std::string_view space, std::string_view first,
                                          std::string_view last, const TakeRecord& take) = 0;
  // The spaces that hold a record, in order.
  [[nodiscard]] virtual Result<std::vector<std::string>> spaces() = 0;

  // About how many bytes all this takes on its disk; 0 in memory.
  [[nodiscard]] virtual Result<int64_t> bytes() = 0;
};

// Loads one row. Errors: as Storage.
[[nodiscard]] Result<std::optional<RowVersion>> load_row(Storage& storage,
                                                         const Collection& collection,
                                                         const Key& key);

// Rolls back when it goes out of scope before commit().
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Storage& storage) {
    TWINSTORE_TRY_VOID(storage.begin());
    return Transaction(storage);
  }
  Transaction(Transaction&& other) noexcept : storage_(std::exchange(other.storage_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (storage_ != nullptr) storage_->rollback();
  }
  [[nodiscard]] Result<void> commit() {
    TWINSTORE_TRY_VOID(storage_->commit());
    storage_ = nullptr;
    return {};
  }

 private:
  explicit Transaction(Storage& storage) : storage_(&storage) {}
  Storage* storage_;
};

}  // namespace twinstore
