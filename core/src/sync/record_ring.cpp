#include "sync/record_ring.h"

#include <charconv>

namespace twinstore {
namespace {

constexpr std::string_view count_space = "ring";

Result<size_t> read_count(Storage& storage, const std::string& space) {
  TWINSTORE_TRY(const auto text, storage.get(count_space, space));
  size_t count = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), count);
  return count;
}

}  // namespace

Result<std::optional<std::string>> add_to_ring(Storage& storage, const std::string& space,
                                               std::string_view key, std::string_view value,
                                               size_t max) {
  std::optional<std::string> evicted;
  TWINSTORE_TRY(const size_t count, read_count(storage, space));
  if (count < max) {
    TWINSTORE_TRY_VOID(storage.put(count_space, space, std::to_string(count + 1)));
  } else {
    std::string oldest;
    TWINSTORE_TRY_VOID(
        storage.scan(space, "", "", [&](std::string_view first, std::string_view text) {
          oldest = first;
          evicted = text;
          return false;
        }));
    TWINSTORE_TRY_VOID(storage.erase(space, oldest));
  }
  TWINSTORE_TRY_VOID(storage.put(space, key, value));
  return evicted;
}

Result<void> erase_from_ring(Storage& storage, const std::string& space, std::string_view key) {
  TWINSTORE_TRY(const size_t count, read_count(storage, space));
  TWINSTORE_TRY_VOID(storage.put(count_space, space, std::to_string(count - 1)));
  return storage.erase(space, key);
}

}  // namespace twinstore
