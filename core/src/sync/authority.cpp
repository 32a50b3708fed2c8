#include "twinstore/authority.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/planted.h"
#include "base/sha256.h"
#include "schema/field_value.h"
#include "sync/authority_records.h"
#include "sync/conflict_log.h"
#include "sync/judge.h"
#include "sync/sync_counts.h"
#include "twinstore/conflict.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

std::string random_text(IdSource& ids) {
  std::array<uint8_t, 16> bytes{};
  ids.fill(bytes);
  return hex_text(sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), 16);
}

uint64_t random_number(IdSource& ids) {
  std::array<uint8_t, 8> bytes{};
  ids.fill(bytes);
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

Result<std::string> get_or_make(Storage& storage, std::string_view name, IdSource& ids) {
  TWINSTORE_TRY(auto stored, storage.get(records::authority, name));
  if (stored) return *stored;
  std::string made = random_text(ids);
  TWINSTORE_TRY_VOID(storage.put(records::authority, name, made));
  return made;
}

// A clock that runs ahead must not win for ever: its times count as a minute from now at most.
HybridTime clamped(const HybridTime& asked, Clock& clock) {
  if (TWINSTORE_PLANTED(clamp_missing)) return asked;
  const HybridTime latest =
      hybrid_time_at(clock.now_ms() + limits::clock_ahead_max_ms, asked.client);
  return std::min(asked, latest);
}

Outcome rejection(int64_t seq, Rev head, const Error& error) {
  Outcome outcome;
  outcome.seq = seq;
  outcome.status = OutcomeStatus::Rejected;
  outcome.rev = head;
  outcome.code = error.code;
  outcome.message = error.message;
  return outcome;
}

}  // namespace

Result<std::unique_ptr<Authority>> Authority::open(const Schema& schema, Storage& storage,
                                                   Clock& clock, IdSource& ids) {
  std::unique_ptr<Authority> authority(new Authority(schema, storage, clock));
  TWINSTORE_TRY(Transaction transaction, Transaction::begin(storage));
  TWINSTORE_TRY(authority->identity_.secret, get_or_make(storage, "secret", ids));
  TWINSTORE_TRY(authority->identity_.epoch, get_or_make(storage, "epoch", ids));
  TWINSTORE_TRY_VOID(count_digests_for(storage, schema));
  TWINSTORE_TRY_VOID(transaction.commit());
  TWINSTORE_TRY_VOID(authority->reload());
  return authority;
}

Authority::Authority(const Schema& schema, Storage& storage, Clock& clock)
    : schema_(schema),
      storage_(storage),
      clock_(clock),
      conflicts_(std::make_unique<ConflictLog>(schema, storage, clock)),
      counts_(std::make_unique<SyncCounts>()) {}

Authority::~Authority() = default;

Result<void> Authority::reload() {
  TWINSTORE_TRY(head_, read_head(storage_));
  digests_.clear();
  counts_->clear();
  return conflicts_->reload();
}

Result<void> Authority::catch_up() {
  TWINSTORE_TRY(const Rev stored, read_head(storage_));
  if (stored == head_) return {};
  // Another authority has begun a new epoch.
  if (stored < head_ || stored - head_ >= limits::epoch_gap_revs) {
    TWINSTORE_TRY(identity_.epoch, read_epoch(storage_));
  }
  head_ = stored;
  return conflicts_->catch_up();
}

Result<void> Authority::prefetch(const std::vector<const PushRequest*>& pushes) {
  std::set<RowId> rows;
  std::set<RecordId> records = bookkeeping_read_first();
  for (const PushRequest* push : pushes) {
    records.insert(last_seq_record(push->client));
    for (const PushedMutation& pushed : push->mutations) {
      if (!pushed.mutation.ok()) continue;
      for (const Change& change : pushed.mutation.value().changes) {
        rows.insert({change.collection, change.key});
        const Collection& collection = schema_.at(change.collection);
        if (collection.scope_field >= collection.key_count) continue;
        records.insert(digest_record(std::get<std::string>(change.key[collection.scope_field])));
      }
    }
  }
  return storage_.prefetch(std::vector(rows.begin(), rows.end()),
                           std::vector(records.begin(), records.end()));
}

Result<void> Authority::start_epoch(IdSource& ids) {
  TWINSTORE_TRY_VOID(catch_up());
  identity_.epoch = random_text(ids);
  TWINSTORE_TRY_VOID(write_epoch(storage_, identity_.epoch));
  const auto spread = static_cast<uint64_t>(limits::epoch_spread_revs);
  head_ += limits::epoch_gap_revs + static_cast<Rev>(random_number(ids) % spread);
  return write_head(storage_, head_);
}

Result<int64_t> Authority::replayed_count() { return read_replayed(storage_); }

Result<PushEffect> Authority::push(const PushRequest& request, const ReachesScope& reaches) {
  TWINSTORE_TRY_VOID(check_hello(schema_, request.hello));
  TWINSTORE_TRY_VOID(catch_up());
  TWINSTORE_TRY(const int64_t last_seq, read_last_seq(storage_, request.client));
  for (size_t i = 1; i < request.mutations.size(); ++i) {
    if (request.mutations[i].seq != request.mutations[i - 1].seq + 1) {
      return Error{ErrorCode::SequenceGap, "the mutations of a push are numbered without gaps"};
    }
  }
  if (!request.mutations.empty() && request.mutations[0].seq > last_seq + 1 &&
      request.after > last_seq) {
    return Error{ErrorCode::SequenceGap,
                 "the next mutation of this client is number " + std::to_string(last_seq + 1)};
  }
  PushEffect effect;
  effect.response.epoch = identity_.epoch;
  effect.response.client = request.client;
  effect.response.last_seq = last_seq;
  std::vector<const PushedMutation*> fresh;
  for (const PushedMutation& pushed : request.mutations) {
    if (pushed.seq > last_seq || TWINSTORE_PLANTED(no_dedupe)) {
      fresh.push_back(&pushed);
      continue;
    }
    auto outcome = stored_outcome(request, pushed);
    if (!outcome.ok()) {
      // What was answered before it stands; the sender learns of this one when it comes first.
      if (effect.response.outcomes.empty()) return std::move(outcome).error();
      return effect;
    }
    effect.response.outcomes.push_back(std::move(outcome).value());
  }
  for (const PushedMutation* pushed : fresh) {
    TWINSTORE_TRY(Outcome outcome, apply_numbered(*pushed, request.client, reaches, effect.scopes));
    TWINSTORE_TRY_VOID(store_outcome(request.client, *pushed, outcome));
    effect.response.outcomes.push_back(std::move(outcome));
  }
  if (!fresh.empty()) {
    effect.response.last_seq = fresh.back()->seq;
    TWINSTORE_TRY_VOID(write_last_seq(storage_, request.client, fresh.back()->seq));
    TWINSTORE_TRY_VOID(count_replayed(request, last_seq));
  }
  TWINSTORE_TRY_VOID(prune_outcomes(request.client, std::min(request.acked_seq, last_seq)));
  TWINSTORE_TRY_VOID(counts_->write(storage_));
  return effect;
}

Result<Outcome> Authority::apply_numbered(const PushedMutation& pushed, const ClientId& sender,
                                          const ReachesScope& reaches,
                                          std::set<std::string>& scopes) {
  if (!pushed.mutation.ok()) {
    counts_->add(OutcomeStatus::Rejected);
    return rejection(pushed.seq, head_, pushed.mutation.error());
  }
  return apply_in_order({schema_, Writer::Client, reaches, sender}, pushed.mutation.value(),
                        scopes);
}

// The sender has stored an outcome of each that it calls acknowledged, from before a restore.
Result<void> Authority::count_replayed(const PushRequest& request, int64_t last_seq) {
  const auto replayed = std::ranges::count_if(request.mutations, [&](const PushedMutation& pushed) {
    return pushed.seq > last_seq && pushed.seq <= request.acked_seq;
  });
  if (replayed == 0) return {};
  TWINSTORE_TRY(const int64_t count, read_replayed(storage_));
  return write_replayed(storage_, count + replayed);
}

Result<Outcome> Authority::apply(const Mutation& mutation, std::set<std::string>& scopes) {
  return apply(mutation, schema_, scopes);
}

Result<Outcome> Authority::apply(const Mutation& mutation, const Schema& rules,
                                 std::set<std::string>& scopes) {
  TWINSTORE_TRY_VOID(catch_up());
  TWINSTORE_TRY(Outcome outcome, apply_in_order({rules, Writer::Server, {}}, mutation, scopes));
  TWINSTORE_TRY_VOID(counts_->write(storage_));
  return outcome;
}

Result<void> Authority::count(OutcomeStatus status) {
  counts_->add(status);
  return counts_->write(storage_);
}

Result<Outcome> Authority::apply_in_order(const Judging& by, const Mutation& mutation,
                                          std::set<std::string>& scopes) {
  TWINSTORE_TRY(Outcome outcome, judge_and_save(by, mutation, scopes));
  counts_->add(outcome.status);
  return outcome;
}

Result<Outcome> Authority::judge_and_save(const Judging& by, const Mutation& mutation,
                                          std::set<std::string>& scopes) {
  const HybridTime stamp = clamped(mutation.hlc, clock_);
  std::map<RowId, Digest> digests;  // of the rows before
  const Judge judge(by, clock_.now_ms(), [&](const RowId& id) {
    const Collection& collection = schema_.at(id.collection);
    auto row = load_row(storage_, collection, id.key);
    const bool is_there = row.ok() && row.value();
    digests[id] = is_there ? row_digest(collection, *row.value()) : Digest{0};
    return row;
  });
  auto judged = judge.judge(mutation, stamp);
  if (!judged.ok()) {
    if (!is_rejection(judged.error().code)) return judged.error();
    return rejection(mutation.seq, head_, judged.error());
  }
  Judgement& judgement = judged.value();
  TWINSTORE_TRY_VOID(save(judgement, digests, stamp, scopes));
  Outcome outcome;
  outcome.seq = mutation.seq;
  outcome.status = judgement.status(mutation.changes.size());
  outcome.rev = head_;
  if (stamp != mutation.hlc) outcome.hlc = stamp;
  return outcome;
}

Result<void> Authority::save(Judgement& judgement, const std::map<RowId, Digest>& digests,
                             const HybridTime& stamp, std::set<std::string>& scopes) {
  const Rev before = head_;
  for (auto& [id, row] : judgement.rows) {
    TWINSTORE_TRY_VOID(save_row(schema_.at(id.collection), row, digests.at(id), scopes));
  }
  for (Meeting& meeting : judgement.meetings) {
    const auto saved = judgement.rows.find({meeting.change.collection, meeting.change.key});
    if (saved != judgement.rows.end()) meeting.now = saved->second;
    counts_->add(meeting);
  }
  TWINSTORE_TRY(auto conflicts, conflicts_->update(judgement.meetings, judgement.closings,
                                                   judgement.rows, stamp, head_));
  const Collection& collection = conflicts_of(schema_);
  for (RowVersion& row : conflicts) {
    TWINSTORE_TRY(const auto stored, load_row(storage_, collection, collection.key_of(row.values)));
    const Digest digest = stored ? row_digest(collection, *stored) : Digest{0};
    if (stored && is_open_conflict(*stored) && !is_open_conflict(row)) counts_->add_resolved();
    TWINSTORE_TRY_VOID(save_row(collection, row, digest, scopes));
  }
  if (head_ == before) return {};
  TWINSTORE_TRY_VOID(write_digests());
  return write_head(storage_, head_);
}

Result<void> Authority::save_row(const Collection& collection, RowVersion& row, Digest before,
                                 std::set<std::string>& scopes) {
  row.rev = ++head_;
  std::string scope = collection.scope_of(row.values);
  const Digest change = row_digest(collection, row) - before;
  TWINSTORE_TRY_VOID(change_digest(std::string(all_scopes), change));
  TWINSTORE_TRY_VOID(change_digest(scope, change));
  scopes.insert(std::move(scope));
  if (TWINSTORE_PLANTED(tombstone_dropped) && row.is_deleted()) {
    return storage_.forget(collection, collection.key_of(row.values));
  }
  return storage_.save(collection, row);
}

Result<void> Authority::change_digest(const std::string& scope, Digest change) {
  auto at = digests_.find(scope);
  if (at == digests_.end()) {
    TWINSTORE_TRY(const Digest stored, read_digest(storage_, scope));
    at = digests_.emplace(scope, stored).first;
  }
  at->second += change;
  return {};
}

Result<void> Authority::write_digests() {
  for (const auto& [scope, digest] : digests_) {
    TWINSTORE_TRY_VOID(write_digest(storage_, scope, digest));
  }
  digests_.clear();
  return {};
}

Result<size_t> Authority::collect_garbage(size_t rows_max) {
  const HybridTime before = hybrid_time_at(clock_.now_ms() - limits::tombstone_horizon_ms, {});
  std::vector<RowId> old;
  TWINSTORE_TRY(Rev horizon, read_horizon(storage_));
  TWINSTORE_TRY_VOID(
      storage_.tombstones(before, [&](const Collection& collection, RowVersion&& row) {
        horizon = std::max(horizon, row.rev);
        old.push_back({collection.position, collection.key_of(row.values)});
        return old.size() < rows_max;
      }));
  for (const RowId& id : old) {
    TWINSTORE_TRY_VOID(storage_.forget(schema_.at(id.collection), id.key));
  }
  if (!old.empty()) TWINSTORE_TRY_VOID(write_horizon(storage_, horizon));
  return old.size();
}

Result<Outcome> Authority::stored_outcome(const PushRequest& request,
                                          const PushedMutation& pushed) {
  TWINSTORE_TRY(const auto stored, read_outcome_record(storage_, request.client, pushed.seq));
  if (!stored) {
    return Error{ErrorCode::ClientForked,
                 "mutation " + std::to_string(pushed.seq) + " was answered long ago"};
  }
  if (stored->content_hash != pushed.content_hash) {
    return Error{ErrorCode::IdReuse,
                 "mutation " + std::to_string(pushed.seq) + " was already sent with other content"};
  }
  return stored->outcome;
}

Result<void> Authority::store_outcome(const ClientId& client, const PushedMutation& pushed,
                                      const Outcome& outcome) {
  return write_outcome_record(storage_, client, {pushed.content_hash, outcome}, pushed.seq);
}

Result<void> Authority::prune_outcomes(const ClientId& client, int64_t acked_seq) {
  return erase_outcome_records(storage_, client, acked_seq);
}

}  // namespace twinstore
