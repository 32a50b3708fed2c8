// A device that stands alone: it has no authority yet, so that what is written stays here.
#include <algorithm>

#include "sync/conflict_rows.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "sync/row_codec.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

struct OwnRow {
  HybridTime written_at;
  RowId id;
  size_t bytes = 0;
};

// The row as one insert: the fields that it does not have from the schema.
Change insert_of(const Collection& collection, const RowVersion& row) {
  Change change;
  change.collection = collection.position;
  change.key = collection.key_of(row.values);
  change.kind = ChangeKind::Insert;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const bool is_counter = field.type == FieldType::Counter;
    const Value& before = field.default_value;
    Value after = row.values[i];
    if (is_counter && is_null(after)) after = int64_t{0};
    if (after == before && !field.is_required) continue;
    change.fields.push_back({static_cast<uint16_t>(i), before, std::move(after), {}});
  }
  return change;
}

}  // namespace

Result<Commit> Replica::connect() {
  TWINSTORE_TRY_VOID(refresh());
  if (is_connected_) return Commit{};
  return transact([&](Commit& commit) { return end_standing_alone(commit); });
}

Result<void> Replica::end_standing_alone(Commit& commit) {
  if (is_connected_) return {};
  TWINSTORE_TRY_VOID(queue_own_rows());
  TWINSTORE_TRY_VOID(write_connected(storage_));
  is_connected_ = true;
  commit.is_status_changed = true;
  return {};
}

// Rows that were written together go as one mutation, with their time. Of very many, neighbours in
// time go together and count as written with the last of them, so that the outbox stays bounded.
Result<void> Replica::queue_own_rows() {
  std::vector<OwnRow> rows;
  TWINSTORE_TRY_VOID(
      storage_.rows_of_scope(all_scopes, [&](const Collection& collection, const RowVersion& row) {
        const bool is_of_engine = collection.position == conflicts_of(schema_).position;
        if (row.rev != 0 || row.is_deleted() || is_of_engine) return true;
        rows.push_back({row.latest_stamp(),
                        {collection.position, collection.key_of(row.values)},
                        encoded_bytes(row)});
        return true;
      }));
  std::ranges::sort(rows, {}, [](const OwnRow& row) { return std::tie(row.written_at, row.id); });
  const size_t rows_at_least = rows.size() / limits::own_rows_mutations_max + 1;
  for (size_t next = 0; next < rows.size();) {
    Mutation mutation;
    for (size_t bytes = 0; next < rows.size(); ++next) {
      const OwnRow& row = rows[next];
      const bool is_full = mutation.changes.size() >= limits::changes_per_mutation_max ||
                           bytes + row.bytes > limits::own_rows_bytes_max;
      const bool is_another_time =
          row.written_at != mutation.hlc && mutation.changes.size() >= rows_at_least;
      if (!mutation.changes.empty() && (is_full || is_another_time)) break;
      bytes += row.bytes;
      mutation.hlc = row.written_at;
      const Collection& collection = schema_.at(row.id.collection);
      TWINSTORE_TRY(const auto stored, load_row(storage_, collection, row.id.key));
      if (!stored) continue;
      mutation.changes.push_back(insert_of(collection, *stored));
      TWINSTORE_TRY_VOID(keep_base(row.id, std::nullopt));
    }
    TWINSTORE_TRY_VOID(outbox_->add(storage_, std::move(mutation)));
  }
  return {};
}

}  // namespace twinstore
