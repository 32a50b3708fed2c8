// What must hold between any two steps.
#include "base/json.h"
#include "world.h"

namespace twinstore::sim {

void World::check_step(Device& device) {
  if (has_failed() || !device.is_up() || device.disk.is_off()) return;
  check("I1", device.replica().status().mismatches == 0,
        "device " + std::to_string(device.number) + " found that a scope is not the server's");
  check_cursors(device);
  check_batches(device);
  if (random_.one_in(10)) check_feed(device);
}

// I7: a cursor goes back only when the server has said so.
void World::check_cursors(Device& device) {
  for (const ScopeState& scope : device.replica().status().scopes) {
    Rev& highest = device.revs[scope.scope];
    check("I7", scope.rev >= highest || scope.is_rereading,
          "the cursor of " + scope.scope + " went back from " + std::to_string(highest) + " to " +
              std::to_string(scope.rev));
    highest = scope.is_rereading ? 0 : scope.rev;
  }
}

// I6: two rows that are only written together are only seen together.
void World::check_batches(Device& device) {
  Storage& storage = device.store().storage();
  const Collection& pairs = *fixtures_.schema->find("pairs");
  for (uint64_t place = 0; place < scopes_count; ++place) {
    std::vector<Key> keys;
    for (int64_t n = 0; n < 4; ++n) keys.push_back({scope_name(place), n});
    const auto rows = storage.load(pairs, keys);
    if (!rows.ok()) return;
    for (size_t i = 0; i < keys.size(); i += 2) {
      const auto text = [&](size_t at) {
        const auto& row = rows.value()[at];
        if (!row || row->is_deleted()) return std::string("nothing");
        const auto* tag = std::get_if<std::string>(&row->values[2]);
        return tag == nullptr ? std::string("null") : *tag;
      };
      check("I6", text(i) == text(i + 1),
            "device " + std::to_string(device.number) + " sees one half of a batch: " + text(i) +
                " and " + text(i + 1));
    }
  }
}

// I7: up to its cursor a device holds exactly what the server has.
void World::check_feed(Device& device) {
  if (!server_.is_up() || server_.disk.is_off()) return;
  std::map<RowName, RowVersion> held;
  const auto take_held = [&](const Collection& collection, RowVersion&& row) {
    RowName name{collection.name, key_json(collection.key_of(row.values))};
    held.emplace(std::move(name), std::move(row));
    return true;
  };
  const ReplicaStatus status = device.replica().status();
  bool is_clean = true;  // an acknowledged write waits here for the rows that contain it
  (void)device.store().storage().scan("outbox", "", "", [&](std::string_view, std::string_view) {
    is_clean = false;
    return false;
  });
  for (const ScopeState& scope : status.scopes) {
    const bool is_of_epoch = scope.cursor.starts_with(server_.authority().identity().epoch);
    if (scope.rev == 0 || scope.is_leaving || !is_of_epoch) continue;
    held.clear();
    if (!device.store().storage().rows_of_scope(scope.scope, take_held).ok()) return;
    const auto read = server_.storage().rows_of_scope(scope.scope, [&](const Collection& collection,
                                                                       RowVersion&& row) {
      if (row.rev > scope.rev) return true;
      const RowName name{collection.name, key_json(collection.key_of(row.values))};
      const auto at = held.find(name);
      const bool is_there = at != held.end() && (at->second.rev == row.rev || !is_clean);
      const std::string where = "device " + std::to_string(device.number) + " at " + scope.scope +
                                "@" + std::to_string(scope.rev) + ": " + text_of(name);
      const std::string there = at == held.end() ? "missing" : std::to_string(at->second.rev);
      check("I7", is_there, where + " is rev " + std::to_string(row.rev) + " and there " + there);
      if (is_there && is_clean) {
        const bool is_same = at->second.is_deleted() == row.is_deleted() &&
                             (row.is_deleted() || at->second.values == row.values);
        check("I7", is_same, where + " is of the same rev and differs");
      }
      return !has_failed();
    });
    if (!read.ok() || has_failed()) return;
  }
}

// I1: nothing differs once the device is level.
void World::check_level(Device& device) {
  for (const std::string& scope : device.scopes) {
    const auto dump = [&](Storage& storage) {
      VersionTexts rows;
      (void)storage.rows_of_scope(scope, [&](const Collection& collection, RowVersion&& row) {
        const RowName name{collection.name, key_json(collection.key_of(row.values))};
        rows[name] = version_text(collection, row);
        return true;
      });
      return rows;
    };
    const VersionTexts there = dump(server_.storage());
    VersionTexts here = dump(device.store().storage());
    // A device may remember deletions that the server has forgotten.
    std::erase_if(here, [&](const auto& row) {
      return has_forgotten_ && !there.contains(row.first) &&
             row.second.find(" deleted ") != std::string::npos;
    });
    const std::string difference = first_difference(there, here);
    check("I1", difference.empty(),
          "device " + std::to_string(device.number) + " differs in " + scope + ": " + difference);
  }
}

// I2, I13 and I14: what was promised has arrived, and nothing is left over.
void World::check_settled(Device& device) {
  const std::string who = "device " + std::to_string(device.number);
  check("I13", device.replica().status().pending == 0, who + " still has unsent writes");
  for (const char* space : {"outbox", "base"}) {
    std::string left;
    (void)device.store().storage().scan(space, "", "", [&](std::string_view key, std::string_view) {
      left = key;
      return false;
    });
    check("I13", left.empty(), who + " keeps " + left + " in " + space);
  }
  if (!device.has_forked) {
    const std::string difference = device.ledger.difference();
    check("I2", difference.empty(), who + ": " + difference);
    for (const auto& [name, judged] : ever_judged_) {
      if (judged.device != device.number || !judged.is_owed) continue;
      const auto at = history_.find(name.first);
      check("I2", at != history_.end() && at->second.contains(name.second),
            who + " does not send again what the restored server lost: " + judged.content);
    }
  }
  if (device.scopes.contains(std::string(all_scopes))) return;
  (void)device.store().storage().rows_of_scope(
      all_scopes, [&](const Collection& collection, RowVersion&& row) {
        const std::string scope = collection.scope_of(row.values);
        const RowName name{collection.name, key_json(collection.key_of(row.values))};
        check("I14",
              device.scopes.contains(scope) || device.has_forked || device.ledger.has_written(name),
              who + " holds " + text_of(name) + " of " + scope + ", which it does not hold");
        return !has_failed();
      });
}

}  // namespace twinstore::sim
