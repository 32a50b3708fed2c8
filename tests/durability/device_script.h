// Writes a device's workload by living through it once, with a server and another device, so that
// the messages which it hears are real ones. What it hears is kept as text: later the device hears
// the same without anybody else.
// Thread rule: one thread.
#pragma once

#include "../core/world.h"
#include "workload.h"

namespace twinstore::durability {

class DeviceScript {
 public:
  explicit DeviceScript(std::string name, std::string_view schema = code_mri_schema_json);

  // What the device does. Each is a step.
  void write(std::string edits);
  void subscribe(std::string scope);
  void unsubscribe(std::string scope);
  void connect();
  void reopen();  // the application starts again
  // The next message, or "" when there is nothing to say.
  std::string say();
  void hear(std::string text);
  // Says and hears until nothing is left.
  void sync();
  // With pages of so many rows.
  void sync_in_pages(size_t rows);

  // What happens elsewhere. No steps.
  test::World& world() { return world_; }
  test::Server& server() { return world_.server; }
  test::Device& other() { return other_; }
  void other_writes(std::string_view edits);
  void wait(int64_t ms) { world_.clock.advance(ms); }

  [[nodiscard]] Replica& replica() { return here_.replica(); }
  [[nodiscard]] std::string rows(std::string_view sql);
  [[nodiscard]] Workload take() { return std::move(workload_); }

 private:
  std::string add(std::string name, std::function<Result<std::string>(Machine&)> run);

  test::World world_;
  test::Device other_;
  sim::Disk disk_{"script"};
  Machine here_;
  Workload workload_;
};

}  // namespace twinstore::durability
