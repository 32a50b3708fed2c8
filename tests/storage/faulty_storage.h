// A Storage that hands everything on to another one, until it is told to fail, and can say what is
// asked of it.
#pragma once

#include <functional>
#include <string_view>

#include "twinstore/storage.h"

namespace twinstore::test {

class FaultyStorage final : public Storage {
 public:
  // `inner` outlives it.
  explicit FaultyStorage(Storage& inner) : inner_(inner) {}

  // Asked before each call but rollback, with the call's name; an error is given in its place.
  std::function<std::optional<Error>(std::string_view call)> fault;

  // Told of each selection; a count is one without an order.
  std::function<void(const Collection& collection, const Selection& selection, bool is_count)>
      selected;

  // The next commit fails, and is not tried.
  void fail_next_commit(ErrorCode code) {
    fault = [this, code](std::string_view call) -> std::optional<Error> {
      if (call != "commit") return std::nullopt;
      fault = {};
      return Error{code, "planted"};
    };
  }

  Result<void> begin() override {
    return guarded<void>("begin", [&] { return inner_.begin(); });
  }
  Result<void> commit() override {
    return guarded<void>("commit", [&] { return inner_.commit(); });
  }
  void rollback() override { inner_.rollback(); }
  Result<void> prefetch(std::span<const RowId> rows, std::span<const RecordId> records) override {
    return guarded<void>("prefetch", [&] { return inner_.prefetch(rows, records); });
  }
  Result<std::vector<std::optional<RowVersion>>> load(const Collection& collection,
                                                      std::span<const Key> keys) override {
    return guarded<std::vector<std::optional<RowVersion>>>(
        "load", [&] { return inner_.load(collection, keys); });
  }
  Result<void> save(const Collection& collection, const RowVersion& row) override {
    return guarded<void>("save", [&] { return inner_.save(collection, row); });
  }
  Result<void> forget(const Collection& collection, const Key& key) override {
    return guarded<void>("forget", [&] { return inner_.forget(collection, key); });
  }
  Result<void> changes(std::string_view scope, Rev after, const TakeChange& take) override {
    return guarded<void>("changes", [&] { return inner_.changes(scope, after, take); });
  }
  Result<void> rows_of_scope(std::string_view scope, const TakeChange& take) override {
    return guarded<void>("rows_of_scope", [&] { return inner_.rows_of_scope(scope, take); });
  }
  Result<void> select(const Collection& collection, const Selection& selection,
                      const TakeChange& take) override {
    if (selected) selected(collection, selection, false);
    return guarded<void>("select", [&] { return inner_.select(collection, selection, take); });
  }
  Result<int64_t> count(const Collection& collection, const Selection& selection) override {
    if (selected) selected(collection, selection, true);
    return guarded<int64_t>("count", [&] { return inner_.count(collection, selection); });
  }
  Result<void> tombstones(const HybridTime& before, const TakeChange& take) override {
    return guarded<void>("tombstones", [&] { return inner_.tombstones(before, take); });
  }
  Result<std::optional<std::string>> get(std::string_view space, std::string_view key) override {
    return guarded<std::optional<std::string>>("get", [&] { return inner_.get(space, key); });
  }
  Result<void> put(std::string_view space, std::string_view key, std::string_view value) override {
    return guarded<void>("put", [&] { return inner_.put(space, key, value); });
  }
  Result<void> erase(std::string_view space, std::string_view key) override {
    return guarded<void>("erase", [&] { return inner_.erase(space, key); });
  }
  Result<void> scan(std::string_view space, std::string_view first, std::string_view last,
                    const TakeRecord& take) override {
    return guarded<void>("scan", [&] { return inner_.scan(space, first, last, take); });
  }
  Result<std::vector<std::string>> spaces() override {
    return guarded<std::vector<std::string>>("spaces", [&] { return inner_.spaces(); });
  }
  Result<int64_t> bytes() override {
    return guarded<int64_t>("bytes", [&] { return inner_.bytes(); });
  }

 private:
  template <class T, class Call>
  Result<T> guarded(std::string_view name, const Call& call) {
    if (fault) {
      // A copy: the fault may replace itself.
      const auto asked = fault;
      if (auto error = asked(name)) return *std::move(error);
    }
    return call();
  }
  Storage& inner_;
};

}  // namespace twinstore::test
