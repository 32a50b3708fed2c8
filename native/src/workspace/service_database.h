// A database with the services over it, for a program that has no server: opened by URL, closed
// with the object. What the services gave stays valid. Thread rule: one thread at a time. Next:
// twinstore/persistence.h.
#pragma once

#include <memory>
#include <string>

#include "base/system.h"
#include "twinstore/persistence.h"
#include "workspace/workspace.h"

namespace twinstore {

class ServiceDatabase {
 public:
  // `sqlite:///…` or `postgresql://…`, as parse_database_url(); empty: {TEMP_DIR}/code_mri.db,
  // which may be emptied at boot. `source` as DataPersistenceService::make. Errors: InvalidArgument
  // for a URL; StorageBusy when another process, a server say, has the file; as open_storage.
  [[nodiscard]] static Result<std::unique_ptr<ServiceDatabase>> open(
      const std::string& url, std::string source = "service");

  [[nodiscard]] DataPersistenceService& persistence() { return *persistence_; }
  [[nodiscard]] const Schema& schema() const { return *schema_; }
  [[nodiscard]] Storage& storage() { return *database_.storage; }
  [[nodiscard]] Transactions& transactions() { return *transactions_; }
  [[nodiscard]] Clock& clock() { return clock_; }

 private:
  ServiceDatabase() = default;

  SystemClock clock_;
  SystemIdSource ids_;
  std::unique_ptr<Schema> schema_;
  OpenDatabase database_;
  std::unique_ptr<AuthorityTransactions> transactions_;
  std::unique_ptr<DataPersistenceService> persistence_;
};

}  // namespace twinstore
