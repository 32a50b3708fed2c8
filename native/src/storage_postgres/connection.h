// libpq's C handles inside types that own them; nothing else in Twinstore holds one.
// Thread rule: a connection and its results belong to one thread at a time.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage_postgres/values.h"

namespace twinstore::postgres {

// A statement that is prepared when a connection first runs it. The name stands for the text.
struct Query {
  std::string name;
  std::string sql;
};

// Rows in binary form.
class Rows {
 public:
  explicit Rows(PGresult* handle) : handle_(handle) {}

  [[nodiscard]] int rows() const { return PQntuples(handle_.get()); }
  [[nodiscard]] bool is_null(int row, int column) const {
    return PQgetisnull(handle_.get(), row, column) == 1;
  }
  [[nodiscard]] std::string_view text(int row, int column) const {
    return {PQgetvalue(handle_.get(), row, column),
            static_cast<size_t>(PQgetlength(handle_.get(), row, column))};
  }
  [[nodiscard]] int64_t integer(int row, int column) const {
    return decode_integer(text(row, column));
  }
  [[nodiscard]] Result<Value> value(int row, int column, FieldType type) const {
    if (is_null(row, column)) return Value();
    return decode_value(type, text(row, column));
  }
  // What was done, such as COMMIT.
  [[nodiscard]] std::string_view command() const { return PQcmdStatus(handle_.get()); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> handle_;
};

struct Step {
  const Query* query;
  Parameters parameters;
};

class Connection {
 public:
  // `url` as libpq takes it. Errors: Unavailable.
  [[nodiscard]] static Result<Connection> open(const std::string& url);

  // One statement. Errors: as postgres_error.
  [[nodiscard]] Result<Rows> run(const Query& query, const Parameters& parameters = {});
  // Several in one round trip, each with a snapshot of its own; the first error ends them all.
  [[nodiscard]] Result<std::vector<Rows>> run(std::span<const Step> steps);
  // Statements without parameters or rows, as they stand.
  [[nodiscard]] Result<void> run_script(const std::string& sql);

  // The server does not answer on it any more.
  [[nodiscard]] bool is_lost() const { return PQstatus(handle_.get()) == CONNECTION_BAD; }
  // A transaction is open, failed or not.
  [[nodiscard]] bool is_in_transaction() const;
  [[nodiscard]] PGconn* handle() const { return handle_.get(); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit Connection(PGconn* handle) : handle_(handle) {}
  [[nodiscard]] Result<void> prepare(const Query& query);
  [[nodiscard]] Result<void> send(const Step& step);
  [[nodiscard]] Result<Rows> checked(PGresult* result) const;
  [[nodiscard]] Error lost() const;

  std::unique_ptr<PGconn, Finish> handle_;
  std::set<std::string> prepared_;
};

}  // namespace twinstore::postgres
