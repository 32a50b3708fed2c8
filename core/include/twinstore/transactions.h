// Where services read and write: a transaction on the authority, or one state of the database to
// read from, whoever runs it. A program of its own has AuthorityTransactions; a server hands the
// work to the threads that write and read.
// Thread rule: as the implementation says. Next: own_writes.h for what is written in one.
#pragma once

#include <functional>
#include <utility>

#include "twinstore/own_writes.h"

namespace twinstore {

// May be called again when the transaction has to begin anew.
using TransactionWork = std::function<Result<void>(OwnWrites&)>;
using ReadWork = std::function<Result<void>(Storage&)>;

class Transactions {
 public:
  virtual ~Transactions() = default;
  // What `work` did is durable when it returns; after an error, its own or the storage's, nothing
  // is changed.
  [[nodiscard]] virtual Result<void> run(const TransactionWork& work) = 0;
  // Reads what is committed. Its error is the work's own, or the storage's.
  [[nodiscard]] virtual Result<void> read(const ReadWork& work) = 0;
};

// What `work` answers, once it is durable.
template <class Work>
auto run_in(Transactions& transactions, const Work& work)
    -> decltype(work(std::declval<OwnWrites&>())) {
  decltype(work(std::declval<OwnWrites&>())) answer = Error{};
  TWINSTORE_TRY_VOID(transactions.run([&](OwnWrites& writes) -> Result<void> {
    answer = work(writes);
    if (!answer.ok()) return answer.error();
    return {};
  }));
  return answer;
}

// What `ask` answers.
template <class Ask>
auto read_in(Transactions& transactions, const Ask& ask)
    -> decltype(ask(std::declval<Storage&>())) {
  decltype(ask(std::declval<Storage&>())) answer = Error{};
  TWINSTORE_TRY_VOID(transactions.read([&](Storage& storage) -> Result<void> {
    answer = ask(storage);
    if (!answer.ok()) return answer.error();
    return {};
  }));
  return answer;
}

// On the thread that has the authority to itself.
class AuthorityTransactions final : public Transactions {
 public:
  // `authority` outlives it.
  explicit AuthorityTransactions(Authority& authority) : authority_(authority) {}
  [[nodiscard]] Result<void> run(const TransactionWork& work) override;
  [[nodiscard]] Result<void> read(const ReadWork& work) override;

 private:
  Authority& authority_;
  bool is_reload_due_ = false;
};

}  // namespace twinstore
