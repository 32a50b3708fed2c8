// Transactions of a served database, for services whose threads are not the workspace's: they wait
// while the writer's thread writes and a reader's reads. Thread rule: any thread but the writer's
// and the readers'.
#pragma once

#include "twinstore/transactions.h"
#include "workspace/workspace.h"

namespace twinstore {

class WorkspaceTransactions final : public Transactions {
 public:
  // `workspace` outlives it, and is stopped after the last call has returned.
  explicit WorkspaceTransactions(Workspace& workspace) : workspace_(workspace) {}

  // Errors besides the work's own: as Writer::push; Unavailable when there is too much to do.
  [[nodiscard]] Result<void> run(const TransactionWork& work) override;
  [[nodiscard]] Result<void> read(const ReadWork& work) override;

 private:
  Workspace& workspace_;
};

}  // namespace twinstore
