// Workloads: what a machine does, step by step, the same each time. A step tells what it did as a
// text; each is one transaction at most, so that after a crash it is there whole or not at all.
// Thread rule: plain values; a step uses the machine that it is given.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "machine.h"

namespace twinstore::durability {

struct Step {
  std::string name;
  int64_t now_ms = 0;
  std::function<Result<std::string>(Machine&)> run;
};

struct Workload {
  std::string name;
  Role role = Role::Device;
  std::string schema_json;
  std::vector<Step> steps;
};

// The scripted ones: 20 of a device, 12 of a server.
[[nodiscard]] std::vector<Workload> device_workloads();
[[nodiscard]] std::vector<Workload> server_workloads();

// Runs the step at its time, with its own ids.
[[nodiscard]] Result<std::string> run_step(const Workload& workload, size_t index,
                                           Machine& machine);

}  // namespace twinstore::durability
