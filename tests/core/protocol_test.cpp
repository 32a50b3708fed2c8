#include "world.h"

using namespace twinstore;
using twinstore::test::World;

TEST_CASE_FIXTURE(World, "protocol: a malformed message is a typed error and changes nothing") {
  const Rev head = server.authority().head();
  struct Row {
    std::string text;
    std::string_view code;
  };
  const std::string hello = R"("protocol":1,"schema":"code_mri","schema_version":1,)"
                            R"("client_id":"0123456789abcdef")";
  const Row rows[] = {
      {"{", "invalid_json"},
      {R"({"type":"nothing"})", "invalid_json"},
      {std::string(65, '[') + std::string(65, ']'), "json_too_deep"},
      {R"({"type":"pull","type":"pull"})", "duplicate_key"},
      {R"({"type":"pull","protocol":99,"schema":"code_mri","schema_version":1})",
       "protocol_unsupported"},
      {R"({"type":"pull",)" + hello + R"(,"scope":"r","cursor":"x","rows_max":0})", "bad_cursor"},
      {R"({"type":"pull","protocol":1,"schema":"other","schema_version":1,)"
       R"("client_id":"0123456789abcdef","scope":"r","cursor":"","rows_max":0})",
       "schema_mismatch"},
      {R"({"type":"push",)" + hello + R"(,"acked_seq":0,"mutations":[{"seq":5}]})", "sequence_gap"},
      {R"({"type":"push",)" + hello + R"(,"acked_seq":0,"mutations":[{"seq":1},{"seq":3}]})",
       "sequence_gap"},
      {R"({"type":"push",)" + hello + R"(,"acked_seq":0})", "invalid_json"},
      {R"({"type":"push",)" + hello + R"(,"acked_seq":0,"mutations":[{"seq":0}]})", "invalid_json"},
      {R"({"type":"pull",)" + hello + R"(,"scope":"r","cursor":"","rows_max":-1})", "invalid_json"},
      {R"({"type":"pull",)" + hello + R"(,"scope":7,"cursor":"","rows_max":0})", "invalid_json"},
      {R"({"type":"subscribe",)" + hello + R"(,"scopes":{}})", "invalid_json"},
      {R"({"type":"subscribe",)" + hello + R"(,"scopes":[{"scope":"r"}]})", "invalid_json"},
      {R"({"type":"pull","protocol":1,"schema":"code_mri","schema_version":1,)"
       R"("client_id":"UPPER","scope":"r","cursor":"","rows_max":0})",
       "invalid_argument"},
      {R"({"type":"pushed","epoch":"e","outcomes":[]})", "invalid_json"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(server.answer(row.text).find("\"" + std::string(row.code) + "\"") != std::string::npos);
  }
  CHECK(server.authority().head() == head);
}

TEST_CASE_FIXTURE(World,
                  "protocol: a mutation that does not fit the schema is rejected by number") {
  struct Row {
    std::string_view change;
    std::string_view code;
  };
  const Row rows[] = {
      {R"({"collection":"nothing","key":["k"],"kind":"delete","base_rev":0})",
       "unknown_collection"},
      {R"({"collection":"branches","key":["r"],"kind":"delete","base_rev":0})", "missing_field"},
      {R"({"collection":"branches","key":["r","b"],"kind":"insert","base_rev":0,)"
       R"("fields":{"nothing":[null,1]}})",
       "unknown_field"},
      {R"({"collection":"branches","key":["r","b"],"kind":"insert","base_rev":0,)"
       R"("fields":{"ahead":[null,"many"]}})",
       "wrong_type"},
      {R"({"collection":"branches","key":["r","b"],"kind":"update","base_rev":0,)"
       R"("fields":{"ahead":[null,1]}})",
       "row_missing"},
  };
  int seq = 0;
  for (const Row& row : rows) {
    CAPTURE(row.change);
    const std::string push =
        R"({"type":"push","protocol":1,"schema":"code_mri","schema_version":1,)"
        R"("client_id":"0123456789abcdef","acked_seq":0,"mutations":[{"seq":)" +
        std::to_string(++seq) + R"(,"hlc":"018bcfe5687b00010123456789abcdef","changes":[)" +
        std::string(row.change) + "]}]}";
    const std::string answer = server.answer(push);
    CHECK(answer.find("\"status\":\"rejected\"") != std::string::npos);
    CHECK(answer.find("\"" + std::string(row.code) + "\"") != std::string::npos);
  }
  CHECK(server.authority().head() == 0);
}

TEST_CASE_FIXTURE(World, "protocol: a malformed answer is a typed error and changes nothing here") {
  test::Device a(schema_json, clock, 10);
  REQUIRE(a.write(test::edit("insert", "repositories", R"("r")", R"({"repo_id":"r"})")));
  a.sync(server);
  const std::string before = a.replica().subscribe_message();
  const std::string page =
      R"({"type":"pulled","epoch":"e","scope":"*","after":0,"rev":9,"cursor":"c")";
  const std::string pushed =
      R"({"type":"pushed","epoch":"e","client_id":"0123456789abcdef","last_seq":1)";
  const std::string whole = page + R"(,"checkpoint":true)";
  const auto block = [&](std::string_view text) {
    return whole + R"(,"blocks":[)" + std::string(text) + "]}";
  };
  const std::string texts[] = {
      "",
      "[]",
      pushed + "}",
      R"({"type":"pushed","epoch":"e","outcomes":[]})",
      pushed + R"(,"outcomes":[{"seq":1,"status":"unknown","rev":1}]})",
      pushed + R"(,"outcomes":[{"seq":1,"status":"rejected","rev":1}]})",
      page + R"(,"blocks":[]})",
      whole + "}",
      whole + R"(,"digest":"short","schema_version":1,"blocks":[]})",
      whole + R"(,"last_seq":1,"blocks":[]})",
      block("{}"),
      block(R"({"collection":"branches"})"),
      block(R"({"collection":"branches","columns":[1],"rows":[]})"),
      block(R"({"collection":"branches","columns":["repo_id"],"rows":[[1,"x"]]})"),
      block(R"({"collection":"branches","columns":["repo_id"],"rows":[[1,"x","","r"]]})"),
      block(R"({"collection":"branches","columns":["repo_id","name"],"rows":)"
            R"([[1,"018bcfe5687b00010123456789abcdef","","r",null]]})"),
      block(R"({"collection":"branches","deleted":[[1,"018bcfe5687b00010123456789abcdef"]]})"),
      R"({"type":"pull","protocol":1,"schema":"code_mri","schema_version":1,)"
      R"("client_id":"0123456789abcdef","scope":"r","cursor":"","rows_max":0})",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(a.replica().receive(text).ok());
  }
  CHECK(a.replica().subscribe_message() == before);
  CHECK(a.rows("SELECT repo_id FROM repositories") == "r");
  a.sync(server);
}

TEST_CASE_FIXTURE(World,
                  "protocol: what a replica does not know of a newer authority it leaves out") {
  test::Device a(schema_json, clock, 10);
  a.sync(server);
  CHECK(test::succeeded(a.replica().receive(
      R"({"type":"pulled","epoch":")" + server.authority().identity().epoch +
      R"(","scope":"*","after":0,"rev":0,"cursor":"c",)"
      R"("checkpoint":true,"blocks":[{"collection":"later","columns":["id"],"rows":[]},)"
      R"({"collection":"repositories","columns":["repo_id","later"],)"
      R"("rows":[[1,"018bcfe5687b00010123456789abcdef","","r","?"]]}]})")));
  CHECK(a.rows("SELECT repo_id FROM repositories") == "r");
}

TEST_CASE_FIXTURE(World, "protocol: live messages read back as they were written") {
  test::Device a(schema_json, clock, 10);
  REQUIRE(test::succeeded(a.replica().subscribe("größe/🐙")));
  a.sync(server);
  const std::string subscribe = a.replica().subscribe_message();
  const auto message = decode(schema, subscribe);
  REQUIRE(test::succeeded(message));
  CHECK(std::get<Subscribe>(message.value()).scopes.size() == 2);
  CHECK(encode(schema, message.value()) == subscribe);
  const std::string behind = encode(schema, Message(Behind{"r"}));
  CHECK(encode(schema, decode(schema, behind).value()) == behind);
}
