// A SQLite VFS over a pool of synchronous file handles that JavaScript opened beforehand: OPFS
// SyncAccessHandles in a browser, file descriptors in Node. All calls are synchronous, so neither
// Asyncify nor shared memory is needed; the price is one connection per file.
// The pool's methods are described in web/src/worker/handlePool.ts.
// Thread rule: the module's only thread.
#pragma once

#include <string>

#include "twinstore/result.h"

namespace twinstore {

// Registers a VFS named `name` over `Module.twinstorePools[pool]`. Registering the same name again
// replaces the pool. Errors: Internal when SQLite refuses it.
[[nodiscard]] Result<void> register_opfs_vfs(int pool, const std::string& name);

}  // namespace twinstore
