// A machine's disk in memory. It keeps what was synced and what was only written apart, so that a
// power cut can lose, keep or tear each unsynced write. SQLite reaches it through its own VFS.
// Thread rule: one thread. Next: disk_vfs.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "random.h"

struct sqlite3_vfs;

namespace twinstore::sim {

using Bytes = std::vector<uint8_t>;

// A write of `data` at `offset`, or a truncation to `offset`.
struct UnsyncedWrite {
  size_t offset = 0;
  Bytes data;
  bool is_truncation = false;
};

struct DiskFile {
  Bytes current;  // what the running process reads
  Bytes synced;   // what a power cut cannot take
  std::vector<UnsyncedWrite> unsynced;
  bool is_new = true;  // nobody has synced it yet

  void write(size_t offset, const uint8_t* data, size_t size);
  void truncate(size_t size);
  void sync();
};

// Dead fails whatever is asked; Off does so for ever, from a write or a sync on, OffAnywhere from
// any operation on.
enum class DiskFault : uint8_t {
  None,
  Full,
  ShortWrite,
  WriteError,
  SyncError,
  ReadError,
  Dead,
  Off,
  OffAnywhere
};
enum class Loss : uint8_t { Process, Power };

class Disk {
 public:
  // `name` is that of the VFS; no two disks have the same at a time.
  explicit Disk(const std::string& name);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  // The `after`-th operation that the fault concerns fails, and `count` of them; Off for ever.
  void arm(DiskFault fault, int64_t after, int64_t count);
  void disarm() { arm(DiskFault::None, 0, 0); }
  [[nodiscard]] bool is_off() const { return is_off_; }
  [[nodiscard]] int64_t failures() const { return failures_; }
  // Writes, truncations, deletions and syncs that were asked for so far.
  [[nodiscard]] int64_t changes() const { return changes_; }
  // From now on a sync says that it is done, and does nothing.
  void lie() { is_lying_ = true; }
  // For the VFS. With the first sync of a new file its folder is synced, as SQLite does on Unix:
  // what was deleted before stays deleted.
  void sync(DiskFile& file);
  // Whether the operation fails; for the VFS.
  DiskFault next_fault(bool is_write, bool is_sync);

  // The process that used the disk is gone, its handles with it: call between switch_off() and
  // opening again. A power cut keeps a random part of what was not synced.
  void switch_off() { is_off_ = true; }
  void restart(Loss loss, Random& random);

  using Image = std::map<std::string, DiskFile>;
  // As a copy of the folder would find it, and back.
  [[nodiscard]] Image image() const;
  void load(const Image& image);
  [[nodiscard]] size_t bytes() const;

  std::shared_ptr<DiskFile> open(const std::string& path, bool is_created);
  void remove(const std::string& path, bool is_synced);
  [[nodiscard]] bool exists(const std::string& path) const { return files_.contains(path); }

 private:
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::map<std::string, std::shared_ptr<DiskFile>> files_;
  // These may come back after a power cut; nothing stands for one that cannot.
  std::map<std::string, std::shared_ptr<DiskFile>> removed_;
  DiskFault fault_ = DiskFault::None;
  int64_t fault_after_ = 0;
  int64_t fault_count_ = 0;
  int64_t failures_ = 0;
  int64_t changes_ = 0;
  bool is_lying_ = false;
  bool is_off_ = false;
};

}  // namespace twinstore::sim
