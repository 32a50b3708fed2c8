// Messages to JSON and back. An envelope that is malformed is an error of the whole message; a
// mutation inside a good envelope that does not fit the schema is an error of that mutation.
#include "base/json.h"
#include "base/sha256.h"
#include "sync/digest.h"
#include "sync/mutation_codec.h"
#include "sync/row_codec.h"
#include "twinstore/limits.h"
#include "twinstore/protocol.h"

namespace twinstore {
namespace {

constexpr size_t content_hash_bytes = 16;

Error malformed(std::string message) { return {ErrorCode::InvalidJson, std::move(message)}; }

class Writer {
 public:
  Writer(std::string& out, std::string_view type) : out_(out) {
    out_ += "{\"type\":\"" + std::string(type) + '"';
  }
  Writer& text(std::string_view name, std::string_view value) {
    member(name);
    append_json_string(out_, value);
    return *this;
  }
  Writer& number(std::string_view name, int64_t value) {
    member(name);
    append_json_number(out_, value);
    return *this;
  }
  Writer& flag(std::string_view name, bool value) {
    member(name);
    out_ += value ? "true" : "false";
    return *this;
  }
  Writer& hello(const ProtocolHello& hello) {
    return number("protocol", hello.protocol)
        .text("schema", hello.schema_name)
        .number("schema_version", hello.schema_version);
  }
  template <class Items, class Append>
  Writer& list(std::string_view name, const Items& items, Append append) {
    member(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out_ += ',';
      append(item);
    }
    out_ += ']';
    return *this;
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  void member(std::string_view name) { out_ += ",\"" + std::string(name) + "\":"; }
};

struct Encoder {
  const Schema& schema;
  std::string out;

  void operator()(const PushRequest& push) {
    Writer(out, "push")
        .hello(push.hello)
        .text("client_id", client_text(push.client))
        .number("acked_seq", push.acked_seq)
        .number("after", push.after)
        .list("mutations", push.mutations,
              [&](const PushedMutation& item) {
                append_mutation(out, schema, item.mutation.value());
              })
        .end();
  }
  void operator()(const PushResponse& pushed) {
    Writer(out, "pushed")
        .text("epoch", pushed.epoch)
        .text("client_id", client_text(pushed.client))
        .number("last_seq", pushed.last_seq)
        .list("outcomes", pushed.outcomes, [&](const Outcome& outcome) { append(outcome); })
        .end();
  }
  void operator()(const PullRequest& pull) {
    Writer(out, "pull")
        .hello(pull.hello)
        .text("client_id", client_text(pull.client))
        .text("scope", pull.scope)
        .text("cursor", pull.cursor)
        .number("rows_max", static_cast<int64_t>(pull.rows_max))
        .end();
  }
  void operator()(const PullResponse& page) {
    Writer writer(out, "pulled");
    writer.text("epoch", page.epoch)
        .text("scope", page.scope)
        .number("after", page.after)
        .number("rev", page.rev)
        .text("cursor", page.cursor)
        .flag("checkpoint", page.is_checkpoint);
    if (!page.is_checkpoint) writer.number("head", page.head);
    if (page.progress) {
      writer.text("client_id", client_text(page.progress->client))
          .number("last_seq", page.progress->last_seq);
    }
    if (page.digest) {
      writer.text("digest", digest_text(page.digest->sum))
          .number("schema_version", page.digest->schema_version);
    }
    out += ',';
    append_blocks(out, schema, page.rows);
    writer.end();
  }
  void operator()(const Subscribe& subscribe) {
    Writer(out, "subscribe")
        .hello(subscribe.hello)
        .text("client_id", client_text(subscribe.client))
        .list("scopes", subscribe.scopes,
              [&](const auto& item) {
                out += "{\"scope\":";
                append_json_string(out, item.first);
                out += ",\"cursor\":";
                append_json_string(out, item.second);
                out += '}';
              })
        .end();
  }
  void operator()(const Behind& behind) { Writer(out, "behind").text("scope", behind.scope).end(); }
  void operator()(const ErrorMessage& message) {
    Writer writer(out, "error");
    writer.text("code", error_text(message.error.code))
        .text("message", message.error.message)
        .flag("retryable", is_retryable(message.error.code));
    if (!message.scope.empty()) writer.text("scope", message.scope);
    writer.end();
  }

  void append(const Outcome& outcome) {
    out += "{\"seq\":" + std::to_string(outcome.seq) + ",\"status\":\"" +
           std::string(outcome_text(outcome.status)) + "\",\"rev\":" + std::to_string(outcome.rev);
    if (outcome.hlc.is_set()) out += ",\"hlc\":\"" + outcome.hlc.text() + '"';
    if (outcome.status == OutcomeStatus::Rejected) {
      out += ",\"code\":\"" + std::string(error_text(outcome.code)) + "\",\"message\":";
      append_json_string(out, outcome.message);
    }
    out += '}';
  }
};

Result<ProtocolHello> read_hello(const JsonValue& json) {
  ProtocolHello hello;
  TWINSTORE_TRY(hello.protocol, json_integer(json, "protocol"));
  if (hello.protocol != protocol_version) {
    return Error{ErrorCode::ProtocolUnsupported,
                 "this build speaks protocol " + std::to_string(protocol_version)};
  }
  TWINSTORE_TRY(hello.schema_name, json_text(json, "schema"));
  TWINSTORE_TRY(hello.schema_version, json_integer(json, "schema_version"));
  return hello;
}

Result<ClientId> read_client(const JsonValue& json) {
  TWINSTORE_TRY(const std::string text, json_text(json, "client_id"));
  return parse_client_id(text);
}

Result<std::string> read_cursor(const JsonValue& json) {
  TWINSTORE_TRY(std::string cursor, json_text(json, "cursor"));
  if (cursor.size() > limits::cursor_bytes_max) {
    return Error{ErrorCode::BadCursor, "a cursor has at most 256 bytes"};
  }
  return cursor;
}

Result<Message> read_push(const Schema& schema, const JsonValue& json) {
  PushRequest push;
  TWINSTORE_TRY(push.hello, read_hello(json));
  TWINSTORE_TRY(push.client, read_client(json));
  TWINSTORE_TRY(push.acked_seq, json_integer(json, "acked_seq"));
  const JsonValue* mutations = json_array(json, "mutations");
  if (mutations == nullptr) return malformed("a push needs mutations");
  if (mutations->size() > limits::mutations_per_push_max) {
    return Error{ErrorCode::BatchTooLarge, "a push has at most 1,000 mutations"};
  }
  for (const JsonValue& item : *mutations) {
    PushedMutation pushed;
    TWINSTORE_TRY(pushed.seq, json_integer(item, "seq"));
    if (pushed.seq < 1) return malformed("the seq of a pushed mutation is at least 1");
    pushed.content_hash = hex_text(sha256(item.dump()), content_hash_bytes);
    pushed.mutation = read_mutation(schema, item);
    push.mutations.push_back(std::move(pushed));
  }
  push.after = push.mutations.empty() ? 0 : push.mutations[0].seq - 1;
  if (json.contains("after")) {
    TWINSTORE_TRY(push.after, json_integer(json, "after"));
  }
  return Message(std::move(push));
}

Result<Outcome> read_outcome(const JsonValue& json) {
  Outcome outcome;
  TWINSTORE_TRY(outcome.seq, json_integer(json, "seq"));
  TWINSTORE_TRY(const std::string status, json_text(json, "status"));
  TWINSTORE_TRY(outcome.status, parse_outcome(status));
  TWINSTORE_TRY(outcome.rev, json_integer(json, "rev"));
  if (json.contains("hlc")) {
    TWINSTORE_TRY(outcome.hlc, read_time(json["hlc"]));
  }
  if (outcome.status == OutcomeStatus::Rejected) {
    TWINSTORE_TRY(const std::string code, json_text(json, "code"));
    outcome.code = error_code(code);
    TWINSTORE_TRY(outcome.message, json_text(json, "message"));
  }
  return outcome;
}

Result<Message> read_pushed(const JsonValue& json) {
  PushResponse pushed;
  TWINSTORE_TRY(pushed.epoch, json_text(json, "epoch"));
  TWINSTORE_TRY(pushed.client, read_client(json));
  TWINSTORE_TRY(pushed.last_seq, json_integer(json, "last_seq"));
  const JsonValue* outcomes = json_array(json, "outcomes");
  if (outcomes == nullptr) return malformed("an answer to a push needs outcomes");
  for (const JsonValue& item : *outcomes) {
    TWINSTORE_TRY(Outcome outcome, read_outcome(item));
    pushed.outcomes.push_back(std::move(outcome));
  }
  return Message(std::move(pushed));
}

Result<Message> read_pull(const JsonValue& json) {
  PullRequest pull;
  TWINSTORE_TRY(pull.hello, read_hello(json));
  TWINSTORE_TRY(pull.client, read_client(json));
  TWINSTORE_TRY(pull.scope, json_text(json, "scope"));
  TWINSTORE_TRY(pull.cursor, read_cursor(json));
  TWINSTORE_TRY(const int64_t rows_max, json_integer(json, "rows_max"));
  if (rows_max < 0) return malformed("rows_max is never negative");
  pull.rows_max = static_cast<size_t>(rows_max);
  return Message(std::move(pull));
}

Result<Message> read_pulled(const Schema& schema, const JsonValue& json) {
  PullResponse page;
  TWINSTORE_TRY(page.epoch, json_text(json, "epoch"));
  TWINSTORE_TRY(page.scope, json_text(json, "scope"));
  TWINSTORE_TRY(page.after, json_integer(json, "after"));
  TWINSTORE_TRY(page.rev, json_integer(json, "rev"));
  TWINSTORE_TRY(page.cursor, read_cursor(json));
  const JsonValue checkpoint = json.value("checkpoint", JsonValue(nullptr));
  const JsonValue* blocks = json_array(json, "blocks");
  if (!checkpoint.is_boolean() || blocks == nullptr) {
    return malformed("a page needs checkpoint and blocks");
  }
  page.is_checkpoint = checkpoint.get<bool>();
  page.head = page.rev;
  if (!page.is_checkpoint) {
    TWINSTORE_TRY(page.head, json_integer(json, "head"));
  }
  if (json.contains("last_seq")) {
    ClientProgress progress;
    TWINSTORE_TRY(progress.client, read_client(json));
    TWINSTORE_TRY(progress.last_seq, json_integer(json, "last_seq"));
    page.progress = progress;
  }
  if (json.contains("digest")) {
    ScopeDigest digest;
    TWINSTORE_TRY(const std::string sum, json_text(json, "digest"));
    TWINSTORE_TRY(digest.sum, parse_digest(sum));
    TWINSTORE_TRY(digest.schema_version, json_integer(json, "schema_version"));
    page.digest = digest;
  }
  TWINSTORE_TRY(page.rows, read_blocks(schema, *blocks));
  return Message(std::move(page));
}

Result<Message> read_subscribe(const JsonValue& json) {
  Subscribe subscribe;
  TWINSTORE_TRY(subscribe.hello, read_hello(json));
  TWINSTORE_TRY(subscribe.client, read_client(json));
  const JsonValue* scopes = json_array(json, "scopes");
  if (scopes == nullptr || scopes->size() > limits::scopes_per_client_max) {
    return malformed("a subscription names 0 to 256 scopes");
  }
  for (const JsonValue& item : *scopes) {
    TWINSTORE_TRY(std::string scope, json_text(item, "scope"));
    TWINSTORE_TRY(std::string cursor, read_cursor(item));
    subscribe.scopes.emplace_back(std::move(scope), std::move(cursor));
  }
  return Message(std::move(subscribe));
}

}  // namespace

std::string encode(const Schema& schema, const Message& message) {
  Encoder encoder{schema, {}};
  std::visit(encoder, message);
  return std::move(encoder.out);
}

Result<Message> decode(const Schema& schema, std::string_view text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(text));
  TWINSTORE_TRY(const std::string type, json_text(json, "type"));
  if (type == "push") return read_push(schema, json);
  if (type == "pushed") return read_pushed(json);
  if (type == "pull") return read_pull(json);
  if (type == "pulled") return read_pulled(schema, json);
  if (type == "subscribe") return read_subscribe(json);
  if (type == "behind") {
    TWINSTORE_TRY(std::string scope, json_text(json, "scope"));
    return Message(Behind{std::move(scope)});
  }
  if (type == "error") {
    TWINSTORE_TRY(const std::string code, json_text(json, "code"));
    TWINSTORE_TRY(std::string explanation, json_text(json, "message"));
    ErrorMessage error{{error_code(code), std::move(explanation)}};
    if (json.contains("scope")) {
      TWINSTORE_TRY(error.scope, json_text(json, "scope"));
    }
    return Message(std::move(error));
  }
  return malformed("there is no message of type " + type);
}

}  // namespace twinstore
