#include "storage_postgres/reader.h"

#include <algorithm>
#include <map>

#include "schema/field_value.h"
#include "storage_postgres/selection_query.h"

namespace twinstore::postgres {
namespace {

// A page of a live client is small, a first reading long: pieces grow as one goes on.
constexpr int64_t first_piece = 64;
constexpr int64_t last_piece = 2'048;
int64_t next_piece(int64_t rows) { return std::min(rows * 4, last_piece); }

const Query fetch_walk{"walk.fetch", "FETCH FORWARD 512 FROM walk"};
const Query close_walk{"walk.close", "CLOSE walk"};
const Query table_bytes{"bytes",
                        "SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::bigint"
                        " FROM unnest($1::text[]) AS name"};

// A change, from the tables or the tombstones, given on; nothing to give is not the end.
Result<bool> give_row(const Schema& schema, const Collection* collection, const Rows& result,
                      int row, const Storage::TakeChange& take) {
  if (collection != nullptr) {
    TWINSTORE_TRY(RowVersion version, read_row(*collection, result, row, 0));
    return take(*collection, std::move(version));
  }
  collection = tombstone_collection(schema, result, row);
  if (collection == nullptr) return true;
  TWINSTORE_TRY(RowVersion version, read_tombstone(*collection, result, row));
  return take(*collection, std::move(version));
}

struct Wanted {
  std::vector<RowId> ids;  // of one collection
  std::vector<std::string> texts;
};

}  // namespace

Reader::Reader(const Schema& schema, Session& session)
    : schema_(schema),
      session_(session),
      feed_(feed_order(schema, false)),
      feed_all_(feed_order(schema, true)) {
  for (const Collection& collection : schema.collections()) {
    queries_.push_back(queries_of(collection));
  }
}

Result<void> Reader::fetch(std::span<const RowId> rows, std::span<const RecordId> records,
                           WriteSet& known) {
  std::map<uint16_t, Wanted> wanted;
  for (const RowId& id : rows) {
    wanted[id.collection].ids.push_back(id);
    wanted[id.collection].texts.push_back(index_text(key_text(id.key)));
  }
  std::vector<Step> steps;
  for (const auto& [position, of] : wanted) {
    const Collection& collection = schema_.at(position);
    std::vector<const Key*> keys;
    ArrayParameter texts(FieldType::Text);
    for (const RowId& id : of.ids) keys.push_back(&id.key);
    for (const std::string& text : of.texts) texts.add(std::string_view(text));
    Step& live = steps.emplace_back(Step{&queries_[position].load, session_.parameters()});
    add_keys(live.parameters, collection, keys);
    Step& deleted = steps.emplace_back(Step{&tombstone_queries().load, session_.parameters()});
    deleted.parameters.add(collection.name).add(texts);
  }
  if (!records.empty()) {
    ArrayParameter spaces(FieldType::Text);
    ArrayParameter keys(FieldType::Text);
    for (const RecordId& id : records) {
      spaces.add(std::string_view(index_text(id.space)));
      keys.add(std::string_view(index_text(id.key)));
    }
    steps.push_back({&record_queries().get, session_.parameters().add(spaces).add(keys)});
  }
  if (steps.empty()) return {};
  TWINSTORE_TRY(const auto results, session_.run(steps));
  size_t at = 0;
  for (const auto& [position, of] : wanted) {
    const Collection& collection = schema_.at(position);
    const Rows& live = results[at++];
    const Rows& deleted = results[at++];
    for (int row = 0; row < live.rows(); ++row) {
      TWINSTORE_TRY(RowVersion version, read_row(collection, live, row, 1));
      known.read(of.ids[static_cast<size_t>(live.integer(row, 0)) - 1], std::move(version));
    }
    for (int row = 0; row < deleted.rows(); ++row) {
      const auto text = std::ranges::find(of.texts, deleted.text(row, 1));
      TWINSTORE_TRY(RowVersion version, read_tombstone(collection, deleted, row));
      known.read(of.ids[static_cast<size_t>(text - of.texts.begin())], std::move(version));
    }
    for (const RowId& id : of.ids) known.read(id, std::nullopt);
  }
  if (records.empty()) return {};
  const Rows& found = results[at];
  for (int row = 0; row < found.rows(); ++row) {
    known.read(records[static_cast<size_t>(found.integer(row, 0)) - 1],
               std::string(found.text(row, 1)));
  }
  for (const RecordId& id : records) known.read(id, std::nullopt);
  return {};
}

Result<std::vector<Reader::Place>> Reader::places(std::string_view scope, Rev after, int64_t most) {
  const bool is_all = scope == all_scopes;
  Parameters parameters = session_.parameters().add(after).add(most);
  if (!is_all) parameters.add(scope);
  TWINSTORE_TRY(const Rows found, session_.run(is_all ? feed_all_ : feed_, parameters));
  std::vector<Place> out;
  for (int row = 0; row < found.rows(); ++row) {
    out.push_back({static_cast<size_t>(found.integer(row, 0)), found.integer(row, 1)});
  }
  return out;
}

Result<bool> Reader::give(const std::vector<Place>& places, const Storage::TakeChange& take) {
  std::map<size_t, ArrayParameter> revs;
  for (const Place& place : places) {
    revs.try_emplace(place.source, FieldType::Int).first->second.add(place.rev);
  }
  std::vector<Step> steps;
  for (const auto& [source, wanted] : revs) {
    const bool is_deleted = source == queries_.size();
    steps.push_back({is_deleted ? &tombstone_queries().by_rev : &queries_[source].by_rev,
                     session_.parameters().add(wanted)});
  }
  TWINSTORE_TRY(const auto results, session_.run(steps));
  std::map<size_t, std::pair<const Rows*, int>> next;  // each is in rev order
  for (const auto& [source, wanted] : revs) next[source] = {&results[next.size()], 0};
  for (const Place& place : places) {
    auto& [result, row] = next[place.source];
    if (row >= result->rows()) return Error{ErrorCode::StorageBusy, "the feed moved while read"};
    const Collection* collection = place.source == queries_.size()
                                       ? nullptr
                                       : &schema_.at(static_cast<uint16_t>(place.source));
    TWINSTORE_TRY(const bool wants_more, give_row(schema_, collection, *result, row++, take));
    if (!wants_more) return false;
  }
  return true;
}

Result<void> Reader::changes(std::string_view scope, Rev after, const Storage::TakeChange& take) {
  for (int64_t most = first_piece;; most = next_piece(most)) {
    TWINSTORE_TRY(const auto piece, places(scope, after, most));
    if (piece.empty()) return {};
    TWINSTORE_TRY(const bool wants_more, give(piece, take));
    if (!wants_more || static_cast<int64_t>(piece.size()) < most) return {};
    after = piece.back().rev;
  }
}

Result<bool> Reader::walk(const Query& query, const Parameters& parameters,
                          const Collection* collection, const Storage::TakeChange& take) {
  TWINSTORE_TRY([[maybe_unused]] const Rows declared, session_.run(query, parameters));
  bool wants_more = true;
  while (wants_more) {
    TWINSTORE_TRY(const Rows rows, session_.run(fetch_walk, {}));
    if (rows.rows() == 0) break;
    for (int row = 0; row < rows.rows() && wants_more; ++row) {
      TWINSTORE_TRY(wants_more, give_row(schema_, collection, rows, row, take));
    }
  }
  TWINSTORE_TRY([[maybe_unused]] const Rows closed, session_.run(close_walk, {}));
  return wants_more;
}

Result<void> Reader::rows_of_scope(std::string_view scope, const Storage::TakeChange& take) {
  const bool is_all = scope == all_scopes;
  Parameters parameters = session_.parameters();
  if (!is_all) parameters.add(scope);
  for (const Collection& collection : schema_.collections()) {
    if (collection.is_local) continue;
    const CollectionQueries& query = queries_[collection.position];
    TWINSTORE_TRY(const bool wants_more,
                  walk(is_all ? query.scope_all : query.scope, parameters, &collection, take));
    if (!wants_more) return {};
  }
  const TombstoneQueries& deleted = tombstone_queries();
  const auto done = walk(is_all ? deleted.scope_all : deleted.scope, parameters, nullptr, take);
  return done.ok() ? Result<void>() : done.error();
}

Result<void> Reader::select(const Collection& collection, const Selection& selection,
                            const Storage::TakeChange& take) {
  const SelectionQuery wanted = selection_query(collection, selection, session_.workspace());
  const auto done = walk(wanted.select, wanted.select_parameters, &collection, take);
  return done.ok() ? Result<void>() : done.error();
}

Result<int64_t> Reader::count(const Collection& collection, const Selection& selection) {
  const SelectionQuery wanted = selection_query(collection, selection, session_.workspace());
  TWINSTORE_TRY(const Rows counted, session_.run(wanted.count, wanted.count_parameters));
  return counted.integer(0, 0);
}

Result<void> Reader::tombstones(const HybridTime& before, const Storage::TakeChange& take) {
  const auto done =
      walk(tombstone_queries().old, session_.parameters().add(before.text()), nullptr, take);
  return done.ok() ? Result<void>() : done.error();
}

Result<Reader::Piece> Reader::records(std::string_view space, std::string_view from,
                                      std::string_view last, int64_t most) {
  Parameters parameters = session_.parameters().add(index_text(space)).add(from).add(most);
  if (!last.empty()) parameters.add(last);
  TWINSTORE_TRY(
      const Rows found,
      session_.run(last.empty() ? record_queries().scan : record_queries().scan_until, parameters));
  Piece piece;
  for (int row = 0; row < found.rows(); ++row) {
    piece.records.emplace_back(found.text(row, 1), found.text(row, 2));
  }
  // The smallest text after a key: none that is stored holds NUL.
  if (found.rows() == most) piece.next = std::string(found.text(found.rows() - 1, 0)) + '\x01';
  return piece;
}

Result<std::vector<std::string>> Reader::spaces() {
  TWINSTORE_TRY(const Rows found, session_.run(record_queries().spaces, session_.parameters()));
  std::vector<std::string> names;
  for (int row = 0; row < found.rows(); ++row) names.emplace_back(found.text(row, 0));
  return names;
}

Result<int64_t> Reader::bytes() {
  ArrayParameter tables(FieldType::Text);
  tables.add(std::string_view("_records"));
  tables.add(std::string_view("_tombstones"));
  for (const Collection& collection : schema_.collections()) {
    tables.add(std::string_view(quote_name(collection.name)));
  }
  TWINSTORE_TRY(const Rows summed, session_.run(table_bytes, Parameters().add(tables)));
  return summed.integer(0, 0);
}

}  // namespace twinstore::postgres
