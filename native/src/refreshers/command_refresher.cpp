#include "refreshers/command_refresher.h"

#include <cstdlib>

#include "base/child_process.h"
#include "refresh/refresh_limits.h"
#include "refreshers/refresh_documents.h"

namespace twinstore {
namespace {

// What programs need to find others and to speak UTF-8; nothing of the server's own, which may hold
// a password.
std::vector<std::string> plain_environment() {
  std::vector<std::string> out{"LANG=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "TZ"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}

}  // namespace

Result<Refreshed> CommandRefresher::refresh(const RefreshRequest& request,
                                            const CallBounds& bounds) {
  ChildCommand command;
  command.argv = command_.argv;
  command.folder = command_.folder;
  command.environment = plain_environment();
  command.input = request_document(request);
  command.output_bytes_max = limits::refresh_answer_bytes_max;
  TWINSTORE_TRY(const ChildResult result, run_child(command, bounds));
  if (result.exit_code != 0) {
    std::string why = "the command ended with status " + std::to_string(result.exit_code);
    if (!result.last_line.empty()) why += ": " + result.last_line;
    return Error{ErrorCode::Unavailable, std::move(why)};
  }
  return read_answer_document(result.output, request);
}

}  // namespace twinstore
