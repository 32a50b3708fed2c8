#include "storage_postgres/connection.h"

#include <array>

#include "storage_postgres/error.h"

namespace twinstore::postgres {
namespace {

constexpr int binary = 1;

// The C arrays that libpq takes, over the parameters' own bytes.
struct Bound {
  explicit Bound(const Parameters& parameters) {
    for (const std::string& value : parameters.values()) {
      values.push_back(value.data());
      lengths.push_back(static_cast<int>(value.size()));
      formats.push_back(binary);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(values.size()); }
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

// What stands before the URL is overruled by what the URL says
// (postgresql.org/docs/15/libpq-connect.html#LIBPQ-PQCONNECTDBPARAMS). A peer that is gone without
// a word is given up after 15 seconds.
constexpr std::array keywords{"connect_timeout",
                              "tcp_user_timeout",
                              "keepalives_idle",
                              "keepalives_interval",
                              "keepalives_count",
                              "fallback_application_name",
                              "dbname",
                              "client_encoding",
                              static_cast<const char*>(nullptr)};

}  // namespace

Result<Connection> Connection::open(const std::string& url) {
  const std::array<const char*, keywords.size()> values{
      "5", "15000", "5", "5", "2", "twinstore", url.c_str(), "UTF8", nullptr};
  constexpr int expand_url = 1;
  Connection connection(PQconnectdbParams(keywords.data(), values.data(), expand_url));
  if (connection.handle_ == nullptr) return Error{ErrorCode::Unavailable, "no memory for libpq"};
  if (connection.is_lost()) return connection.lost();
  // Notices are for people at a prompt.
  PQsetNoticeProcessor(
      connection.handle_.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

Error Connection::lost() const { return postgres_error({}, PQerrorMessage(handle_.get())); }

bool Connection::is_in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(handle_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Result<Rows> Connection::checked(PGresult* handle) const {
  if (handle == nullptr) return lost();
  Rows result(handle);
  const ExecStatusType status = PQresultStatus(handle);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  if (is_lost()) return lost();
  const char* sqlstate = PQresultErrorField(handle, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(handle, PG_DIAG_MESSAGE_PRIMARY);
  return postgres_error(sqlstate == nullptr ? "" : sqlstate,
                        message == nullptr ? PQresultErrorMessage(handle) : message);
}

Result<void> Connection::prepare(const Query& query) {
  if (prepared_.contains(query.name)) return {};
  TWINSTORE_TRY(
      [[maybe_unused]] const Rows done,
      checked(PQprepare(handle_.get(), query.name.c_str(), query.sql.c_str(), 0, nullptr)));
  prepared_.insert(query.name);
  return {};
}

Result<Rows> Connection::run(const Query& query, const Parameters& parameters) {
  TWINSTORE_TRY_VOID(prepare(query));
  const Bound bound(parameters);
  return checked(PQexecPrepared(handle_.get(), query.name.c_str(), bound.count(),
                                bound.values.data(), bound.lengths.data(), bound.formats.data(),
                                binary));
}

Result<void> Connection::send(const Step& step) {
  const Bound bound(step.parameters);
  const int is_sent =
      PQsendQueryPrepared(handle_.get(), step.query->name.c_str(), bound.count(),
                          bound.values.data(), bound.lengths.data(), bound.formats.data(), binary);
  if (is_sent != 1) return lost();
  return {};
}

Result<std::vector<Rows>> Connection::run(std::span<const Step> steps) {
  std::vector<Rows> results;
  if (steps.size() == 1) {
    TWINSTORE_TRY(Rows result, run(*steps[0].query, steps[0].parameters));
    results.push_back(std::move(result));
    return results;
  }
  for (const Step& step : steps) TWINSTORE_TRY_VOID(prepare(*step.query));
  if (PQenterPipelineMode(handle_.get()) != 1) return lost();
  std::optional<Error> failure;
  for (const Step& step : steps) {
    if (auto sent = send(step); !sent.ok()) return sent.error();
  }
  if (PQpipelineSync(handle_.get()) != 1) return lost();
  for (size_t i = 0; i < steps.size() && !is_lost(); ++i) {
    auto result = checked(PQgetResult(handle_.get()));
    if (!result.ok()) {
      // What follows is only told to have been left out.
      if (!failure) failure = std::move(result).error();
    } else {
      results.push_back(std::move(result).value());
    }
    // A null pointer stands between the results of two statements.
    while (PGresult* rest = PQgetResult(handle_.get())) PQclear(rest);
  }
  if (is_lost()) return failure ? *failure : lost();
  if (PGresult* sync = PQgetResult(handle_.get())) PQclear(sync);
  if (PQexitPipelineMode(handle_.get()) != 1) return lost();
  if (failure) return *std::move(failure);
  return results;
}

Result<void> Connection::run_script(const std::string& sql) {
  TWINSTORE_TRY([[maybe_unused]] const Rows done, checked(PQexec(handle_.get(), sql.c_str())));
  return {};
}

}  // namespace twinstore::postgres
