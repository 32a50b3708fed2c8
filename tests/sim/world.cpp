#include "world.h"

#include <sqlite3.h>

namespace twinstore::sim {
namespace {

Disk::Image fresh_disk(const Schema& schema, const char* path, bool has_feed) {
  Disk disk("fresh");
  {
    // Small pages: what is written, and torn, is a fraction of what SQLite's own 4,096 bytes make.
    sqlite3* database = nullptr;
    sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                    disk.name().c_str());
    sqlite3_exec(database, "PRAGMA page_size = 1024; CREATE TABLE t (x); DROP TABLE t", nullptr,
                 nullptr, nullptr);
    sqlite3_close(database);

    auto storage = SqliteStorage::open(
        schema, {.path = path, .vfs = disk.name(), .is_exclusive = true, .has_feed = has_feed});
    TWINSTORE_CHECK(storage.ok());
  }
  return disk.image();
}

bool is_disk_error(ErrorCode code) {
  return code == ErrorCode::StorageFull || code == ErrorCode::StorageIo ||
         code == ErrorCode::StorageBusy;
}

}  // namespace

Fixtures Fixtures::make() {
  Fixtures fixtures;
  fixtures.schema_json = simulated_schema();
  auto schema = Schema::parse(fixtures.schema_json);
  TWINSTORE_CHECK(schema.ok());
  fixtures.schema = std::make_unique<Schema>(std::move(schema).value());
  fixtures.device_disk = fresh_disk(*fixtures.schema, "store.db", false);
  fixtures.server_disk = fresh_disk(*fixtures.schema, "server.db", true);
  return fixtures;
}

void Counters::add(const Counters& other) {
  for (size_t i = 0; i < faults_count; ++i) faults[i] += other.faults[i];
  for (const auto& [name, number] : other.checks) checks[name] += number;
  for (const auto& [name, number] : other.branches) branches[name] += number;
  for (const auto& [name, number] : other.outcomes) outcomes[name] += number;
  operations += other.operations;
  writes += other.writes;
  messages += other.messages;
  mutations += other.mutations;
  restarts += other.restarts;
  simulated_ms += other.simulated_ms;
}

World::World(const Fixtures& fixtures, const Scenario& scenario, bool is_verbose)
    : fixtures_(fixtures),
      scenario_(scenario),
      is_verbose_(is_verbose),
      random_(scenario.seed ^ 0x5eedULL),
      workload_(*fixtures.schema, scenario.collections),
      model_(*fixtures.schema),
      server_(*fixtures.schema, time_, scenario.seed * 1000 + 1, fixtures.server_disk) {
  // What SQLite draws for itself follows from the seed too (sqlite.org/c3ref/test_control.html).
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(scenario.seed | 1), nullptr);
  sqlite3_randomness(0, nullptr);
  for (size_t i = 0; i < scenario.devices; ++i) {
    devices_.push_back(std::make_unique<Device>(i, fixtures.schema_json, *fixtures.schema, time_,
                                                scenario.seed * 1000 + 10 + i,
                                                fixtures.device_disk));
  }
}

RunResult World::run() {
  start();
  for (const Op& op : scenario_.ops) {
    if (has_failed()) break;
    step(op);
  }
  if (!has_failed()) finish();
  counters_.branches = model_.branches();
  counters_.simulated_ms = time_.now_ms - world_start_ms;
  return {violation_, trace_, counters_};
}

void World::start() {
  TWINSTORE_CHECK(server_.open().ok());
  for (const auto& device : devices_) {
    TWINSTORE_CHECK(device->open().ok());
    const bool is_whole = !scenario_.is_scoped || device->number == 0 || random_.one_in(3);
    if (is_whole) {
      device->scopes.insert(std::string(all_scopes));
    } else {
      device->scopes.insert(scope_name(device->number % scopes_count));
      device->scopes.insert(scope_name(random_.below(scopes_count)));
    }
    for (const std::string& scope : device->scopes) {
      TWINSTORE_CHECK(device->replica().subscribe(scope).ok());
    }
    if (scenario_.is_live) connect_live(*device);
  }
}

void World::step(const Op& op) {
  ++counters_.operations;
  random_ = Random(op.random);
  pass_time(time_.now_ms + op.wait_ms);
  if (has_failed()) return;
  Device& device = *devices_[op.device % devices_.size()];
  trace("op", op.text());
  switch (op.kind) {
    case OpKind::Wait: break;
    case OpKind::Write: write_or_decide(device, false); break;
    case OpKind::Decide: write_or_decide(device, true); break;
    case OpKind::Talk:
      if (!device.is_up()) break;
      if (scenario_.is_live && !device.is_live) connect_live(device);
      if (!device.is_live || random_.one_in(3)) device.replica().mark_behind();
      talk(device);
      break;
    case OpKind::Inject: inject(op.fault, device); break;
  }
  if (!has_failed() && device.is_up() && random_.one_in(4)) check_step(device);
}

void World::pass_time(int64_t until_ms) {
  while (!events_.empty() && events_.top().due_ms <= until_ms && !has_failed()) {
    const Event event = events_.top();
    events_.pop();
    time_.now_ms = std::max(time_.now_ms, event.due_ms);
    server_.latest_now_ms = std::max(server_.latest_now_ms, server_.clock.now_ms());
    deliver(event);
    for (const auto& device : devices_) {
      if (!has_failed() && device->disk.is_off()) reopen_device(*device, nullptr, true);
    }
  }
  time_.now_ms = std::max(time_.now_ms, until_ms);
  server_.latest_now_ms = std::max(server_.latest_now_ms, server_.clock.now_ms());
}

void World::write_or_decide(Device& device, bool is_decision) {
  if (!device.is_up()) return;
  const auto read = [&](const RowName& row) {
    const auto view = device.view(row);
    return view.ok() ? view.value() : JsonValue();
  };
  if (!is_decision) return write(device, workload_.write(random_, read));
  const auto conflicts = device.open_conflicts();
  if (!conflicts.ok() || conflicts.value().empty()) return;
  write(device, workload_.decide(random_, random_.pick(conflicts.value())));
}

void World::note_written(Device& device, const Plan& plan, const Views& before) {
  device.ledger.promise(plan, before);
  device.uncertain.clear();
}

// I5 and I15: what was acknowledged is what the writer reads next; what failed changed nothing.
void World::write(Device& device, const Plan& plan) {
  ++counters_.writes;
  const auto before = device.views(plan);
  if (!before.ok()) return;  // the disk does not read
  const Expectation expected = expect(*fixtures_.schema, plan, before.value());
  trace("write", plan.text());
  const auto written = device.store().write(plan.text());
  if (device.disk.is_off()) {
    device.uncertain.push_back({plan, before.value(), expected.after});
    return;
  }
  const bool is_disk = !written.ok() && is_disk_error(written.error().code);
  const auto after = device.views(plan);
  if (!after.ok()) {
    if (written.ok()) note_written(device, plan, before.value());
    if (is_disk) device.uncertain.push_back({plan, before.value(), expected.after});
    return;
  }
  if (is_disk) {
    check("I15", after.value() == before.value(), "a write that failed changed what is read");
    device.uncertain.push_back({plan, before.value(), expected.after});
    return;
  }
  const std::string code = written.ok() ? "" : std::string(error_text(written.error().code));
  if (plan.conflict.empty() || code.empty()) {
    check("I15", code == expected.error,
          plan.text() + " ended with '" + code + "' instead of '" + expected.error + "'");
  }
  if (!written.ok()) {
    check("I15", after.value() == before.value(), "a refused write changed what is read");
    return;
  }
  for (const auto& [row, view] : expected.after) {
    check("I5", after.value().at(row) == view,
          "device " + std::to_string(device.number) + " wrote " + text_of(row) + " " + view.dump() +
              " and reads " + after.value().at(row).dump());
  }
  note_written(device, plan, before.value());
  // A repetition is told from an edit like any other only while the view can change.
  if (!plan.operation.empty() && random_.one_in(4)) device.unanswered.push_back(plan);
}

void World::fail(std::string invariant, std::string text) {
  if (!violation_) violation_ = Violation{std::move(invariant), std::move(text)};
}

bool World::check(const char* invariant, bool is_held, const std::string& otherwise) {
  ++counters_.checks[invariant];
  if (!is_held) fail(invariant, otherwise);
  return is_held;
}

void World::trace(std::string_view what, std::string_view text) {
  if (is_verbose_) {
    std::printf("%10lld %.*s %.*s\n", static_cast<long long>(time_.now_ms - world_start_ms),
                static_cast<int>(what.size()), what.data(), static_cast<int>(text.size()),
                text.data());
  }
  for (const std::string_view part : {what, text}) {
    for (const char c : part) {
      trace_ = (trace_ ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
    }
  }
  trace_ = (trace_ ^ static_cast<uint64_t>(time_.now_ms)) * 0x100000001b3ULL;
}

RunResult run_scenario(const Fixtures& fixtures, const Scenario& scenario, bool is_verbose) {
  World world(fixtures, scenario, is_verbose);
  return world.run();
}

}  // namespace twinstore::sim
