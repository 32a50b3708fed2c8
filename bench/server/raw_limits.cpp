#include "raw_limits.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "twinstore/result.h"

namespace twinstore::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int writers = 64;
constexpr int batch_rows = 1'000;
constexpr int page_rows = 5'000;
constexpr int flushes = 2'000;
constexpr size_t flush_bytes = 4096;

double since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// The row that the server's clients push, with the columns that the server adds.
struct Row {
  std::string name;
  int64_t rev;
};
constexpr const char* repo = "bench/raw";
constexpr const char* sha = "0123456789abcdef0123456789abcdef01234567";
constexpr const char* message = "a commit message of a usual length, as people write them";
constexpr const char* at = "2024-06-01T12:00:00.000Z";
constexpr const char* hlc = "018bcfe5687b00010123456789abcdef";

// 64 threads that each hand in a row and wait until a commit contains it; `commit` is called with
// all that wait.
double shared_commits(int rows, const std::function<void(const std::vector<Row>&)>& commit) {
  std::mutex mutex;
  std::condition_variable filled;
  std::condition_variable emptied;
  std::deque<Row> queue;
  int64_t committed = 0;
  int64_t handed_in = 0;
  int working = writers;
  std::vector<std::thread> threads;
  const auto began = Clock::now();
  for (int number = 0; number < writers; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < rows / writers; ++i) {
        std::unique_lock lock(mutex);
        const int64_t mine = ++handed_in;
        queue.push_back({"raw/" + std::to_string(number) + "/" + std::to_string(i), mine});
        filled.notify_one();
        emptied.wait(lock, [&] { return committed >= mine; });
      }
      const std::scoped_lock lock(mutex);
      --working;
      filled.notify_one();
    });
  }
  for (;;) {
    std::vector<Row> group;
    {
      std::unique_lock lock(mutex);
      filled.wait(lock, [&] { return !queue.empty() || working == 0; });
      if (queue.empty()) break;
      group.assign(queue.begin(), queue.end());
      queue.clear();
    }
    commit(group);
    {
      const std::scoped_lock lock(mutex);
      committed = group.back().rev;
    }
    emptied.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  return rows / writers * writers / since(began);
}

std::vector<Row> batch_of(int number, int64_t first_rev) {
  std::vector<Row> out;
  for (int i = 0; i < batch_rows; ++i) {
    out.push_back({"batch/" + std::to_string(number) + "/" + std::to_string(i), first_rev + i});
  }
  return out;
}

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    TWINSTORE_CHECK(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192");
    prepare(insert_,
            "INSERT INTO branches (repo_id, name, commit_sha, is_default, ahead, last_commit_at,"
            " last_commit_message, tags, _rev, _hlc) VALUES (?, ?, ?, 0, 3, ?, ?, '[]', ?, ?)");
    prepare(read_, "SELECT * FROM branches WHERE _rev > ? ORDER BY _rev LIMIT 5000");
  }
  ~Sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_finalize(read_);
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void commit(const std::vector<Row>& rows) {
    run("BEGIN IMMEDIATE");
    for (const Row& row : rows) {
      int at_column = 0;
      for (const char* text : {repo, row.name.c_str(), sha, at, message}) {
        sqlite3_bind_text(insert_, ++at_column, text, -1, SQLITE_STATIC);
      }
      sqlite3_bind_int64(insert_, ++at_column, row.rev);
      sqlite3_bind_text(insert_, ++at_column, hlc, -1, SQLITE_STATIC);
      TWINSTORE_CHECK(sqlite3_step(insert_) == SQLITE_DONE);
      sqlite3_reset(insert_);
    }
    run("COMMIT");
  }
  int64_t read_all() {
    int64_t rows = 0;
    int64_t after = 0;
    size_t bytes = 0;
    for (int got = page_rows; got == page_rows;) {
      got = 0;
      sqlite3_bind_int64(read_, 1, after);
      while (sqlite3_step(read_) == SQLITE_ROW) {
        const int columns = sqlite3_column_count(read_);
        for (int i = 0; i < columns; ++i) {
          if (sqlite3_column_text(read_, i) != nullptr) {
            bytes += static_cast<size_t>(sqlite3_column_bytes(read_, i));
          }
        }
        after = sqlite3_column_int64(read_, columns - 3);
        ++got;
      }
      sqlite3_reset(read_);
      rows += got;
    }
    TWINSTORE_CHECK(bytes > 0);
    return rows;
  }

 private:
  void run(const char* sql) {
    TWINSTORE_CHECK(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  void prepare(sqlite3_stmt*& statement, const char* sql) {
    TWINSTORE_CHECK(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) == SQLITE_OK);
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* read_ = nullptr;
};

class Postgres {
 public:
  explicit Postgres(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    TWINSTORE_CHECK(PQstatus(connection_) == CONNECTION_OK);
    run("SET twinstore.authority = 'on'; SET enable_seqscan = off; SET enable_bitmapscan = off");
  }
  ~Postgres() { PQfinish(connection_); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // One statement for all rows: the fastest way that this database has (server.md, unnest).
  void commit(const std::vector<Row>& rows) {
    std::string names = "{";
    std::string revs = "{";
    for (const Row& row : rows) {
      names += (names.size() > 1 ? "," : "") + std::string("\"") + row.name + "\"";
      revs += (revs.size() > 1 ? "," : "") + std::to_string(row.rev);
    }
    names += "}";
    revs += "}";
    const char* parameters[] = {repo, names.c_str(), sha, at, message, revs.c_str(), hlc};
    PGresult* done = PQexecParams(
        connection_,
        "INSERT INTO branches (_workspace, repo_id, name, commit_sha, is_default, ahead,"
        " last_commit_at, last_commit_message, tags, _rev, _hlc) SELECT 'raw', $1, n, $3, false, 3,"
        " $4::timestamptz, $5, '[]', r, $7 FROM unnest($2::text[], $6::bigint[]) AS x (n, r)",
        7, nullptr, parameters, nullptr, nullptr, 0);
    TWINSTORE_CHECK(PQresultStatus(done) == PGRES_COMMAND_OK);
    PQclear(done);
  }
  int64_t read_all() {
    int64_t rows = 0;
    std::string after = "0";
    size_t bytes = 0;
    for (int got = page_rows; got == page_rows;) {
      const char* parameters[] = {after.c_str()};
      PGresult* page = PQexecParams(connection_,
                                    "SELECT * FROM branches WHERE _workspace = 'raw' AND _rev > $1"
                                    " ORDER BY _rev LIMIT 5000",
                                    1, nullptr, parameters, nullptr, nullptr, 0);
      TWINSTORE_CHECK(PQresultStatus(page) == PGRES_TUPLES_OK);
      got = PQntuples(page);
      const int columns = PQnfields(page);
      const int rev = PQfnumber(page, "_rev");
      for (int row = 0; row < got; ++row) {
        for (int i = 0; i < columns; ++i) {
          bytes += static_cast<size_t>(PQgetlength(page, row, i));
        }
      }
      if (got > 0) after = PQgetvalue(page, got - 1, rev);
      PQclear(page);
      rows += got;
    }
    TWINSTORE_CHECK(bytes > 0);
    return rows;
  }

 private:
  void run(const char* sql) {
    PGresult* done = PQexec(connection_, sql);
    TWINSTORE_CHECK(PQresultStatus(done) == PGRES_COMMAND_OK);
    PQclear(done);
  }
  PGconn* connection_;
};

template <class Database>
RawLimits limits_of(Database& database, int single_rows, int batches) {
  RawLimits limits;
  limits.single_rows_per_second =
      shared_commits(single_rows, [&](const std::vector<Row>& rows) { database.commit(rows); });
  auto began = Clock::now();
  for (int number = 0; number < batches; ++number) {
    database.commit(batch_of(number, single_rows + 1 + int64_t{number} * batch_rows));
  }
  limits.batch_rows_per_second = batches * batch_rows / since(began);
  began = Clock::now();
  const int64_t rows = database.read_all();
  limits.read_rows_per_second = static_cast<double>(rows) / since(began);
  return limits;
}

}  // namespace

double flushes_per_second(const std::string& folder) {
  const std::string path = folder + "/flushes";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  TWINSTORE_CHECK(file >= 0);
  const std::string block(flush_bytes, 'x');
  const auto began = Clock::now();
  for (int i = 0; i < flushes; ++i) {
    TWINSTORE_CHECK(::write(file, block.data(), block.size()) ==
                    static_cast<ssize_t>(block.size()));
    TWINSTORE_CHECK(::fdatasync(file) == 0);
  }
  const double rate = flushes / since(began);
  ::close(file);
  ::unlink(path.c_str());
  return rate;
}

RawLimits sqlite_limits(const std::string& path, int single_rows, int batches) {
  Sqlite database(path);
  return limits_of(database, single_rows, batches);
}

RawLimits postgres_limits(const std::string& url, int single_rows, int batches) {
  Postgres database(url);
  return limits_of(database, single_rows, batches);
}

}  // namespace twinstore::bench
