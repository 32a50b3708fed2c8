// The embind surface: one object, few coarse calls. Answers are JSON texts; what failed is
// {"error":{"code","message","retryable"}}. Strings must be well-formed (String.isWellFormed),
// which the JavaScript side checks, because the conversion to UTF-8 would change them silently.
// Thread rule: the worker that owns the module.
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <map>

#include "answers.h"
#include "base/json.h"
#include "platform.h"
#include "result_buffer.h"
#include "schema/field_value.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/store.h"

namespace twinstore {
namespace {

// {"origin":"local","status_changed":true,"collections":{"branches":3},"watches":[7]}
std::string commit_json(const Schema& schema, const Commit& commit,
                        const std::vector<int64_t>& watches) {
  std::string out = "{\"origin\":\"";
  out += commit.origin == Origin::Local ? "local" : "remote";
  out += "\",\"status_changed\":";
  out += commit.is_status_changed ? "true" : "false";
  out += ",\"collections\":{";
  bool is_first = true;
  for (const auto& [collection, keys] : commit.rows) {
    if (!std::exchange(is_first, false)) out += ',';
    out += "\"" + schema.at(collection).name + "\":" + std::to_string(keys.size());
  }
  out += "},\"watches\":[";
  for (const int64_t id : watches) out += (out.back() == '[' ? "" : ",") + std::to_string(id);
  return out + "]}";
}

Result<std::vector<Value>> read_parameters(std::string_view json_text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(json_text));
  std::vector<Value> values;
  for (const JsonValue& item : json) {
    if (item.is_string()) {
      values.emplace_back(item.get<std::string>());
    } else if (item.is_number_integer()) {
      values.emplace_back(item.get<int64_t>());
    } else if (item.is_number_float()) {
      values.emplace_back(item.get<double>());
    } else if (item.is_boolean()) {
      values.emplace_back(int64_t{item.get<bool>() ? 1 : 0});
    } else if (item.is_null()) {
      values.emplace_back();
    } else {
      return Error{ErrorCode::InvalidArgument, "a parameter is text, number, boolean or null"};
    }
  }
  return values;
}

class StoreBinding {
 public:
  // {"path","vfs","schema":"…"}; without a schema the shipped one.
  std::string open(const std::string& options_json) { return answer(try_open(options_json)); }
  // As open(), of a damaged file; what can be read of it goes into the new file `target`.
  std::string salvage(const std::string& options_json, const std::string& target) {
    return answer(try_salvage(options_json, target));
  }
  void close() {
    queries_.clear();
    store_.reset();
  }
  std::string write(const std::string& edits_json) {
    if (!store_) return closed();
    return committed(store_->write(edits_json));
  }
  // A Uint8Array (result_buffer.h) that is a copy, or the text of an error.
  emscripten::val query(const std::string& sql, const std::string& parameters_json) {
    if (!store_) return emscripten::val(closed());
    const auto buffer = try_query(sql, parameters_json);
    if (!buffer.ok()) return emscripten::val(error_json(buffer.error()));
    const emscripten::val view{
        emscripten::typed_memory_view(buffer.value().size(), buffer.value().data())};
    return view.call<emscripten::val>("slice");
  }
  // The number under which a commit names the query when it can have changed its result.
  std::string watch(const std::string& sql, const std::string& parameters_json) {
    if (!store_) return closed();
    return answer(try_watch(sql, parameters_json));
  }
  void unwatch(double id) {
    if (store_) store_->unwatch(static_cast<int64_t>(id));
  }
  std::string row(const std::string& collection, const std::string& key_json) {
    if (!store_) return closed();
    return answer(store_->row(collection, key_json));
  }
  // As the predicate writes it (freshness.h).
  std::string staleness(const std::string& repo_id, const std::string& branch_name,
                        double threshold_hours) {
    if (!store_) return closed();
    return answer(store_->staleness(repo_id, branch_name, threshold_hours));
  }
  std::string stale_branches(const std::string& repo_id, double threshold_hours) {
    if (!store_) return closed();
    return answer(store_->stale_branches(repo_id, threshold_hours));
  }
  std::string preview() {
    if (!store_) return closed();
    return answer(store_->preview_json());
  }
  std::string status() { return store_ ? store_->status_json() : closed(); }

  std::string connect() {
    if (!store_) return closed();
    return committed(store_->replica().connect());
  }
  std::string subscribe(const std::string& scope) {
    if (!store_) return closed();
    return committed(store_->replica().subscribe(scope));
  }
  // The next message, or "" when there is nothing to say. With `is_pull_only` what waits here is
  // not sent.
  std::string next_message(bool is_pull_only) {
    if (!store_) return closed();
    auto message =
        store_->replica().next_message(is_pull_only ? Exchange::PullOnly : Exchange::Both);
    if (!message.ok()) return error_json(message.error());
    return message.value().value_or(std::string());
  }
  std::string receive(const std::string& text) {
    if (!store_) return closed();
    return committed(store_->replica().receive(text));
  }
  std::string subscribe_message() {
    return store_ ? store_->replica().subscribe_message() : closed();
  }
  void lost() {
    if (store_) store_->replica().lost();
  }
  void mark_behind() {
    if (store_) store_->replica().mark_behind();
  }

 private:
  static constexpr size_t queries_kept = 64;

  PlatformClock clock_;
  PlatformIdSource ids_;
  std::unique_ptr<Store> store_;
  std::map<std::string, std::unique_ptr<SqlQuery>> queries_;

  std::string committed(const Result<Commit>& commit) {
    if (!commit.ok()) return error_json(commit.error());
    return commit_json(store_->schema(), commit.value(), store_->take_touched());
  }
  static Result<StoreOptions> read_options(const std::string& options_json) {
    TWINSTORE_TRY(const JsonValue options, parse_json(options_json));
    StoreOptions store_options;
    TWINSTORE_TRY(store_options.sqlite.path, json_text(options, "path"));
    TWINSTORE_TRY(store_options.sqlite.vfs, json_text(options, "vfs"));
    store_options.sqlite.is_exclusive = true;
    store_options.schema_json = std::string(code_mri_schema_json);
    if (options.contains("schema")) {
      TWINSTORE_TRY(store_options.schema_json, json_text(options, "schema"));
    }
    return store_options;
  }
  Result<std::string> try_open(const std::string& options_json) {
    TWINSTORE_TRY(const StoreOptions options, read_options(options_json));
    TWINSTORE_TRY(store_, Store::open(options, clock_, ids_));
    return "{\"schema_version\":" + std::to_string(store_->schema().version()) +
           ",\"sqlite_version\":\"" SQLITE_VERSION "\",\"version\":\"" TWINSTORE_VERSION "\"}";
  }
  static Result<std::string> try_salvage(const std::string& options_json,
                                         const std::string& target) {
    TWINSTORE_TRY(const StoreOptions options, read_options(options_json));
    TWINSTORE_TRY_VOID(Store::salvage(options, target));
    return std::string("{}");
  }
  // Prepared once for each text; all are dropped when too many pile up.
  Result<SqlQuery*> prepared(const std::string& sql) {
    const auto known = queries_.find(sql);
    if (known != queries_.end()) return known->second.get();
    TWINSTORE_TRY(auto query, store_->query(sql));
    if (queries_.size() >= queries_kept) queries_.clear();
    return queries_.emplace(sql, std::move(query)).first->second.get();
  }
  Result<std::vector<uint8_t>> try_query(const std::string& sql,
                                         const std::string& parameters_json) {
    TWINSTORE_TRY(SqlQuery* const query, prepared(sql));
    TWINSTORE_TRY(const auto parameters, read_parameters(parameters_json));
    TWINSTORE_TRY_VOID(query->bind(parameters));
    return run_to_buffer(*query);
  }
  Result<std::string> try_watch(const std::string& sql, const std::string& parameters_json) {
    TWINSTORE_TRY(SqlQuery* const query, prepared(sql));
    TWINSTORE_TRY(const auto parameters, read_parameters(parameters_json));
    TWINSTORE_TRY(const int64_t id, store_->watch(*query, parameters));
    return std::to_string(id);
  }
};

std::string shipped_schema() { return std::string(code_mri_schema_json); }

}  // namespace
}  // namespace twinstore

EMSCRIPTEN_BINDINGS(twinstore_store) {
  using twinstore::StoreBinding;
  emscripten::function("shippedSchema", &twinstore::shipped_schema);
  emscripten::class_<StoreBinding>("StoreBinding")
      .constructor<>()
      .function("open", &StoreBinding::open)
      .function("salvage", &StoreBinding::salvage)
      .function("close", &StoreBinding::close)
      .function("write", &StoreBinding::write)
      .function("query", &StoreBinding::query)
      .function("watch", &StoreBinding::watch)
      .function("unwatch", &StoreBinding::unwatch)
      .function("row", &StoreBinding::row)
      .function("staleness", &StoreBinding::staleness)
      .function("staleBranches", &StoreBinding::stale_branches)
      .function("preview", &StoreBinding::preview)
      .function("status", &StoreBinding::status)
      .function("connect", &StoreBinding::connect)
      .function("subscribe", &StoreBinding::subscribe)
      .function("nextMessage", &StoreBinding::next_message)
      .function("receive", &StoreBinding::receive)
      .function("subscribeMessage", &StoreBinding::subscribe_message)
      .function("lost", &StoreBinding::lost)
      .function("markBehind", &StoreBinding::mark_behind);
}
