// Where services write: a transaction on the authority, whoever runs it. A program of its own has
// AuthorityTransactions; a server hands the work to the thread that writes.
// Thread rule: as the implementation says. Next: own_writes.h for what is written in one.
#pragma once

#include <functional>

#include "twinstore/own_writes.h"

namespace twinstore {

// May be called again when the transaction has to begin anew.
using TransactionWork = std::function<Result<void>(OwnWrites&)>;

class Transactions {
 public:
  virtual ~Transactions() = default;
  // What `work` did is durable when it returns; after an error, its own or the storage's, nothing
  // is changed.
  [[nodiscard]] virtual Result<void> run(const TransactionWork& work) = 0;
};

// On the thread that has the authority to itself.
class AuthorityTransactions final : public Transactions {
 public:
  // `authority` outlives it.
  explicit AuthorityTransactions(Authority& authority) : authority_(authority) {}
  [[nodiscard]] Result<void> run(const TransactionWork& work) override;

 private:
  Authority& authority_;
  bool is_reload_due_ = false;
};

}  // namespace twinstore
