// Opening a replica, writing to it, and replaying what is pending over a new base.
#include "twinstore/replica.h"

#include <algorithm>

#include "base/planted.h"
#include "base/sha256.h"
#include "schema/field_value.h"
#include "sync/conflict_edit.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/conflict.h"
#include "twinstore/limits.h"
#include "twinstore/refresh_task.h"
#include "twinstore/rejected_write.h"

namespace twinstore {

namespace {

// It takes refused writes away and adds nothing.
bool gives_up_only(const Schema& schema, const EditBatch& batch) {
  return std::ranges::all_of(batch.edits, [&](const Edit& edit) {
    return edit.kind == EditKind::Resolve && edit.choice == "remote" &&
           edit.collection == rejected_writes_of(schema).position;
  });
}

}  // namespace

Replica::Replica(const Schema& schema, Storage& storage, Clock& clock, IdSource& ids)
    : schema_(schema),
      storage_(storage),
      wall_clock_(clock),
      ids_(ids),
      clock_(clock, {}),
      outbox_(std::make_unique<Outbox>(schema)) {}

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(const Schema& schema, Storage& storage, Clock& clock,
                                               IdSource& ids) {
  std::unique_ptr<Replica> replica(new Replica(schema, storage, clock, ids));
  TWINSTORE_TRY_VOID(replica->load());
  TWINSTORE_TRY_VOID(replica->reread_for_schema());
  return replica;
}

Result<void> Replica::load() {
  TWINSTORE_TRY_VOID(load_identity());
  TWINSTORE_TRY_VOID(load_scopes());
  TWINSTORE_TRY(const int64_t rejected, storage_.count(rejected_writes_of(schema_), {}));
  rejected_ = static_cast<size_t>(rejected);
  TWINSTORE_TRY(mismatches_, read_mismatches(storage_));
  TWINSTORE_TRY(restored_, read_restored(storage_));
  TWINSTORE_TRY(missing_, read_missing_ids(storage_, schema_));
  TWINSTORE_TRY(is_connected_, read_connected(storage_));
  return {};
}

// An older version of the schema left out what it did not know, and a salvaged file lacks rows:
// also some that wait to be sent, which follow from their bases.
Result<void> Replica::reread_for_schema() {
  TWINSTORE_TRY(const int64_t known, read_schema_version(storage_));
  if (known == schema_.version()) return {};
  const auto reread = transact([&](Commit&) -> Result<void> {
    for (ScopeState& scope : scopes_) {
      TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
      scope = fresh_scope(scope);
      TWINSTORE_TRY_VOID(store_scope(scope));
    }
    for (const auto& [order, entry] : outbox_->entries()) {
      for (const Change& change : entry.mutation.changes) {
        const RowId id{change.collection, change.key};
        TWINSTORE_TRY(const bool is_known, has_base(storage_, schema_, id));
        if (is_known) TWINSTORE_TRY_VOID(replay(id));
      }
    }
    return write_schema_version(storage_, schema_.version());
  });
  return reread.ok() ? Result<void>() : reread.error();
}

Result<void> Replica::load_identity() {
  TWINSTORE_TRY(auto identity, read_identity(storage_));
  if (!identity) {
    identity.emplace().client = new_client_id(ids_);
    TWINSTORE_TRY(Transaction transaction, Transaction::begin(storage_));
    TWINSTORE_TRY_VOID(write_identity(storage_, *identity));
    TWINSTORE_TRY_VOID(transaction.commit());
  }
  clock_.rename(identity->client);
  clock_.restore(identity->clock_ticks);
  next_seq_ = identity->next_seq;
  acked_seq_ = identity->acked_seq;
  epoch_ = identity->epoch;
  return outbox_->load(storage_, identity->next_order);
}

Result<void> Replica::store_clock() {
  return write_identity(storage_, {clock_.client(), next_seq_, acked_seq_, clock_.last(),
                                   outbox_->next_order(), epoch_});
}

// What is in memory may be of a transaction that failed, when it could not be read again at once.
Result<void> Replica::refresh() {
  if (!is_stale_ || TWINSTORE_PLANTED(stale_memory)) return {};
  TWINSTORE_TRY_VOID(load());
  is_stale_ = false;
  return {};
}

// One transaction; after an error memory is brought back to what is stored.
Result<Commit> Replica::transact(const std::function<Result<void>(Commit&)>& work) {
  TWINSTORE_TRY_VOID(refresh());
  Commit commit;
  const auto run = [&]() -> Result<void> {
    TWINSTORE_TRY(Transaction transaction, Transaction::begin(storage_));
    TWINSTORE_TRY_VOID(work(commit));
    TWINSTORE_TRY_VOID(store_clock());
    return transaction.commit();
  };
  const auto done = run();
  if (done.ok()) return commit;
  is_stale_ = true;
  if (TWINSTORE_PLANTED(stale_memory)) (void)load();
  (void)refresh();  // else the next call tries again
  return done.error();
}

Result<Commit> Replica::write(const EditBatch& batch) {
  const bool is_full = outbox_->entries().size() + rejected_ >= limits::outbox_entries_max;
  if (is_full && !gives_up_only(schema_, batch)) {
    return Error{ErrorCode::OutboxFull, "100,000 transactions wait to be sent or decided about"};
  }
  if (TWINSTORE_PLANTED(batch_not_atomic) && batch.edits.size() > 1) {
    for (const Edit& edit : batch.edits) TWINSTORE_TRY_VOID(write({{edit}, {}, false}));
    return Commit{};
  }
  return transact([&](Commit& commit) -> Result<void> {
    Mutation mutation;
    mutation.hlc = clock_.tick();
    if (!batch.operation.empty()) {
      TWINSTORE_TRY(const bool is_new,
                    note_operation(storage_, batch.operation, mutation.hlc.text()));
      if (!is_new) return {};
    }
    mutation.is_all_or_nothing = batch.is_all_or_nothing;
    for (const Edit& edit : batch.edits) {
      TWINSTORE_TRY_VOID(write_any(edit, mutation, commit));
    }
    if (mutation.changes.empty() || !is_connected_) return {};
    commit.is_status_changed = true;
    return queue(std::move(mutation));
  });
}

// A further edit of the row that was edited last joins its entry while that is not sent; then the
// view is what the joined change makes of the base.
Result<void> Replica::queue(Mutation mutation) {
  const RowId id{mutation.changes[0].collection, mutation.changes[0].key};
  TWINSTORE_TRY(const bool has_joined, outbox_->join_last(storage_, mutation));
  if (has_joined) return replay(id);
  return outbox_->add(storage_, std::move(mutation));
}

Result<void> Replica::write_any(const Edit& edit, Mutation& mutation, Commit& commit) {
  switch (edit.kind) {
    case EditKind::Resolve: return write_decision(edit, mutation, commit);
    case EditKind::Mark:
    case EditKind::Schedule:
    case EditKind::Cancel: break;
    default: return write_edit(edit, mutation, commit);
  }
  TWINSTORE_TRY(const auto stored, load_row(storage_, schema_.at(edit.collection), edit.key));
  TWINSTORE_TRY(const auto asked,
                refresh_edit(schema_, edit, stored ? &*stored : nullptr, wall_clock_.now_ms()));
  if (!asked) return {};
  return write_edit(*asked, mutation, commit);
}

// Trying again is writing anew, on top of the rows as they are now.
Result<void> Replica::write_rejected_decision(const Edit& decision, Mutation& mutation,
                                              Commit& commit) {
  const Collection& collection = schema_.at(decision.collection);
  TWINSTORE_TRY(const auto rejected, load_row(storage_, collection, decision.key));
  TWINSTORE_TRY(const auto edits,
                edits_of_rejected(schema_, decision, rejected ? &*rejected : nullptr));
  for (const Edit& edit : edits) {
    TWINSTORE_TRY_VOID(write_edit(edit, mutation, commit));
  }
  --rejected_;
  commit.is_status_changed = true;
  commit.touch(decision.collection, decision.key);
  return storage_.forget(collection, decision.key);
}

Result<void> Replica::write_decision(const Edit& decision, Mutation& mutation, Commit& commit) {
  if (decision.collection == rejected_writes_of(schema_).position) {
    return write_rejected_decision(decision, mutation, commit);
  }
  TWINSTORE_TRY(const auto conflict,
                load_row(storage_, schema_.at(decision.collection), decision.key));
  TWINSTORE_TRY(const auto edits,
                resolution_edits(schema_, decision, conflict ? &*conflict : nullptr,
                                 wall_clock_.now_ms(), clock_.client()));
  for (const Edit& edit : edits) {
    TWINSTORE_TRY_VOID(write_edit(edit, mutation, commit));
  }
  return {};
}

Result<void> Replica::write_edit(const Edit& edit, Mutation& mutation, Commit& commit) {
  const Collection& collection = schema_.at(edit.collection);
  const RowId id{edit.collection, edit.key};
  TWINSTORE_TRY(const auto stored, load_row(storage_, collection, edit.key));
  const RowVersion* view = stored ? &*stored : nullptr;
  TWINSTORE_TRY(auto change, make_change(collection, edit, view));
  if (!change) return {};
  TWINSTORE_TRY(Resolution resolution, resolve(collection, *change, mutation.hlc, view));
  if (!resolution.row) return {};
  if (!is_connected_) {
    if (resolution.row->is_deleted()) resolution.row.reset();
    commit.touch(id.collection, id.key);
    return save_view(id, resolution.row);
  }
  TWINSTORE_TRY_VOID(keep_base(id, stored));
  TWINSTORE_TRY_VOID(save_view(id, resolution.row));
  commit.touch(id.collection, id.key);
  if (TWINSTORE_PLANTED(delete_not_queued) && edit.kind == EditKind::Delete) return {};
  mutation.changes.push_back(std::move(*change));
  return {};
}

// The first change of a clean row sets its base aside.
Result<void> Replica::keep_base(const RowId& id, const std::optional<RowVersion>& row) {
  if (outbox_->is_dirty(id)) return {};
  TWINSTORE_TRY(const bool is_kept, has_base(storage_, schema_, id));
  if (is_kept) return {};
  return write_base(storage_, schema_, id, row);
}

Result<std::optional<RowVersion>> Replica::read_base(const RowId& id) {
  return twinstore::read_base(storage_, schema_, id);
}

Result<void> Replica::save_view(const RowId& id, const std::optional<RowVersion>& row) {
  const Collection& collection = schema_.at(id.collection);
  if (row) return storage_.save(collection, *row);
  return storage_.forget(collection, id.key);
}

// The view of a dirty row: its base with every pending change on top, in order.
Result<void> Replica::replay(const RowId& id) {
  const Collection& collection = schema_.at(id.collection);
  TWINSTORE_TRY(std::optional<RowVersion> view, read_base(id));
  const std::string scope = view ? collection.scope_of(view->values) : std::string();
  const bool has_base = view.has_value();
  const std::set<int64_t>* pending = outbox_->touching(id);
  if (pending == nullptr) {
    TWINSTORE_TRY_VOID(erase_base(storage_, schema_, id));
    return save_view(id, view);
  }
  for (const int64_t order : *pending) {
    const OutboxEntry& entry = outbox_->entries().at(order);
    if (has_base && is_contained(entry, scope)) continue;
    const Mutation& mutation = entry.mutation;
    for (const Change& change : mutation.changes) {
      if (change.collection != id.collection || change.key != id.key) continue;
      auto resolution = resolve(collection, change, entry.time(), view ? &*view : nullptr);
      if (resolution.ok() && resolution.value().row) view = std::move(resolution.value().row);
    }
  }
  // Over a version that came meanwhile a change is stamped later than it was made.
  if (view) clock_.observe(view->is_deleted() ? view->deleted_at : view->latest_stamp());
  return save_view(id, view);
}

// The authority has other content under the number of the first mutation that waits, so this device
// is a copy of another, or was put back: that one and those numbered after it were not judged, and
// get another name. It follows from what they hold, so that copies which hold the same give it the
// same name, and it still counts once.
Result<void> Replica::number_again(Commit& commit) {
  const auto refused = refused_order();
  if (!refused) return {};
  const OutboxEntry first = outbox_->entries().at(*refused);
  const std::string origin =
      std::string(client_text(first.client)) + encode_mutation(schema_, first.mutation);
  TWINSTORE_TRY(const ClientId name,
                parse_client_id(hex_text(sha256(origin), limits::client_id_bytes / 2)));
  int64_t seq = 0;
  const auto entries = outbox_->entries();
  for (const auto& [order, entry] : entries) {
    const bool is_refused =
        !entry.is_acked && entry.mutation.seq != 0 && entry.client == first.client;
    if (!is_refused) continue;
    OutboxEntry again = entry;
    again.client = name;
    again.mutation.seq = ++seq;
    TWINSTORE_TRY_VOID(outbox_->replace(storage_, order, std::move(again)));
  }
  if (first.client == clock_.client()) {
    clock_.rename(name);
    next_seq_ = seq + 1;
    acked_seq_ = 0;
    for (ScopeState& scope : scopes_) {
      scope.last_seq = 0;
      TWINSTORE_TRY_VOID(store_scope(scope));
    }
  }
  for (const auto& [order, entry] : entries) {
    for (const Change& change : entry.mutation.changes) {
      commit.touch(change.collection, change.key);
      TWINSTORE_TRY_VOID(replay({change.collection, change.key}));
    }
  }
  return {};
}

ReplicaStatus Replica::status() {
  (void)refresh();  // where nothing can be read, it tells what was known
  RestoredWrites restored = restored_;
  restored.missing = missing_.size();
  return {clock_.client(),
          outbox_->unacked_count(),
          outbox_->unacked_since_ms(),
          rejected_,
          restored,
          mismatches_,
          scopes_};
}

Result<std::vector<RejectedWrite>> Replica::rejected_writes() {
  namespace at = rejected_field;
  std::vector<RejectedWrite> writes;
  TWINSTORE_TRY_VOID(
      storage_.select(rejected_writes_of(schema_), {}, [&](const Collection&, RowVersion&& row) {
        writes.push_back({std::get<std::string>(row.values[at::id]),
                          error_code(std::get<std::string>(row.values[at::code])),
                          std::get<std::string>(row.values[at::message])});
        return true;
      }));
  return writes;
}

}  // namespace twinstore
