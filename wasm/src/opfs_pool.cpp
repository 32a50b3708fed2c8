#include "opfs_pool.h"

#include <emscripten.h>

// HEAPU8 is looked up in each call: growing the memory replaces it.
// clang-format off
EM_JS_DEPS(twinstore_opfs_pool, "$UTF8ToString,$stringToUTF8");

EM_JS(int, twinstore_pool_open, (int pool, const char* name, int is_created), {
  return Module.twinstorePools[pool].open(UTF8ToString(name), is_created !== 0);
});

EM_JS(void, twinstore_pool_close, (int pool, int fd), {
  Module.twinstorePools[pool].closeFile(fd);
});

EM_JS(int, twinstore_pool_read, (int pool, int fd, void* out, int size, double offset), {
  const start = out >>> 0;
  return Module.twinstorePools[pool].read(fd, HEAPU8.subarray(start, start + size), offset);
});

EM_JS(int, twinstore_pool_write, (int pool, int fd, const void* data, int size, double offset), {
  const start = data >>> 0;
  return Module.twinstorePools[pool].write(fd, HEAPU8.subarray(start, start + size), offset);
});

EM_JS(int, twinstore_pool_truncate, (int pool, int fd, double size), {
  return Module.twinstorePools[pool].truncate(fd, size);
});

EM_JS(int, twinstore_pool_sync, (int pool, int fd), {
  return Module.twinstorePools[pool].sync(fd);
});

EM_JS(double, twinstore_pool_size, (int pool, int fd), {
  return Module.twinstorePools[pool].size(fd);
});

EM_JS(int, twinstore_pool_remove, (int pool, const char* name), {
  return Module.twinstorePools[pool].remove(UTF8ToString(name));
});

EM_JS(int, twinstore_pool_exists, (int pool, const char* name), {
  return Module.twinstorePools[pool].exists(UTF8ToString(name)) ? 1 : 0;
});

EM_JS(void, twinstore_pool_last_error, (int pool, char* out, int size), {
  stringToUTF8(Module.twinstorePools[pool].lastError, out, size);
});
// clang-format on

namespace twinstore {

int OpfsPool::open(const char* name, bool is_created) const {
  return twinstore_pool_open(id_, name, is_created ? 1 : 0);
}

void OpfsPool::close(int fd) const { twinstore_pool_close(id_, fd); }

int OpfsPool::read(int fd, void* out, int size, int64_t offset) const {
  return twinstore_pool_read(id_, fd, out, size, static_cast<double>(offset));
}

PoolAnswer OpfsPool::write(int fd, const void* data, int size, int64_t offset) const {
  return PoolAnswer{twinstore_pool_write(id_, fd, data, size, static_cast<double>(offset))};
}

PoolAnswer OpfsPool::truncate(int fd, int64_t size) const {
  return PoolAnswer{twinstore_pool_truncate(id_, fd, static_cast<double>(size))};
}

PoolAnswer OpfsPool::sync(int fd) const { return PoolAnswer{twinstore_pool_sync(id_, fd)}; }

int64_t OpfsPool::size(int fd) const { return static_cast<int64_t>(twinstore_pool_size(id_, fd)); }

PoolAnswer OpfsPool::remove(const char* name) const {
  return PoolAnswer{twinstore_pool_remove(id_, name)};
}

bool OpfsPool::exists(const char* name) const { return twinstore_pool_exists(id_, name) != 0; }

void OpfsPool::last_error(char* out, int size) const { twinstore_pool_last_error(id_, out, size); }

}  // namespace twinstore
