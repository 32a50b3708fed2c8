#include "twinstore/transactions.h"

namespace twinstore {

Result<void> AuthorityTransactions::run(const TransactionWork& work) {
  if (is_reload_due_) {
    TWINSTORE_TRY_VOID(authority_.reload());
    is_reload_due_ = false;
  }
  TWINSTORE_TRY(Transaction transaction, Transaction::begin(authority_.storage()));
  is_reload_due_ = true;  // unless it is committed
  TWINSTORE_TRY_VOID(authority_.catch_up());
  std::set<std::string> scopes;
  OwnWrites writes(authority_, scopes);
  TWINSTORE_TRY_VOID(work(writes));
  TWINSTORE_TRY_VOID(transaction.commit());
  is_reload_due_ = false;
  return {};
}

Result<void> AuthorityTransactions::read(const ReadWork& work) {
  return work(authority_.storage());
}

}  // namespace twinstore
