#include "twinstore/result.h"

#include <array>

namespace twinstore {
namespace {

struct Row {
  ErrorCode code;
  std::string_view text;
  int status;
  bool retryable;
};

constexpr std::array rows{
    Row{ErrorCode::InvalidArgument, "invalid_argument", 400, false},
    Row{ErrorCode::InvalidJson, "invalid_json", 400, false},
    Row{ErrorCode::JsonTooDeep, "json_too_deep", 400, false},
    Row{ErrorCode::DuplicateKey, "duplicate_key", 400, false},
    Row{ErrorCode::NumberOutOfRange, "number_out_of_range", 400, false},
    Row{ErrorCode::InvalidUtf8, "invalid_utf8", 400, false},
    Row{ErrorCode::InvalidSchema, "invalid_schema", 400, false},
    Row{ErrorCode::UnknownCollection, "unknown_collection", 400, false},
    Row{ErrorCode::UnknownField, "unknown_field", 400, false},
    Row{ErrorCode::MissingField, "missing_field", 400, false},
    Row{ErrorCode::WrongType, "wrong_type", 400, false},
    Row{ErrorCode::ValueTooLong, "value_too_long", 413, false},
    Row{ErrorCode::BatchTooLarge, "batch_too_large", 413, false},
    Row{ErrorCode::BodyTooLarge, "body_too_large", 413, false},
    Row{ErrorCode::RowMissing, "row_missing", 409, false},
    Row{ErrorCode::RowExists, "row_exists", 409, false},
    Row{ErrorCode::AppendOnly, "append_only", 409, false},
    Row{ErrorCode::ScopeChanged, "scope_changed", 409, false},
    Row{ErrorCode::BadCursor, "bad_cursor", 400, false},
    Row{ErrorCode::CursorExpired, "cursor_expired", 410, false},
    Row{ErrorCode::IdReuse, "id_reuse", 409, false},
    Row{ErrorCode::SequenceGap, "sequence_gap", 409, false},
    Row{ErrorCode::ClientForked, "client_forked", 409, false},
    Row{ErrorCode::ProtocolUnsupported, "protocol_unsupported", 400, false},
    Row{ErrorCode::SchemaMismatch, "schema_mismatch", 409, false},
    Row{ErrorCode::NotFound, "not_found", 404, false},
    Row{ErrorCode::PreconditionFailed, "precondition_failed", 412, false},
    Row{ErrorCode::Unauthorized, "unauthorized", 401, false},
    Row{ErrorCode::Forbidden, "forbidden", 403, false},
    Row{ErrorCode::ScopeWithdrawn, "scope_withdrawn", 403, false},
    Row{ErrorCode::RateLimited, "rate_limited", 429, true},
    Row{ErrorCode::Sql, "sql", 400, false},
    Row{ErrorCode::StorageBusy, "storage_busy", 503, true},
    Row{ErrorCode::StorageFull, "storage_full", 507, true},
    Row{ErrorCode::StorageIo, "storage_io", 503, true},
    Row{ErrorCode::StorageCorrupt, "storage_corrupt", 500, false},
    Row{ErrorCode::StorageTooNew, "storage_too_new", 500, false},
    Row{ErrorCode::OutboxFull, "outbox_full", 507, false},
    Row{ErrorCode::Unavailable, "unavailable", 503, true},
    Row{ErrorCode::Closed, "closed", 503, false},
    Row{ErrorCode::Internal, "internal", 500, false},
};
static_assert(rows.size() == static_cast<size_t>(ErrorCode::Internal) + 1);

const Row& row_of(ErrorCode code) {
  const Row& row = rows[static_cast<size_t>(code)];
  TWINSTORE_CHECK(row.code == code);
  return row;
}

}  // namespace

std::string_view error_text(ErrorCode code) { return row_of(code).text; }

ErrorCode error_code(std::string_view text) {
  for (const Row& row : rows) {
    if (row.text == text) return row.code;
  }
  return ErrorCode::Internal;
}

int http_status(ErrorCode code) { return row_of(code).status; }

bool is_retryable(ErrorCode code) { return row_of(code).retryable; }

}  // namespace twinstore
