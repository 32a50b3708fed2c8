// A backup of one workspace: a file that is itself a Twinstore database, made while the original is
// served, and checked before it counts. From PostgreSQL the rows are copied, from SQLite the pages;
// either restores into either. Thread rule: free functions, each with storages of its own.
// Next: storage_copy.h, verification.h.
#pragma once

#include <string>

#include "backup/storage_copy.h"
#include "backup/verification.h"
#include "twinstore/clock.h"

namespace twinstore {

struct BackupResult {
  bool is_incremental = false;  // only what had changed since the last one was read
  CopyCounts changed;           // of an incremental one
  Verification verified;
};

// One consistent state of the database in `file`. A backup of the same database that is there is
// brought forward by what has changed, in one transaction, unless `is_full`; anything else that is
// there is refused. Errors: PreconditionFailed for such a file, or when the copy is found not to be
// whole; as open_storage.
[[nodiscard]] Result<BackupResult> make_backup(const Schema& schema, const DatabaseLocation& from,
                                               const std::string& file, bool is_full);

struct RestoreResult {
  std::string kept;  // where the replaced file is; empty: there was none
  Verification verified;
};

// Puts a backup in the place of a database, as a new epoch: clients keep what they have not sent,
// and send again what the backup does not have. What is there must be empty, or a file that
// `may_replace` moves aside; a workspace in PostgreSQL must be empty. Nobody may serve it.
// Errors: StorageBusy while somebody does; PreconditionFailed for what is not empty, and for a
// backup that is not whole; as open_storage.
[[nodiscard]] Result<RestoreResult> restore_backup(const Schema& schema, const std::string& file,
                                                   const DatabaseLocation& to, bool may_replace,
                                                   Clock& clock, IdSource& ids);

// For a database that was put back by other means, such as PostgreSQL's recovery to a point in
// time: begins the new epoch. Errors: StorageBusy while it is served from a file; as open_storage.
[[nodiscard]] Result<void> begin_epoch(const Schema& schema, const DatabaseLocation& location,
                                       Clock& clock, IdSource& ids);

}  // namespace twinstore
