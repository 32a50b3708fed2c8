#include "workspace/workspace_transactions.h"

#include <future>

namespace twinstore {
namespace {

constexpr size_t work_bytes = 4u << 10;  // about what a service's work holds

}  // namespace

Result<void> WorkspaceTransactions::run(const TransactionWork& work) {
  std::promise<Result<void>> done;
  workspace_.write(
      [&work](Authority& authority, std::set<std::string>& scopes) {
        OwnWrites writes(authority, scopes);
        return work(writes);
      },
      work_bytes, [&done](Result<void> stored) { done.set_value(std::move(stored)); });
  return done.get_future().get();
}

Result<void> WorkspaceTransactions::read(const ReadWork& work) {
  std::promise<Result<void>> done;
  const auto in_one_state = [&](Storage& storage) -> Result<void> {
    TWINSTORE_TRY(const Transaction transaction, Transaction::begin(storage));
    return work(storage);
  };
  const bool is_queued =
      workspace_.read([&](ChangeFeed& feed) { done.set_value(in_one_state(feed.storage())); });
  if (!is_queued) return Error{ErrorCode::Unavailable, "the server has too much to read"};
  return done.get_future().get();
}

}  // namespace twinstore
