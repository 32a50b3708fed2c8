#include "server.h"

#include <algorithm>

#include "base/planted.h"
#include "sync/authority_records.h"

namespace twinstore::sim {

std::string error_message(const Schema& schema, const Error& error) {
  return encode(schema, Message(ErrorMessage{error}));
}

Server::Server(const Schema& schema, const WorldTime& world, uint64_t seed,
               const Disk::Image& fresh)
    : disk("server"), clock(world), schema_(schema), ids_(seed) {
  disk.load(fresh);
}

Result<void> Server::open() {
  SqliteOptions options{
      .path = "server.db", .vfs = disk.name(), .is_exclusive = true, .has_feed = true};
  TWINSTORE_TRY(storage_, SqliteStorage::open(schema_, options));
  auto authority = Authority::open(schema_, *storage_, clock, ids_);
  if (!authority.ok()) {
    storage_.reset();
    return authority.error();
  }
  authority_ = std::move(authority).value();
  feed_ = std::make_unique<ChangeFeed>(schema_, *storage_, authority_->identity());
  ++generation;
  return {};
}

void Server::crash(Loss loss, Random& random) {
  disk.switch_off();
  feed_.reset();
  authority_.reset();
  storage_.reset();
  waiting_.clear();
  disk.restart(loss, random);
  ++generation;
}

Result<void> Server::restore(const Disk::Image& backup, Random& random) {
  crash(Loss::Process, random);
  disk.load(backup);
  TWINSTORE_TRY_VOID(open());
  if (TWINSTORE_PLANTED(restored_without_epoch)) return {};
  TWINSTORE_TRY(Transaction transaction, Transaction::begin(*storage_));
  TWINSTORE_TRY_VOID(authority_->start_epoch(ids_));
  TWINSTORE_TRY_VOID(transaction.commit());
  feed_ = std::make_unique<ChangeFeed>(schema_, *storage_, authority_->identity());
  return {};
}

Result<void> Server::forget_deletions() {
  TWINSTORE_TRY(Transaction transaction, Transaction::begin(*storage_));
  TWINSTORE_TRY_VOID(authority_->collect_garbage(1'000'000));
  return transaction.commit();
}

Result<int64_t> Server::last_seq(const std::string& client) {
  TWINSTORE_TRY(const auto text, storage_->get("client", client));
  return text ? std::atoll(text->c_str()) : int64_t{0};
}

bool Server::has_judged(const Judgement& judgement) {
  const auto client = parse_client_id(judgement.client);
  if (!client.ok()) return false;
  const auto record = read_outcome_record(*storage_, client.value(), judgement.seq);
  if (!record.ok() || !record.value()) return false;
  // A commit that failed and the one that repeated it differ at least in a clamped time.
  const Outcome& outcome = record.value()->outcome;
  const std::string counted = outcome.hlc.is_set() ? outcome.hlc.text() : std::string();
  return outcome.rev == judgement.outcome["rev"].get<Rev>() &&
         outcome_text(outcome.status) == judgement.outcome["status"] &&
         counted == judgement.outcome.value("hlc", "");
}

// Errors of one push are its answer; an error of the disk ends the group.
Result<void> Server::judge_all(GroupResult& group) {
  for (const auto& [from, text] : waiting_) {
    const auto message = decode(schema_, text);
    const auto* push = message.ok() ? std::get_if<PushRequest>(&message.value()) : nullptr;
    if (push == nullptr) {
      group.answers.push_back(
          {from,
           error_message(schema_, message.ok() ? Error{ErrorCode::InvalidJson, "not for a server"}
                                               : message.error()),
           true});
      continue;
    }
    auto effect = authority_->push(*push);
    if (!effect.ok()) {
      const Error& error = effect.error();
      if (error.code == ErrorCode::StorageFull || error.code == ErrorCode::StorageIo ||
          error.code == ErrorCode::StorageCorrupt || error.code == ErrorCode::StorageBusy ||
          error.code == ErrorCode::Sql) {
        return error;
      }
      group.answers.push_back({from, error_message(schema_, error), true});
      continue;
    }
    group.scopes.insert(effect.value().scopes.begin(), effect.value().scopes.end());
    std::string answer = encode(schema_, Message(std::move(effect).value().response));
    const JsonValue said = JsonValue::parse(answer, nullptr, false);
    const JsonValue asked = JsonValue::parse(text, nullptr, false);
    for (const JsonValue& outcome : said["outcomes"]) {
      const int64_t seq = outcome["seq"].get<int64_t>();
      for (size_t i = 0; i < push->mutations.size(); ++i) {
        if (push->mutations[i].seq != seq) continue;
        group.judgements.push_back({std::string(client_text(push->client)), seq,
                                    asked["mutations"][i], outcome,
                                    push->mutations[i].mutation.ok()});
      }
    }
    group.answers.push_back({from, std::move(answer), true});
  }
  return {};
}

// Planted: the numbers of what is committed are stored in a second transaction.
Result<void> Server::commit_without_numbers(Transaction transaction, const GroupResult& group) {
  std::map<std::string, std::string> numbers;
  for (const Judgement& judgement : group.judgements) {
    TWINSTORE_TRY(const auto number, storage_->get("client", judgement.client));
    numbers[judgement.client] = number.value_or("0");
    TWINSTORE_TRY_VOID(
        storage_->put("client", judgement.client, std::to_string(judgement.seq - 1)));
  }
  TWINSTORE_TRY_VOID(transaction.commit());
  TWINSTORE_TRY(Transaction late, Transaction::begin(*storage_));
  for (const auto& [client, number] : numbers) {
    TWINSTORE_TRY_VOID(storage_->put("client", client, number));
  }
  return late.commit();
}

GroupResult Server::commit_group() {
  GroupResult group;
  const auto run = [&]() -> Result<void> {
    TWINSTORE_TRY(Transaction transaction, Transaction::begin(*storage_));
    TWINSTORE_TRY_VOID(judge_all(group));
    group.is_commit_tried = true;
    if (TWINSTORE_PLANTED(ack_before_commit) && clock.now_ms() % 4 == 0) {
      return Error{ErrorCode::Internal, "answered before the commit, which then failed"};
    }
    if (TWINSTORE_PLANTED(dedupe_outside_transaction)) {
      return commit_without_numbers(std::move(transaction), group);
    }
    return transaction.commit();
  };
  const auto done = run();
  waiting_.clear();
  group.is_committed = done.ok();
  if (done.ok()) return group;
  group.error = done.error().message;
  if (!disk.is_off() && !authority_->reload().ok()) disk.switch_off();
  if (TWINSTORE_PLANTED(ack_before_commit)) return group;
  for (Answer& answer : group.answers) answer.text = error_message(schema_, done.error());
  return group;
}

std::string Server::page(const std::string& text, size_t rows_max) {
  const auto message = decode(schema_, text);
  if (!message.ok()) return error_message(schema_, message.error());
  const auto* pull = std::get_if<PullRequest>(&message.value());
  if (pull == nullptr) return error_message(schema_, {ErrorCode::InvalidJson, "not a pull"});
  PullRequest request = *pull;
  request.rows_max = rows_max;
  auto page = feed_->page(request);
  if (!page.ok()) return error_message(schema_, page.error());
  return encode(schema_, Message(std::move(page).value()));
}

}  // namespace twinstore::sim
