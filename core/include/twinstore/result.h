// Result<T>: a value or an Error. Errors that normal running produces are values, never exceptions.
// Thread rule: plain values, no shared state.
// Next: limits.h for the bounds whose violation these codes name.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace twinstore {

// Every way an operation can fail, in one list. `error_text` is the wire form, which never changes
// once released; `http_status` and `is_retryable` map each code exactly once.
enum class ErrorCode : uint8_t {
  InvalidArgument,
  InvalidJson,
  JsonTooDeep,
  DuplicateKey,
  NumberOutOfRange,
  InvalidUtf8,
  InvalidSchema,
  UnknownCollection,
  UnknownField,
  MissingField,
  WrongType,
  ValueTooLong,
  BatchTooLarge,
  BodyTooLarge,
  RowMissing,
  RowExists,
  AppendOnly,
  ScopeChanged,
  BadCursor,
  CursorExpired,
  IdReuse,
  SequenceGap,
  ClientForked,
  ProtocolUnsupported,
  SchemaMismatch,
  NotFound,
  PreconditionFailed,
  Unauthorized,
  Forbidden,
  ScopeWithdrawn,
  RateLimited,
  Sql,
  StorageBusy,
  StorageFull,
  StorageIo,
  StorageCorrupt,
  StorageTooNew,
  OutboxFull,
  Unavailable,
  Closed,
  Internal,
};

// The wire text of a code, such as "json_too_deep".
[[nodiscard]] std::string_view error_text(ErrorCode code);
// The code of a wire text; Internal for a text this build does not know.
[[nodiscard]] ErrorCode error_code(std::string_view text);
// The HTTP status that a server answers with for this code.
[[nodiscard]] int http_status(ErrorCode code);
// True when the same request may succeed later without being changed.
[[nodiscard]] bool is_retryable(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  // one sentence for a programmer; never holds a document or a secret
};

// A programmer's mistake inside Twinstore: stop at once rather than write wrong data.
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}
#define TWINSTORE_CHECK(condition) \
  ((condition) ? void(0) : ::twinstore::check_failed(#condition, __FILE__, __LINE__))

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  // Requires ok().
  [[nodiscard]] const T& value() const& {
    TWINSTORE_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T& value() & {
    TWINSTORE_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    TWINSTORE_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  // Requires !ok().
  [[nodiscard]] const Error& error() const& {
    TWINSTORE_CHECK(!ok());
    return std::get<1>(state_);
  }
  [[nodiscard]] Error&& error() && {
    TWINSTORE_CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  // Requires !ok().
  [[nodiscard]] const Error& error() const& {
    TWINSTORE_CHECK(!ok());
    return *error_;
  }
  [[nodiscard]] Error&& error() && {
    TWINSTORE_CHECK(!ok());
    return *std::move(error_);
  }

 private:
  std::optional<Error> error_;
};

#define TWINSTORE_JOIN_INNER(a, b) a##b
#define TWINSTORE_JOIN(a, b) TWINSTORE_JOIN_INNER(a, b)
// TWINSTORE_TRY(auto row, load(key)); returns the error to the caller, or declares `row`.
#define TWINSTORE_TRY(declaration, expression) \
  TWINSTORE_TRY_NAMED(TWINSTORE_JOIN(try_result_, __LINE__), declaration, expression)
#define TWINSTORE_TRY_NAMED(name, declaration, expression) \
  auto name = (expression);                                \
  if (!name.ok()) return std::move(name).error();          \
  declaration = std::move(name).value()
// TWINSTORE_TRY_VOID(save(row)); the same for Result<void>.
#define TWINSTORE_TRY_VOID(expression)                           \
  if (auto TWINSTORE_JOIN(try_result_, __LINE__) = (expression); \
      !TWINSTORE_JOIN(try_result_, __LINE__).ok())               \
  return std::move(TWINSTORE_JOIN(try_result_, __LINE__)).error()

}  // namespace twinstore
