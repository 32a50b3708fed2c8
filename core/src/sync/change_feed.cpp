// The reading side of the authority: pages of changes, and the cursors that continue them.
#include <algorithm>
#include <charconv>

#include "base/sha256.h"
#include "sync/authority_records.h"
#include "sync/row_codec.h"
#include "twinstore/authority.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr size_t mac_bytes = 16;

std::string cursor_mac(const FeedIdentity& identity, std::string_view scope,
                       std::string_view body) {
  return hex_text(hmac_sha256(identity.secret, std::string(body) + "." + std::string(scope)),
                  mac_bytes);
}

}  // namespace

Result<void> check_hello(const Schema& schema, const ProtocolHello& hello) {
  if (hello.schema_name != schema.name()) {
    return Error{ErrorCode::SchemaMismatch, "this server serves the schema " + schema.name()};
  }
  if (hello.schema_version <= schema.version()) return {};
  return Error{ErrorCode::SchemaMismatch,
               "this server has version " + std::to_string(schema.version()) + " of the schema, " +
                   "which is older than the client's"};
}

// epoch "." rev "." mac, or in the middle of a reading from the beginning epoch "." rev "-" began
// "." mac; the mac also covers the scope.
std::string ChangeFeed::make_cursor(std::string_view scope, const Place& place) const {
  std::string body = identity_.epoch + "." + std::to_string(place.rev);
  if (place.began != 0) body += "-" + std::to_string(place.began);
  return body + "." + cursor_mac(identity_, scope, body);
}

std::string ChangeFeed::make_cursor(std::string_view scope, Rev rev) const {
  return make_cursor(scope, {rev, 0});
}

Result<Rev> ChangeFeed::cursor_rev(std::string_view scope, std::string_view cursor) const {
  TWINSTORE_TRY(const Place place, read_cursor(scope, cursor));
  return place.rev;
}

Result<ChangeFeed::Place> ChangeFeed::read_cursor(std::string_view scope,
                                                  std::string_view cursor) const {
  if (cursor.empty()) return Place{};
  const Error bad{ErrorCode::BadCursor, "this cursor was not made here for this scope"};
  const size_t mac_at = cursor.rfind('.');
  const size_t rev_at = cursor.find('.');
  if (mac_at == std::string_view::npos || rev_at == mac_at) return bad;
  const std::string_view body = cursor.substr(0, mac_at);
  if (cursor.substr(mac_at + 1) != cursor_mac(identity_, scope, body)) return bad;
  if (body.substr(0, rev_at) != identity_.epoch) {
    return Error{ErrorCode::CursorExpired, "the server was restored; read the scope again"};
  }
  Place place;
  const char* const end = body.data() + body.size();
  const auto read = std::from_chars(body.data() + rev_at + 1, end, place.rev);
  if (read.ptr != end) std::from_chars(read.ptr + 1, end, place.began);
  return place;
}

Result<PullResponse> ChangeFeed::page(const PullRequest& request) {
  TWINSTORE_TRY_VOID(check_hello(schema_, request.hello));
  PullResponse page;
  TWINSTORE_TRY(Place place, read_cursor(request.scope, request.cursor));
  page.after = place.rev;
  const size_t rows_max = request.rows_max == 0 ? limits::page_rows_max
                                                : std::min(request.rows_max, limits::page_rows_max);
  TWINSTORE_TRY(Transaction snapshot, Transaction::begin(storage_));
  TWINSTORE_TRY(const Rev head, read_head(storage_));
  if (page.after > head) {
    return Error{ErrorCode::CursorExpired, "the cursor is ahead of the server; read again"};
  }
  TWINSTORE_TRY(const Rev horizon, read_horizon(storage_));
  // Who began to read from nothing misses no deletion from before that.
  if (page.after == 0) place.began = head;
  if (page.after != 0 && std::max(page.after, place.began) < horizon) {
    return Error{ErrorCode::CursorExpired, "deletions since then are forgotten; read again"};
  }
  if (request.client != ClientId{}) {
    TWINSTORE_TRY(const int64_t last_seq, read_last_seq(storage_, request.client));
    page.progress = ClientProgress{request.client, last_seq};
  }
  page.epoch = identity_.epoch;
  page.scope = request.scope;
  size_t bytes = 0;
  bool has_more = false;
  TWINSTORE_TRY_VOID(storage_.changes(
      request.scope, page.after, [&](const Collection& collection, RowVersion&& row) {
        const size_t row_bytes = encoded_bytes(row);
        const bool is_full =
            page.rows.size() >= rows_max || bytes + row_bytes > limits::page_bytes_max;
        if (is_full && !page.rows.empty()) {
          has_more = true;
          return false;
        }
        bytes += row_bytes;
        page.rows.push_back({collection.position, std::move(row)});
        return true;
      }));
  page.is_checkpoint = !has_more;
  page.rev = has_more ? page.rows.back().row.rev : head;
  page.head = head;
  page.cursor = make_cursor(request.scope, {page.rev, has_more ? place.began : 0});
  if (page.is_checkpoint) {
    TWINSTORE_TRY(const Digest sum, read_digest(storage_, request.scope));
    page.digest = ScopeDigest{sum, schema_.version()};
  }
  return page;
}

}  // namespace twinstore
