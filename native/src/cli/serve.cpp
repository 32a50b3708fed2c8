#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "base/sanitized.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "serve/server.h"

namespace twinstore {
namespace {

// The signals that ask for an end. Blocked before any thread starts, so that every thread inherits
// the mask and only wait() takes them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of that write
  }
  void wait() const {
    int received = 0;
    sigwait(&set_, &received);
  }

 private:
  sigset_t set_{};
};

// Rows and tokens are in the memory of this process, and must not come into a file that others
// read.
void keep_memory_private() {
  ::umask(S_IRWXG | S_IRWXO);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  if (!is_sanitized) ::prctl(PR_SET_DUMPABLE, 0);  // a pipe in core_pattern ignores the limit
}

// Bodies and pages are megabytes, and gone in a moment: the system gets their memory back at once,
// as glibc only does while it is told where large begins.
void return_large_blocks() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

Result<ServerOptions> server_options(const ServeOptions& options) {
  ServerOptions out;
  TWINSTORE_TRY(out.listen, parse_listen_address(options.listen));
  TWINSTORE_TRY(out.database, database_from_option(options.database_url));
  out.schema_file = options.schema_file;
  out.web_folder = options.web_folder;
  out.allowed_origins = options.allowed_origins;
  out.cache_folder = options.cache_folder;
  if (!options.refresh_file.empty()) {
    TWINSTORE_TRY(out.refresh, read_refresh_config(options.refresh_file));
  }
  out.auth = options.auth;
  out.rates = {.per_address = 2 * options.requests_per_second,
               .per_principal = options.requests_per_second,
               .per_workspace = 2 * options.requests_per_second};
  out.trusted_proxies = options.trusted_proxies;
  if (options.auth.is_on()) out.connections_per_address = limits::connections_per_address_max;
  return out;
}

}  // namespace

int serve_command(const ServeOptions& options) {
  const StopSignals signals;
  keep_memory_private();
  return_large_blocks();
  set_slow_ms(options.slow_ms);
  const auto parsed = server_options(options);
  if (!parsed.ok()) return fail_with(parsed.error());
  auto server = Server::start(parsed.value());
  if (!server.ok()) return fail_with(server.error());
  const std::string url = parsed.value().listen.url(server.value()->port());
  log_info("serving", {{"database", parsed.value().database.text()}, {"url", url}});
  std::printf("listening on %s\n", url.c_str());
  std::fflush(stdout);
  signals.wait();
  log_info("draining");
  server.value()->stop();
  log_info("stopped");
  return 0;
}

}  // namespace twinstore
