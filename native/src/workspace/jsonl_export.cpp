#include "workspace/jsonl_export.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "schema/field_value.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

std::string line_of(const Collection& collection, const RowVersion& row) {
  nlohmann::ordered_json line = nlohmann::ordered_json::object();
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    line[field.name] = from_value(field, row.values[i]);
  }
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<int64_t> export_collection(const Collection& collection, Storage& storage,
                                  const fs::path& path) {
  TWINSTORE_TRY_VOID(make_private_file(path.string()));
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  int64_t rows = 0;
  TWINSTORE_TRY_VOID(storage.select(collection, {}, [&](const Collection&, RowVersion&& row) {
    out << line_of(collection, row) << '\n';
    ++rows;
    return out.good();
  }));
  out.close();
  if (out.fail()) return Error{ErrorCode::StorageIo, path.string() + " cannot be written"};
  return rows;
}

}  // namespace

Result<int64_t> export_jsonl(const Schema& schema, Storage& storage, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Error{ErrorCode::StorageIo, folder + ": " + error.message()};
  TWINSTORE_TRY(const Transaction state, Transaction::begin(storage));
  int64_t rows = 0;
  for (const Collection& collection : schema.collections()) {
    if (collection.is_system) continue;
    TWINSTORE_TRY(
        const int64_t exported,
        export_collection(collection, storage, fs::path(folder) / (collection.name + ".jsonl")));
    rows += exported;
  }
  return rows;
}

}  // namespace twinstore
