#include "device_script.h"

namespace twinstore::durability {
namespace {

constexpr int64_t step_ms = 1000;

Result<std::string> told(const Result<Commit>& commit) {
  if (!commit.ok()) return commit.error();
  return std::string(commit.value().is_empty() ? "nothing" : "something");
}

}  // namespace

DeviceScript::DeviceScript(std::string name, std::string_view schema)
    : world_(schema),
      other_(world_.schema_json, world_.clock, 99),
      here_(Role::Device, world_.schema_json, disk_) {
  workload_.name = std::move(name);
  workload_.schema_json = world_.schema_json;
  here_.clock.set(world_.clock.now_ms());
  TWINSTORE_CHECK(here_.open().ok());
}

std::string DeviceScript::add(std::string name, std::function<Result<std::string>(Machine&)> run) {
  world_.clock.advance(step_ms);
  workload_.steps.push_back({std::move(name), world_.clock.now_ms(), std::move(run)});
  auto done = run_step(workload_, workload_.steps.size() - 1, here_);
  return test::succeeded(done) ? done.value() : std::string();
}

void DeviceScript::write(std::string edits) {
  add("write",
      [edits = std::move(edits)](Machine& machine) { return told(machine.store().write(edits)); });
}

void DeviceScript::subscribe(std::string scope) {
  add("subscribe", [scope](Machine& machine) { return told(machine.replica().subscribe(scope)); });
}

void DeviceScript::unsubscribe(std::string scope) {
  add("unsubscribe",
      [scope](Machine& machine) { return told(machine.replica().unsubscribe(scope)); });
}

void DeviceScript::connect() {
  add("connect", [](Machine& machine) { return told(machine.replica().connect()); });
}

void DeviceScript::reopen() {
  add("reopen", [](Machine& machine) -> Result<std::string> {
    TWINSTORE_TRY_VOID(machine.open());
    return std::string("open");
  });
}

std::string DeviceScript::say() {
  return add("say", [](Machine& machine) -> Result<std::string> {
    TWINSTORE_TRY(const auto message, machine.replica().next_message());
    return message.value_or("");
  });
}

void DeviceScript::hear(std::string text) {
  add("hear",
      [text = std::move(text)](Machine& machine) { return told(machine.replica().receive(text)); });
}

void DeviceScript::sync() { sync_in_pages(0); }

void DeviceScript::sync_in_pages(size_t rows) {
  here_.replica().mark_behind();
  for (std::string text = say(); !text.empty(); text = say()) {
    auto message = decode(world_.schema, text);
    auto* pull = std::get_if<PullRequest>(&message.value());
    if (pull != nullptr && rows > 0) {
      pull->rows_max = rows;
      text = encode(world_.schema, message.value());
    }
    hear(server().answer(text));
  }
}

void DeviceScript::other_writes(std::string_view edits) {
  world_.clock.advance(step_ms);
  CHECK(other_.write(edits));
  other_.sync(server());
}

std::string DeviceScript::rows(std::string_view sql) {
  auto query = here_.store().query(sql);
  if (!test::succeeded(query)) return {};
  Statement& statement = query.value()->statement();
  std::string out;
  for (;;) {
    const auto has_row = statement.step();
    if (!test::succeeded(has_row) || !has_row.value()) return out;
    out += (out.empty() ? "" : "\n") + std::string(statement.text(0));
  }
}

Result<std::string> run_step(const Workload& workload, size_t index, Machine& machine) {
  const Step& step = workload.steps[index];
  machine.clock.set(step.now_ms);
  machine.ids.begin(1000 + index);
  return step.run(machine);
}

}  // namespace twinstore::durability
