#include "services/code_collections.h"

namespace twinstore {
namespace {

template <class Info>
Result<const Collection*> find(const Schema& schema) {
  const Collection* collection = schema.find(Info::collection);
  bool has_all = collection != nullptr;
  const Info info;
  Info::visit_fields(info, [&](const char* name, const auto&) {
    has_all = has_all && collection->find_field(name).has_value();
  });
  if (has_all) return collection;
  return Error{ErrorCode::UnknownCollection,
               "the schema has no " + std::string(Info::collection) + " of the shipped form"};
}

}  // namespace

Result<CodeCollections> CodeCollections::of(const Schema& schema) {
  CodeCollections found;
  TWINSTORE_TRY(found.repositories, find<RepositoryInfo>(schema));
  TWINSTORE_TRY(found.branches, find<BranchInfo>(schema));
  TWINSTORE_TRY(found.analyses, find<BranchAnalysisResult>(schema));
  TWINSTORE_TRY(found.metrics, find<HistoricalMetric>(schema));
  TWINSTORE_TRY(found.cache_entries, find<CacheEntry>(schema));
  return found;
}

namespace code_record {

void read(const Value& value, OptionalField<std::vector<std::string>>& member) {
  std::vector<std::string> items;
  const auto* text = std::get_if<std::string>(&value);
  const auto parsed = parse_json(text == nullptr ? "[]" : *text);
  TWINSTORE_CHECK(parsed.ok());  // only canonical text is stored
  for (const JsonValue& item : parsed.value()) {
    items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  member = std::move(items);
}

Result<JsonValue> written(const JsonText& document) { return parse_json(document.text); }

}  // namespace code_record

}  // namespace twinstore
