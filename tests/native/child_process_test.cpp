// Running other programs: what they are given, what they may do, and how they end.
#include "base/child_process.h"

#include <thread>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

ChildCommand shell(const std::string& lines) {
  ChildCommand command;
  command.argv = {"/bin/sh", "-c", lines};
  command.environment = {"PATH=/usr/bin:/bin"};
  command.output_bytes_max = 1000;
  return command;
}

}  // namespace

TEST_CASE("child: it reads its input, and what it says is read to the end") {
  ChildCommand command = shell("cat; echo one >&2; echo 'the last' >&2; exit 3");
  command.input = "a document";
  const auto result = run_child(command, {});
  REQUIRE(succeeded(result));
  CHECK(result.value().output == "a document");
  CHECK(result.value().exit_code == 3);
  CHECK(result.value().last_line == "the last");
}

TEST_CASE("child: one that does not read its input does no harm") {
  ChildCommand command = shell("exec <&-; echo ok");
  command.input.assign(1u << 20, 'x');
  const auto result = run_child(command, {});
  REQUIRE(succeeded(result));
  CHECK(result.value().output == "ok\n");
}

TEST_CASE("child: its output has a bound") {
  ChildCommand command = shell("head -c 1000 /dev/zero");
  const auto at_bound = run_child(command, {});
  REQUIRE(succeeded(at_bound));
  CHECK(at_bound.value().output.size() == 1000);
  CHECK(code_of(run_child(shell("head -c 1001 /dev/zero"), {})) == ErrorCode::BodyTooLarge);
  CHECK(code_of(run_child(shell("cat /dev/zero"), {})) == ErrorCode::BodyTooLarge);
}

TEST_CASE("child: it is killed at its deadline, or when it is asked to stop") {
  CallBounds bounds;
  bounds.deadline = std::chrono::steady_clock::now();
  CHECK(code_of(run_child(shell("sleep 1000"), bounds)) == ErrorCode::Unavailable);
  std::stop_source stop;
  bounds = {stop.get_token()};
  std::thread stopping([&] { stop.request_stop(); });
  CHECK(code_of(run_child(shell("sleep 1000 & sleep 1000"), bounds)) == ErrorCode::Unavailable);
  stopping.join();
}

TEST_CASE("child: it inherits no variable, no file and no blocked signal") {
  setenv("TWINSTORE_SECRET", "hidden", 1);
  const auto result = run_child(shell("echo \"[$TWINSTORE_SECRET]\"; ls /proc/self/fd | wc -l; pwd;"
                                      " grep SigBlk /proc/self/status"),
                                {});
  REQUIRE(succeeded(result));
  // ls has its three and the folder that it lists.
  CHECK(result.value().output == "[]\n4\n/\nSigBlk:\t0000000000000000\n");
}

TEST_CASE("child: a program that is not there, and one that is none") {
  ChildCommand command = shell("");
  command.argv = {"/no/such/program"};
  CHECK(code_of(run_child(command, {})) == ErrorCode::NotFound);
  command.argv = {"/etc/passwd"};
  CHECK(code_of(run_child(command, {})) == ErrorCode::Forbidden);
  command = shell("kill -9 $$");
  const auto killed = run_child(command, {});
  REQUIRE(succeeded(killed));
  CHECK(killed.value().exit_code == 128 + 9);
}
