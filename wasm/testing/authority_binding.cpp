// A server without a network, for tests: the authority over a database in memory, and the answer
// of POST /sync to each message. Errors are the protocol's error messages, as a server sends them.
// Thread rule: the module's only thread.
#include <emscripten/bind.h>

#include "answers.h"
#include "base/json.h"
#include "platform.h"
#include "schema/field_value.h"
#include "twinstore/authority.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore {
namespace {

class AuthorityBinding {
 public:
  // {"schema":"…"}; without one the shipped schema. Answers {} or an error.
  std::string open(const std::string& options_json) { return answer(try_open(options_json)); }

  // Takes a push or a pull.
  std::string exchange(const std::string& text) {
    if (!feed_) return closed();
    const auto message = try_exchange(text);
    if (!message.ok()) return encode(*schema_, Message(ErrorMessage{message.error()}));
    return encode(*schema_, message.value());
  }

  // The scopes that pushes have changed since the last call, as JSON; "*" stands for every scope.
  std::string take_changed() {
    std::string out = "[";
    for (const std::string& scope : changed_) {
      if (out.size() > 1) out += ',';
      append_json_string(out, scope);
    }
    changed_.clear();
    return out + "]";
  }

 private:
  PlatformClock clock_;
  PlatformIdSource ids_;
  std::unique_ptr<Schema> schema_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<ChangeFeed> feed_;
  std::set<std::string> changed_;

  Result<std::string> try_open(const std::string& options_json) {
    TWINSTORE_TRY(const JsonValue options, parse_json(options_json));
    auto schema_json = std::string(code_mri_schema_json);
    if (options.contains("schema")) {
      TWINSTORE_TRY(schema_json, json_text(options, "schema"));
    }
    TWINSTORE_TRY(Schema schema, Schema::parse(schema_json));
    schema_ = std::make_unique<Schema>(std::move(schema));
    SqliteOptions in_memory;
    in_memory.path = ":memory:";
    TWINSTORE_TRY(storage_, SqliteStorage::open(*schema_, in_memory));
    TWINSTORE_TRY(authority_, Authority::open(*schema_, *storage_, clock_, ids_));
    feed_ = std::make_unique<ChangeFeed>(*schema_, *storage_, authority_->identity());
    return std::string("{}");
  }

  Result<Message> try_exchange(const std::string& text) {
    TWINSTORE_TRY(const Message message, decode(*schema_, text));
    if (const auto* asked = std::get_if<PullRequest>(&message)) {
      TWINSTORE_TRY(PullResponse page, feed_->page(*asked));
      return Message(std::move(page));
    }
    if (const auto* pushed = std::get_if<PushRequest>(&message)) return push(*pushed);
    return Error{ErrorCode::InvalidArgument, "this endpoint takes push and pull"};
  }

  Result<Message> push(const PushRequest& request) {
    TWINSTORE_TRY_VOID(storage_->begin());
    auto effect = authority_->push(request);
    if (!effect.ok()) {
      storage_->rollback();
      TWINSTORE_TRY_VOID(authority_->reload());
      return effect.error();
    }
    TWINSTORE_TRY_VOID(storage_->commit());
    changed_.merge(effect.value().scopes);
    return Message(std::move(effect.value().response));
  }
};

}  // namespace
}  // namespace twinstore

EMSCRIPTEN_BINDINGS(twinstore_authority) {
  using twinstore::AuthorityBinding;
  emscripten::class_<AuthorityBinding>("AuthorityBinding")
      .constructor<>()
      .function("open", &AuthorityBinding::open)
      .function("exchange", &AuthorityBinding::exchange)
      .function("takeChanged", &AuthorityBinding::take_changed);
}
