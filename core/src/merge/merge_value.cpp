#include "merge/merge_value.h"

#include <set>

#include "merge/merge_json.h"
#include "merge/merge_text.h"
#include "schema/field_value.h"

namespace twinstore {
namespace {

MergedValue latest(const ThreeSides& sides) {
  if (sides.is_local_later) return {sides.local, false};
  return {sides.remote, true};
}

// The lesser of two candidates for a maximum is part of the answer, not a loser.
MergedValue greater(const ThreeSides& sides, bool is_max) {
  if (is_null(sides.local)) return {sides.remote, false};
  if (is_null(sides.remote)) return {sides.local, false};
  const bool is_local_greater = sides.local > sides.remote;
  return {is_local_greater == is_max ? sides.local : sides.remote, false};
}

JsonValue document(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return {};
  auto parsed = parse_json(*text);
  TWINSTORE_CHECK(parsed.ok());  // only canonical text is stored in such fields
  return std::move(parsed).value();
}

std::set<std::string> members(const Value& value) {
  std::set<std::string> out;
  for (const JsonValue& item : document(value)) {
    auto text = canonical_json(item);
    TWINSTORE_CHECK(text.ok());
    out.insert(std::move(text).value());
  }
  return out;
}

// Each member is a value of its own that is there or not, so two sides never contradict.
std::string merge_sets(const ThreeSides& sides) {
  const auto base = members(sides.base);
  const auto local = members(sides.local);
  std::set<std::string> merged = members(sides.remote);
  for (const std::string& member : local) {
    if (!base.contains(member)) merged.insert(member);
  }
  for (const std::string& member : base) {
    if (!local.contains(member)) merged.erase(member);
  }
  std::string out = "[";
  for (const std::string& member : merged) out += (out.size() > 1 ? "," : "") + member;
  return out + "]";
}

MergedValue bounded(const Field& field, std::string text, bool is_lost, const ThreeSides& sides) {
  if (text.size() > field.bytes_max) return latest(sides);
  return {Value(std::move(text)), is_lost};
}

MergedValue merge_documents(const Field& field, const ThreeSides& sides) {
  MergedDocument merged = merge_json(document(sides.base), document(sides.local),
                                     document(sides.remote), sides.is_local_later);
  if (merged.value.is_null()) return {Value{}, merged.is_lost};
  auto text = canonical_json(merged.value);
  TWINSTORE_CHECK(text.ok());  // every part of it was canonical before
  return bounded(field, std::move(text).value(), merged.is_lost, sides);
}

MergedValue merge_texts(const Field& field, const ThreeSides& sides) {
  const auto* base = std::get_if<std::string>(&sides.base);
  const auto* local = std::get_if<std::string>(&sides.local);
  const auto* remote = std::get_if<std::string>(&sides.remote);
  if (base == nullptr || local == nullptr || remote == nullptr) return latest(sides);
  auto merged = merge_text(*base, *local, *remote);
  if (!merged) return latest(sides);
  return bounded(field, *std::move(merged), false, sides);
}

}  // namespace

MergedValue merge_value(const Field& field, const ThreeSides& sides) {
  switch (field.merge_rule) {
    case MergeRule::Set: return bounded(field, merge_sets(sides), false, sides);
    case MergeRule::Max: return greater(sides, true);
    case MergeRule::Min: return greater(sides, false);
    case MergeRule::Json: return merge_documents(field, sides);
    case MergeRule::Text: return merge_texts(field, sides);
    case MergeRule::Latest:
    case MergeRule::Manual:
    case MergeRule::Counter: break;
  }
  return latest(sides);
}

}  // namespace twinstore
