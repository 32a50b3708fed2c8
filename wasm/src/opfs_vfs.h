// A SQLite VFS over a pool of OPFS handles that JavaScript opened beforehand: every call is
// synchronous, without Asyncify, threads or cross-origin isolation.
// JavaScript calls `module.registerPool(pool, "twinstore-opfs")`, opens databases with that VFS
// name, and calls `module.releasePool(id)` when they are closed.
// Thread rule: the worker that opened the pool.
// Next: opfs_file.h (one open file), web/src/worker/handlePool.ts (what lies in OPFS).
#pragma once

namespace twinstore {

// Registers a VFS named `vfs_name` over the pool `Module.twinstorePools[pool_id]`. A VFS of that
// name is replaced; its databases must be closed. Never SQLite's default VFS.
// Returns an SQLite code: SQLITE_MISUSE when the name is empty, longer than 63 bytes or belongs to
// a VFS of somebody else.
int register_opfs_vfs(int pool_id, const char* vfs_name);

// Forgets the VFS over this pool. Its databases must be closed. Harmless when there is none.
void unregister_opfs_vfs(int pool_id);

}  // namespace twinstore
