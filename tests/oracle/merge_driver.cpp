// Asks the core's `resolve`, for comparison with the oracle: reads JSON lines from standard input
// and writes one line for each case.
//   {"id":3,"schema":{…}}                                          names a schema, answers nothing
//   {"id":3,"stamp":T,"change":{…},"stored":{…}|null}              a case, as row_merge.ts has it
#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "schema/field_value.h"
#include "twinstore/conflict.h"

using namespace twinstore;

namespace {

// The lines come from our own generator: anything it cannot have written is a programmer's mistake.
template <class T>
T certain(Result<T> result) {
  if (!result.ok()) std::cerr << "merge_driver: " << result.error().message << '\n';
  TWINSTORE_CHECK(result.ok());
  return std::move(result).value();
}

HybridTime read_time(const JsonValue& json) {
  const auto& text = json.get_ref<const std::string&>();
  return text.empty() ? HybridTime{} : certain(parse_hybrid_time(text));
}

Value read_value(const Collection& collection, size_t field, const JsonValue& json) {
  return certain(check_wire_value(collection.fields[field], json));
}

Change read_change(const Collection& collection, const JsonValue& json) {
  Change change;
  change.key = {std::string("k")};
  const std::string kind = json["kind"].get<std::string>();
  change.kind = kind == "insert"   ? ChangeKind::Insert
                : kind == "delete" ? ChangeKind::Delete
                                   : ChangeKind::Update;
  change.base_rev = json["base_rev"].get<int64_t>();
  change.seen = read_time(json["seen"]);
  for (const JsonValue& item : json["fields"]) {
    const auto field = item["field"].get<uint16_t>();
    change.fields.push_back({field, read_value(collection, field, item["before"]),
                             read_value(collection, field, item["after"]),
                             read_time(item["seen"])});
  }
  return change;
}

RowVersion read_row(const Collection& collection, const JsonValue& json) {
  RowVersion row;
  row.rev = json["rev"].get<int64_t>();
  row.hlc = read_time(json["hlc"]);
  row.deleted_at = read_time(json["deleted_at"]);
  for (const JsonValue& stamp : json["stamps"]) {
    row.stamps.emplace_back(stamp[0].get<uint16_t>(), read_time(stamp[1]));
  }
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    row.values.push_back(read_value(collection, i, json["values"][i]));
  }
  return row;
}

// The invariants of record.h, which no outcome may break.
std::string broken_invariant(const Collection& collection, const RowVersion& row) {
  if (row.values.size() != collection.fields.size()) return "the row has not all of its fields";
  if (!std::ranges::is_sorted(row.stamps)) return "stamps are not sorted by field";
  if (row.is_deleted() && row.deleted_at <= row.latest_stamp()) {
    return "a deletion is not later than every stamp";
  }
  return "";
}

void append_list(std::string& out, const char* name, const std::vector<uint16_t>& fields) {
  out += std::string(",\"") + name + "\":[";
  for (size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(fields[i]);
  out += ']';
}

std::string answer(const Collection& collection, const JsonValue& json) {
  const bool is_stored = !json["stored"].is_null();
  const RowVersion stored = is_stored ? read_row(collection, json["stored"]) : RowVersion{};
  const auto resolution = resolve(collection, read_change(collection, json["change"]),
                                  read_time(json["stamp"]), is_stored ? &stored : nullptr);
  const Resolution judged = resolution.ok() ? resolution.value() : Resolution{};
  const RowVersion& after = judged.row ? *judged.row : stored;
  std::string out = "{\"outcome\":\"";
  out += resolution.ok() ? outcome_text(judged.status) : "rejected";
  out += "\",\"code\":\"";
  if (!resolution.ok()) out += error_text(resolution.error().code);
  out += std::string("\",\"deleted\":") + (after.is_deleted() ? "true" : "false") + ",\"values\":[";
  for (size_t i = 0; i < after.values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_value(out, after.values[i]);
  }
  out += ']';
  append_list(out, "lost", judged.lost);
  append_list(out, "merged", judged.merged);
  append_list(out, "conflicts", judged.conflicts);
  const std::string broken = judged.row ? broken_invariant(collection, *judged.row) : "";
  if (!broken.empty()) out += ",\"broken\":\"" + broken + '"';
  return out + '}';
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::map<int64_t, Schema> schemas;
  for (std::string line; std::getline(std::cin, line);) {
    const JsonValue json = certain(parse_json(line));
    const auto id = json["id"].get<int64_t>();
    if (json.contains("schema")) {
      schemas.insert_or_assign(id, certain(Schema::parse(json["schema"].dump())));
    } else {
      std::cout << answer(schemas.at(id).at(0), json) << '\n';
    }
  }
  return 0;
}
