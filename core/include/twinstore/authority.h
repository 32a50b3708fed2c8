// The authority: the one place that puts changes in order. It judges each pushed mutation with
// `resolve`, gives what it commits the next revs, and remembers outcomes, so that a repeated push
// is answered and not applied again. ChangeFeed is the reading side, for any number of readers.
// Several authorities, in processes of their own, may write one database whose storage gives each
// transaction the workspace for itself. What one holds in memory is checked against the stored head
// in every transaction.
// Thread rule: an Authority belongs to the writer's thread; each ChangeFeed to one reader's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "twinstore/clock.h"
#include "twinstore/protocol.h"
#include "twinstore/storage.h"

namespace twinstore {

// What makes cursors belong to this database. `epoch` changes when it is restored from a backup;
// `secret` keeps clients from making up cursors.
struct FeedIdentity {
  std::string epoch;
  std::string secret;
};

// Errors: SchemaMismatch for another schema, or a client whose version is newer: it waits until the
// server is brought up to date. An older client is served.
[[nodiscard]] Result<void> check_hello(const Schema& schema, const ProtocolHello& hello);

// Whether a client may read and write rows of the scope. Absent: it may.
using ReachesScope = std::function<bool(std::string_view scope)>;

struct PushEffect {
  PushResponse response;
  std::set<std::string> scopes;  // those in which something changed
};

class ConflictLog;
class SyncCounts;
struct Judgement;
struct Judging;

class Authority {
 public:
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  // Creates the identity of a new database. Errors: as Storage.
  [[nodiscard]] static Result<std::unique_ptr<Authority>> open(const Schema& schema,
                                                               Storage& storage, Clock& clock,
                                                               IdSource& ids);

  // Tells the storage what these pushes will read, so that one round trip fetches it. In the
  // caller's transaction, before push(); leaving it out costs time alone. Errors: as Storage.
  [[nodiscard]] Result<void> prefetch(const std::vector<const PushRequest*>& pushes);

  // Applies a push inside a transaction that the caller has begun, so that many pushes can share
  // one commit. Nothing may be answered before that commit. A mutation that touches a scope which
  // the sender does not reach is rejected as Forbidden, and rows that stand there are none for it.
  // Errors that refuse the push and have written nothing: SchemaMismatch, SequenceGap, IdReuse. Any
  // storage error: roll back.
  [[nodiscard]] Result<PushEffect> push(const PushRequest& request,
                                        const ReachesScope& reaches = {});

  // Applies one mutation of a source that keeps no queue (an import, a service), in the caller's
  // transaction. The caller vouches that it is not applied twice. A rejection is an outcome.
  [[nodiscard]] Result<Outcome> apply(const Mutation& mutation, std::set<std::string>& scopes);
  // The same under `rules`: this authority's schema, or the same with other policies.
  [[nodiscard]] Result<Outcome> apply(const Mutation& mutation, const Schema& rules,
                                      std::set<std::string>& scopes);
  // Counts what a source handed in and what was not even judged, such as a record older than its
  // row. In the caller's transaction. Errors: as Storage.
  [[nodiscard]] Result<void> count(OutcomeStatus status);

  // To be called once after the database was put back to an older state: replicas then read again,
  // keep their outboxes, and send again what was lost. In the caller's transaction. Errors: as
  // Storage.
  [[nodiscard]] Result<void> start_epoch(IdSource& ids);
  // Mutations that replicas sent again after a restore: judged now, and confirmed once before.
  [[nodiscard]] Result<int64_t> replayed_count();

  // Forgets deletions older than limits::tombstone_horizon_ms, at most `rows_max` of them, in the
  // caller's transaction. A replica that was away for longer reads its scopes again. Returns how
  // many; fewer than `rows_max`: it is done. Errors: as Storage.
  [[nodiscard]] Result<size_t> collect_garbage(size_t rows_max);

  // After a failed commit: forget what the transaction had counted.
  [[nodiscard]] Result<void> reload();

  // Reads what others have written since the last transaction of this authority. push(), apply()
  // and their like do so themselves. In the caller's transaction. Errors: as Storage.
  [[nodiscard]] Result<void> catch_up();

  [[nodiscard]] const FeedIdentity& identity() const { return identity_; }
  // As of the last call of this authority.
  [[nodiscard]] Rev head() const { return head_; }
  [[nodiscard]] Storage& storage() { return storage_; }
  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] Clock& clock() { return clock_; }

 private:
  Authority(const Schema& schema, Storage& storage, Clock& clock);
  Result<Outcome> apply_in_order(const Judging& by, const Mutation& mutation,
                                 std::set<std::string>& scopes);
  Result<Outcome> judge_and_save(const Judging& by, const Mutation& mutation,
                                 std::set<std::string>& scopes);
  Result<void> save(Judgement& judgement, const std::map<RowId, uint64_t>& digests,
                    const HybridTime& stamp, std::set<std::string>& scopes);
  Result<void> save_row(const Collection& collection, RowVersion& row, uint64_t digest_before,
                        std::set<std::string>& scopes);
  Result<void> change_digest(const std::string& scope, uint64_t change);
  Result<void> write_digests();
  Result<Outcome> apply_numbered(const PushedMutation& pushed, const ClientId& sender,
                                 const ReachesScope& reaches, std::set<std::string>& scopes);
  Result<void> count_replayed(const PushRequest& request, int64_t last_seq);
  Result<Outcome> stored_outcome(const PushRequest& request, const PushedMutation& pushed);
  Result<void> store_outcome(const ClientId& client, const PushedMutation& pushed,
                             const Outcome& outcome);
  Result<void> prune_outcomes(const ClientId& client, int64_t acked_seq);

  const Schema& schema_;
  Storage& storage_;
  Clock& clock_;
  std::unique_ptr<ConflictLog> conflicts_;
  std::unique_ptr<SyncCounts> counts_;
  FeedIdentity identity_;
  std::map<std::string, uint64_t> digests_;  // those that the mutation under way changes
  Rev head_ = 0;
};

class ChangeFeed {
 public:
  // `storage` may be read-only. All three must outlive the feed, except the identity, which is
  // copied.
  ChangeFeed(const Schema& schema, Storage& storage, FeedIdentity identity)
      : schema_(schema), storage_(storage), identity_(std::move(identity)) {}

  // One page in one consistent state. A checkpoint when nothing is left after it. Without a client
  // (an empty id) the page does not speak of one, and can be shared. Errors:
  // BadCursor for a cursor that this authority did not make for this scope; CursorExpired when
  // the scope must be read again from the beginning.
  [[nodiscard]] Result<PullResponse> page(const PullRequest& request);

  // The rev of a cursor; 0 for the empty one. Errors: as page().
  [[nodiscard]] Result<Rev> cursor_rev(std::string_view scope, std::string_view cursor) const;
  [[nodiscard]] std::string make_cursor(std::string_view scope, Rev rev) const;
  // What it reads from: for other questions, in the same thread.
  [[nodiscard]] Storage& storage() { return storage_; }

 private:
  // What a cursor says: up to where it was read, and, while the reading that began with nothing
  // has not come to a checkpoint, at which head it began.
  struct Place {
    Rev rev = 0;
    Rev began = 0;
  };
  [[nodiscard]] Result<Place> read_cursor(std::string_view scope, std::string_view cursor) const;
  [[nodiscard]] std::string make_cursor(std::string_view scope, const Place& place) const;

  const Schema& schema_;
  Storage& storage_;
  FeedIdentity identity_;
};

}  // namespace twinstore
