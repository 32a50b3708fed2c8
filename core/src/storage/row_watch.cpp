#include "storage/row_watch.h"

#include <algorithm>

#include "storage/row_filter.h"

namespace twinstore {
namespace {

// The value as the column stores it, where comparing needs no conversion (sqlite.org/datatype3.html
// §4.2): then two values that differ here differ for SQLite.
bool is_stored_alike(FieldType type, const Value& value) {
  switch (type) {
    case FieldType::Int:
    case FieldType::Bool:
    case FieldType::Counter: return std::holds_alternative<int64_t>(value);
    case FieldType::Text:
    case FieldType::Time: return std::holds_alternative<std::string>(value);
    default: return false;
  }
}

Value value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return sqlite3_value_int64(value);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return std::string(text, static_cast<size_t>(sqlite3_value_bytes(value)));
    }
    default: return {};
  }
}

}  // namespace

struct RowWatch::RowChange {
  sqlite3* handle;
  int operation;

  // The column's values before and after; false when one cannot be told.
  template <class Take>
  [[nodiscard]] bool each_value(int column, Take take) const {
    const auto tell = [&](auto read) {
      sqlite3_value* found = nullptr;
      if (read(handle, column, &found) != SQLITE_OK) return false;
      take(value_of(found));
      return true;
    };
    return (operation == SQLITE_INSERT || tell(sqlite3_preupdate_old)) &&
           (operation == SQLITE_DELETE || tell(sqlite3_preupdate_new));
  }
};

RowWatch::RowWatch(Database& database, const Schema& schema)
    : database_(database), schema_(schema) {}

RowWatch::~RowWatch() {
  if (database_.handle() != nullptr) {
    sqlite3_preupdate_hook(database_.handle(), nullptr, nullptr);
  }
}

Result<RowWatch::WatchedCollection*> RowWatch::watched(const Collection& collection) {
  const auto known = collections_.find(collection.name);
  if (known != collections_.end()) return &known->second;
  // A table that was migrated has the new columns at its end.
  TWINSTORE_TRY(Statement statement,
                database_.prepare("SELECT name, cid FROM pragma_table_info(?)"));
  statement.bind(1, std::string_view(collection.name));
  WatchedCollection made;
  made.columns.resize(collection.fields.size());
  for (;;) {
    TWINSTORE_TRY(const bool has_row, statement.step());
    if (!has_row) break;
    const auto field = collection.find_field(statement.text(0));
    if (field) made.columns[*field] = static_cast<int>(statement.integer(1));
  }
  return &collections_.emplace(collection.name, std::move(made)).first->second;
}

Result<WatchId> RowWatch::add(const std::vector<uint16_t>& collections, std::string_view sql,
                              const std::vector<Value>& parameters) {
  Watch watch{collections, {}};
  if (collections.size() == 1) {
    const Collection& collection = schema_.at(collections[0]);
    for (const ColumnEquality& equality : required_equalities(sql)) {
      const auto field = collection.find_field(equality.column);
      if (!field || equality.parameter > parameters.size()) continue;
      const Value& value =
          equality.parameter == 0 ? equality.literal : parameters[equality.parameter - 1];
      if (!is_stored_alike(collection.fields[*field].type, value)) continue;
      watch.conditions.push_back({*field, value});
    }
  }
  const WatchId id = last_id_ + 1;
  for (const uint16_t position : collections) {
    TWINSTORE_TRY(WatchedCollection* const watched, this->watched(schema_.at(position)));
    if (watch.conditions.empty()) {
      watched->of_every_row.insert(id);
    } else {
      watched->by_condition[watch.conditions[0]].insert(id);
      ++watched->fields[watch.conditions[0].field];
    }
  }
  if (watches_.empty()) sqlite3_preupdate_hook(database_.handle(), before_change, this);
  last_id_ = id;
  watches_.emplace(id, std::move(watch));
  return id;
}

void RowWatch::remove(WatchId id) {
  const auto at = watches_.find(id);
  if (at == watches_.end()) return;
  const Watch& watch = at->second;
  for (const uint16_t position : watch.collections) {
    WatchedCollection& watched = collections_.at(schema_.at(position).name);
    watched.of_every_row.erase(id);
    if (watch.conditions.empty()) continue;
    const Condition& first = watch.conditions[0];
    const auto ids = watched.by_condition.find(first);
    ids->second.erase(id);
    if (ids->second.empty()) watched.by_condition.erase(ids);
    if (--watched.fields[first.field] == 0) watched.fields.erase(first.field);
  }
  watches_.erase(at);
  touched_.erase(id);
  if (watches_.empty()) sqlite3_preupdate_hook(database_.handle(), nullptr, nullptr);
}

std::vector<WatchId> RowWatch::take_touched() {
  std::vector<WatchId> out(touched_.begin(), touched_.end());
  touched_.clear();
  return out;
}

void RowWatch::before_change(void* self, sqlite3* handle, int operation, const char*,
                             const char* table, sqlite3_int64, sqlite3_int64) {
  RowWatch& watch = *static_cast<RowWatch*>(self);
  const auto watched = watch.collections_.find(std::string_view(table));
  if (watched != watch.collections_.end()) watch.note(watched->second, {handle, operation});
}

void RowWatch::note(const WatchedCollection& watched, const RowChange& change) {
  touched_.insert(watched.of_every_row.begin(), watched.of_every_row.end());
  for (const auto& [field, count] : watched.fields) {
    const bool is_told = change.each_value(watched.columns[field], [&](Value value) {
      const auto ids = watched.by_condition.find(Condition{field, std::move(value)});
      if (ids == watched.by_condition.end()) return;
      for (const WatchId id : ids->second) {
        if (can_meet(watched, watches_.at(id), change)) touched_.insert(id);
      }
    });
    if (is_told) continue;
    for (const auto& [condition, ids] : watched.by_condition) {
      touched_.insert(ids.begin(), ids.end());
    }
  }
}

bool RowWatch::can_meet(const WatchedCollection& watched, const Watch& watch,
                        const RowChange& change) {
  return std::ranges::all_of(watch.conditions, [&](const Condition& condition) {
    bool is_met = false;
    const bool is_told =
        change.each_value(watched.columns[condition.field],
                          [&](const Value& value) { is_met = is_met || value == condition.value; });
    return is_met || !is_told;
  });
}

}  // namespace twinstore
