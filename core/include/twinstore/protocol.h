// The messages between a replica and the authority. Somebody else carries them: HTTP, a WebSocket,
// a test. Their JSON form is described in docs/protocol.md.
// Thread rule: plain values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "twinstore/change.h"
#include "twinstore/schema.h"

namespace twinstore {

inline constexpr int64_t protocol_version = 1;

struct ProtocolHello {
  int64_t protocol = protocol_version;
  std::string schema_name;
  int64_t schema_version = 0;
};

// A mutation that does not fit the schema is carried as its error, so that the authority can
// reject it by number and the queue behind it advances.
struct PushedMutation {
  int64_t seq = 0;
  std::string content_hash;  // of everything the client sent under this seq
  Result<Mutation> mutation = Mutation{};
};

// Without mutations it asks how far the authority is.
struct PushRequest {
  ProtocolHello hello;
  ClientId client{};
  int64_t acked_seq = 0;  // outcomes up to here are stored at the client
  // The authority has judged what comes before the first mutation up to here; what is between them
  // never comes: it was refused, or nobody knows it any more.
  int64_t after = 0;
  std::vector<PushedMutation> mutations;
};

struct PushResponse {
  std::string epoch;
  ClientId client{};
  int64_t last_seq = 0;  // this client's last mutation that the authority has judged
  std::vector<Outcome> outcomes;
};

struct PullRequest {
  ProtocolHello hello;
  ClientId client{};
  std::string scope;
  std::string cursor;   // opaque; empty: from the beginning
  size_t rows_max = 0;  // 0: the authority's own bound
};

struct RowChange {
  uint16_t collection = 0;
  RowVersion row;
};

// The last mutation of a client that the authority has judged.
struct ClientProgress {
  ClientId client{};
  int64_t last_seq = 0;
};

// What a scope holds at the page's rev, to be compared by who has the same schema version.
struct ScopeDigest {
  uint64_t sum = 0;
  int64_t schema_version = 0;
};

// A page, or changes sent unasked over the live connection: the form is the same.
struct PullResponse {
  std::string epoch;
  std::string scope;
  Rev after = 0;               // the rev of the cursor that it continues
  Rev rev = 0;                 // the rev of `cursor`
  Rev head = 0;                // the newest when the page was read: `rev` at a checkpoint
  std::string cursor;          // ask with this for what comes next
  bool is_checkpoint = false;  // everything up to `rev` is here: make the pages visible
  // How much of the asking client's work the rows up to `rev` contain. Live changes, which many
  // clients share, leave it out.
  std::optional<ClientProgress> progress;
  std::optional<ScopeDigest> digest;  // with a checkpoint
  std::vector<RowChange> rows;        // in rev order within each collection
};

// Live connection only: from now on send what is new in these scopes.
struct Subscribe {
  ProtocolHello hello;
  ClientId client{};
  std::vector<std::pair<std::string, std::string>> scopes;  // scope, cursor
};

// Live connection only: there is more than fits inline; pull the scope.
struct Behind {
  std::string scope;
};

struct ErrorMessage {
  Error error;
  std::string scope{};  // of ScopeWithdrawn: the one that the client may not read any more
};

using Message = std::variant<PushRequest, PushResponse, PullRequest, PullResponse, Subscribe,
                             Behind, ErrorMessage>;

[[nodiscard]] std::string encode(const Schema& schema, const Message& message);
// Errors: those of parse_json; InvalidJson for a message that is not of the form;
// ProtocolUnsupported; BatchTooLarge; BadCursor for one that is too long.
[[nodiscard]] Result<Message> decode(const Schema& schema, std::string_view text);

// A mutation alone, as the outbox keeps it. Errors: as decode, and those of the values.
[[nodiscard]] std::string encode_mutation(const Schema& schema, const Mutation& mutation);
[[nodiscard]] Result<Mutation> decode_mutation(const Schema& schema, std::string_view text);

// A row alone, as a replica keeps the base of a row with pending changes.
[[nodiscard]] std::string encode_row(const Schema& schema, const RowChange& row);
[[nodiscard]] Result<RowChange> decode_row(const Schema& schema, std::string_view text);

}  // namespace twinstore
