// SQL for the schema's collections: each is a typed table whose keys and indexes begin with the
// workspace. Every value is a parameter; $1 is always the workspace.
// Thread rule: pure functions. Next: migrations.h creates the tables, storage.h runs the queries.
#pragma once

#include <string>
#include <vector>

#include "storage_postgres/connection.h"

namespace twinstore::postgres {

// Columns of a row after its fields: _rev, _hlc, _stamps.
struct CollectionQueries {
  Query load;    // $2… one array for each key field; the first column says which key it answers
  Query save;    // $2… one array for each field, then _rev, _hlc, _stamps
  Query remove;  // $2… one array for each key field
  Query by_rev;  // $2 an array of revs; in rev order
  Query scope_all;  // a cursor over all rows in key order
  Query scope;      // the same of the scope $2
};
[[nodiscard]] CollectionQueries queries_of(const Collection& collection);

// Which rows and tombstones changed after $2, at most $3: (source, rev), where source is the
// position of the collection, or their count for a tombstone. Of the scope $4 unless `is_all`.
[[nodiscard]] Query feed_order(const Schema& schema, bool is_all);
// The first $3 changes after $2 by scope: (scope, the last of its revs, their count).
[[nodiscard]] Query touched_scopes(const Schema& schema);

// `rows` are found first, which OFFSET sees to, and then sorted: another index would give the
// order, but all rows of the workspace with it.
[[nodiscard]] std::string sorted(const std::string& rows, const std::string& order);

// " FROM …": the rows `t` of the keys that `arrays`, a call of unnest, gives; `w.place` counts the
// keys. Each is found by one descent of the primary key's index, as the first row at or behind it:
// a join by equality is planned by what is known of the table, which is nothing when it was empty,
// and then reads all of its rows. `fixed`: what the key's columns before `key` equal.
[[nodiscard]] std::string from_keys(const std::string& table, const std::vector<std::string>& key,
                                    const std::string& arrays, const std::string& fixed = "");
// Deletes what from_keys finds.
[[nodiscard]] std::string delete_keys(const std::string& table, const std::vector<std::string>& key,
                                      const std::string& arrays);

// Cut to what PostgreSQL takes for a name, with a digest of the whole where it was longer.
[[nodiscard]] std::string short_name(std::string name);
[[nodiscard]] std::string quote_name(std::string_view name);
// A literal, for defaults in table definitions alone.
[[nodiscard]] std::string quote_text(std::string_view text);
[[nodiscard]] std::string create_table(const Collection& collection);
[[nodiscard]] std::string add_column(const Collection& collection, const Field& field);
struct Index {
  std::string name;
  std::string create_sql;
};
[[nodiscard]] std::vector<Index> indexes_of(const Collection& collection);

// What stands in an index for a text that may be longer than an index takes: the text itself, or
// its beginning and a digest of the whole.
[[nodiscard]] std::string index_text(std::string_view text);

// The second wall between workspaces, behind the condition of every query: PostgreSQL itself shows
// and takes only rows of the workspace that the session has named. Idempotent.
[[nodiscard]] std::string workspace_policy(const std::string& table);

}  // namespace twinstore::postgres
