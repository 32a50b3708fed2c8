// A database with the services over it, for a program that has no server: opened by URL, closed
// with the object. What the services gave stays valid. Thread rule: persistence() and the services
// over it, any thread; they take turns. Next: twinstore/persistence.h.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/system.h"
#include "twinstore/persistence.h"
#include "workspace/workspace.h"

namespace twinstore {

// Transactions of an authority that several threads share.
class SerialTransactions final : public Transactions {
 public:
  // `authority` outlives it.
  explicit SerialTransactions(Authority& authority) : transactions_(authority) {}
  [[nodiscard]] Result<void> run(const TransactionWork& work) override;
  [[nodiscard]] Result<void> read(const ReadWork& work) override;

 private:
  std::mutex mutex_;
  AuthorityTransactions transactions_;
};

class ServiceDatabase {
 public:
  // `sqlite:///…` or `postgresql://…`, as parse_database_url(); empty: {TEMP_DIR}/code_mri.db,
  // which may be emptied at boot. `source` as DataPersistenceService::make. Errors: InvalidArgument
  // for a URL; StorageBusy when another process, a server say, has the file; as open_storage.
  [[nodiscard]] static Result<std::unique_ptr<ServiceDatabase>> open(
      const std::string& url, std::string source = "service");

  [[nodiscard]] DataPersistenceService& persistence() { return *persistence_; }
  [[nodiscard]] const Schema& schema() const { return *schema_; }
  [[nodiscard]] Transactions& transactions() { return *transactions_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] IdSource& ids() { return ids_; }

 private:
  ServiceDatabase() = default;

  SystemClock clock_;
  SystemIdSource ids_;
  std::unique_ptr<Schema> schema_;
  OpenDatabase database_;
  std::unique_ptr<SerialTransactions> transactions_;
  std::unique_ptr<DataPersistenceService> persistence_;
};

}  // namespace twinstore
