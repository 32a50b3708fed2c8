// Whether a server's database is whole: what the engine says of its file, and what Twinstore knows
// must hold over any engine. Reads one consistent state, also of a database that is served.
// Thread rule: the storage's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/database_url.h"
#include "twinstore/storage.h"

namespace twinstore {

struct Verification {
  std::string epoch;
  Rev head = 0;
  std::map<std::string, int64_t> rows;  // live ones, by collection
  int64_t tombstones = 0;
  int64_t scopes = 0;                 // that hold a live row
  int64_t clients = 0;                // that have ever pushed
  std::vector<std::string> problems;  // a sentence each; at most limits::problems_told_max

  [[nodiscard]] bool is_whole() const { return problems.empty(); }
  [[nodiscard]] int64_t row_count() const;
};

// Every rev is given once and not after the head; every value is one that its field may have; each
// scope's digest, and that of all, is what its rows make; no client's outcome is newer than its
// last number. In the caller's transaction. Errors: as Storage, where it cannot be read at all.
[[nodiscard]] Result<Verification> verify_storage(Storage& storage);

// The same of a database, and the engine's own check of a file. Errors: as open_storage.
[[nodiscard]] Result<Verification> verify_database(const Schema& schema,
                                                   const DatabaseLocation& location);

}  // namespace twinstore
