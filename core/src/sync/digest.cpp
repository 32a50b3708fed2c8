#include "sync/digest.h"

#include <array>
#include <charconv>

#include "base/json.h"
#include "schema/field_value.h"
#include "storage/row_text.h"

namespace twinstore {
namespace {

constexpr Digest fnv_offset = 14695981039346656037u;
constexpr Digest fnv_prime = 1099511628211u;
constexpr size_t digits = 16;

}  // namespace

Digest row_digest(const Collection& collection, const RowVersion& row) {
  if (row.is_deleted()) return 0;
  std::string text = collection.name + '\n' + std::to_string(row.rev) + '\n' + row.hlc.text() +
                     '\n' + stamps_text(collection, row);
  for (const Value& value : row.values) {
    text += '\n';
    append_json_value(text, value);
  }
  Digest hash = fnv_offset;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * fnv_prime;
  return hash;
}

Digest digest_change(const Collection& collection, const RowVersion* before,
                     const RowVersion* now) {
  const Digest gone = before == nullptr ? 0 : row_digest(collection, *before);
  const Digest come = now == nullptr ? 0 : row_digest(collection, *now);
  return come - gone;
}

std::string digest_text(Digest digest) {
  std::string text(digits, '0');
  for (size_t i = digits; i-- > 0; digest >>= 4) text[i] = "0123456789abcdef"[digest & 15];
  return text;
}

Result<Digest> parse_digest(std::string_view text) {
  Digest digest = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
  if (text.size() != digits || error != std::errc() || end != text.data() + text.size()) {
    return Error{ErrorCode::InvalidArgument, "a digest has 16 hexadecimal digits"};
  }
  return digest;
}

}  // namespace twinstore
