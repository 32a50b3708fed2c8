#include "model_merge.h"

#include <algorithm>
#include <set>
#include <vector>

namespace twinstore::sim {
namespace {

using Side = std::optional<JsonValue>;  // nothing: absent, which is not null

Side member(const JsonValue& object, const std::string& name) {
  if (!object.is_object() || !object.contains(name)) return std::nullopt;
  return object[name];
}

Side merge_documents(const Side& base, const Side& local, const Side& remote, bool is_local_later,
                     bool& is_lost) {
  if (local == base) return remote;
  if (remote == base || remote == local) return local;
  if (!local || !remote || !local->is_object() || !remote->is_object()) {
    if (!is_local_later) is_lost = true;
    return is_local_later ? local : remote;
  }
  const JsonValue from = base && base->is_object() ? *base : JsonValue::object();
  std::set<std::string> names;
  for (const JsonValue* object : {&from, &*local, &*remote}) {
    for (auto it = object->begin(); it != object->end(); ++it) names.insert(it.key());
  }
  JsonValue merged = JsonValue::object();
  for (const std::string& name : names) {
    const Side side = merge_documents(member(from, name), member(*local, name),
                                      member(*remote, name), is_local_later, is_lost);
    if (side) merged[name] = *side;
  }
  return merged;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t newline = text.find('\n', at);
    const size_t end = newline == std::string::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

struct Hunk {
  size_t begin = 0;
  size_t end = 0;
  std::vector<std::string> lines;
  friend bool operator==(const Hunk&, const Hunk&) = default;
};

// length[i][j]: of the longest common subsequence of what begins at base i and side j.
std::vector<std::vector<size_t>> lengths(const std::vector<std::string>& base,
                                         const std::vector<std::string>& side) {
  std::vector<std::vector<size_t>> length(base.size() + 1, std::vector<size_t>(side.size() + 1, 0));
  for (size_t i = base.size(); i-- > 0;) {
    for (size_t j = side.size(); j-- > 0;) {
      length[i][j] = base[i] == side[j] ? length[i + 1][j + 1] + 1
                                        : std::max(length[i + 1][j], length[i][j + 1]);
    }
  }
  return length;
}

std::vector<Hunk> hunks_of(std::vector<std::string> base, std::vector<std::string> side) {
  size_t prefix = 0;
  while (prefix < base.size() && prefix < side.size() && base[prefix] == side[prefix]) ++prefix;
  const auto cut = static_cast<std::ptrdiff_t>(prefix);
  base.erase(base.begin(), base.begin() + cut);
  side.erase(side.begin(), side.begin() + cut);
  while (!base.empty() && !side.empty() && base.back() == side.back()) {
    base.pop_back();
    side.pop_back();
  }
  const auto length = lengths(base, side);
  std::vector<Hunk> hunks;
  size_t i = 0;
  size_t j = 0;
  bool is_open = false;
  while (i < base.size() || j < side.size()) {
    if (i < base.size() && j < side.size() && base[i] == side[j]) {
      ++i;
      ++j;
      is_open = false;
      continue;
    }
    if (!is_open) hunks.push_back({prefix + i, prefix + i, {}});
    is_open = true;
    const bool drops =
        i < base.size() && (j == side.size() || length[i + 1][j] >= length[i][j + 1]);
    if (drops) {
      hunks.back().end = prefix + ++i;
    } else {
      hunks.back().lines.push_back(side[j++]);
    }
  }
  return hunks;
}

std::optional<std::string> merge_lines(const std::string& base, const std::string& local,
                                       const std::string& remote) {
  const auto base_lines = lines_of(base);
  auto all = hunks_of(base_lines, lines_of(local));
  const auto others = hunks_of(base_lines, lines_of(remote));
  for (const Hunk& other : others) {
    if (std::ranges::find(all, other) != all.end()) continue;
    for (const Hunk& hunk : hunks_of(base_lines, lines_of(local))) {
      if (hunk.begin <= other.end && other.begin <= hunk.end && hunk != other) return std::nullopt;
    }
    all.push_back(other);
  }
  std::ranges::sort(all, {}, &Hunk::begin);
  std::string out;
  size_t at = 0;
  for (const Hunk& hunk : all) {
    while (at < hunk.begin) out += base_lines[at++];
    for (const std::string& line : hunk.lines) out += line;
    at = hunk.end;
  }
  while (at < base_lines.size()) out += base_lines[at++];
  return out;
}

JsonValue merge_sets(const JsonValue& base, const JsonValue& local, const JsonValue& remote) {
  const auto has = [](const JsonValue& set, const JsonValue& item) {
    return std::find(set.begin(), set.end(), item) != set.end();
  };
  std::set<JsonValue> merged;
  for (const JsonValue& item : remote) {
    if (!has(base, item) || has(local, item)) merged.insert(item);
  }
  for (const JsonValue& item : local) {
    if (!has(base, item)) merged.insert(item);
  }
  JsonValue out = JsonValue::array();
  for (const JsonValue& item : merged) out.push_back(item);
  return out;
}

}  // namespace

ModelMerge merge_three(MergeRule rule, const JsonValue& base, const JsonValue& local,
                       const JsonValue& remote, bool is_local_later) {
  const ModelMerge latest{is_local_later ? local : remote, !is_local_later};
  switch (rule) {
    case MergeRule::Set: return {merge_sets(base, local, remote), false};
    case MergeRule::Max:
    case MergeRule::Min: {
      if (local.is_null()) return {remote, false};
      const bool is_greater =
          remote.is_null() || (rule == MergeRule::Max ? local > remote : local < remote);
      return {is_greater ? local : remote, false};
    }
    case MergeRule::Json: {
      bool is_lost = false;
      const Side merged = merge_documents(base, local, remote, is_local_later, is_lost);
      return {merged.value_or(JsonValue()), is_lost};
    }
    case MergeRule::Text: {
      if (!base.is_string() || !local.is_string() || !remote.is_string()) return latest;
      const auto merged =
          merge_lines(base.get<std::string>(), local.get<std::string>(), remote.get<std::string>());
      return merged ? ModelMerge{*merged, false} : latest;
    }
    default: return latest;
  }
}

}  // namespace twinstore::sim
