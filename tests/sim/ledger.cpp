#include "ledger.h"

namespace twinstore::sim {
namespace {

void forget_zero_sums(RowLedger& row) {
  std::erase_if(row.counters, [](const auto& item) { return item.second == 0; });
}

}  // namespace

JsonValue from_wire(const Field& field, const JsonValue& value) {
  const bool is_text = field.type == FieldType::Json || field.type == FieldType::Set;
  if (is_text && value.is_string()) {
    return JsonValue::parse(value.get_ref<const std::string&>(), nullptr, false);
  }
  if (field.type == FieldType::Bool && value.is_number()) return value.get<int64_t>() != 0;
  return value;
}

void Ledger::promise(const Plan& plan, const Views& before) {
  Views now = before;
  for (const PlannedEdit& edit : plan.edits) {
    const Collection& collection = *schema_.find(edit.collection);
    const RowName name = edit.row();
    const JsonValue view = now[name];
    Plan single;
    single.edits.push_back(edit);
    now = expect(schema_, single, now).after;
    if (now[name] == view) continue;
    RowLedger& row = promised_[name];
    if (edit.op == "delete") {
      row = {};
      row.is_deleted = true;
      continue;
    }
    row.is_deleted = false;
    for (auto it = edit.fields.begin(); it != edit.fields.end(); ++it) {
      const auto at = collection.find_field(it.key());
      if (*at < collection.key_count) continue;
      const JsonValue& value = now[name][it.key()];
      if (collection.fields[*at].type == FieldType::Counter) {
        const int64_t earlier = view.is_null() ? 0 : view[it.key()].get<int64_t>();
        row.counters[it.key()] += value.get<int64_t>() - earlier;
      } else if (view.is_null() || view[it.key()] != value) {
        row.last[it.key()] = value;
      }
    }
    forget_zero_sums(row);
  }
}

void Ledger::arrive(const JsonValue& change) {
  const Collection* collection = schema_.find(change["collection"].get<std::string>());
  if (collection == nullptr || collection->is_system) return;
  RowLedger& row = arrived_[{collection->name, change["key"].dump()}];
  const std::string kind = change["kind"].get<std::string>();
  if (kind == "delete") {
    row = {};
    row.is_deleted = true;
    return;
  }
  row.is_deleted = false;
  for (auto it = change["fields"].begin(); it != change["fields"].end(); ++it) {
    const Field& field = collection->fields[*collection->find_field(it.key())];
    const JsonValue& before = it.value()[0];
    const JsonValue& after = it.value()[1];
    if (field.type == FieldType::Counter) {
      row.counters[it.key()] += after.get<int64_t>();
    } else if (kind == "insert" || before != after || field.group.empty()) {
      row.last[it.key()] = from_wire(field, after);
    }
  }
  forget_zero_sums(row);
}

std::string Ledger::difference() const {
  std::string out;
  for (const auto& [name, row] : promised_) {
    const auto at = arrived_.find(name);
    const RowLedger arrived = at == arrived_.end() ? RowLedger{} : at->second;
    if (row == arrived) continue;
    const size_t begin = out.size();
    if (row.is_deleted != arrived.is_deleted) {
      out += row.is_deleted ? "its delete did not arrive; "
                            : "what was written after its delete "
                              "did not arrive; ";
    }
    for (const auto& [field, value] : row.last) {
      const auto got = arrived.last.find(field);
      if (got != arrived.last.end() && got->second == value) continue;
      out += field + " = " + value.dump() + " did not arrive; ";
    }
    if (row.counters != arrived.counters) {
      out += "counters " + JsonValue(row.counters).dump() + " arrived as " +
             JsonValue(arrived.counters).dump() + "; ";
    }
    // A joined edit may bring the rest of a group along.
    if (out.size() > begin) out.insert(begin, text_of(name) + ": ");
  }
  for (const auto& [name, row] : arrived_) {
    if (!promised_.contains(name)) out += text_of(name) + " arrived but was not written; ";
  }
  return out;
}

}  // namespace twinstore::sim
