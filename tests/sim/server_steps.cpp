// What the server commits, held against the oracle at once.
#include <algorithm>

#include "base/json.h"
#include "schema/field_value.h"
#include "world.h"

namespace twinstore::sim {

void World::commit_group() {
  is_work_posted_ = false;
  if (!server_.is_up() || !server_.has_work()) return;
  const int64_t failures = server_.disk.failures();
  settle_uncertain_groups(false);
  if (has_failed()) return;
  const int64_t now_ms = server_.clock.now_ms();
  const int64_t known = counters_.mutations;
  GroupResult group = server_.commit_group();
  count(armed_fault_, server_.disk.failures() - failures);
  if (group.is_committed) {
    take_judgements(group.judgements, now_ms);
    if (has_failed()) return;
    if (counters_.mutations > known) uncertain_groups_.clear();
    for (const Answer& answer : group.answers) reply(answer);
    return tell_live(group.scopes);
  }
  trace("group failed", group.error);
  if (group.is_commit_tried) uncertain_groups_.emplace_back(group.judgements, now_ms);
  if (server_.disk.is_off())
    return crash_server(random_.one_in(3) ? Loss::Process : Loss::Power, random_.one_in(2));
  for (const Answer& answer : group.answers) reply(answer);
}

void World::take_judgements(const std::vector<Judgement>& judgements, int64_t now_ms) {
  for (const Judgement& judgement : judgements) {
    take_judgement(judgement, now_ms);
  }
  if (!has_failed()) compare_touched();
}

// I3: a repetition gets what was answered.
void World::take_judgement(const Judgement& judgement, int64_t now_ms) {
  if (has_failed()) return;
  auto& entries = history_[judgement.client];
  const std::string name = judgement.client + " " + std::to_string(judgement.seq);
  const std::string outcome = judgement.outcome.dump();
  const auto known = entries.find(judgement.seq);
  if (known != entries.end()) {
    check("I3", known->second.outcome == outcome,
          name + " was answered " + known->second.outcome + " and then " + outcome);
    return;
  }
  const auto sender = device_of_client_.find(judgement.client);
  if (!check("I5", sender != device_of_client_.end(), name + " has no sender")) return;
  JsonValue content = judgement.mutation;
  content.erase("seq");
  const std::string said = judgement.outcome["status"].get<std::string>();
  const bool is_first = check_number(judgement, content.dump(), said == "rejected");
  if (has_failed()) return;
  ++counters_.mutations;
  entries[judgement.seq] = {content.dump(), outcome};
  ++counters_.outcomes[said];
  if (is_first) {
    for (const JsonValue& change : judgement.mutation["changes"]) {
      devices_[sender->second]->ledger.arrive(change);
    }
  }
  const Judged expected = model_.apply(judgement.mutation, judgement.outcome, now_ms);
  if (expected.is_outcome_known) {
    check("I10", said == expected.outcome,
          name + " was " + said + " instead of " + expected.outcome + " " + expected.code + ": " +
              judgement.mutation.dump() + " " + outcome);
  }
  decided_now_.insert(expected.decided.begin(), expected.decided.end());
  if (said == "conflict" && !has_failed()) {
    for (const OpenPair& pair : expected.pairs) {
      waiting_pairs_.push_back({pair, judgement.client, counters_.mutations});
    }
  }
}

// I3 and I4: in order; a number never stands for two things, and no thing comes under two. True
// when it was never judged before.
bool World::check_number(const Judgement& judgement, const std::string& content, bool is_rejected) {
  const size_t device = device_of_client_.at(judgement.client);
  const std::string name = judgement.client + " " + std::to_string(judgement.seq);
  const auto& entries = history_[judgement.client];
  const int64_t last = entries.empty() ? 0 : entries.rbegin()->first;
  check("I4", judgement.seq > last, name + " was judged out of order");
  for (int64_t skipped = last + 1; skipped < judgement.seq; ++skipped) {
    const auto at = ever_judged_.find({judgement.client, skipped});
    check("I4", at != ever_judged_.end() && !at->second.is_owed,
          name + " was judged before number " + std::to_string(skipped));
  }
  for (const auto& [client, others] : history_) {
    for (const auto& [seq, entry] : others) {
      check("I3",
            entry.content != content || entry.outcome.find("\"rejected\"") != entry.outcome.npos,
            name + " was judged before as " + client + " " + std::to_string(seq));
    }
  }
  EverJudged& ever = ever_judged_[{judgement.client, judgement.seq}];
  const bool is_first = ever.content.empty();
  check("I3", is_first || ever.content == content || devices_[device]->has_forked,
        name + " stood for something else: " + ever.content);
  ever = {device, content, !is_rejected};
  return is_first;
}

void World::compare_touched() {
  for (const auto& [name, is_touched] : model_.touched()) {
    if (!has_failed()) compare_row(name, *model_.find(name));
  }
  model_.settled();
  // A later choice of the same writer takes the place of its earlier one.
  const std::vector<WaitingPair> pairs = std::move(waiting_pairs_);
  waiting_pairs_.clear();
  std::map<std::string, int64_t> last;
  for (const WaitingPair& waiting : pairs) {
    last[waiting.client + text_of(waiting.pair.row)] = waiting.mutation;
  }
  for (const auto& [pair, client, mutation] : pairs) {
    if (!has_failed() && last[client + text_of(pair.row)] == mutation)
      check_pair_kept(pair, client);
  }
  decided_now_.clear();
}

// I10 and I11: the stored row is what the tables say, value by value and stamp by stamp.
void World::compare_row(const RowName& name, const ModelRow& row) {
  const Collection& collection = *fixtures_.schema->find(name.first);
  const auto key = to_key(collection, JsonValue::parse(name.second, nullptr, false));
  const auto stored = load_row(server_.storage(), collection, key.value());
  if (!stored.ok()) return;  // the disk does not read; a later commit compares
  const std::string where = text_of(name);
  if (!check("I8", stored.value().has_value(), where + " is gone at the server")) return;
  const RowVersion& there = *stored.value();
  model_.settle(name, there.rev);
  check("I8", there.is_deleted() == row.is_deleted,
        where + (row.is_deleted ? " lives and should be deleted" : " is deleted and should live"));
  check("I11", !row.is_deleted || there.deleted_at.text() == row.deleted_at,
        where + " was deleted at " + (there.is_deleted() ? there.deleted_at.text() : "") +
            " instead of " + row.deleted_at);
  const int64_t latest_ms = server_.latest_now_ms + limits::clock_ahead_max_ms + 1000;
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const ModelField& expected = row.fields.at(field.name);
    const JsonValue value = from_value(field, there.values[i]);
    check(
        "I10", value == expected.value,
        where + "." + field.name + " is " + value.dump() + " instead of " + expected.value.dump());
    if (i < collection.key_count) continue;
    const HybridTime& stamp = there.stamp(static_cast<uint16_t>(i));
    check("I11", stamp.text() == expected.stamp,
          where + "." + field.name + " is of " + stamp.text() + " instead of " + expected.stamp);
    check("I11", stamp.wall_ms() <= latest_ms, where + " is of the future");
  }
}

// I9: a pair is in `_conflicts`, both sides readable, unless the same commit decided it.
void World::check_pair_kept(const OpenPair& pair, const std::string& client) {
  const Collection& conflicts = *fixtures_.schema->find("_conflicts");
  bool is_kept = false;
  const auto read = server_.storage().rows_of_scope(all_scopes, [&](const Collection& collection,
                                                                    RowVersion&& row) {
    if (collection.position != conflicts.position || row.is_deleted()) return true;
    const auto text = [&](const char* field) {
      return from_value(conflicts.fields[*conflicts.find_field(field)],
                        row.values[*conflicts.find_field(field)]);
    };
    const bool is_of_row =
        text("collection") == pair.row.first && text("row_key").dump() == pair.row.second;
    const bool is_decided = decided_now_.contains(text("id").get<std::string>());
    if (!is_of_row || (!is_decided && text("status") != "open")) return true;
    if (pair.field.empty() || is_decided) {
      is_kept = true;
      return false;
    }
    const JsonValue local = text("local");
    const JsonValue remote = text("remote");
    const ModelRow* now = model_.find(pair.row);
    const bool is_local = local.is_object() && local.value(pair.field, JsonValue()) == pair.local;
    const bool is_remote = now->is_deleted
                               ? remote.is_null()
                               : remote.is_object() && remote.value(pair.field, JsonValue()) ==
                                                           now->fields.at(pair.field).value;
    if (is_local && is_remote) is_kept = true;
    return !is_kept;
  });
  if (!read.ok()) return;
  check("I9", is_kept,
        text_of(pair.row) + "." + pair.field + ": " + client + " wrote " + pair.local.dump() +
            ", which waits nowhere");
}

}  // namespace twinstore::sim
