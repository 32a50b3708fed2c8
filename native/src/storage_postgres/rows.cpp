#include "storage_postgres/rows.h"

#include "base/json.h"
#include "schema/field_value.h"
#include "storage/row_text.h"
#include "storage_postgres/tables.h"

namespace twinstore::postgres {
namespace {

const std::string history_names =
    "SELECT collection, key, scope, rev, deleted_at, hlc, stamps, image";
const std::string history_columns = history_names + " FROM _tombstones WHERE _workspace = $1";
const std::string walk = "DECLARE walk NO SCROLL CURSOR FOR ";

const TombstoneQueries queries{
    {"load.tombstone", history_names + from_keys("_tombstones", {"key"}, "unnest($3::text[])",
                                                 " AND f.collection = $2")},
    {"save.tombstone",
     "INSERT INTO _tombstones (_workspace, collection, key, scope, rev, deleted_at, hlc, stamps,"
     " image) SELECT $1, w.* FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[],"
     " $6::text[], $7::text[], $8::text[], $9::text[]) AS w"
     " ON CONFLICT (_workspace, collection, key) DO UPDATE SET scope = excluded.scope,"
     " rev = excluded.rev, deleted_at = excluded.deleted_at, hlc = excluded.hlc,"
     " stamps = excluded.stamps, image = excluded.image"},
    {"remove.tombstone",
     delete_keys("_tombstones", {"collection", "key"}, "unnest($2::text[], $3::text[])")},
    {"by_rev.tombstone",
     sorted(history_columns + " AND rev = ANY ($2::bigint[])", " ORDER BY rev")},
    {"scope_all.tombstone", walk + history_columns + " ORDER BY collection, key"},
    {"scope.tombstone", walk + history_columns + " AND scope = $2 ORDER BY scope, rev"},
    {"old.tombstone", walk + sorted(history_columns + " AND deleted_at < $2", " ORDER BY rev")},
};

}  // namespace

Result<RowVersion> read_row(const Collection& collection, const Rows& result, int row, int column) {
  RowVersion version;
  version.values.reserve(collection.fields.size());
  for (const Field& field : collection.fields) {
    TWINSTORE_TRY(Value value, result.value(row, column++, field.type));
    version.values.push_back(std::move(value));
  }
  version.rev = result.integer(row, column);
  TWINSTORE_TRY(version.hlc, parse_hybrid_time(result.text(row, column + 1)));
  TWINSTORE_TRY_VOID(read_stamps(collection, result.text(row, column + 2), version));
  return version;
}

void add_rows(Parameters& parameters, const Collection& collection,
              std::span<const RowVersion* const> rows) {
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    ArrayParameter values(collection.fields[i].type);
    for (const RowVersion* row : rows) values.add(row->values[i]);
    parameters.add(values);
  }
  ArrayParameter revs(FieldType::Int);
  ArrayParameter times(FieldType::Text);
  ArrayParameter stamps(FieldType::Text);
  for (const RowVersion* row : rows) {
    revs.add(row->rev);
    times.add(std::string_view(row->hlc.text()));
    const std::string text = stamps_text(collection, *row);
    text.empty() ? stamps.add_null() : stamps.add(std::string_view(text));
  }
  parameters.add(revs).add(times).add(stamps);
}

void add_keys(Parameters& parameters, const Collection& collection,
              std::span<const Key* const> keys) {
  for (size_t i = 0; i < collection.key_count; ++i) {
    ArrayParameter values(collection.fields[i].type);
    for (const Key* key : keys) values.add((*key)[i]);
    parameters.add(values);
  }
}

const TombstoneQueries& tombstone_queries() { return queries; }

const Collection* tombstone_collection(const Schema& schema, const Rows& result, int row) {
  return schema.find(result.text(row, 0));
}

Result<RowVersion> read_tombstone(const Collection& collection, const Rows& result, int row) {
  RowVersion version;
  version.rev = result.integer(row, 3);
  TWINSTORE_TRY(version.deleted_at, parse_hybrid_time(result.text(row, 4)));
  TWINSTORE_TRY(version.hlc, parse_hybrid_time(result.text(row, 5)));
  TWINSTORE_TRY_VOID(read_stamps(collection, result.text(row, 6), version));
  TWINSTORE_TRY(const JsonValue image, parse_json(result.text(row, 7)));
  TWINSTORE_TRY(version.values, read_image(collection, image));
  return version;
}

void add_tombstones(Parameters& parameters, const Schema& schema,
                    std::span<const std::pair<RowId, const RowVersion*>> rows) {
  std::vector<ArrayParameter> texts(tombstone_columns - 1, ArrayParameter(FieldType::Text));
  ArrayParameter revs(FieldType::Int);
  for (const auto& [id, row] : rows) {
    const Collection& collection = schema.at(id.collection);
    texts[0].add(std::string_view(collection.name));
    texts[1].add(std::string_view(index_text(key_text(id.key))));
    texts[2].add(std::string_view(collection.scope_of(row->values)));
    revs.add(row->rev);
    texts[3].add(std::string_view(row->deleted_at.text()));
    texts[4].add(std::string_view(row->hlc.text()));
    texts[5].add(std::string_view(stamps_text(collection, *row)));
    texts[6].add(std::string_view(image_text(collection, row->values)));
  }
  parameters.add(texts[0]).add(texts[1]).add(texts[2]).add(revs);
  for (size_t i = 3; i < texts.size(); ++i) parameters.add(texts[i]);
}

void add_tombstone_keys(Parameters& parameters, const Schema& schema, std::span<const RowId> rows) {
  ArrayParameter collections(FieldType::Text);
  ArrayParameter keys(FieldType::Text);
  for (const RowId& id : rows) {
    collections.add(std::string_view(schema.at(id.collection).name));
    keys.add(std::string_view(index_text(key_text(id.key))));
  }
  parameters.add(collections).add(keys);
}

}  // namespace twinstore::postgres
