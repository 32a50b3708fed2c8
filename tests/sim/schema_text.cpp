#include "schema_text.h"

#include "base/json.h"
#include "twinstore/embedded_schema.h"

namespace twinstore::sim {
namespace {

// `pairs` are only ever written two at a time, with the same values: whoever sees one of a batch
// without the other shows it there.
constexpr std::string_view own_collections = R"([
  {"name":"registers","key":["id"],"scope":"place","fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"},
    {"name":"a","type":"text"},{"name":"b","type":"text"},
    {"name":"g1","type":"text","group":"g"},{"name":"g2","type":"int","group":"g"},
    {"name":"flag","type":"bool"},{"name":"size","type":"double"},{"name":"at","type":"time"},
    {"name":"doc","type":"json"},{"name":"tags","type":"set"},{"name":"hits","type":"counter"}]},
  {"name":"mixed","key":["place","n"],"scope":"place","policy":"MERGE","fields":[
    {"name":"place","type":"text"},{"name":"n","type":"int"},
    {"name":"label","type":"text"},{"name":"body","type":"text","merge":"text"},
    {"name":"doc","type":"json","merge":"json"},{"name":"tags","type":"set"},
    {"name":"low","type":"int","merge":"min"},{"name":"high","type":"time","merge":"max"},
    {"name":"g1","type":"text","group":"g"},{"name":"g2","type":"text","group":"g"},
    {"name":"last","type":"text","policy":"LATEST_WINS"},
    {"name":"held","type":"text","merge":"manual"},{"name":"hits","type":"counter"}]},
  {"name":"mortal","key":["id"],"scope":"place","policy":"MERGE","delete_wins":true,"fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"},
    {"name":"label","type":"text"},{"name":"tags","type":"set"},
    {"name":"hits","type":"counter"}]},
  {"name":"decided","key":["id"],"scope":"place","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"},
    {"name":"title","type":"text"},{"name":"body","type":"text"},
    {"name":"g1","type":"text","group":"g"},{"name":"g2","type":"text","group":"g"},
    {"name":"tags","type":"set"},{"name":"hits","type":"counter"}]},
  {"name":"pairs","key":["place","n"],"scope":"place","atomic":true,"fields":[
    {"name":"place","type":"text"},{"name":"n","type":"int"},
    {"name":"tag","type":"text"},{"name":"more","type":"text"}]}
])";

}  // namespace

std::string simulated_schema() {
  auto shipped = parse_json(code_mri_schema_json);
  auto own = parse_json(own_collections);
  TWINSTORE_CHECK(shipped.ok() && own.ok());
  JsonValue schema = std::move(shipped).value();
  schema["name"] = "simulated";
  for (const JsonValue& collection : own.value()) schema["collections"].push_back(collection);
  return schema.dump();
}

}  // namespace twinstore::sim
