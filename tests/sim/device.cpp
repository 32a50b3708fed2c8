#include "device.h"

#include "storage/sql_query.h"

namespace twinstore::sim {

Device::Device(size_t number_in_world, const std::string& schema_json, const Schema& schema,
               const WorldTime& world, uint64_t seed, const Disk::Image& fresh)
    : number(number_in_world),
      disk("device" + std::to_string(number_in_world)),
      clock(world),
      ledger(schema),
      schema_json_(schema_json),
      ids_(seed) {
  disk.load(fresh);
}

Result<void> Device::open() {
  StoreOptions options{schema_json_,
                       {.path = "store.db", .vfs = disk.name(), .is_exclusive = true}};
  auto opened = Store::open(options, clock, ids_);
  if (!opened.ok()) return opened.error();
  store_ = std::move(opened).value();
  ++generation;
  ++exchange;
  has_exchange = false;
  is_live = false;
  note_client();
  return {};
}

void Device::note_client() {
  client_ = std::string(client_text(store_->replica().status().client));
  clients.insert(client_);
}

void Device::crash(Loss loss, Random& random) {
  disk.switch_off();
  store_.reset();
  disk.restart(loss, random);
  ++generation;
  has_exchange = false;
  is_live = false;
}

Result<JsonValue> Device::view(const RowName& row) {
  TWINSTORE_TRY(const std::string text, store_->row(row.first, row.second));
  return JsonValue::parse(text, nullptr, false);
}

Result<Views> Device::views(const Plan& plan) {
  Views views;
  for (const PlannedEdit& edit : plan.edits) {
    TWINSTORE_TRY(views[edit.row()], view(edit.row()));
  }
  return views;
}

Result<std::vector<JsonValue>> Device::open_conflicts() {
  std::vector<JsonValue> found;
  std::vector<std::string> ids;
  const Collection& conflicts = *store_->schema().find("_conflicts");
  TWINSTORE_TRY_VOID(store_->storage().rows_of_scope(
      all_scopes, [&](const Collection& collection, RowVersion&& row) {
        if (collection.position != conflicts.position || row.is_deleted()) return true;
        ids.push_back(std::get<std::string>(row.values[0]));
        return true;
      }));
  for (const std::string& id : ids) {
    TWINSTORE_TRY(JsonValue conflict, view({"_conflicts", JsonValue::array({id}).dump()}));
    // Halves of a pair are written together or not at all.
    if (conflict["status"] == "resolved" || conflict["collection"] == "pairs") continue;
    found.push_back(std::move(conflict));
  }
  return found;
}

}  // namespace twinstore::sim
