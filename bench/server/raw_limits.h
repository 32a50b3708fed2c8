// What the databases do by themselves, driven by their own C interfaces with the tables that the
// server makes: what the server's figures stand beside. Thread rule: one call at a time.
#pragma once

#include <string>

namespace twinstore::bench {

// Writes of 4 KiB, each flushed, a second.
double flushes_per_second(const std::string& folder);

struct RawLimits {
  double single_rows_per_second = 0;  // 64 writers, each waits for its row; commits are shared
  double batch_rows_per_second = 0;   // 1,000 rows a transaction
  double read_rows_per_second = 0;    // in rev order, 5,000 at a time, every column taken
};

// `path`, `url`: a database that a server has made and left, with no row in it.
RawLimits sqlite_limits(const std::string& path, int single_rows, int batches);
RawLimits postgres_limits(const std::string& url, int single_rows, int batches);

}  // namespace twinstore::bench
