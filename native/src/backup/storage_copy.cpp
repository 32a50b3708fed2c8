#include "backup/storage_copy.h"

#include <algorithm>
#include <map>

namespace twinstore {
namespace {

constexpr size_t piece_records = 1'000;  // compared at a time
constexpr size_t piece_rows = 500;

// Saves each row that it is given, and counts it; the first error ends it.
class Saver {
 public:
  Saver(Storage& to, CopyCounts& counts) : to_(to), counts_(counts) {}

  [[nodiscard]] Storage::TakeChange take() {
    return [this](const Collection& collection, RowVersion&& row) {
      ++(row.is_deleted() ? counts_.tombstones : counts_.rows);
      done_ = to_.save(collection, row);
      return done_.ok();
    };
  }
  [[nodiscard]] const Result<void>& done() const { return done_; }

 private:
  Storage& to_;
  CopyCounts& counts_;
  Result<void> done_;
};

Result<void> copy_records(Storage& from, Storage& to, CopyCounts& counts) {
  TWINSTORE_TRY(const auto spaces, from.spaces());
  for (const std::string& space : spaces) {
    Result<void> done;
    TWINSTORE_TRY_VOID(from.scan(space, "", "", [&](std::string_view key, std::string_view value) {
      done = to.put(space, key, value);
      ++counts.records;
      return done.ok();
    }));
    TWINSTORE_TRY_VOID(done);
  }
  return {};
}

using Records = std::map<std::string, std::string>;

// From `first` on; with `most`, those that come first, else all below `last`.
Result<Records> read_records(Storage& storage, const std::string& space, const std::string& first,
                             const std::string& last, size_t most) {
  Records records;
  TWINSTORE_TRY_VOID(
      storage.scan(space, first, last, [&](std::string_view key, std::string_view value) {
        records.emplace(key, value);
        return most == 0 || records.size() < most;
      }));
  return records;
}

Result<void> make_equal(const std::string& space, const Records& wanted, const Records& there,
                        Storage& to, CopyCounts& counts) {
  for (const auto& [key, value] : wanted) {
    const auto at = there.find(key);
    if (at != there.end() && at->second == value) continue;
    TWINSTORE_TRY_VOID(to.put(space, key, value));
    ++counts.records;
  }
  for (const auto& [key, value] : there) {
    if (wanted.contains(key)) continue;
    TWINSTORE_TRY_VOID(to.erase(space, key));
    ++counts.records;
  }
  return {};
}

// A piece of the source after the other, each against what the copy has between its ends, so that a
// space of any length takes little memory.
Result<void> copy_changed_records(const std::string& space, Storage& from, Storage& to,
                                  CopyCounts& counts) {
  std::string first;
  for (;;) {
    TWINSTORE_TRY(const Records wanted, read_records(from, space, first, "", piece_records));
    const bool is_last = wanted.size() < piece_records;
    // The smallest text after a key: none that is stored holds NUL.
    const std::string next = is_last ? "" : wanted.rbegin()->first + '\x01';
    TWINSTORE_TRY(const Records there, read_records(to, space, first, next, 0));
    TWINSTORE_TRY_VOID(make_equal(space, wanted, there, to, counts));
    if (is_last) return {};
    first = next;
  }
}

// Old deletions are forgotten without a trace in the feed.
Result<void> drop_forgotten(const Schema& schema, Storage& from, Storage& to, CopyCounts& counts) {
  std::map<uint16_t, std::vector<Key>> kept;
  HybridTime end_of_time{~uint64_t{0}, {}};
  end_of_time.client.fill('v');
  TWINSTORE_TRY_VOID(
      to.tombstones(end_of_time, [&](const Collection& collection, RowVersion&& row) {
        kept[collection.position].push_back(collection.key_of(row.values));
        return true;
      }));
  for (const auto& [position, keys] : kept) {
    const Collection& collection = schema.at(position);
    for (size_t begin = 0; begin < keys.size(); begin += piece_rows) {
      const std::span piece =
          std::span(keys).subspan(begin, std::min(piece_rows, keys.size() - begin));
      TWINSTORE_TRY(const auto stored, from.load(collection, piece));
      for (size_t i = 0; i < piece.size(); ++i) {
        if (stored[i]) continue;
        TWINSTORE_TRY_VOID(to.forget(collection, piece[i]));
        ++counts.tombstones;
      }
    }
  }
  return {};
}

}  // namespace

Result<CopyCounts> copy_everything(Storage& from, Storage& to) {
  CopyCounts counts;
  Saver saver(to, counts);
  TWINSTORE_TRY_VOID(from.rows_of_scope(all_scopes, saver.take()));
  TWINSTORE_TRY_VOID(saver.done());
  TWINSTORE_TRY_VOID(copy_records(from, to, counts));
  return counts;
}

Result<CopyCounts> copy_changes(const Schema& schema, Storage& from, Storage& to, Rev after) {
  CopyCounts counts;
  Saver saver(to, counts);
  TWINSTORE_TRY_VOID(from.changes(all_scopes, after, saver.take()));
  TWINSTORE_TRY_VOID(saver.done());
  TWINSTORE_TRY_VOID(drop_forgotten(schema, from, to, counts));
  TWINSTORE_TRY(auto spaces, from.spaces());
  TWINSTORE_TRY(const auto there, to.spaces());
  spaces.insert(spaces.end(), there.begin(), there.end());
  std::ranges::sort(spaces);
  spaces.erase(std::unique(spaces.begin(), spaces.end()), spaces.end());
  for (const std::string& space : spaces) {
    TWINSTORE_TRY_VOID(copy_changed_records(space, from, to, counts));
  }
  return counts;
}

}  // namespace twinstore
