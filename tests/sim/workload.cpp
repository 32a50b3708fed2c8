#include "workload.h"

#include <set>

namespace twinstore::sim {
namespace {

std::string time_at(int64_t number) {
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return "2024-01-01T" + two(number / 3600 % 24) + ":" + two(number / 60 % 60) + ":" +
         two(number % 60) + ".000Z";
}

// Changes a few members, nested ones too; now and then something else altogether.
JsonValue changed_document(Random& random, const JsonValue& now, int64_t number) {
  if (random.one_in(12)) return random.one_in(2) ? JsonValue(nullptr) : JsonValue(number);
  JsonValue document = now.is_object() ? now : JsonValue::object();
  for (uint64_t i = 0; i <= random.below(2); ++i) {
    JsonValue* place = &document;
    if (random.one_in(3)) {
      JsonValue& inner = document["in"];
      if (!inner.is_object()) inner = JsonValue::object();
      place = &inner;
    }
    const std::string name(1, static_cast<char>('p' + random.below(4)));
    switch (random.below(4)) {
      case 0: place->erase(name); break;
      case 1: (*place)[name] = nullptr; break;
      case 2: (*place)[name] = JsonValue::array({number, "x"}); break;
      default: (*place)[name] = number;
    }
  }
  return document;
}

JsonValue changed_set(Random& random, const JsonValue& now) {
  std::set<std::string> members;
  for (const JsonValue& member : now) members.insert(member.get<std::string>());
  const std::string member = "m" + std::to_string(random.below(8));
  if (members.erase(member) == 0) members.insert(member);
  return members;
}

std::string changed_lines(Random& random, const JsonValue& now, const std::string& fresh) {
  std::vector<std::string> lines;
  const std::string text = now.is_string() ? now.get<std::string>() : "1\n2\n3\n4\n5\n";
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  const size_t place = random.below(lines.size() + 1);
  const auto at = lines.begin() + static_cast<std::ptrdiff_t>(place);
  if (place < lines.size() && random.one_in(3)) {
    lines.erase(at);
  } else if (place < lines.size() && random.one_in(2)) {
    *at = fresh + "\n";
  } else if (lines.size() < 30) {
    lines.insert(at, fresh + "\n");
  }
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

}  // namespace

Workload::Workload(const Schema& schema, uint64_t collections) : schema_(schema) {
  std::vector<const Collection*> all;
  for (const Collection& collection : schema.collections()) {
    if (collection.is_system || collection.name == "pairs") continue;
    all.push_back(&collection);
    if ((collections >> collection.position & 1) != 0) written_.push_back(&collection);
  }
  if (written_.empty()) written_ = std::move(all);
}

std::string Workload::fresh_text() { return "v" + std::to_string(next_++); }

JsonValue Workload::value(Random& random, const Field& field, const JsonValue& now) {
  const int64_t number = next_++;
  const bool has_null = field.type != FieldType::Counter && field.type != FieldType::Set;
  if (has_null && !field.is_required && random.one_in(25)) return nullptr;
  switch (field.type) {
    case FieldType::Text:
      return field.merge_rule == MergeRule::Text
                 ? JsonValue(changed_lines(random, now, fresh_text()))
                 : JsonValue(random.one_in(30) ? "é😀\"\\" + fresh_text() : fresh_text());
    case FieldType::Int: return number * (random.one_in(2) ? 1 : -1);
    case FieldType::Double: return static_cast<double>(number) + 0.5;
    case FieldType::Bool: return random.one_in(2);
    case FieldType::Time: return time_at(number);
    case FieldType::Json: return changed_document(random, now, number);
    case FieldType::Set: return changed_set(random, now);
    case FieldType::Counter:
      if (random.one_in(5)) return random.between(-50, 50);
      return JsonValue{{"increment", random.between(-5, 9)}};
  }
  return nullptr;
}

JsonValue Workload::key(Random& random, const Collection& collection) {
  const uint64_t scope = random.below(scopes_count);
  JsonValue key = JsonValue::array();
  for (size_t i = 0; i < collection.key_count; ++i) {
    const bool is_scope = i == collection.scope_field;
    const uint64_t number = random.below(collection.key_count > 1 ? 3 : 6);
    if (is_scope) {
      key.push_back(scope_name(scope));
    } else if (collection.fields[i].type == FieldType::Int) {
      key.push_back(number);
    } else {
      key.push_back(collection.name.substr(0, 2) + std::to_string(number));
    }
  }
  return key;
}

PlannedEdit Workload::edit(Random& random, const Collection& collection, const Read& read) {
  PlannedEdit edit;
  edit.collection = collection.name;
  edit.key = key(random, collection);
  const JsonValue now = read(edit.row());
  const bool is_live = !now.is_null();
  const uint64_t dice = random.below(100);
  if (dice < 12) {
    edit.op = "delete";
    return edit;
  }
  // Mostly what fits; sometimes what must be refused.
  edit.op = dice < 16   ? (is_live ? "insert" : "update")
            : dice < 40 ? "upsert"
                        : (is_live ? "update" : "insert");
  const std::string& scope_field = collection.fields[collection.scope_field].name;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    if (field.name == scope_field) {
      // A row's scope follows from its key, so that all devices agree on it.
      const uint64_t own = edit.key[0].get<std::string>().back() % scopes_count;
      if (!is_live) edit.fields[field.name] = scope_name(own);
      continue;
    }
    const bool is_named = (!is_live && field.is_required) || random.one_in(is_live ? 4 : 2);
    if (!is_named) continue;
    edit.fields[field.name] = value(random, field, is_live ? now[field.name] : JsonValue());
  }
  return edit;
}

// Two rows that are only ever written together.
std::vector<PlannedEdit> Workload::pair(Random& random, const Read& read) {
  const std::string place = scope_name(random.below(scopes_count));
  const auto first = static_cast<int64_t>(random.below(2) * 2);
  std::vector<PlannedEdit> edits;
  const bool is_live = !read({"pairs", JsonValue({place, first}).dump()}).is_null();
  const bool is_delete = is_live && random.one_in(8);
  const std::string tag = fresh_text();
  for (const int64_t n : {first, first + 1}) {
    PlannedEdit edit;
    edit.op = is_delete ? "delete" : "upsert";
    edit.collection = "pairs";
    edit.key = JsonValue::array({place, n});
    if (!is_delete) edit.fields = JsonValue{{"tag", tag}, {"more", tag + "!"}};
    edits.push_back(std::move(edit));
  }
  return edits;
}

Plan Workload::write(Random& random, const Read& read) {
  Plan plan;
  if (random.one_in(3)) plan.operation = "op" + std::to_string(next_++);
  if (random.one_in(5)) {
    plan.edits = pair(random, read);
    return plan;
  }
  plan.is_all_or_nothing = random.one_in(10);
  const uint64_t count = random.one_in(4) ? 2 + random.below(3) : 1;
  for (uint64_t tries = 0; tries < 3 * count && plan.edits.size() < count; ++tries) {
    PlannedEdit made = edit(random, *random.pick(written_), read);
    // The view that a second edit of the same row meets is not the one that it was made for.
    bool is_twice = false;
    for (const PlannedEdit& other : plan.edits) is_twice |= other.row() == made.row();
    if (!is_twice) plan.edits.push_back(std::move(made));
  }
  return plan;
}

Plan Workload::decide(Random& random, const JsonValue& conflict) {
  Plan plan;
  plan.conflict = conflict["id"].get<std::string>();
  const JsonValue key = conflict["row_key"];
  const std::string name = conflict["collection"].get<std::string>();
  plan.choice = random.one_in(3) ? "remote" : random.one_in(2) ? "local" : "merged";
  JsonValue chosen = conflict[plan.choice == "remote" ? "remote" : "local"];
  if (plan.choice == "merged") {
    chosen = JsonValue::object();
    const Collection* collection = schema_.find(name);
    for (const JsonValue& field_name : conflict["fields"]) {
      const auto at = collection->find_field(field_name.get<std::string>());
      const Field& field = collection->fields[*at];
      if (field.type == FieldType::Counter) continue;
      chosen[field.name] = value(random, field, JsonValue());
    }
    plan.merged = chosen;
  }
  PlannedEdit edit;
  edit.op = chosen.is_null() ? "delete" : "upsert";
  edit.collection = name;
  edit.key = key;
  if (!chosen.is_null()) {
    edit.fields = chosen;
    const Collection& collection = *schema_.find(name);
    if (collection.scope_field >= collection.key_count) {
      edit.fields[collection.fields[collection.scope_field].name] = conflict["scope"];
    }
  }
  plan.edits.push_back(std::move(edit));
  return plan;
}

}  // namespace twinstore::sim
