// Many clients of a server on one thread: each has a connection and sends its next request when the
// answer to the one before has come. Costs a few microseconds a request, so that on two cores the
// server is what is measured. Thread rule: one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace twinstore::bench {

// The requests of one client, in their order, as they go over the wire.
using Requests = std::vector<std::string>;

struct LoadResult {
  int64_t answers = 0;  // with status 200
  int64_t failures = 0;
  int64_t bytes = 0;  // of the answers' bodies
  double seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::string first_failure;
};

// POST /sync with this body.
std::string sync_request(const std::string& body);
// A request without a body, or with a JSON one.
std::string plain_request(const std::string& method, const std::string& target,
                          const std::string& body = {});

// Sends everything over one connection a client; no more once `is_over` is true, if there is one.
LoadResult run_load(uint16_t port, const std::vector<Requests>& clients,
                    const std::atomic<bool>* is_over = nullptr);

// The body of an answer to one request on a connection of its own.
std::string ask(uint16_t port, const std::string& request);

}  // namespace twinstore::bench
