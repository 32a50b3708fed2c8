#include "cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <future>

namespace twinstore::test {
namespace {

namespace fs = std::filesystem;

// The newest installed version, or $TWINSTORE_POSTGRES_BIN.
fs::path find_binaries() {
  if (const char* named = std::getenv("TWINSTORE_POSTGRES_BIN")) return named;
  fs::path found;
  int newest = 0;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const int number = std::atoi(version.path().filename().c_str());
    if (number <= newest || !fs::exists(version.path() / "bin" / "initdb")) continue;
    newest = number;
    found = version.path() / "bin";
  }
  TWINSTORE_CHECK(!found.empty());
  return found;
}

// Who runs the server: postgres for root, otherwise whoever runs the tests.
const passwd* server_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  TWINSTORE_CHECK(user != nullptr);
  return user;
}

// The child's side of a fork: becomes the program, with its output in `out`.
[[noreturn]] void become(const std::vector<std::string>& command, const passwd* user, int out) {
  if (user != nullptr) {
    const bool is_changed = ::initgroups(user->pw_name, user->pw_gid) == 0 &&
                            ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0;
    if (!is_changed) ::_exit(126);
  }
  ::signal(SIGQUIT, SIG_DFL);          // a shell's background job ignores it
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // no server outlives its tests
  ::setenv("LC_ALL", "C", 1);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

struct Child {
  pid_t process;
  int out;
};

Child spawn(const std::vector<std::string>& command) {
  int ends[2];
  TWINSTORE_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  const passwd* user = server_user();
  const pid_t process = ::fork();
  TWINSTORE_CHECK(process >= 0);
  if (process == 0) become(command, user, ends[1]);
  ::close(ends[1]);
  return {process, ends[0]};
}

std::string read_all(int file) {
  std::string text;
  char block[4096];
  for (ssize_t got = 0; (got = ::read(file, block, sizeof block)) > 0;) {
    text.append(block, static_cast<size_t>(got));
  }
  ::close(file);
  return text;
}

}  // namespace

Cluster::Cluster(std::vector<std::string> settings) : binaries_(find_binaries()) {
  std::string name = (fs::temp_directory_path() / "twinstore-postgres-XXXXXX").string();
  TWINSTORE_CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  if (const passwd* user = server_user()) {
    TWINSTORE_CHECK(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  run({(binaries_ / "initdb").string(), "-D", (folder_ / "data").string(), "-U", "postgres", "-A",
       "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"});
  configure("listen_addresses = ''\nunix_socket_directories = '" + folder_.string() +
            "'\nmax_connections = 100\nshared_buffers = 64MB\nlog_checkpoints = off\n");
  for (const std::string& line : settings) configure(line + "\n");
  start();
  TWINSTORE_CHECK(psql(url("postgres"), "CREATE ROLE twinstore LOGIN").empty());
}

void Cluster::run(std::vector<std::string> command) const {
  const Child child = spawn(command);
  const std::string out = read_all(child.out);
  int status = 0;
  ::waitpid(child.process, &status, 0);
  if (status != 0) std::fprintf(stderr, "%s\n", out.c_str());
  TWINSTORE_CHECK(status == 0);
}

void Cluster::configure(const std::string& lines) const {
  std::ofstream(folder_ / "data" / "postgresql.conf", std::ios::app) << lines;
}

void Cluster::archive_from_here() {
  const fs::path archive = folder_ / "archive";
  run({"/bin/mkdir", archive.string()});
  const std::string at = url("postgres");
  const std::string command = "cp %p " + archive.string() + "/%f";
  TWINSTORE_CHECK(psql(at, "ALTER SYSTEM SET archive_command = '" + command + "'").empty());
  TWINSTORE_CHECK(psql(at, "SELECT pg_reload_conf()") == "t");
  run({(binaries_ / "pg_basebackup").string(), "-D", (folder_ / "base").string(), "-h",
       folder_.string(), "-U", "postgres", "-c", "fast", "-X", "none", "--no-sync"});
}

void Cluster::wait_until_archived(const std::string& url) {
  const std::string last = psql(url, "SELECT pg_walfile_name(pg_switch_wal())");
  const std::string is_there =
      "SELECT coalesce(max(last_archived_wal) >= '" + last + "', false) FROM pg_stat_archiver";
  while (psql(url, is_there) != "t") {
  }
}

void Cluster::recover_to(const std::string& restore_point) {
  crash();
  fs::remove_all(folder_ / "data");
  fs::rename(folder_ / "base", folder_ / "data");
  configure("restore_command = 'cp " + (folder_ / "archive").string() +
            "/%f %p'\nrecovery_target_name = '" + restore_point +
            "'\nrecovery_target_action = 'promote'\n");
  run({"/usr/bin/touch", (folder_ / "data" / "recovery.signal").string()});
  start();
}

Cluster::~Cluster() {
  crash();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Cluster& Cluster::shared() {
  static Cluster cluster;
  return cluster;
}

void Cluster::start() {
  const Child child = spawn({(binaries_ / "postgres").string(), "-D", (folder_ / "data").string()});
  process_ = child.process;
  wait_until_ready(child.out);
}

// The server says so in its log, which somebody has to read from then on.
void Cluster::wait_until_ready(int log) {
  std::promise<bool> ready;
  std::future<bool> is_ready = ready.get_future();
  log_reader_ = std::thread([log, promise = std::move(ready)]() mutable {
    FILE* lines = ::fdopen(log, "r");
    char* line = nullptr;
    size_t size = 0;
    std::string seen;
    bool is_told = false;
    while (::getline(&line, &size, lines) > 0) {
      if (is_told) continue;
      seen += line;
      if (std::string_view(line).find("ready to accept connections") == std::string_view::npos) {
        continue;
      }
      promise.set_value(true);
      is_told = true;
    }
    if (!is_told) {
      std::fprintf(stderr, "%s\n", seen.c_str());
      promise.set_value(false);
    }
    ::free(line);
    ::fclose(lines);
  });
  TWINSTORE_CHECK(is_ready.get());
}

void Cluster::crash() {
  if (process_ < 0) return;
  ::kill(process_, SIGQUIT);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  log_reader_.join();
}

std::string Cluster::url(const std::string& database, const std::string& role) const {
  return "postgresql://" + role + "@/" + database + "?host=" + folder_.string();
}

std::string Cluster::create_database() {
  const std::string name = "t" + std::to_string(++databases_);
  TWINSTORE_CHECK(psql(url("postgres"), "CREATE DATABASE " + name + " OWNER twinstore").empty());
  return url(name);
}

std::string psql(const std::string& url, const std::string& sql) {
  return psql_as("postgresql://postgres" + url.substr(url.find('@')), sql);
}

std::string psql_as(const std::string& url, const std::string& sql) {
  PGconn* connection = PQconnectdb(url.c_str());
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PGresult* result = PQexec(connection, sql.c_str());
  std::string out;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK) {
    for (int row = 0; row < PQntuples(result); ++row) {
      out += (row > 0 ? " " : "") + std::string(PQgetvalue(result, row, 0));
    }
  } else if (status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    out = "ERROR " + std::string(state == nullptr ? "" : state) + " " +
          std::string(PQerrorMessage(connection));
  }
  PQclear(result);
  PQfinish(connection);
  return out;
}

}  // namespace twinstore::test
