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
