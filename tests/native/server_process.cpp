#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "twinstore/result.h"

extern char** environ;

namespace twinstore::test {
namespace {

struct Spawned {
  pid_t process = -1;
  int out = -1;
};

Spawned spawn(const std::string& program, std::vector<std::string> arguments,
              const std::string& log = "/dev/null") {
  int ends[2];
  TWINSTORE_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  Spawned spawned;
  const int failed =
      posix_spawn(&spawned.process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  TWINSTORE_CHECK(failed == 0);
  spawned.out = ends[0];
  return spawned;
}

}  // namespace

std::string twinstore_binary() {
  if (const char* named = std::getenv("TWINSTORE_BINARY")) return named;
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "twinstore").string();
}

ServerProcess::ServerProcess(const std::string& database,
                             const std::vector<std::string>& more_arguments,
                             const std::string& log) {
  const bool is_url = database.find("://") != std::string::npos;
  std::vector<std::string> arguments{"--log-level",
                                     log.empty() ? "off" : "debug",
                                     "serve",
                                     "--listen",
                                     "127.0.0.1:0",
                                     "--db",
                                     is_url ? database : "sqlite:///" + database};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  const Spawned spawned =
      spawn(twinstore_binary(), std::move(arguments), log.empty() ? "/dev/null" : log);
  process_ = spawned.process;
  std::string line;
  char c = 0;
  while (::read(spawned.out, &c, 1) == 1 && c != '\n') line += c;
  ::close(spawned.out);
  const size_t colon = line.rfind(':');
  if (line.starts_with("listening on http://127.0.0.1:")) {
    port_ = static_cast<uint16_t>(std::atoi(line.c_str() + colon + 1));
  }
}

ServerProcess::~ServerProcess() {
  signal(SIGKILL);
  wait();
}

void ServerProcess::signal(int number) const { ::kill(process_, number); }

int ServerProcess::wait() {
  if (status_ == -1) ::waitpid(process_, &status_, 0);
  return status_;
}

ProcessResult run_twinstore(const std::vector<std::string>& arguments) {
  return run_program(twinstore_binary(), arguments);
}

ProcessResult run_program(const std::string& program, const std::vector<std::string>& arguments) {
  const Spawned spawned = spawn(program, arguments);
  ProcessResult result;
  char block[4096];
  for (ssize_t got = 0; (got = ::read(spawned.out, block, sizeof block)) > 0;) {
    result.out.append(block, static_cast<size_t>(got));
  }
  ::close(spawned.out);
  int status = 0;
  ::waitpid(spawned.process, &status, 0);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

}  // namespace twinstore::test
