// What a storage reads in one consistent state: rows by key, the feed, walks over many rows, and
// records. Thread rule: as the storage's.
#pragma once

#include <vector>

#include "storage_postgres/session.h"
#include "storage_postgres/tables.h"
#include "storage_postgres/write_set.h"
#include "twinstore/storage.h"

namespace twinstore::postgres {

class Reader {
 public:
  // Both outlive the reader.
  Reader(const Schema& schema, Session& session);

  // Puts what is stored under the keys and records into `known`, absence included: one round trip.
  [[nodiscard]] Result<void> fetch(std::span<const RowId> rows, std::span<const RecordId> records,
                                   WriteSet& known);
  // As Storage. These need a transaction.
  [[nodiscard]] Result<void> changes(std::string_view scope, Rev after,
                                     const Storage::TakeChange& take);
  [[nodiscard]] Result<void> rows_of_scope(std::string_view scope, const Storage::TakeChange& take);
  [[nodiscard]] Result<void> select(const Collection& collection, const Selection& selection,
                                    const Storage::TakeChange& take);
  [[nodiscard]] Result<int64_t> count(const Collection& collection, const Selection& selection);
  [[nodiscard]] Result<void> tombstones(const HybridTime& before, const Storage::TakeChange& take);

  // Records as they are stored, a piece at a time: those from `from` on, and below `last` unless it
  // is empty, at most `most`. The first text is where the next piece begins; empty: it was the
  // last.
  struct Piece {
    std::vector<std::pair<std::string, std::string>> records;
    std::string next;
  };
  [[nodiscard]] Result<Piece> records(std::string_view space, std::string_view from,
                                      std::string_view last, int64_t most);

  [[nodiscard]] Result<std::vector<std::string>> spaces();
  // Of the tables, their indexes included; all workspaces share them.
  [[nodiscard]] Result<int64_t> bytes();

  [[nodiscard]] const std::vector<CollectionQueries>& queries() const { return queries_; }

 private:
  struct Place {  // of one change of the feed
    size_t source;
    Rev rev;
  };
  [[nodiscard]] Result<std::vector<Place>> places(std::string_view scope, Rev after, int64_t most);
  [[nodiscard]] Result<bool> give(const std::vector<Place>& places,
                                  const Storage::TakeChange& take);
  // Collection: of its table; null: of tombstones. False: `take` has had enough.
  [[nodiscard]] Result<bool> walk(const Query& query, const Parameters& parameters,
                                  const Collection* collection, const Storage::TakeChange& take);

  const Schema& schema_;
  Session& session_;
  std::vector<CollectionQueries> queries_;
  Query feed_;
  Query feed_all_;
};

}  // namespace twinstore::postgres
