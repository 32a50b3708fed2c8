#include "../services/cleanup_suite.h"
#include "../services/persistence_suite.h"
#include "../services/refresh_suite.h"
#include "../services/synchronization_suite.h"

namespace twinstore::test {
TWINSTORE_CLEANUP_SUITE(MemoryEngine, SqliteEngine);
TWINSTORE_PERSISTENCE_SUITE(MemoryEngine, SqliteEngine);
TWINSTORE_REFRESH_SUITE(MemoryEngine, SqliteEngine);
TWINSTORE_SYNCHRONIZATION_SUITE(MemoryEngine, SqliteEngine);
}  // namespace twinstore::test
