#include "storage_postgres/write_set.h"

namespace twinstore::postgres {
namespace {

const std::string record_arrays = "unnest($2::text[], $3::text[])";
const std::string scan_columns =
    "SELECT key, coalesce(long_key, key), value FROM _records"
    " WHERE _workspace = $1 AND space = $2 AND key >= $3";

const RecordQueries queries{
    {"get.record",
     "SELECT w.place, t.value" + from_keys("_records", {"space", "key"}, record_arrays)},
    {"save.record",
     "INSERT INTO _records (_workspace, space, key, long_key, value)"
     " SELECT $1, w.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS w"
     " ON CONFLICT (_workspace, space, key) DO UPDATE SET value = excluded.value"},
    {"remove.record", delete_keys("_records", {"space", "key"}, record_arrays)},
    {"scan.record", scan_columns + " ORDER BY key LIMIT $4"},
    {"scan_until.record", scan_columns + " AND key < $5 ORDER BY key LIMIT $4"},
    {"spaces.record",
     "WITH RECURSIVE s AS (SELECT min(space) AS space FROM _records WHERE _workspace = $1"
     " UNION ALL SELECT (SELECT min(space) FROM _records"
     " WHERE _workspace = $1 AND space > s.space) FROM s WHERE s.space IS NOT NULL)"
     " SELECT space FROM s WHERE space IS NOT NULL"},
};

size_t bytes_of(const RowVersion& row) {
  size_t bytes = row.values.size() * sizeof(int64_t);
  for (const Value& value : row.values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

}  // namespace

const RecordQueries& record_queries() { return queries; }

WriteSet::KnownRow WriteSet::row(const RowId& id) const {
  const auto at = rows_.find(id);
  return at == rows_.end() ? KnownRow() : KnownRow(at->second.version);
}

WriteSet::KnownRecord WriteSet::record(const RecordId& id) const {
  const auto at = records_.find(id);
  return at == records_.end() ? KnownRecord() : KnownRecord(at->second.value);
}

void WriteSet::read(const RowId& id, std::optional<RowVersion> row) {
  const Stored stored = !row ? Stored::Absent : row->is_deleted() ? Stored::Deleted : Stored::Live;
  rows_.try_emplace(id, Row{std::move(row), stored, false});
}

void WriteSet::read(const RecordId& id, std::optional<std::string> value) {
  records_.try_emplace(id, Record{std::move(value), false});
}

void WriteSet::write(const RowId& id, std::optional<RowVersion> row) {
  written_bytes_ += 1 + (row ? bytes_of(*row) : 0);
  Row& kept = rows_[id];
  kept.version = std::move(row);
  kept.is_written = true;
}

void WriteSet::write(const RecordId& id, std::optional<std::string> value) {
  written_bytes_ += 1 + (value ? value->size() : 0);
  Record& kept = records_[id];
  kept.value = std::move(value);
  kept.is_written = true;
}

std::map<std::string, std::optional<std::string>> WriteSet::written_records(
    std::string_view space, std::string_view first, std::string_view last) const {
  std::map<std::string, std::optional<std::string>> out;
  auto at = records_.lower_bound({std::string(space), std::string(first)});
  for (; at != records_.end() && at->first.space == space; ++at) {
    if (!last.empty() && at->first.key >= last) break;
    if (at->second.is_written) out.emplace(at->first.key, at->second.value);
  }
  return out;
}

void WriteSet::clear() {
  rows_.clear();
  records_.clear();
  written_bytes_ = 0;
}

void WriteSet::add_collection_steps(std::vector<Step>& steps, const Collection& collection,
                                    const CollectionQueries& query,
                                    const std::string& workspace) const {
  std::vector<const RowVersion*> saved;
  std::vector<const Key*> removed;
  auto at = rows_.lower_bound({collection.position, {}});
  for (; at != rows_.end() && at->first.collection == collection.position; ++at) {
    const Row& row = at->second;
    if (!row.is_written) continue;
    if (row.version && !row.version->is_deleted()) {
      saved.push_back(&*row.version);
    } else if (row.stored == Stored::Live || row.stored == Stored::Unknown) {
      removed.push_back(&at->first.key);
    }
  }
  if (!removed.empty()) {
    Step& step = steps.emplace_back(Step{&query.remove, Parameters().add(workspace)});
    add_keys(step.parameters, collection, removed);
  }
  if (!saved.empty()) {
    Step& step = steps.emplace_back(Step{&query.save, Parameters().add(workspace)});
    add_rows(step.parameters, collection, saved);
  }
}

void WriteSet::add_tombstone_steps(std::vector<Step>& steps, const Schema& schema,
                                   const std::string& workspace) const {
  std::vector<std::pair<RowId, const RowVersion*>> saved;
  std::vector<RowId> removed;
  for (const auto& [id, row] : rows_) {
    if (!row.is_written) continue;
    if (row.version && row.version->is_deleted()) {
      saved.emplace_back(id, &*row.version);
    } else if (row.stored == Stored::Deleted || row.stored == Stored::Unknown) {
      removed.push_back(id);
    }
  }
  if (!removed.empty()) {
    Step& step = steps.emplace_back(Step{&tombstone_queries().remove, Parameters().add(workspace)});
    add_tombstone_keys(step.parameters, schema, removed);
  }
  if (!saved.empty()) {
    Step& step = steps.emplace_back(Step{&tombstone_queries().save, Parameters().add(workspace)});
    add_tombstones(step.parameters, schema, saved);
  }
}

void WriteSet::add_record_steps(std::vector<Step>& steps, const std::string& workspace) const {
  ArrayParameter saved_spaces(FieldType::Text);
  ArrayParameter saved_keys(FieldType::Text);
  ArrayParameter long_keys(FieldType::Text);
  ArrayParameter values(FieldType::Text);
  ArrayParameter removed_spaces(FieldType::Text);
  ArrayParameter removed_keys(FieldType::Text);
  for (const auto& [id, record] : records_) {
    if (!record.is_written) continue;
    const std::string key = index_text(id.key);
    const std::string space = index_text(id.space);
    if (!record.value) {
      removed_spaces.add(std::string_view(space));
      removed_keys.add(std::string_view(key));
      continue;
    }
    saved_spaces.add(std::string_view(space));
    saved_keys.add(std::string_view(key));
    key == id.key ? long_keys.add_null() : long_keys.add(std::string_view(id.key));
    values.add(std::string_view(*record.value));
  }
  if (!removed_keys.is_empty()) {
    steps.push_back(
        {&queries.remove, Parameters().add(workspace).add(removed_spaces).add(removed_keys)});
  }
  if (!saved_keys.is_empty()) {
    steps.push_back(
        {&queries.save,
         Parameters().add(workspace).add(saved_spaces).add(saved_keys).add(long_keys).add(values)});
  }
}

std::vector<Step> WriteSet::steps(const Schema& schema,
                                  const std::vector<CollectionQueries>& of_collections,
                                  const std::string& workspace) const {
  std::vector<Step> out;
  for (const Collection& collection : schema.collections()) {
    add_collection_steps(out, collection, of_collections[collection.position], workspace);
  }
  add_tombstone_steps(out, schema, workspace);
  add_record_steps(out, workspace);
  return out;
}

}  // namespace twinstore::postgres
