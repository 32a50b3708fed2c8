// The exchange with the authority: what to say next, and whom an answer concerns.
#include <algorithm>

#include "base/planted.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

// What says that a push, as it is, will never be taken.
bool is_of_content(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::InvalidJson:
    case ErrorCode::JsonTooDeep:
    case ErrorCode::DuplicateKey:
    case ErrorCode::NumberOutOfRange:
    case ErrorCode::InvalidUtf8:
    case ErrorCode::UnknownCollection:
    case ErrorCode::UnknownField:
    case ErrorCode::MissingField:
    case ErrorCode::WrongType:
    case ErrorCode::ValueTooLong:
    case ErrorCode::BatchTooLarge:
    case ErrorCode::BodyTooLarge: return true;
    default: return false;
  }
}

}  // namespace

ProtocolHello Replica::hello() const {
  return {protocol_version, schema_.name(), schema_.version()};
}

Result<std::optional<std::string>> Replica::next_message(Exchange what) {
  TWINSTORE_TRY_VOID(refresh());
  if (inquiry_) {
    if (is_push_under_way_) return std::optional<std::string>{};
    return std::optional(next_inquiry());
  }
  if (!is_push_under_way_ && what == Exchange::Both) {
    TWINSTORE_TRY(auto push, next_push());
    if (push) return push;
  }
  if (is_push_under_way_ && is_push_suspect_) return std::optional<std::string>{};
  if (pull_under_way_) return std::optional<std::string>{};
  return next_pull();
}

void Replica::lost() {
  is_push_under_way_ = false;
  pull_under_way_.reset();
}

void Replica::mark_behind() {
  for (ScopeState& scope : scopes_) mark_scope_behind(scope);
}

// What becomes known while a page is on its way is not in that page.
void Replica::mark_scope_behind(ScopeState& scope) {
  if (scope.is_withdrawn) return;
  scope.is_behind = true;
  scope.is_behind_again = pull_under_way_ && pull_under_way_->first == scope.scope;
}

std::string Replica::subscribe_message() const {
  Subscribe subscribe{hello(), clock_.client(), {}};
  for (const ScopeState& scope : scopes_) {
    if (!scope.is_withdrawn) subscribe.scopes.emplace_back(scope.scope, scope.cursor);
  }
  return encode(schema_, Message(std::move(subscribe)));
}

Result<Commit> Replica::receive(std::string_view text) {
  TWINSTORE_TRY(const Message message, decode(schema_, text));
  TWINSTORE_TRY_VOID(refresh());
  if (const auto* error = std::get_if<ErrorMessage>(&message)) {
    if (error->error.code == ErrorCode::ScopeWithdrawn) return withdraw(error->scope);
    const bool is_about_content =
        is_push_under_way_ && pushed_count_ > 0 && is_of_content(error->error.code);
    const bool is_ambiguous = pull_under_way_.has_value();
    lost();
    const bool is_expired = error->error.code == ErrorCode::CursorExpired && !epoch_.empty();
    const bool is_gap = error->error.code == ErrorCode::SequenceGap;
    if (is_expired || is_gap) TWINSTORE_TRY_VOID(begin_inquiry(is_gap));
    TWINSTORE_TRY(Commit commit, transact([&](Commit& out) {
                    return is_about_content ? receive_refusal(error->error, is_ambiguous, out)
                                            : receive_error(error->error, out);
                  }));
    if (commit.is_status_changed) return commit;
    return error->error;
  }
  if (const auto* behind = std::get_if<Behind>(&message)) {
    const auto scope = find_scope(scopes_, behind->scope);
    if (scope != scopes_.end()) mark_scope_behind(*scope);
    return Commit{};
  }
  if (const auto* pushed = std::get_if<PushResponse>(&message)) {
    is_push_under_way_ = false;
    if (inquiry_ || (!epoch_.empty() && pushed->epoch != epoch_)) return receive_judged(*pushed);
    return transact([&](Commit& commit) { return receive_outcomes(*pushed, commit); });
  }
  if (const auto* page = std::get_if<PullResponse>(&message)) {
    const auto planted = find_scope(scopes_, page->scope);
    if (TWINSTORE_PLANTED(cursor_before_apply) && planted != scopes_.end() && page->is_checkpoint) {
      (void)transact([&](Commit&) {
        ScopeState early = *planted;
        early.cursor = page->cursor;
        early.rev = page->rev;
        return store_scope(early);
      });
    }
    if (!epoch_.empty() && page->epoch != epoch_) {
      if (pull_under_way_ == std::pair(page->scope, page->after)) pull_under_way_.reset();
      mark_behind();
      TWINSTORE_TRY_VOID(begin_inquiry(false));
      return Commit{};
    }
    return transact([&](Commit& commit) { return receive_page(*page, text, commit); });
  }
  return Error{ErrorCode::InvalidJson, "this message is for a server"};
}

// A push that is refused whole is sent again in halves, and what is refused alone is set aside, so
// that one write never holds the queue. While a page is on its way, it may be what was meant: then
// the push goes again with nothing beside it.
Result<void> Replica::receive_refusal(const Error& error, bool is_ambiguous, Commit& commit) {
  commit.is_status_changed = true;
  const bool was_alone = pushed_count_ == 1;
  push_max_ = std::max<size_t>(1, pushed_count_ / 2);
  is_push_suspect_ = true;
  if (!was_alone || is_ambiguous) return {};
  return set_aside_refused(error, commit);
}

// The errors after which the replica knows by itself how to go on.
Result<void> Replica::receive_error(const Error& error, Commit& commit) {
  switch (error.code) {
    case ErrorCode::CursorExpired:
    case ErrorCode::BadCursor:
      for (ScopeState& scope : scopes_) {
        if (!scope.is_behind) continue;
        TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
        scope = fresh_scope(scope);
        TWINSTORE_TRY_VOID(store_scope(scope));
      }
      commit.is_status_changed = true;
      return {};
    case ErrorCode::SequenceGap: commit.is_status_changed = true; return {};
    case ErrorCode::IdReuse: commit.is_status_changed = true; return number_again(commit);
    case ErrorCode::ClientForked:
      commit.is_status_changed = true;
      return set_aside_refused(error, commit);
    default: return {};
  }
}

}  // namespace twinstore
