#include "storage_postgres/error.h"

#include <array>
#include <string>

namespace twinstore::postgres {
namespace {

struct Meaning {
  std::string_view prefix;  // of the SQLSTATE; the first that fits counts
  ErrorCode code;
};

constexpr std::array meanings{
    Meaning{"53100", ErrorCode::StorageFull},     // disk_full
    Meaning{"53300", ErrorCode::Unavailable},     // too_many_connections
    Meaning{"53", ErrorCode::StorageBusy},        // insufficient_resources
    Meaning{"55P03", ErrorCode::StorageBusy},     // lock_not_available
    Meaning{"40", ErrorCode::StorageBusy},        // transaction_rollback: deadlock, serialization
    Meaning{"57014", ErrorCode::StorageBusy},     // query_canceled, by statement_timeout
    Meaning{"57P", ErrorCode::Unavailable},       // shutdown, crash, cannot_connect_now
    Meaning{"08", ErrorCode::Unavailable},        // connection_exception
    Meaning{"25P", ErrorCode::Unavailable},       // idle_in_transaction_session_timeout and its kin
    Meaning{"25006", ErrorCode::Unavailable},     // read_only_sql_transaction: a standby
    Meaning{"28", ErrorCode::Unavailable},        // invalid_authorization
    Meaning{"3D000", ErrorCode::Unavailable},     // the database does not exist
    Meaning{"42501", ErrorCode::Unavailable},     // insufficient_privilege: of the server's role
    Meaning{"58", ErrorCode::StorageIo},          // system_error
    Meaning{"XX001", ErrorCode::StorageCorrupt},  // data_corrupted
    Meaning{"XX002", ErrorCode::StorageCorrupt},  // index_corrupted
};

// libpq's messages end with a new line, and may hold several.
std::string one_line(std::string_view message) {
  std::string out(message.substr(0, message.find_last_not_of(" \n") + 1));
  for (char& c : out) {
    if (c == '\n') c = ' ';
  }
  return out;
}

}  // namespace

Error postgres_error(std::string_view sqlstate, std::string_view message) {
  const std::string text = "PostgreSQL: " + one_line(message);
  if (sqlstate.empty()) return {ErrorCode::Unavailable, text};
  for (const Meaning& meaning : meanings) {
    if (sqlstate.starts_with(meaning.prefix)) return {meaning.code, text};
  }
  return {ErrorCode::Sql, text};
}

}  // namespace twinstore::postgres
