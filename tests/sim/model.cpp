#include "model.h"

#include <algorithm>

#include "ledger.h"
#include "model_merge.h"

namespace twinstore::sim {
namespace {

constexpr size_t ticks_digits = 16;
constexpr int64_t ahead_max_ms = 60'000;

std::string client_of(const std::string& stamp) {
  return stamp.size() > ticks_digits ? stamp.substr(ticks_digits) : std::string();
}

std::string hex16(uint64_t number) {
  std::string out(ticks_digits, '0');
  for (size_t i = ticks_digits; i-- > 0; number >>= 4) out[i] = "0123456789abcdef"[number & 15];
  return out;
}

uint64_t ticks_of(const std::string& stamp) {
  return std::stoull(stamp.substr(0, ticks_digits), nullptr, 16);
}

// Of one that runs too far ahead, what the authority made of it, if that is not too late.
std::string clamped(const std::string& asked, const JsonValue& outcome, int64_t latest_now_ms) {
  const std::string latest =
      hex16(static_cast<uint64_t>(latest_now_ms + ahead_max_ms) << 16) + client_of(asked);
  const std::string counted = outcome.value("hlc", asked);
  return std::min({asked, latest, counted});
}

// The change's time, or just after what it was made on top of.
std::string after(const std::string& stamp, const std::string& seen) {
  if (seen.empty() || stamp > seen) return stamp;
  return hex16(ticks_of(seen) + 1) + client_of(stamp);
}

JsonValue default_of(const Field& field) {
  switch (field.type) {
    case FieldType::Counter: return 0;
    case FieldType::Set: return JsonValue::array();
    default: return nullptr;
  }
}

}  // namespace

std::string ModelRow::latest() const {
  std::string latest;
  for (const auto& [name, field] : fields) latest = std::max(latest, field.stamp);
  return latest;
}

// A change as it came, its values with documents as JSON.
struct Model::Change {
  struct Values {
    JsonValue before;
    JsonValue after;
    std::string seen;
  };
  const Collection* collection = nullptr;
  RowName row;
  JsonValue key;
  std::string kind;
  std::string stamp;
  std::string seen;
  int64_t base_rev = 0;
  std::map<std::string, Values> fields;

  [[nodiscard]] const Field& field(const std::string& name) const {
    return collection->fields[*collection->find_field(name)];
  }
  [[nodiscard]] Policy policy(const std::string& name) const {
    return field(name).policy.value_or(collection->policy);
  }
  [[nodiscard]] std::vector<std::string> group(const std::string& name) const {
    std::vector<std::string> names;
    for (const Field& other : collection->fields) {
      const bool is_member = !other.group.empty() && other.group == field(name).group;
      if (is_member || other.name == name) names.push_back(other.name);
    }
    return names;
  }
};

const ModelRow* Model::find(const RowName& row) const {
  const auto at = rows_.find(row);
  return at == rows_.end() ? nullptr : &at->second;
}

std::optional<ModelRow> Model::new_row(const Change& change, const std::string& stamp) {
  ModelRow row;
  row.rev = -1;
  for (size_t i = 0; i < change.collection->fields.size(); ++i) {
    const Field& field = change.collection->fields[i];
    JsonValue value = i < change.collection->key_count ? change.key[i] : default_of(field);
    const auto named = change.fields.find(field.name);
    if (named != change.fields.end()) value = named->second.after;
    if (field.is_required && value.is_null()) return std::nullopt;
    row.fields[field.name] = {std::move(value), stamp};
  }
  return row;
}

// The outcome of one field after the other; the row's is made of them.
std::string Model::judge_fields(const Change& change, ModelRow& row, Judged& judged) {
  size_t lost = 0;
  bool is_merged = false;
  bool is_conflict = false;
  bool is_changed = false;
  const ModelRow stored = row;
  for (const auto& [name, values] : change.fields) {
    const Field& field = change.field(name);
    const Policy policy = change.policy(name);
    std::string stored_stamp;
    bool is_base = true;
    bool is_same = true;
    bool is_unchanged = true;
    bool is_held = false;
    const auto group = change.group(name);
    for (const std::string& member : group) {
      const ModelField& there = stored.fields.at(member);
      stored_stamp = std::max(stored_stamp, there.stamp);
      const auto named = change.fields.find(member);
      if (named != change.fields.end()) {
        is_base = is_base && named->second.before == there.value;
        is_same = is_same && named->second.after == there.value;
        is_unchanged = is_unchanged && named->second.after == named->second.before;
      }
      is_held = is_held || change.policy(member) == Policy::Manual ||
                change.field(member).merge_rule == MergeRule::Manual;
    }
    const bool is_own = client_of(stored_stamp) == client_of(change.stamp);
    const bool is_rev = change.base_rev == stored.rev;
    const bool is_seen = is_rev || is_own || stored_stamp == values.seen;
    const bool is_later = change.stamp > stored_stamp;
    const bool is_alone = group.size() == 1;
    const bool is_mixing =
        is_alone && field.merge_rule != MergeRule::Latest && field.merge_rule != MergeRule::Manual;
    JsonValue value = values.after;
    std::string branch;
    if (field.type == FieldType::Counter) {
      branch = "counter";
      value = stored.fields.at(name).value.get<int64_t>() + values.after.get<int64_t>();
    } else if (policy == Policy::LatestWins) {
      branch = is_seen ? "lww_seen" : is_later ? "lww_later" : "lww_earlier";
    } else if (is_rev || (is_seen && (policy == Policy::Manual || !is_mixing))) {
      branch = "seen";
    } else if (is_same || is_unchanged) {
      branch = "equal";
    } else if (is_base) {
      branch = "only_local";
    } else if (is_held) {
      branch = "manual";
    } else if (is_mixing) {
      branch = "rule";
    } else {
      branch = is_later ? "latest_local" : "latest_remote";
    }
    ++branches_[branch];
    ModelField& out = row.fields.at(name);
    if (branch == "equal") continue;
    if (branch == "manual") {
      is_conflict = true;
      judged.pairs.push_back({change.row, name, values.after});
      continue;
    }
    if (branch == "lww_earlier" || branch == "latest_remote") {
      if (!is_same) ++lost;
      continue;
    }
    if (branch == "rule") {
      const ModelMerge merged = merge_three(field.merge_rule, values.before, values.after,
                                            stored.fields.at(name).value, is_later);
      is_merged = true;
      if (merged.is_lost) ++lost;
      if (merged.value == out.value) continue;
      value = merged.value;
    }
    const bool is_register = policy == Policy::LatestWins && !is_seen;
    const std::string effective = is_register ? change.stamp : after(change.stamp, stored_stamp);
    is_changed = is_changed || out.value != value || effective > out.stamp;
    out.value = std::move(value);
    out.stamp = std::max(out.stamp, effective);
  }
  if (is_conflict) return "conflict";
  if (!is_changed && lost == change.fields.size() && lost > 0) return "superseded";
  return lost > 0 || is_merged ? "merged" : "applied";
}

std::string Model::judge_edit_of_deleted(const Change& change, ModelRow& row, Judged& judged) {
  const Policy policy = change.collection->policy;
  if (policy == Policy::Manual) {
    judged.pairs.push_back({change.row, "", nullptr});
    ++branches_["edit_deleted_manual"];
    return "conflict";
  }
  if (policy == Policy::Merge && change.collection->delete_wins) {
    ++branches_["edit_deleted_delete_wins"];
    return "superseded";
  }
  const std::string deleted_at = row.deleted_at;
  std::string outcome = judge_fields(change, row, judged);
  if (policy == Policy::LatestWins) {
    const bool is_alive = change.stamp > deleted_at;
    ++branches_[is_alive ? "edit_deleted_later" : "edit_deleted_earlier"];
    row.is_deleted = !is_alive;
    if (!is_alive) {
      row.deleted_at = after(deleted_at, row.latest());
      return "superseded";
    }
    for (const auto& [name, values] : change.fields) {
      std::string& stamp = row.fields.at(name).stamp;
      stamp = std::max(stamp, change.stamp);
    }
    return outcome;
  }
  ++branches_["edit_deleted_merge"];
  for (const auto& [name, values] : change.fields) {
    std::string& stamp = row.fields.at(name).stamp;
    stamp = std::max(stamp, after(change.stamp, deleted_at));
  }
  row.is_deleted = false;
  return outcome == "conflict" ? outcome : "merged";
}

std::string Model::judge_delete(const Change& change, ModelRow& row, Judged& judged) {
  const Policy policy = change.collection->policy;
  const std::string latest = row.latest();
  bool is_seen = change.base_rev == row.rev || latest == change.seen ||
                 client_of(latest) == client_of(change.stamp);
  if (policy != Policy::LatestWins && !row.is_deleted) {
    bool is_stored = !change.fields.empty();
    for (const auto& [name, values] : change.fields) {
      is_stored = is_stored && values.before == row.fields.at(name).value;
    }
    is_seen =
        change.base_rev == row.rev || is_stored || (change.fields.empty() && latest == change.seen);
  }
  const bool is_later = change.stamp > latest;
  if (!is_seen && !row.is_deleted) {
    if (policy == Policy::Manual) {
      judged.pairs.push_back({change.row, "", nullptr});
      ++branches_["delete_manual"];
      return "conflict";
    }
    const bool is_refused =
        policy == Policy::LatestWins ? !is_later : !change.collection->delete_wins;
    if (is_refused) {
      ++branches_["delete_refused"];
      return "superseded";
    }
  }
  const bool is_register = policy == Policy::LatestWins && !is_seen;
  const std::string at = is_register ? change.stamp : after(change.stamp, latest);
  ++branches_[row.is_deleted ? "delete_again" : "delete"];
  if (row.is_deleted && at <= row.deleted_at) return "applied";
  row.is_deleted = true;
  row.deleted_at = at;
  return "applied";
}

void Model::forget_deletions(const std::string& before) {
  std::erase_if(rows_, [&](const auto& item) {
    return item.second.is_deleted && item.second.deleted_at < before;
  });
}

// One of the outcomes, or the code of a rejection.
std::string Model::judge(const Change& change, std::optional<ModelRow>& row, Judged& judged) {
  const Collection& collection = *change.collection;
  if (change.kind == "delete") {
    if (!row) return "applied";
    return judge_delete(change, *row, judged);
  }
  if (!row) {
    if (change.kind == "update") return "row_missing";
    row = new_row(change, change.stamp);
    return row ? "applied" : "missing_field";
  }
  const std::string& scope = collection.fields[collection.scope_field].name;
  const auto moved = change.fields.find(scope);
  if (moved != change.fields.end() && moved->second.after != row->fields.at(scope).value) {
    return "scope_changed";
  }
  if (row->is_deleted) {
    const bool is_known = change.base_rev == row->rev || row->deleted_at == change.seen ||
                          client_of(row->deleted_at) == client_of(change.stamp);
    if (change.kind != "insert" || !is_known) return judge_edit_of_deleted(change, *row, judged);
    ++branches_["new_life"];
    row = new_row(change, after(change.stamp, row->deleted_at));
    return row ? "applied" : "missing_field";
  }
  if (!collection.is_append_only) return judge_fields(change, *row, judged);
  for (const auto& [name, values] : change.fields) {
    if (row->fields.at(name).value != values.after) return "append_only";
  }
  return "applied";
}

Judged Model::apply(const JsonValue& mutation, const JsonValue& outcome, int64_t latest_now_ms) {
  const std::string stamp = clamped(mutation["hlc"].get<std::string>(), outcome, latest_now_ms);
  if (stamp != mutation["hlc"]) ++branches_["clamped"];
  Judged judged;
  std::map<RowName, std::optional<ModelRow>> rows;
  size_t superseded = 0;
  bool is_conflict = false;
  bool is_merged = false;
  for (const JsonValue& json : mutation["changes"]) {
    Change change;
    change.collection = schema_->find(json["collection"].get<std::string>());
    change.key = json["key"];
    change.row = {change.collection->name, change.key.dump()};
    change.kind = json["kind"].get<std::string>();
    change.stamp = stamp;
    change.seen = json.value("seen", "");
    change.base_rev = json["base_rev"].get<int64_t>();
    if (change.collection->is_system) {
      judged.decided.push_back(change.key[0].get<std::string>());
      judged.is_outcome_known = false;
      continue;
    }
    for (auto it = json["fields"].begin(); it != json["fields"].end(); ++it) {
      const Field& field = change.field(it.key());
      const JsonValue& parts = it.value();
      change.fields[it.key()] = {from_wire(field, parts[0]), from_wire(field, parts[1]),
                                 parts.size() > 2 ? parts[2].get<std::string>() : change.seen};
    }
    if (!rows.contains(change.row)) {
      const ModelRow* stored = find(change.row);
      rows[change.row] = stored == nullptr ? std::nullopt : std::optional(*stored);
    }
    const std::string verdict = judge(change, rows[change.row], judged);
    if (verdict == "conflict") {
      is_conflict = true;
    } else if (verdict == "merged") {
      is_merged = true;
    } else if (verdict == "superseded") {
      ++superseded;
    } else if (verdict != "applied") {
      return {"rejected", verdict, true, {}, {}};
    }
  }
  if (is_conflict && mutation.value("all_or_nothing", false)) {
    return {"rejected", "precondition_failed", true, {}, {}};
  }
  judged.outcome = is_conflict                                ? "conflict"
                   : superseded == mutation["changes"].size() ? "superseded"
                   : superseded > 0 || is_merged              ? "merged"
                                                              : "applied";
  for (auto& [name, row] : rows) {
    if (!row) continue;
    const ModelRow* stored = find(name);
    if (stored == nullptr || *stored != *row) row->rev = -1;  // until the caller tells
    rows_[name] = *std::move(row);
    touched_[name] = true;
  }
  return judged;
}

}  // namespace twinstore::sim
