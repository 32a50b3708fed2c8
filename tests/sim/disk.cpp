#include "disk.h"

#include <algorithm>
#include <cstring>

namespace twinstore::sim {
namespace {

constexpr size_t sector_bytes = 512;

void write_into(Bytes& bytes, size_t offset, const uint8_t* data, size_t size) {
  if (bytes.size() < offset + size) bytes.resize(offset + size);
  std::memcpy(bytes.data() + offset, data, size);
}

void apply(Bytes& bytes, const UnsyncedWrite& write) {
  if (write.is_truncation) {
    bytes.resize(write.offset);
  } else {
    write_into(bytes, write.offset, write.data.data(), write.data.size());
  }
}

// Each sector of each write arrives or not; all, none or a random part of them.
Bytes after_power_cut(const DiskFile& file, Random& random) {
  const uint64_t kept_permille = random.pick(std::vector<uint64_t>{0, 100, 500, 900, 1000});
  Bytes bytes = file.synced;
  for (const UnsyncedWrite& write : file.unsynced) {
    if (write.is_truncation) {
      if (random.permille(kept_permille)) apply(bytes, write);
      continue;
    }
    for (size_t at = 0; at < write.data.size();) {
      const size_t end_of_sector = (write.offset + at) / sector_bytes * sector_bytes + sector_bytes;
      const size_t size = std::min(write.data.size() - at, end_of_sector - write.offset - at);
      if (random.permille(kept_permille)) {
        write_into(bytes, write.offset + at, write.data.data() + at, size);
      }
      at += size;
    }
  }
  return bytes;
}

}  // namespace

void DiskFile::write(size_t offset, const uint8_t* data, size_t size) {
  write_into(current, offset, data, size);
  unsynced.push_back({offset, Bytes(data, data + size), false});
}

void DiskFile::truncate(size_t size) {
  current.resize(size);
  unsynced.push_back({size, {}, true});
}

void DiskFile::sync() {
  for (const UnsyncedWrite& write : unsynced) apply(synced, write);
  unsynced.clear();
}

void Disk::sync(DiskFile& file) {
  if (is_lying_) return;
  if (file.is_new) {
    for (auto& [path, removed] : removed_) removed.reset();
  }
  file.is_new = false;
  file.sync();
}

void Disk::arm(DiskFault fault, int64_t after, int64_t count) {
  fault_ = fault;
  fault_after_ = after;
  fault_count_ = count;
}

DiskFault Disk::next_fault(bool is_write, bool is_sync) {
  if (is_write || is_sync) ++changes_;
  if (is_off_) return DiskFault::Off;
  bool is_concerned = false;
  switch (fault_) {
    case DiskFault::None: break;
    case DiskFault::Full:
    case DiskFault::ShortWrite:
    case DiskFault::WriteError: is_concerned = is_write; break;
    case DiskFault::SyncError: is_concerned = is_sync; break;
    case DiskFault::ReadError: is_concerned = !is_write && !is_sync; break;
    case DiskFault::Off: is_concerned = is_write || is_sync; break;
    case DiskFault::Dead:
    case DiskFault::OffAnywhere: is_concerned = true; break;
  }
  if (!is_concerned || fault_after_-- > 0) return DiskFault::None;
  ++failures_;
  const DiskFault fault = fault_ == DiskFault::OffAnywhere ? DiskFault::Off : fault_;
  if (fault == DiskFault::Off) is_off_ = true;
  if (--fault_count_ <= 0) fault_ = DiskFault::None;
  return fault;
}

void Disk::restart(Loss loss, Random& random) {
  std::map<std::string, std::shared_ptr<DiskFile>> kept;
  for (const auto& [path, file] : files_) {
    if (loss == Loss::Power) {
      file->synced = after_power_cut(*file, random);
      file->current = file->synced;
      file->unsynced.clear();
    }
    kept.emplace(path, file);
  }
  for (const auto& [path, file] : removed_) {
    if (loss != Loss::Power || kept.contains(path) || random.one_in(2) || !file) continue;
    auto copy = std::make_shared<DiskFile>();
    copy->current = copy->synced = file->synced;
    kept.emplace(path, std::move(copy));
  }
  removed_.clear();
  files_ = std::move(kept);
  is_off_ = false;
  disarm();
}

Disk::Image Disk::image() const {
  Image image;
  for (const auto& [path, file] : files_) {
    DiskFile copy;
    copy.current = copy.synced = file->current;
    copy.is_new = false;
    image.emplace(path, std::move(copy));
  }
  return image;
}

void Disk::load(const Image& image) {
  files_.clear();
  removed_.clear();
  for (const auto& [path, file] : image) files_.emplace(path, std::make_shared<DiskFile>(file));
}

size_t Disk::bytes() const {
  size_t bytes = 0;
  for (const auto& [path, file] : files_) bytes += file->current.size();
  return bytes;
}

std::shared_ptr<DiskFile> Disk::open(const std::string& path, bool is_created) {
  const auto at = files_.find(path);
  if (at != files_.end()) return at->second;
  if (!is_created || is_off_) return nullptr;
  removed_.erase(path);
  return files_.emplace(path, std::make_shared<DiskFile>()).first->second;
}

void Disk::remove(const std::string& path, bool is_synced) {
  const auto at = files_.find(path);
  if (at == files_.end()) return;
  if (!is_synced) removed_[path] = at->second;
  files_.erase(at);
}

}  // namespace twinstore::sim
