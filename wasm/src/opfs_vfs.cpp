#include "opfs_vfs.h"

#include <emscripten.h>
#include <emscripten/bind.h>
#include <emscripten/val.h>
#include <sqlite3.h>

#include <memory>
#include <string>

#include "opfs_file.h"
#include "opfs_pool.h"
#include "sqlite_os.h"

// clang-format off
EM_JS_DEPS(twinstore_opfs_vfs, "$Emval");

EM_JS(int, twinstore_keep_pool, (emscripten::EM_VAL pool), {
  if (!Module.twinstorePools) Module.twinstorePools = [];
  return Module.twinstorePools.push(Emval.toValue(pool)) - 1;
});

EM_JS(void, twinstore_forget_pool, (int id), {
  Module.twinstorePools[id] = undefined;
});
// clang-format on

namespace twinstore {
namespace {

constexpr int path_bytes_max = 512;  // the pool's header page has room for it
constexpr size_t vfs_name_bytes_max = 63;

// Owned by SQLite's list from register_opfs_vfs to unregister_opfs_vfs.
struct OpfsVfs {
  sqlite3_vfs base = {};
  int pool_id = 0;
  std::string name;
};

OpfsVfs& opfs_vfs(sqlite3_vfs* vfs) { return *static_cast<OpfsVfs*>(vfs->pAppData); }

OpfsPool pool_of(sqlite3_vfs* vfs) { return OpfsPool(opfs_vfs(vfs).pool_id); }

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  // A file without a name is a temporary one; SQLITE_TEMP_STORE=3 keeps those in memory.
  if (name == nullptr) return SQLITE_CANTOPEN;
  const int code = open_opfs_file(pool_of(vfs), name, flags, file);
  if (code == SQLITE_OK && flags_out != nullptr) *flags_out = flags;
  return code;
}

// The pool flushes each deletion, whether SQLite asks for it or not: a slot must be clean on the
// disk before another name may take it.
int vfs_delete(sqlite3_vfs* vfs, const char* name, int) {
  switch (pool_of(vfs).remove(name)) {
    case PoolAnswer::Ok: return SQLITE_OK;
    case PoolAnswer::Missing: return SQLITE_IOERR_DELETE_NOENT;
    default: return SQLITE_IOERR_DELETE;
  }
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = pool_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}

// A pool has no folders: the name is the path.
int vfs_full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  if (std::char_traits<char>::length(name) >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs* vfs, int size, char* out) {
  if (size > 0 && out != nullptr) pool_of(vfs).last_error(out, size);
  return 0;  // there is no errno behind it
}

std::unique_ptr<OpfsVfs> make_vfs(int pool_id, const char* name) {
  auto vfs = std::make_unique<OpfsVfs>();
  vfs->pool_id = pool_id;
  vfs->name = name;
  sqlite3_vfs& base = vfs->base;
  base.iVersion = 2;
  base.szOsFile = sizeof(OpfsFile);
  base.mxPathname = path_bytes_max;
  base.zName = vfs->name.c_str();
  base.pAppData = vfs.get();
  base.xOpen = vfs_open;
  base.xDelete = vfs_delete;
  base.xAccess = vfs_access;
  base.xFullPathname = vfs_full_pathname;
  base.xRandomness = vfs_randomness;
  base.xSleep = vfs_sleep;
  base.xCurrentTime = vfs_current_time_days;
  base.xGetLastError = vfs_last_error;
  base.xCurrentTimeInt64 = vfs_current_time_ms;
  return vfs;
}

// The VFS over `pool_id`, or null. SQLite's own list is the only record of them.
sqlite3_vfs* find_vfs(int pool_id) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  while (vfs != nullptr && (vfs->xOpen != vfs_open || opfs_vfs(vfs).pool_id != pool_id)) {
    vfs = vfs->pNext;
  }
  return vfs;
}

void remove_vfs(sqlite3_vfs* vfs) {
  sqlite3_vfs_unregister(vfs);
  const std::unique_ptr<OpfsVfs> owned(&opfs_vfs(vfs));
}

// Returns the pool's id, or -1 when the name cannot be registered.
int register_pool(const emscripten::val& pool, const std::string& vfs_name) {
  const int id = twinstore_keep_pool(pool.as_handle());
  if (register_opfs_vfs(id, vfs_name.c_str()) == SQLITE_OK) return id;
  twinstore_forget_pool(id);
  return -1;
}

void release_pool(int id) {
  unregister_opfs_vfs(id);
  twinstore_forget_pool(id);
}

}  // namespace

int register_opfs_vfs(int pool_id, const char* vfs_name) {
  const size_t bytes = std::char_traits<char>::length(vfs_name);
  if (bytes == 0 || bytes > vfs_name_bytes_max) return SQLITE_MISUSE;
  if (sqlite3_vfs* known = sqlite3_vfs_find(vfs_name); known != nullptr) {
    if (known->xOpen != vfs_open) return SQLITE_MISUSE;
    remove_vfs(known);
  }
  std::unique_ptr<OpfsVfs> vfs = make_vfs(pool_id, vfs_name);
  const int code = sqlite3_vfs_register(&vfs->base, 0);
  if (code == SQLITE_OK) vfs.release();  // SQLite's list has it until unregister_opfs_vfs
  return code;
}

void unregister_opfs_vfs(int pool_id) {
  if (sqlite3_vfs* vfs = find_vfs(pool_id); vfs != nullptr) remove_vfs(vfs);
}

}  // namespace twinstore

EMSCRIPTEN_BINDINGS(twinstore_opfs_vfs) {
  emscripten::function("registerPool", &twinstore::register_pool);
  emscripten::function("releasePool", &twinstore::release_pool);
}
