// Which watched queries a change of a row can affect. It hears of each change from SQLite itself
// (sqlite.org/c3ref/preupdate_blobwrite.html), so nothing that writes can forget to tell it, and
// compares the row before and after with what the query's text requires (row_filter.h).
// A change that is rolled back may count as one: the query is then run again in vain.
// Thread rule: its connection's thread.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "storage/sqlite.h"
#include "twinstore/schema.h"

namespace twinstore {

using WatchId = int64_t;

class RowWatch {
 public:
  // Both outlive the watch. Nothing is heard, and nothing costs, before the first add().
  RowWatch(Database& database, const Schema& schema);
  ~RowWatch();
  RowWatch(const RowWatch&) = delete;
  RowWatch& operator=(const RowWatch&) = delete;

  // `collections`: all that the statement `sql` reads. Errors: as Database::prepare.
  [[nodiscard]] Result<WatchId> add(const std::vector<uint16_t>& collections, std::string_view sql,
                                    const std::vector<Value>& parameters);
  // Not an error when there is none.
  void remove(WatchId id);
  // Those that can have another result since the last call, ascending.
  [[nodiscard]] std::vector<WatchId> take_touched();

 private:
  struct Condition {
    uint16_t field;
    Value value;
    auto operator<=>(const Condition&) const = default;
  };
  struct Watch {
    std::vector<uint16_t> collections;
    std::vector<Condition> conditions;  // all of one collection; empty: every row matters
  };
  struct WatchedCollection {
    std::vector<int> columns;  // the table's column of each field
    std::set<WatchId> of_every_row;
    std::map<Condition, std::set<WatchId>> by_condition;  // under the first condition of each
    std::map<uint16_t, int> fields;                       // of the keys of by_condition, counted
  };
  struct RowChange;

  static void before_change(void* self, sqlite3* handle, int operation, const char* database,
                            const char* table, sqlite3_int64, sqlite3_int64);
  void note(const WatchedCollection& watched, const RowChange& change);
  static bool can_meet(const WatchedCollection& watched, const Watch& watch,
                       const RowChange& change);
  Result<WatchedCollection*> watched(const Collection& collection);

  Database& database_;
  const Schema& schema_;
  std::map<WatchId, Watch> watches_;
  std::map<std::string, WatchedCollection, std::less<>> collections_;  // by name
  std::set<WatchId> touched_;
  WatchId last_id_ = 0;
};

}  // namespace twinstore
