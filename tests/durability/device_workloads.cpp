// What a device does: each is a way in which a store is written to.
#include "device_script.h"

namespace twinstore::durability {
namespace {

using test::edit;

std::string branch(std::string_view op, std::string_view name, std::string_view fields) {
  return edit(op, "branches", R"(["r",")" + std::string(name) + "\"]", fields);
}

std::string batch(size_t rows, std::string_view prefix, size_t bytes) {
  std::string out = R"({"edits":[)";
  for (size_t i = 0; i < rows; ++i) {
    out += (i > 0 ? "," : "") +
           std::string(R"({"op":"upsert","collection":"branches","key":["r",")") +
           std::string(prefix) + std::to_string(i) + R"("],"fields":{"last_commit_message":")" +
           std::string(bytes, static_cast<char>('a' + i % 26)) + R"("}})";
  }
  return out + "]}";
}

constexpr std::string_view manual_schema = R"({"name":"notes","version":1,"collections":[
  {"name":"facts","key":["id"],"scope":"list","append_only":true,"fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"text","type":"text"}]},
  {"name":"notes","key":["id"],"scope":"list","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"}]}]})";

std::string note(std::string_view op, std::string_view id, std::string_view fields) {
  return edit(op, "notes", "\"" + std::string(id) + "\"", fields);
}

Workload rows_alone() {
  DeviceScript script("rows of a device that stands alone");
  script.write(branch("insert", "main", R"({"tags":["a"]})"));
  script.write(branch("update", "main", R"({"tags":["b"],"ahead":1})"));
  script.write(batch(30, "b", 40));
  script.write(branch("delete", "b3", ""));
  return script.take();
}

Workload own_rows_connected() {
  DeviceScript script("a device that stood alone is connected");
  script.write(batch(20, "b", 40));
  script.write(branch("insert", "main", "{}"));
  script.connect();
  script.subscribe("*");
  script.sync();
  return script.take();
}

Workload joined_edits() {
  DeviceScript script("edits of one row join");
  script.subscribe("*");
  script.write(branch("insert", "main", "{}"));
  for (int i = 0; i < 5; ++i) {
    script.write(branch("update", "main", "{\"ahead\":" + std::to_string(i + 1) + "}"));
  }
  script.sync();
  return script.take();
}

Workload deletions() {
  DeviceScript script("rows are deleted, here and elsewhere");
  script.subscribe("*");
  script.write(batch(6, "b", 10));
  script.sync();
  script.write(branch("delete", "b0", ""));
  script.other().sync(script.server());
  script.other_writes(branch("delete", "b1", ""));
  script.sync();
  script.write(branch("insert", "b0", R"({"ahead":3})"));
  script.sync();
  return script.take();
}

Workload large_values() {
  DeviceScript script("values of a megabyte");
  script.subscribe("*");
  const std::string text(900'000, 'x');
  script.write(
      edit("insert", "analyses", R"(["r","main","c"])",
           R"({"analysis_timestamp":"2024-01-01T00:00:00Z","ai_summary":")" + text + "\"}"));
  script.write(edit("update", "analyses", R"(["r","main","c"])", R"({"ai_summary":"short"})"));
  script.sync();
  return script.take();
}

Workload log_wraps() {
  DeviceScript script("more than SQLite's log holds before it is checkpointed");
  script.subscribe("*");
  for (int i = 0; i < 4; ++i) script.write(batch(150, "b" + std::to_string(i) + "-", 9'000));
  script.write(branch("insert", "main", "{}"));
  script.write(branch("update", "main", R"({"ahead":1})"));
  return script.take();
}

Workload pushes() {
  DeviceScript script("pushes are numbered, answered and confirmed");
  script.subscribe("*");
  for (int i = 0; i < 3; ++i) script.write(branch("insert", "b" + std::to_string(i), "{}"));
  const std::string push = script.say();
  script.write(branch("update", "b0", R"({"ahead":1})"));
  script.hear(script.server().answer(push));
  script.sync();
  return script.take();
}

Workload lost_answers() {
  DeviceScript script("answers are lost and pushes repeated");
  script.subscribe("*");
  script.write(branch("insert", "main", "{}"));
  (void)script.server().answer(script.say());
  script.replica().lost();
  script.reopen();
  script.write(branch("update", "main", R"({"ahead":1})"));
  script.sync();
  return script.take();
}

Workload pages() {
  DeviceScript script("pages wait for their checkpoint");
  script.subscribe("*");
  script.other_writes(batch(25, "b", 60));
  script.write(branch("insert", "b7", R"({"ahead":1})"));
  script.sync_in_pages(4);
  script.other_writes(branch("update", "b3", R"({"behind":2})"));
  script.sync();
  return script.take();
}

Workload counters() {
  DeviceScript script("counters and sets are merged");
  script.subscribe("*");
  const auto hit = edit("update", "cache_entries", R"("k")", R"({"hit_count":{"increment":1}})");
  script.write(edit("insert", "cache_entries", R"("k")", R"({"repo_id":"r","hit_count":1})"));
  script.sync();
  script.other().sync(script.server());
  script.other_writes(hit);
  script.write(hit);
  script.write(hit);
  script.sync();
  return script.take();
}

Workload conflicts() {
  DeviceScript script("a conflict comes and is decided", manual_schema);
  script.subscribe("*");
  script.write(note("insert", "n", R"({"list":"l","title":"first"})"));
  script.sync();
  script.other().sync(script.server());
  script.other_writes(note("update", "n", R"({"title":"theirs"})"));
  script.write(note("update", "n", R"({"title":"mine"})"));
  script.sync();
  const std::string id = script.rows("SELECT id FROM _conflicts WHERE status = 'open'");
  script.write(R"({"edits":[{"op":"resolve","conflict":")" + id + R"(","choice":"local"}]})");
  script.sync();
  return script.take();
}

Workload rejections() {
  DeviceScript script("a write is refused, kept, and decided about", manual_schema);
  script.subscribe("*");
  script.other_writes(edit("insert", "facts", R"("f")", R"({"list":"l","text":"theirs"})"));
  script.write(edit("insert", "facts", R"("f")", R"({"list":"l","text":"mine"})"));
  script.write(note("insert", "n", R"({"list":"l"})"));
  script.sync();
  const std::string id = script.rows("SELECT id FROM _rejected_writes");
  script.write(note("insert", "m", R"({"list":"l","title":"saved"})"));
  script.write(R"({"edits":[{"op":"resolve","rejected":")" + id + R"(","choice":"remote"}]})");
  script.sync();
  return script.take();
}

Workload restored_server() {
  DeviceScript script("the server comes back from a backup");
  script.subscribe("*");
  script.write(branch("insert", "kept", "{}"));
  script.sync();
  script.write(branch("update", "kept", R"({"ahead":1})"));
  script.sync();
  // It never heard of anything here.
  test::World empty;
  empty.server.come_back();
  script.write(branch("insert", "later", "{}"));
  for (std::string text = script.say(); !text.empty(); text = script.say()) {
    script.hear(empty.server.answer(text));
  }
  return script.take();
}

Workload scopes() {
  DeviceScript script("scopes are subscribed, dropped and withdrawn");
  script.subscribe("r");
  script.subscribe("s");
  script.write(batch(5, "b", 10));
  script.write(edit("insert", "branches", R"(["s","main"])", "{}"));
  script.sync();
  script.write(branch("update", "b1", R"({"ahead":1})"));
  script.unsubscribe("r");
  script.sync();
  script.hear(
      R"({"type":"error","code":"scope_withdrawn","message":"m","retryable":false,"scope":"s"})");
  script.subscribe("s");
  script.sync();
  return script.take();
}

Workload expired_cursors() {
  DeviceScript script("a scope is read again, and what is gone leaves");
  script.subscribe("*");
  script.write(batch(8, "b", 10));
  script.sync();
  script.write(branch("update", "b2", R"({"ahead":1})"));
  script.other().sync(script.server());
  script.other_writes(branch("delete", "b1", ""));
  script.wait(limits::tombstone_horizon_ms + 1);
  TWINSTORE_CHECK(script.server().storage().begin().ok());
  TWINSTORE_CHECK(script.server().authority().collect_garbage(100).ok());
  TWINSTORE_CHECK(script.server().storage().commit().ok());
  script.hear(R"({"type":"behind","scope":"*"})");
  script.sync();
  return script.take();
}

Workload copied_device() {
  DeviceScript script("a copy of a device takes another name");
  script.subscribe("*");
  script.write(branch("insert", "a", "{}"));
  script.write(branch("insert", "b", "{}"));
  (void)script.say();
  script.hear(R"({"type":"error","code":"id_reuse","message":"other content","retryable":false})");
  script.sync();
  return script.take();
}

Workload named_operations() {
  DeviceScript script("a named operation is written once");
  script.subscribe("*");
  for (const char* name : {"one", "two", "one"}) {
    script.write(R"({"operation":")" + std::string(name) +
                 R"(","edits":[{"op":"upsert","collection":"cache_entries","key":["k"],)"
                 R"("fields":{"repo_id":"r","hit_count":{"increment":1}}}]})");
  }
  script.reopen();
  script.sync();
  return script.take();
}

Workload refused_pushes() {
  DeviceScript script("a push is refused whole, and one write alone");
  script.subscribe("*");
  for (int i = 0; i < 3; ++i) script.write(branch("insert", "b" + std::to_string(i), "{}"));
  const std::string refusal =
      R"({"type":"error","code":"body_too_large","message":"m","retryable":false})";
  (void)script.say();
  script.hear(refusal);
  (void)script.say();
  script.hear(refusal);
  script.sync();
  return script.take();
}

Workload upgraded() {
  DeviceScript script("the application is brought up to date");
  script.subscribe("*");
  script.write(batch(5, "b", 10));
  script.sync();
  script.write(branch("update", "b1", R"({"ahead":1})"));
  Workload workload = script.take();
  std::string newer = workload.schema_json;
  newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 2");
  newer.insert(newer.find("{\"name\": \"ahead\""), "{\"name\": \"owner\", \"type\": \"text\"},");
  workload.steps.push_back({"upgrade", workload.steps.back().now_ms + 1000,
                            [newer](Machine& machine) -> Result<std::string> {
                              machine.install(newer);
                              TWINSTORE_TRY_VOID(machine.open());
                              return std::string("open");
                            }});
  workload.steps.push_back(
      {"write", workload.steps.back().now_ms + 1000, [](Machine& machine) -> Result<std::string> {
         TWINSTORE_TRY_VOID(machine.store().write(branch("update", "b2", R"({"owner":"me"})")));
         return std::string("written");
       }});
  return workload;
}

Workload refreshes() {
  DeviceScript script("a refresh is asked for and given up");
  script.subscribe("*");
  script.write(branch("insert", "main", "{}"));
  script.write(R"({"edits":[{"op":"mark_for_refresh","repo_id":"r","branch_name":"main"},)"
               R"({"op":"schedule_refresh","task":"t","repo_id":"r","branch_name":"main",)"
               R"("delay_minutes":5}]})");
  script.sync();
  script.write(R"({"edits":[{"op":"cancel_refresh","task":"t"}]})");
  script.sync();
  return script.take();
}

}  // namespace

std::vector<Workload> device_workloads() {
  return {rows_alone(),
          own_rows_connected(),
          joined_edits(),
          deletions(),
          large_values(),
          log_wraps(),
          pushes(),
          lost_answers(),
          pages(),
          counters(),
          conflicts(),
          rejections(),
          restored_server(),
          scopes(),
          expired_cursors(),
          copied_device(),
          named_operations(),
          refused_pushes(),
          upgraded(),
          refreshes()};
}

}  // namespace twinstore::durability
