#include "twinstore/storage.h"

namespace twinstore {

Result<std::optional<RowVersion>> load_row(Storage& storage, const Collection& collection,
                                           const Key& key) {
  TWINSTORE_TRY(auto rows, storage.load(collection, std::span(&key, 1)));
  return std::move(rows[0]);
}

}  // namespace twinstore
