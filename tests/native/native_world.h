// What the native tests share: a folder that goes away, devices (a store with its own file in
// memory), and messages carried over HTTP as a client carries them.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/system.h"
#include "config/schema_source.h"
#include "raw_client.h"
#include "serve/server.h"
#include "temp_folder.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/store.h"

namespace twinstore::test {

// Fails the test with the error's text instead of ending the process.
template <class T>
bool succeeded(const Result<T>& result) {
  if (result.ok()) return true;
  FAIL_CHECK(error_text(result.error().code) << ": " << result.error().message);
  return false;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  CHECK_FALSE(result.ok());
  return result.ok() ? ErrorCode::Internal : result.error().code;
}

// A server on a free port over a file in a folder of its own.
struct TestServer {
  TempFolder folder;
  std::unique_ptr<Server> server;

  explicit TestServer(std::string web_folder = {}, ServerOptions options = {});
  [[nodiscard]] uint16_t port() const { return server->port(); }
};

// One client: an edit, and messages to carry. Its seed makes its identity.
class Device {
 public:
  explicit Device(uint64_t seed, const std::string& scope = "*");

  bool write(std::string_view edits);
  std::string row(std::string_view collection, std::string_view key);
  [[nodiscard]] Replica& replica() { return store_->replica(); }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] size_t pending() { return replica().status().pending; }

  // One message there and its answer back. False: there was nothing to say. The connection's loss
  // is told to the replica and sets is_lost().
  bool exchange(HttpClient& http);
  // Exchanges until nothing is left to say, a pull of every scope included.
  void sync(HttpClient& http);
  [[nodiscard]] bool is_lost() const { return is_lost_; }

 private:
  SystemClock clock_;
  FakeIdSource ids_;
  std::unique_ptr<Store> store_;
  bool is_lost_ = false;
};

// Opens a live connection for the device and reads the answer for its one scope.
std::unique_ptr<LiveClient> go_live(uint16_t port, Device& device);

// {"edits":[{"op":…,"collection":…,"key":…,"fields":…}]}
std::string edit(std::string_view op, std::string_view collection, std::string_view key,
                 std::string_view fields);
// Adds one to the counter of a cache entry.
std::string increment(std::string_view key);
std::string insert_counter(std::string_view key);
// The counter in the text of a cache entry's row; -1 when there is no row.
int64_t counter_of(const std::string& row);

// A pull of "*" from the beginning, as a stranger would ask for it, and a push of one insert.
std::string pull_text(std::string_view cursor = {}, int64_t rows_max = 0);

}  // namespace twinstore::test
