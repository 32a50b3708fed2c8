// A PostgreSQL server of the tests' own: a new cluster in a temporary folder, reached through a
// Unix socket in it, stopped and removed with the object. Runs as the user postgres when the tests
// run as root, which PostgreSQL refuses to be.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "storage_postgres/connection.h"

namespace twinstore::test {

class Cluster {
 public:
  // `settings` are lines of postgresql.conf such as "fsync = off".
  explicit Cluster(std::vector<std::string> settings = {});
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // The one that most tests share.
  static Cluster& shared();

  // Returns when it answers.
  void start();
  // Without a checkpoint, as a crash leaves it; returns when every process of it is gone.
  void crash();

  // A base backup, and from here on every segment of the WAL, kept beside the data. Requires the
  // setting archive_mode = on.
  void archive_from_here();
  // Returns when all that was written so far is in the archive.
  void wait_until_archived(const std::string& url);
  // Stops, and comes back as of the named restore point, out of what was archived.
  void recover_to(const std::string& restore_point);

  // A new, empty database; its URL as the role `twinstore`, which owns it and is no superuser, so
  // that row-level security holds it.
  std::string create_database();
  [[nodiscard]] std::string url(const std::string& database,
                                const std::string& role = "twinstore") const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void wait_until_ready(int log);
  void run(std::vector<std::string> command) const;
  void configure(const std::string& lines) const;
  std::filesystem::path folder_;
  std::filesystem::path binaries_;
  pid_t process_ = -1;
  std::thread log_reader_;
  int databases_ = 0;
};

// One statement at the superuser's prompt in the URL's database: its own session, no marks of
// Twinstore's. The first column's texts, separated by spaces; a failure's SQLSTATE and message in
// their place.
std::string psql(const std::string& url, const std::string& sql);
// The same as the role that the URL names.
std::string psql_as(const std::string& url, const std::string& sql);

}  // namespace twinstore::test
