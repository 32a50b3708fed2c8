#include "memory_faults.h"

#include <sqlite3.h>

#include "twinstore/result.h"

namespace twinstore::durability {
namespace {

sqlite3_mem_methods real;
int64_t fault_after = 0;
int64_t fault_count = 0;
int64_t failed = 0;

bool is_failing() {
  if (fault_count == 0 || fault_after-- > 0) return false;
  --fault_count;
  ++failed;
  return true;
}

void* allocate(int bytes) { return is_failing() ? nullptr : real.xMalloc(bytes); }
void* resize(void* memory, int bytes) {
  return is_failing() ? nullptr : real.xRealloc(memory, bytes);
}

}  // namespace

void MemoryFaults::install() {
  TWINSTORE_CHECK(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) == SQLITE_OK);
  static sqlite3_mem_methods failing;
  failing = real;
  failing.xMalloc = allocate;
  failing.xRealloc = resize;
  TWINSTORE_CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) == SQLITE_OK);
  // A pool of small pieces would hide most allocations (sqlite.org/malloc.html#lookaside).
  TWINSTORE_CHECK(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK);
}

void MemoryFaults::arm(int64_t after, int64_t count) {
  fault_after = after;
  fault_count = count;
  failed = 0;
}

int64_t MemoryFaults::failures() { return failed; }

}  // namespace twinstore::durability
