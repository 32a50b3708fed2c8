// Schedules over the life of a server: the real program, stopped, killed and started again.
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "raw_client.h"
#include "refresh_world.h"
#include "server_process.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int schedules = 10;

struct Restarts {
  TempFolder folder;
  std::string database = (folder.path() / "r.db").string();
  std::string log = (folder.path() / "log").string();
  std::string gate = (folder.path() / "gate").string();

  Restarts() {
    // A run notes what it was asked; it ends once there is a gate.
    folder.write("run", "#!/bin/sh\nread -r request\ntest -e " + gate +
                            " || exec sleep 1000\necho \"$request\" >> " + log +
                            "\necho '{\"analysis\":{\"commit_sha\":\"c1\"}}'\n");
    std::filesystem::permissions(folder.path() / "run", std::filesystem::perms::owner_all);
    folder.write("refresh.json",
                 R"({"lease_seconds":1,"sources":[{"repositories":["*"],"command":{"argv":[")" +
                     (folder.path() / "run").string() + R"("]}}]})");
  }
  [[nodiscard]] std::vector<std::string> arguments() const {
    return {"--refresh", (folder.path() / "refresh.json").string()};
  }
  [[nodiscard]] int runs_of(const std::string& task_id) const {
    std::ifstream file(log);
    int count = 0;
    for (std::string line; std::getline(file, line);) {
      count += line.find(task_id) != std::string::npos ? 1 : 0;
    }
    return count;
  }
};

nlohmann::json tasks_of(HttpClient& http) {
  const auto answer = http.ask("GET", "/refresh/scheduled-tasks");
  REQUIRE(answer.has_value());
  return nlohmann::json::parse(answer->body)["tasks"];
}

int count_of(const nlohmann::json& tasks, const char* state) {
  return static_cast<int>(
      std::ranges::count_if(tasks, [&](const auto& task) { return task["state"] == state; }));
}

void schedule_all(HttpClient& http) {
  std::string branches;
  for (int i = 0; i < schedules; ++i) {
    branches += (i > 0 ? "," : "") + std::string(R"({"name":"b)") + std::to_string(i) + "\"}";
  }
  const std::string json = "Content-Type: application/json\r\n";
  CHECK(http.ask("PUT", "/persistence/branches/r", json, "{\"branches\":[" + branches + "]}")
            ->status == 200);
  for (int i = 0; i < schedules; ++i) {
    CHECK(http.ask("POST", "/refresh/schedule/r/b" + std::to_string(i))->status == 201);
  }
}

}  // namespace

// Two run when the server goes: stopped, it puts them back; killed, their leases expire.
TEST_CASE("10 schedules over a restart of the server: each runs once") {
  for (const int signal : {SIGTERM, SIGKILL}) {
    CAPTURE(signal);
    const Restarts world;
    {
      ServerProcess server(world.database, world.arguments());
      REQUIRE(server.port() != 0);
      HttpClient http(server.port());
      schedule_all(http);
      while (count_of(tasks_of(http), "running") < 2) {
      }
      server.signal(signal);
      server.wait();
    }
    std::ofstream(world.gate) << "open";
    ServerProcess server(world.database, world.arguments());
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    while (count_of(tasks_of(http), "done") < schedules) {
    }
    const auto tasks = tasks_of(http);
    CHECK(tasks.size() == schedules);
    for (const auto& task : tasks) CHECK(world.runs_of(task["task_id"]) == 1);
  }
}
