// The real program in a process of its own, so that it can be killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace twinstore::test {

// The path of the built `twinstore`: beside this test, or $TWINSTORE_BINARY.
std::string twinstore_binary();

class ServerProcess {
 public:
  // Starts `twinstore serve` on a free port and waits for its line on stdout. `database` is a path
  // or a URL. With `log` everything is logged to that file.
  explicit ServerProcess(const std::string& database,
                         const std::vector<std::string>& more_arguments = {},
                         const std::string& log = {});
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // 0 when the process ended without the line.
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] pid_t process() const { return process_; }
  // May be called from any thread, more than once.
  void signal(int number) const;
  // The status of waitpid.
  int wait();

 private:
  pid_t process_ = -1;
  uint16_t port_ = 0;
  int status_ = -1;
};

struct ProcessResult {
  int exit_code = -1;
  std::string out;
};
// Runs the program to its end; stderr is dropped.
ProcessResult run_twinstore(const std::vector<std::string>& arguments);
// The same of another program.
ProcessResult run_program(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace twinstore::test
