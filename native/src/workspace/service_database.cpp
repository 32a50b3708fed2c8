#include "workspace/service_database.h"

#include <filesystem>

#include "config/database_url.h"
#include "config/schema_source.h"

namespace twinstore {
namespace {

std::string url_or_default(const std::string& url) {
  if (!url.empty()) return url;
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  return default_database_url(error ? "/tmp" : folder.string());
}

}  // namespace

Result<void> SerialTransactions::run(const TransactionWork& work) {
  const std::scoped_lock lock(mutex_);
  return transactions_.run(work);
}

Result<void> SerialTransactions::read(const ReadWork& work) {
  const std::scoped_lock lock(mutex_);
  return transactions_.read(work);
}

Result<std::unique_ptr<ServiceDatabase>> ServiceDatabase::open(const std::string& url,
                                                               std::string source) {
  std::unique_ptr<ServiceDatabase> opened(new ServiceDatabase());
  TWINSTORE_TRY(const DatabaseLocation location, parse_database_url(url_or_default(url)));
  TWINSTORE_TRY(opened->schema_, shipped_schema());
  TWINSTORE_TRY(opened->database_,
                open_database(*opened->schema_, location, opened->clock_, opened->ids_));
  opened->transactions_ = std::make_unique<SerialTransactions>(*opened->database_.authority);
  TWINSTORE_TRY(auto persistence,
                DataPersistenceService::make(*opened->schema_, opened->clock_,
                                             *opened->transactions_, std::move(source)));
  opened->persistence_ = std::make_unique<DataPersistenceService>(std::move(persistence));
  return opened;
}

}  // namespace twinstore
