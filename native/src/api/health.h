// GET /healthz: the process answers. Thread rule: pure.
#pragma once

#include "config/version.h"
#include "http/message.h"

namespace twinstore {

// {"status":"ok","version":"…"}
[[nodiscard]] inline HttpResponse health() {
  HttpResponse response;
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  response.body = R"({"status":"ok","version":")" + std::string(version_text) + "\"}";
  return response;
}

}  // namespace twinstore
