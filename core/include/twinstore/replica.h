// A replica: a full local copy of the scopes it subscribes to, that can be read and written
// offline and is kept level with an authority. It produces the next message and consumes the
// answer; somebody else carries them.
//
// Invariants: (1) the view of a clean row is the authority's row; (2) a dirty row also keeps its
// base, and its view is the base with the pending changes replayed by `resolve`; (3) a cursor is
// stored in the transaction that stores the rows up to it; (4) a local write, its base and its
// outbox entry are one transaction.
// Thread rule: one thread at a time, the storage's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/edit.h"
#include "twinstore/limits.h"
#include "twinstore/preview.h"
#include "twinstore/protocol.h"
#include "twinstore/storage.h"

namespace twinstore {

class Outbox;
struct OutboxEntry;

struct ScopeState {
  std::string scope;
  std::string cursor;         // of the last checkpoint; empty: to be read from the beginning
  std::string epoch;          // in which the rows that are here were read; empty: none were
  Rev rev = 0;                // and up to which rev
  std::string staged_cursor;  // of the last page that waits for its checkpoint
  Rev staged_rev = 0;
  Rev staged_head = 0;  // the newest state that one of them was read in
  int64_t staged_pages = 0;
  int64_t last_seq = 0;          // this client's last mutation that the rows here contain
  uint64_t digest = 0;           // of its rows here, as the authority gave them (digest.h)
  int64_t verified_at_ms = 0;    // when it was last level with the authority; 0: never
  bool is_behind = true;         // a pull is due
  bool is_behind_again = false;  // another one after the page that is on its way
  bool is_rereading = false;     // the next checkpoint holds all rows: others are gone
  bool is_leaving = false;       // dropped once nothing of it waits to be sent
  bool is_withdrawn = false;  // by the authority: its rows leave likewise, and it is not asked for
  bool is_emptied = false;    // withdrawn, and nothing of it is here any more
  bool is_partial = false;    // rows made room: its digest says nothing until it is read again
};

// A row of `_rejected_writes` in short.
struct RejectedWrite {
  std::string id;
  ErrorCode code = ErrorCode::Internal;
  std::string message;
};

// What this device did for an authority that came back from a backup.
struct RestoredWrites {
  size_t replayed = 0;         // confirmed writes that were sent again
  bool is_incomplete = false;  // some were too old to be known here any more
  size_t missing = 0;          // rows that were newer here, and have not come back (missing_rows)
};

// A row as it was read from an authority that was then put back to before it.
struct MissingRow {
  RowId row;
  RowVersion version;
};

struct ReplicaStatus {
  ClientId client{};
  size_t pending = 0;            // transactions the authority has not confirmed
  int64_t pending_since_ms = 0;  // when the oldest of them was written; 0: there is none
  size_t rejected = 0;           // writes that it refused, waiting for attention
  RestoredWrites restored;
  size_t mismatches = 0;  // checkpoints at which a scope was not what the authority has
  std::vector<ScopeState> scopes;
};

struct Eviction {
  Commit commit;
  size_t rows = 0;
};

// What an exchange may carry: with PullOnly what waits here stays here.
enum class Exchange : uint8_t { Both, PullOnly };

class Replica {
 public:
  // Errors: as Storage.
  [[nodiscard]] static Result<std::unique_ptr<Replica>> open(const Schema& schema, Storage& storage,
                                                             Clock& clock, IdSource& ids);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // One local transaction: durable and visible when it returns. Before connect() nothing is queued:
  // the rows belong to this device alone. Edits that change nothing are left
  // out; a batch of nothing else is not an error. An operation that was already written changes
  // nothing, so that a caller who got no answer may ask again. Errors, with nothing written:
  // RowExists, RowMissing, MissingField, ScopeChanged, AppendOnly, ValueTooLong, OutboxFull, the
  // storage's; for a decision those of a conflict or refused write that is gone: NotFound,
  // PreconditionFailed.
  [[nodiscard]] Result<Commit> write(const EditBatch& batch);

  // From now on, and after every opening, there is an authority to send writes to. The rows of a
  // device that stood alone until then wait to be sent, all of them, as inserts made when they were
  // last written. The second time it does nothing. Errors: as Storage.
  [[nodiscard]] Result<Commit> connect();
  // Connects, too. "*" stands for every scope. Subscribing twice is not an error; a scope that was
  // withdrawn is asked for anew. Errors: InvalidArgument past 256 scopes or for an empty name.
  [[nodiscard]] Result<Commit> subscribe(const std::string& scope);
  // The rows of the scope leave this device, as soon as the authority has confirmed what was
  // written here. Not an error for a scope that is not subscribed.
  [[nodiscard]] Result<Commit> unsubscribe(const std::string& scope);

  // Makes room: of the collections that name `evict_by`, the rows that are oldest by it, at most
  // `rows_max`, leave this device. Only what the authority has and nobody waits for goes: no row
  // with a pending change or an open conflict. Nothing is deleted at the authority; the scopes are
  // partial until they are read again. Fewer rows than asked for: there are no more.
  [[nodiscard]] Result<Eviction> evict(size_t rows_max);
  // Marks the partial scopes as to be read from the beginning, so that all of their rows come back.
  [[nodiscard]] Result<Commit> refill();

  // What to send next, or nothing: the pending mutations first, then a pull of a scope that is
  // behind. A message counts as under way until its answer is received or lost() is called; then
  // it comes again, byte-equal for what was already sent.
  [[nodiscard]] Result<std::optional<std::string>> next_message(Exchange what = Exchange::Both);
  void lost();
  // To be sent when a live connection opens: every scope with its cursor.
  [[nodiscard]] std::string subscribe_message() const;
  // Marks every scope as due for a pull: after a reconnect without a live connection.
  void mark_behind();

  // Consumes an answer or a live message. Nothing changes when it is an error: those of decode,
  // those of storage, and whatever an error message carried.
  [[nodiscard]] Result<Commit> receive(std::string_view text);

  // What the authority would make of each write that it has not judged yet, in their order, if
  // nothing else happened to the rows that are here. Exchange::PullOnly brings these up to date
  // first. Nothing is changed. Errors: as Storage.
  [[nodiscard]] Result<std::vector<PreviewedWrite>> preview();

  [[nodiscard]] ReplicaStatus status();
  [[nodiscard]] Result<std::vector<RejectedWrite>> rejected_writes();
  // What was seen here and is lost with an authority that was restored, unless a device that wrote
  // it sends it again: then it leaves this list, as it does once each of its fields is written
  // anew. At most limits::missing_rows_max. Errors: as Storage.
  [[nodiscard]] Result<std::vector<MissingRow>> missing_rows();

 private:
  Replica(const Schema& schema, Storage& storage, Clock& clock, IdSource& ids);
  Result<void> load();
  Result<void> refresh();
  Result<void> load_identity();
  Result<void> reread_for_schema();
  Result<void> load_scopes();
  Result<Commit> transact(const std::function<Result<void>(Commit&)>& work);

  Result<void> write_any(const Edit& edit, Mutation& mutation, Commit& commit);
  Result<void> write_edit(const Edit& edit, Mutation& mutation, Commit& commit);
  Result<void> end_standing_alone(Commit& commit);
  Result<void> queue_own_rows();
  Result<void> queue(Mutation mutation);
  Result<void> write_decision(const Edit& decision, Mutation& mutation, Commit& commit);
  Result<void> write_rejected_decision(const Edit& decision, Mutation& mutation, Commit& commit);
  Result<void> keep_base(const RowId& id, const std::optional<RowVersion>& row);
  Result<std::optional<RowVersion>> read_base(const RowId& id);
  Result<void> replay(const RowId& id);
  Result<void> save_view(const RowId& id, const std::optional<RowVersion>& row);

  Result<std::vector<RowId>> oldest_rows(size_t rows_max);
  Result<void> mark_partial(const std::set<std::string>& names, Commit& commit);

  struct Foreseen;
  Result<std::optional<RowVersion>> foreseen_row(const RowId& id, const Foreseen& foreseen);
  Result<bool> foresee_judged(const OutboxEntry& entry, Foreseen& foreseen);
  Result<PreviewedWrite> foresee(const OutboxEntry& entry, Foreseen& foreseen);

  // How far the authority is with each name under which mutations were numbered here.
  struct Inquiry {
    std::string epoch;  // of the answers
    std::set<ClientId> names;
    std::map<ClientId, int64_t> judged;
    bool is_forced = false;  // also when the epoch is the one that is followed
  };
  Result<void> begin_inquiry(bool is_forced);
  std::string next_inquiry();
  Result<Commit> receive_judged(const PushResponse& answer);
  Result<void> follow(const Inquiry& told, Commit& commit);
  Result<size_t> put_back_lost(const Inquiry& told, Commit& commit);

  std::vector<int64_t> orders_to_push() const;
  Result<std::optional<std::string>> next_push();
  std::optional<std::string> next_pull();
  Result<void> receive_outcomes(const PushResponse& response, Commit& commit);
  Result<void> receive_outcome(const Outcome& outcome, const PushResponse& response, int64_t order,
                               Commit& commit);
  Result<void> receive_page(const PullResponse& page, std::string_view text, Commit& commit);
  Result<void> apply_checkpoint(ScopeState& scope, const PullResponse& last, Commit& commit);
  Result<void> apply_row(const RowChange& change, bool is_known, bool is_counted, bool is_restored,
                         uint64_t& digest, Commit& commit);
  Result<void> compare_restored(const RowId& id, const RowVersion* known, const RowVersion* now,
                                bool is_restored);
  Result<void> compare_digest(ScopeState& scope, const PullResponse& page, bool was_reread);
  Result<void> forget_absent(const ScopeState& scope, const std::set<RowId>& present,
                             bool is_restored, Commit& commit);
  Result<void> receive_error(const Error& error, Commit& commit);
  Result<void> drop_confirmed(Commit& commit);
  Result<void> drop_entry(int64_t order, bool is_absorbed, Commit& commit);
  Result<void> keep_rejected(int64_t order, const Outcome& outcome, Commit& commit);
  Result<void> number_again(Commit& commit);
  std::optional<int64_t> refused_order() const;
  Result<void> set_aside_refused(const Error& error, Commit& commit);
  Result<void> receive_refusal(const Error& error, bool is_ambiguous, Commit& commit);
  Result<void> store_scope(const ScopeState& scope);
  Result<void> store_clock();
  static bool covers(const ScopeState& state, const std::string& scope);
  bool is_covered(const std::string& scope) const;
  bool holds(const ScopeState& scope, const OutboxEntry& entry) const;
  bool is_contained(const OutboxEntry& entry, const std::string& scope) const;
  bool is_settled(const OutboxEntry& entry, const std::string& scope) const;
  Result<void> replay_contained(const ScopeState& before, const ScopeState& now, Commit& commit);
  Result<void> finish_leaving(Commit& commit);
  Result<bool> empty_scope(const std::string& scope, Commit& commit);
  Result<Commit> withdraw(const std::string& scope);
  void mark_scope_behind(ScopeState& scope);
  ProtocolHello hello() const;

  const Schema& schema_;
  Storage& storage_;
  Clock& wall_clock_;
  IdSource& ids_;
  HybridClock clock_;
  std::unique_ptr<Outbox> outbox_;
  std::vector<ScopeState> scopes_;
  int64_t next_seq_ = 1;
  int64_t acked_seq_ = 0;
  size_t rejected_ = 0;
  size_t mismatches_ = 0;
  RestoredWrites restored_;
  std::set<RowId> missing_;
  bool is_connected_ = false;
  bool is_stale_ = false;  // memory is not what is stored
  std::string epoch_;      // of the authority that is followed; empty: none was heard of
  std::optional<Inquiry> inquiry_;
  std::map<ClientId, int64_t> judged_;  // how far the authority was when it last said so
  // The name and number of the first mutation in the push that is under way.
  std::pair<ClientId, int64_t> pushed_first_;
  size_t pushed_count_ = 0;  // how many mutations are in it
  size_t push_max_ = limits::mutations_per_push_max;
  bool is_push_suspect_ = false;  // the last one was refused whole: nothing goes beside the next
  bool is_push_under_way_ = false;
  std::optional<std::pair<std::string, Rev>> pull_under_way_;  // the scope, and after which rev
};

}  // namespace twinstore
