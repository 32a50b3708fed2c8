#include "config/schema_source.h"

#include <fstream>
#include <iterator>

#include "twinstore/embedded_schema.h"

namespace twinstore {
namespace {

Result<std::unique_ptr<Schema>> parsed(std::string_view text) {
  TWINSTORE_TRY(Schema schema, Schema::parse(text));
  return std::make_unique<Schema>(std::move(schema));
}

}  // namespace

Result<std::unique_ptr<Schema>> shipped_schema() { return parsed(code_mri_schema_json); }

Result<std::unique_ptr<Schema>> schema_from_file(const std::string& path) {
  if (path.empty()) return shipped_schema();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error{ErrorCode::NotFound, "the schema " + path + " cannot be read"};
  auto schema = parsed(text);
  if (schema.ok()) return schema;
  return Error{schema.error().code, path + ": " + schema.error().message};
}

}  // namespace twinstore
