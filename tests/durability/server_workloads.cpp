// What a server does: pushes of devices, data from backends, and what it does by itself.
#include "../core/world.h"
#include "twinstore/cleanup.h"
#include "twinstore/conflict_decisions.h"
#include "twinstore/persistence_writer.h"
#include "twinstore/refresh_task_writer.h"
#include "workload.h"

namespace twinstore::durability {
namespace {

using test::edit;
using Work = std::function<Result<std::string>(OwnWrites&)>;

class ServerScript {
 public:
  explicit ServerScript(std::string name, std::string_view schema = code_mri_schema_json) {
    workload_.name = std::move(name);
    workload_.role = Role::Server;
    workload_.schema_json = schema;
  }

  void add(std::string name, std::function<Result<std::string>(Machine&)> run) {
    now_ms_ += 1000;
    workload_.steps.push_back({std::move(name), now_ms_, std::move(run)});
  }
  void push(std::string text) {
    add("push", [text = std::move(text)](Machine& machine) { return pushed(machine, text); });
  }
  // One transaction of the server's own.
  void own(std::string name, Work work) {
    add(std::move(name), [work = std::move(work)](Machine& machine) -> Result<std::string> {
      std::string told;
      TWINSTORE_TRY_VOID(machine.transactions().run([&](OwnWrites& writes) -> Result<void> {
        TWINSTORE_TRY(told, work(writes));
        return {};
      }));
      return told;
    });
  }
  void ingest(std::string collection, std::vector<std::string> records) {
    own("ingest", [=](OwnWrites& writes) -> Result<std::string> {
      PersistenceWriter writer(writes);
      std::vector<IngestRecord> read;
      for (const std::string& record : records) {
        TWINSTORE_TRY(IngestRecord one,
                      read_ingest_record(writes.authority().schema(), collection, record));
        read.push_back(std::move(one));
      }
      TWINSTORE_TRY(const auto results,
                    writer.store(writes.authority().schema(), "backend", std::move(read)));
      std::string told;
      for (const IngestResult& result : results)
        told += std::string(ingest_text(result.status)) + " ";
      return told;
    });
  }
  void wait(int64_t ms) { now_ms_ += ms; }
  [[nodiscard]] Workload take() { return std::move(workload_); }

 private:
  static Result<std::string> pushed(Machine& machine, const std::string& text) {
    TWINSTORE_TRY(const Message message, decode(machine.schema(), text));
    PushResponse answer;
    TWINSTORE_TRY_VOID(machine.transactions().run([&](OwnWrites& writes) -> Result<void> {
      TWINSTORE_TRY(PushEffect effect, writes.authority().push(std::get<PushRequest>(message)));
      answer = std::move(effect.response);
      return {};
    }));
    return encode(machine.schema(), Message(std::move(answer)));
  }

  Workload workload_;
  int64_t now_ms_ = 1'717'243'200'000;  // 2024-06-01T12:00:00Z
};

// Real pushes: what devices say, with a server of their own that answers.
struct Devices : test::World {
  using World::World;

  // What `device` pushes until nothing is left to say.
  std::vector<std::string> pushes(test::Device& device) {
    std::vector<std::string> out;
    device.replica().mark_behind();
    for (;;) {
      clock.advance(1000);
      const auto message = device.replica().next_message();
      TWINSTORE_CHECK(message.ok());
      if (!message.value()) return out;
      if (message.value()->starts_with(R"({"type":"push")")) out.push_back(*message.value());
      TWINSTORE_CHECK(device.replica().receive(server.answer(*message.value())).ok());
    }
  }
  void play(test::Device& device, ServerScript& script) {
    for (std::string& push : pushes(device)) script.push(std::move(push));
  }

  test::Device a{schema_json, clock, 10};
  test::Device b{schema_json, clock, 20};
};

std::string branch(std::string_view op, std::string_view name, std::string_view fields) {
  return edit(op, "branches", R"(["r",")" + std::string(name) + "\"]", fields);
}

constexpr std::string_view manual_schema = R"({"name":"notes","version":1,"collections":[
  {"name":"notes","key":["id"],"scope":"list","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"}]},
  {"name":"facts","key":["id"],"scope":"list","append_only":true,"fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"text","type":"text"}]}]})";

Workload small_pushes() {
  ServerScript script("pushes of one row");
  Devices devices;
  for (const char* name : {"a", "b", "c"}) {
    devices.a.write(branch("insert", name, R"({"tags":["x"]})"));
    devices.play(devices.a, script);
  }
  return script.take();
}

Workload large_push() {
  ServerScript script("a push of many mutations");
  Devices devices;
  for (int i = 0; i < 60; ++i) {
    devices.a.write(branch("insert", "b" + std::to_string(i), R"({"ahead":1})"));
  }
  devices.play(devices.a, script);
  devices.b.write(branch("insert", "b3", R"({"ahead":2})"));
  devices.play(devices.b, script);
  return script.take();
}

Workload repeated_pushes() {
  ServerScript script("the same push again");
  Devices devices;
  devices.a.write(edit("insert", "cache_entries", R"("k")", R"({"repo_id":"r","hit_count":3})"));
  const auto first = devices.pushes(devices.a);
  devices.a.write(edit("update", "cache_entries", R"("k")", R"({"hit_count":{"increment":2}})"));
  const auto second = devices.pushes(devices.a);
  for (const auto& pushes : {first, first, second, first, second}) {
    for (const std::string& push : pushes) script.push(push);
  }
  return script.take();
}

Workload conflicts() {
  ServerScript script("conflicts are kept and decided", manual_schema);
  Devices devices(manual_schema);
  const auto note = [](std::string_view op, std::string_view fields) {
    return edit(op, "notes", R"("n")", fields);
  };
  devices.a.write(note("insert", R"({"list":"l","title":"first"})"));
  devices.play(devices.a, script);
  devices.play(devices.b, script);
  devices.a.write(note("update", R"({"title":"from a"})"));
  devices.b.write(note("update", R"({"title":"from b","labels":["b"]})"));
  devices.play(devices.a, script);
  devices.play(devices.b, script);
  devices.a.write(note("update", R"({"title":"moved on"})"));
  devices.play(devices.a, script);
  const std::string id = devices.b.rows("SELECT id FROM _conflicts WHERE status = 'open'");
  devices.b.write(R"({"edits":[{"op":"resolve","conflict":")" + id + R"(","choice":"local"}]})");
  devices.play(devices.b, script);
  return script.take();
}

Workload rejections() {
  ServerScript script("mutations are refused by number", manual_schema);
  Devices devices(manual_schema);
  const auto fact = [](std::string_view text) {
    return edit("insert", "facts", R"("f")", R"({"list":"l","text":")" + std::string(text) + "\"}");
  };
  devices.a.write(fact("a"));
  devices.b.write(fact("b"));
  devices.b.write(edit("insert", "facts", R"("g")", R"({"list":"l"})"));
  devices.play(devices.a, script);
  devices.play(devices.b, script);
  return script.take();
}

Workload deletions() {
  ServerScript script("deletions, and what is forgotten of them");
  Devices devices;
  for (const char* name : {"a", "b", "c"}) devices.a.write(branch("insert", name, "{}"));
  devices.play(devices.a, script);
  for (const char* name : {"a", "b"}) devices.a.write(branch("delete", name, ""));
  devices.play(devices.a, script);
  script.wait(limits::tombstone_horizon_ms);
  for (int i = 0; i < 3; ++i) {
    script.own("collect", [](OwnWrites& writes) -> Result<std::string> {
      TWINSTORE_TRY(const size_t gone, writes.authority().collect_garbage(1));
      return std::to_string(gone);
    });
  }
  return script.take();
}

Workload epochs() {
  ServerScript script("a new epoch begins");
  Devices devices;
  devices.a.write(branch("insert", "a", "{}"));
  devices.play(devices.a, script);
  script.add("epoch", [](Machine& machine) -> Result<std::string> {
    TWINSTORE_TRY_VOID(machine.transactions().run(
        [&](OwnWrites& writes) { return writes.authority().start_epoch(machine.ids); }));
    return machine.authority().identity().epoch;
  });
  devices.a.write(branch("insert", "b", "{}"));
  devices.play(devices.a, script);
  return script.take();
}

Workload imports() {
  ServerScript script("records of a backend, twice");
  std::vector<std::string> records;
  for (int i = 0; i < 40; ++i) {
    records.push_back(R"({"repo_id":"r","name":"b)" + std::to_string(i) +
                      R"(","commit_sha":"c1","updated_at":"2024-05-01T00:00:00Z"})");
  }
  script.ingest("branches", records);
  script.ingest("branches", records);
  for (std::string& record : records) record.replace(record.find("c1"), 2, "c2");
  script.ingest("branches", {records[0], records[1]});
  return script.take();
}

std::string analysis(std::string_view commit, std::string_view at) {
  return R"({"repo_id":"r","branch_name":"main","commit_sha":")" + std::string(commit) +
         R"(","analysis_timestamp":")" + std::string(at) +
         R"(","file_tree":{"files":["a","b"]},"metrics":{"files":2}})";
}

void fill(ServerScript& script) {
  script.ingest("repositories", {R"({"repo_id":"r","updated_at":"2024-04-01T00:00:00Z"})"});
  script.ingest("branches", {R"({"repo_id":"r","name":"main"})"});
  script.ingest("analyses", {analysis("c1", "2024-04-01T00:00:00Z")});
  script.ingest("analyses", {analysis("c2", "2024-05-30T00:00:00Z")});
  script.ingest("historical_metrics",
                {R"({"repo_id":"r","branch_name":"main","commit_sha":"c1","metric_name":"files",)"
                 R"("metric_value":2.5,"recorded_at":"2024-04-01T00:00:00Z"})"});
  script.ingest("cache_entries", {R"({"cache_key":"k","repo_id":"r","size_bytes":10,)"
                                  R"("created_at":"2024-04-01T00:00:00Z"})"});
}

Workload services() {
  ServerScript script("analyses, metrics and cache entries; and a repository goes");
  fill(script);
  script.own("touch", [](OwnWrites& writes) -> Result<std::string> {
    TWINSTORE_TRY(const bool is_there, PersistenceWriter(writes).touch_cache_entry("k"));
    return std::string(is_there ? "touched" : "absent");
  });
  for (int i = 0; i < 3; ++i) {
    script.own("delete", [](OwnWrites& writes) -> Result<std::string> {
      RowCounts counts;
      TWINSTORE_TRY(const bool is_done,
                    PersistenceWriter(writes).delete_repository("r", 3, counts));
      return std::string(is_done ? "done" : "more");
    });
  }
  return script.take();
}

Workload cleanups() {
  ServerScript script("what is old is cleaned up");
  fill(script);
  for (int i = 0; i < 2; ++i) {
    script.own("cleanup", [](OwnWrites& writes) -> Result<std::string> {
      TWINSTORE_TRY(Cleanup cleanup, Cleanup::make(writes.authority().schema(),
                                                   writes.authority().clock(), CleanupOptions{}));
      TWINSTORE_TRY(const bool is_done, cleanup.step(writes));
      return row_counts_json(writes.authority().schema(), cleanup.result().deleted) +
             (is_done ? " done" : " more");
    });
  }
  return script.take();
}

Workload tasks() {
  ServerScript script("tasks of refreshing are claimed and ended");
  const auto with = [](auto work) {
    return [work](OwnWrites& writes) -> Result<std::string> {
      FakeIdSource ids(5);
      RefreshTaskWriter scheduler(writes, ids, RefreshPolicy{});
      return work(scheduler);
    };
  };
  script.ingest("branches", {R"({"repo_id":"r","name":"main"})"});
  script.own("schedule",
             with([](auto& scheduler) { return scheduler.schedule_refresh("r", "main", 0); }));
  const auto claim = with([](auto& scheduler) -> Result<std::string> {
    TWINSTORE_TRY(const auto claimed, scheduler.claim_due("node", 5));
    return std::to_string(claimed.size());
  });
  script.own("claim", claim);
  script.own("fail", with([](auto& scheduler) -> Result<std::string> {
               TWINSTORE_TRY(const auto list, scheduler.get_scheduled_tasks(5));
               if (list.empty()) return std::string("none");
               TWINSTORE_TRY(const bool is_own, scheduler.fail(list[0].id, "node", "busy", true));
               return std::string(is_own ? "failed" : "lost");
             }));
  script.wait(3'600'000);
  script.own("claim", claim);
  script.own("finish", with([](auto& scheduler) -> Result<std::string> {
               TWINSTORE_TRY(const auto list, scheduler.get_scheduled_tasks(5));
               if (list.empty()) return std::string("none");
               TWINSTORE_TRY(const bool is_own, scheduler.finish(list[0].id, "node", "c1"));
               return std::string(is_own ? "finished" : "lost");
             }));
  script.own("check", with([](auto& scheduler) -> Result<std::string> {
               TWINSTORE_TRY(const bool is_first, scheduler.claim_check(60'000));
               return std::string(is_first ? "first" : "later");
             }));
  return script.take();
}

Workload log_wraps() {
  ServerScript script("more than SQLite's log holds before it is checkpointed");
  for (int i = 0; i < 5; ++i) {
    std::vector<std::string> records;
    for (int j = 0; j < 12; ++j) {
      records.push_back(R"({"repo_id":"r","branch_name":"b)" + std::to_string(i) +
                        R"(","commit_sha":"c)" + std::to_string(j) +
                        R"(","analysis_timestamp":"2024-05-01T00:00:00Z","ai_summary":")" +
                        std::string(90'000, static_cast<char>('a' + j)) + "\"}");
    }
    script.ingest("analyses", records);
  }
  return script.take();
}

}  // namespace

std::vector<Workload> server_workloads() {
  return {small_pushes(), large_push(), repeated_pushes(), conflicts(), rejections(), deletions(),
          epochs(),       imports(),    services(),        cleanups(),  tasks(),      log_wraps()};
}

}  // namespace twinstore::durability
