#include "native_world.h"

#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/log.h"

namespace twinstore::test {

TestServer::TestServer(std::string web_folder, ServerOptions options) {
  set_log_level(LogLevel::Off);
  options.database.path = (folder.path() / "server.db").string();
  options.web_folder = std::move(web_folder);
  auto started = Server::start(options);
  TWINSTORE_CHECK(started.ok());
  server = std::move(started).value();
}

Device::Device(uint64_t seed, const std::string& scope) : ids_(seed) {
  StoreOptions options;
  options.schema_json = std::string(code_mri_schema_json);
  options.sqlite.path = ":memory:";
  auto store = Store::open(options, clock_, ids_);
  TWINSTORE_CHECK(store.ok());
  store_ = std::move(store).value();
  TWINSTORE_CHECK(store_->replica().subscribe(scope).ok());
}

bool Device::write(std::string_view edits) { return succeeded(store_->write(edits)); }

std::string Device::row(std::string_view collection, std::string_view key) {
  const auto row = store_->row(collection, key);
  return succeeded(row) ? row.value() : std::string();
}

bool Device::exchange(HttpClient& http) {
  is_lost_ = false;
  const auto message = replica().next_message();
  if (!succeeded(message) || !message.value()) return false;
  const auto answer = http.sync(*message.value());
  if (!answer) {
    replica().lost();
    is_lost_ = true;
    return false;
  }
  return succeeded(replica().receive(answer->body));
}

void Device::sync(HttpClient& http) {
  replica().mark_behind();
  while (exchange(http)) {
  }
}

std::unique_ptr<LiveClient> go_live(uint16_t port, Device& device) {
  auto live = std::make_unique<LiveClient>(port);
  CHECK(live->status() == 101);
  live->send_text(device.replica().subscribe_message());
  const auto frame = live->read();
  if (frame) CHECK(succeeded(device.replica().receive(frame->payload)));
  return live;
}

std::string edit(std::string_view op, std::string_view collection, std::string_view key,
                 std::string_view fields) {
  std::string out = R"({"edits":[{"op":")" + std::string(op) + R"(","collection":")" +
                    std::string(collection) + R"(","key":)" + std::string(key);
  if (!fields.empty()) out += R"(,"fields":)" + std::string(fields);
  return out + "}]}";
}

std::string increment(std::string_view key) {
  return edit("update", "cache_entries", "[\"" + std::string(key) + "\"]",
              R"({"hit_count":{"increment":1}})");
}

std::string insert_counter(std::string_view key) {
  return edit("insert", "cache_entries", "[\"" + std::string(key) + "\"]",
              R"({"cache_key":")" + std::string(key) + R"(","repo_id":"r","hit_count":0})");
}

int64_t counter_of(const std::string& row) {
  const auto json = nlohmann::json::parse(row, nullptr, false);
  return json.is_object() ? json.value("hit_count", int64_t{-1}) : -1;
}

std::string pull_text(std::string_view cursor, int64_t rows_max) {
  return R"({"type":"pull","protocol":1,"schema":"code_mri","schema_version":1,)"
         R"("client_id":"0123456789abcdef","scope":"*","cursor":")" +
         std::string(cursor) + R"(","rows_max":)" + std::to_string(rows_max) + "}";
}

}  // namespace twinstore::test
