// After a crash: what was acknowledged is there, what was not is there as a whole or not at all.
#include <sqlite3.h>

#include "base/json.h"
#include "schema/field_value.h"
#include "storage/row_text.h"
#include "world.h"

namespace twinstore::sim {

std::string version_text(const Collection& collection, const RowVersion& row) {
  std::string out = std::to_string(row.rev);
  if (row.is_deleted()) return out + " deleted " + row.deleted_at.text();
  out += " " + row.hlc.text() + " " + stamps_text(collection, row) + " ";
  return out + image_text(collection, row.values);
}

std::string first_difference(const VersionTexts& before, const VersionTexts& after) {
  for (const auto& [name, text] : before) {
    const auto at = after.find(name);
    if (at == after.end()) return text_of(name) + " is gone: " + text;
    if (at->second != text) return text_of(name) + " was " + text + " and is " + at->second;
  }
  for (const auto& [name, text] : after) {
    if (!before.contains(name)) return text_of(name) + " is new: " + text;
  }
  return {};
}

std::string key_json(const Key& key) { return key_text(key); }

World::Memory World::memory_of(Device& device) {
  Memory memory;
  const auto read = device.store().storage().rows_of_scope(
      all_scopes, [&](const Collection& collection, RowVersion&& row) {
        const RowName name{collection.name, key_json(collection.key_of(row.values))};
        memory.rows[name] = version_text(collection, row);
        return true;
      });
  memory.is_read = read.ok();
  const ReplicaStatus status = device.replica().status();
  memory.pending = status.pending;
  std::map<std::string, Rev> revs;
  for (const ScopeState& scope : status.scopes) revs[scope.scope] = scope.rev;
  for (const auto& [scope, rev] : revs) memory.scopes += scope + "@" + std::to_string(rev) + " ";
  return memory;
}

void World::crash_device(Device& device, Loss loss) {
  const Memory before = memory_of(device);
  device.crash(loss, random_);
  reopen_device(device, &before, false);
}

// `before` is what the device held when its last call had ended; without it only what can be seen
// is checked. A page that was being received may have been applied.
void World::reopen_device(Device& device, const Memory* before, bool is_in_receive) {
  if (has_failed()) return;
  ++counters_.restarts;
  live_.erase(device.number);
  if (device.disk.is_off() || device.is_up()) {
    device.crash(random_.one_in(3) ? Loss::Process : Loss::Power, random_);
  }
  check_disk(device.disk, "store.db");
  const auto opened = device.open();
  if (!check("I16", opened.ok(),
             "a device does not open again: " + (opened.ok() ? "" : opened.error().message))) {
    return;
  }
  trace("reopened", std::to_string(device.number));
  settle_uncertain(device);
  if (has_failed()) return;
  const Memory after = memory_of(device);
  const bool was_certain = before != nullptr && before->is_read && !device.had_uncertain;
  if (was_certain && !(is_in_receive && after.scopes != before->scopes)) {
    const std::string difference = first_difference(before->rows, after.rows);
    check("I2", difference.empty(),
          "a crash changed what device " + std::to_string(device.number) + " held: " + difference);
    check("I2", after.pending == before->pending,
          "a crash left " + std::to_string(after.pending) + " of " +
              std::to_string(before->pending) + " pending transactions");
    check("I7", after.scopes == before->scopes,
          "a crash turned cursors " + before->scopes + "into " + after.scopes);
  }
  if (scenario_.is_live && random_.one_in(2)) connect_live(device);
  device.replica().mark_behind();
  check_step(device);
}

// Writes that failed while the disk did: at most one of them happened, and as a whole.
void World::settle_uncertain(Device& device) {
  device.had_uncertain = !device.uncertain.empty();
  const std::vector<UncertainWrite> writes = std::move(device.uncertain);
  device.uncertain.clear();
  const UncertainWrite* found = nullptr;
  std::vector<Views> now;
  for (const UncertainWrite& write : writes) {
    const auto views = device.views(write.plan);
    if (!views.ok()) return fail("I16", "a reopened device cannot be read");
    now.push_back(views.value());
    if (now.back() == write.after && write.after != write.before) found = &write;
  }
  if (found != nullptr) note_written(device, found->plan, found->before);
  for (size_t i = 0; i < writes.size(); ++i) {
    for (const auto& [row, view] : now[i]) {
      const bool is_of_found = found != nullptr && found->after.contains(row);
      check("I6", is_of_found || view == writes[i].before.at(row),
            "a crash left a part of " + writes[i].plan.text());
    }
  }
}

void World::crash_server(Loss loss, bool is_down) {
  server_.crash(loss, random_);
  live_.clear();
  is_work_posted_ = false;
  for (const auto& device : devices_) device->is_live = false;
  if (!is_down) return reopen_server();
  post(time_.now_ms + random_.between(100, 30'000), Kind::ServerUp, {}, {});
}

void World::reopen_server() {
  ++counters_.restarts;
  check_disk(server_.disk, "server.db");
  const auto opened = server_.open();
  if (!check("I16", opened.ok(),
             "the server does not open again: " + (opened.ok() ? "" : opened.error().message))) {
    return;
  }
  trace("server reopened", "");
  settle_uncertain_groups(true);
  if (has_failed()) return;
  for (const auto& [client, entries] : history_) {
    const auto last = server_.last_seq(client);
    const int64_t known = entries.empty() ? 0 : entries.rbegin()->first;
    check("I2", !last.ok() || last.value() == known,
          "the server has " + std::to_string(last.ok() ? last.value() : 0) + " mutations of " +
              client + " and answered " + std::to_string(known));
  }
}

// A failed commit stays on the disk until another one is written over it.
void World::settle_uncertain_groups(bool is_overwritten) {
  const auto groups = std::move(uncertain_groups_);
  uncertain_groups_.clear();
  for (const auto& [judgements, now_ms] : groups) {
    if (is_at_server(judgements)) {
      for (const Judgement& judgement : judgements) take_judgement(judgement, now_ms);
    } else if (!is_overwritten) {
      uncertain_groups_.emplace_back(judgements, now_ms);
    }
  }
  if (!has_failed()) compare_touched();
}

// Those that are not in the history, as they were judged then.
bool World::is_at_server(const std::vector<Judgement>& judgements) {
  for (const Judgement& judgement : judgements) {
    const auto known = history_.find(judgement.client);
    const bool is_known = known != history_.end() && known->second.contains(judgement.seq);
    if (!is_known && !server_.has_judged(judgement)) return false;
  }
  return true;
}

// sqlite.org/pragma.html#pragma_integrity_check, on a copy, which recovers by itself.
void World::check_disk(const Disk& disk, const char* file) {
  Disk copy("copy");
  copy.load(disk.image());
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string said = "it cannot be opened";
  if (sqlite3_open_v2(file, &database, SQLITE_OPEN_READWRITE, copy.name().c_str()) == SQLITE_OK) {
    sqlite3_exec(database, "PRAGMA locking_mode = EXCLUSIVE", nullptr, nullptr, nullptr);
    if (sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nullptr) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      said = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    } else {
      said = sqlite3_errmsg(database);
    }
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  check("I16", said == "ok", disk.name() + "'s file is damaged: " + said);
}

}  // namespace twinstore::sim
