// Measures a server under load beside the raw limits of its database, and prints JSON.
//   twinstore_server_bench sqlite FOLDER | postgres      [--rows N]
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/system.h"
#include "cluster.h"
#include "config/schema_source.h"
#include "load_client.h"
#include "raw_limits.h"
#include "server_process.h"
#include "twinstore/protocol.h"

using namespace twinstore;
using namespace twinstore::bench;
using nlohmann::ordered_json;

namespace {

constexpr int pushers = 64;
constexpr int batch_rows = 1'000;
constexpr int64_t first_ms = 1'717'243'200'000;

// CPU seconds that a process and its threads have used.
double cpu_seconds(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text = text.substr(text.rfind(')') + 2);
  long user = 0;
  long system = 0;
  TWINSTORE_CHECK(std::sscanf(text.c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
                              &user, &system) == 2);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// What the server and the database's own processes use: of PostgreSQL every backend.
double cpu_of_postgres() {
  double sum = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "comm");
    std::string command;
    std::getline(file, command);
    if (command == "postgres") sum += cpu_seconds(std::atoi(name.c_str()));
  }
  return sum;
}

// Pushes of one client, as a replica encodes them.
class Pusher {
 public:
  Pusher(const Schema& schema, IdSource& ids, int number)
      : schema_(schema), client_(new_client_id(ids)), repo_("bench/" + std::to_string(number)) {}

  // A push that inserts so many branches.
  std::string next(int rows) {
    std::vector<Change> changes;
    for (int i = 0; i < rows; ++i) {
      changes.push_back(insert(
          "branches", {repo_, "branch/" + std::to_string(++rows_)},
          {{"commit_sha", "0123456789abcdef0123456789abcdef01234567"},
           {"is_default", int64_t{0}},
           {"ahead", int64_t{3}},
           {"last_commit_at", "2024-06-01T12:00:00.000Z"},
           {"last_commit_message", "a commit message of a usual length, as people write them"}}));
    }
    return push_of(std::move(changes));
  }
  // A push of measurements that are long old.
  std::string next_old_metrics(int rows) {
    std::vector<Change> changes;
    for (int i = 0; i < rows; ++i) {
      changes.push_back(insert("historical_metrics", {"old-" + repo_ + std::to_string(++rows_)},
                               {{"repo_id", repo_},
                                {"branch_name", "main"},
                                {"commit_sha", "c"},
                                {"metric_name", "files"},
                                {"metric_value", 1.5},
                                {"recorded_at", "2020-01-01T00:00:00.000Z"}}));
    }
    return push_of(std::move(changes));
  }

 private:
  using Fields = std::vector<std::pair<const char*, Value>>;

  Change insert(const char* name, Key key, const Fields& fields) {
    const Collection& collection = *schema_.find(name);
    Change change;
    change.collection = collection.position;
    change.key = std::move(key);
    change.kind = ChangeKind::Insert;
    for (const auto& [field, value] : fields) {
      change.fields.push_back({*collection.find_field(field), {}, value, {}});
    }
    return change;
  }
  std::string push_of(std::vector<Change> changes) {
    PushRequest push;
    push.hello = {protocol_version, schema_.name(), schema_.version()};
    push.client = client_;
    push.acked_seq = seq_;
    push.after = seq_;
    PushedMutation pushed;
    pushed.seq = ++seq_;
    Mutation mutation;
    mutation.seq = seq_;
    mutation.hlc = hybrid_time_at(first_ms + seq_, client_);
    mutation.changes = std::move(changes);
    pushed.mutation = std::move(mutation);
    push.mutations.push_back(std::move(pushed));
    return sync_request(encode(schema_, Message(std::move(push))));
  }

  const Schema& schema_;
  ClientId client_;
  std::string repo_;
  int64_t seq_ = 0;
  int64_t rows_ = 0;
};

std::vector<Requests> pushes(const Schema& schema, IdSource& ids, int clients, int each, int rows) {
  std::vector<Requests> out;
  for (int number = 0; number < clients; ++number) {
    Pusher pusher(schema, ids, number);
    Requests list;
    for (int i = 0; i < each; ++i) list.push_back(pusher.next(rows));
    out.push_back(std::move(list));
  }
  return out;
}

std::string text_after(const std::string& body, const std::string& name) {
  const size_t at = body.find("\"" + name + "\":");
  TWINSTORE_CHECK(at != std::string::npos);
  return body.substr(at + name.size() + 3, 300);
}

// Every page from the beginning; seconds. The server is what is measured: no row is decoded here.
double pull_all(const Schema& schema, uint16_t port) {
  const auto began = std::chrono::steady_clock::now();
  PullRequest pull;
  pull.hello = {protocol_version, schema.name(), schema.version()};
  pull.client = ClientId{};
  pull.client.fill('0');
  pull.scope = "*";
  for (;;) {
    const std::string body = ask(port, sync_request(encode(schema, Message(pull))));
    const std::string cursor = text_after(body, "cursor");
    pull.cursor = cursor.substr(1, cursor.find('"', 1) - 1);
    if (text_after(body, "checkpoint").starts_with("true")) break;
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

ordered_json report_of(const LoadResult& load, int64_t rows, double cpu) {
  return {{"rows", rows},
          {"rows_per_second", static_cast<double>(rows) / load.seconds},
          {"pushes_per_second", static_cast<double>(load.answers) / load.seconds},
          {"p50_ms", load.p50_ms},
          {"p99_ms", load.p99_ms},
          {"server_cpu_us_per_row", 1e6 * cpu / static_cast<double>(rows)},
          {"failures", load.failures},
          {"first_failure", load.first_failure}};
}

class Bench {
 public:
  // Two databases of one kind: for the server, and for the raw limits.
  Bench(std::string database, std::string raw, bool is_postgres, int rows)
      : database_(std::move(database)),
        raw_(std::move(raw)),
        is_postgres_(is_postgres),
        rows_(rows) {
    auto made = shipped_schema();
    TWINSTORE_CHECK(made.ok());
    schema_ = std::move(made).value();
  }

  ordered_json run() {
    ordered_json out;
    {
      const test::ServerProcess maker(raw_);  // makes the tables
      TWINSTORE_CHECK(maker.port() != 0);
    }
    const RawLimits raw = is_postgres_ ? postgres_limits(raw_, rows_ / 4, rows_ / batch_rows)
                                       : sqlite_limits(raw_, rows_, rows_ / batch_rows);
    out["raw"] = {{"single_rows_per_second", raw.single_rows_per_second},
                  {"batch_rows_per_second", raw.batch_rows_per_second},
                  {"read_rows_per_second", raw.read_rows_per_second}};
    test::ServerProcess server(database_);
    TWINSTORE_CHECK(server.port() != 0);
    process_ = server.process();
    port_ = server.port();
    const int singles = is_postgres_ ? rows_ / 4 : rows_;
    out["single"] = push(pushes(*schema_, ids_, pushers, singles / pushers, 1), 1);
    out["batch"] = push(pushes(*schema_, ids_, 4, rows_ / batch_rows / 4, batch_rows), batch_rows);
    const double cpu = cpu_seconds(process_);
    const double seconds = pull_all(*schema_, port_);
    const double pulled = out["single"]["rows"].get<double>() + out["batch"]["rows"].get<double>();
    out["pull"] = {{"rows_per_second", pulled / seconds},
                   {"rows", pulled},
                   {"server_cpu_us_per_row", 1e6 * (cpu_seconds(process_) - cpu) / pulled}};
    out["cleanup"] = clean_up_under_load();
    out["ratio"] = {{"single", rate(out["single"]) / raw.single_rows_per_second},
                    {"batch", rate(out["batch"]) / raw.batch_rows_per_second},
                    {"pull", rate(out["pull"]) / raw.read_rows_per_second}};
    return out;
  }

 private:
  static double rate(const ordered_json& part) { return part["rows_per_second"].get<double>(); }
  ordered_json push(const std::vector<Requests>& requests, int rows_each) {
    const double before = cpu_seconds(process_);
    const double database_before = is_postgres_ ? cpu_of_postgres() : 0;
    const LoadResult load = run_load(port_, requests);
    ordered_json out = report_of(load, load.answers * rows_each, cpu_seconds(process_) - before);
    if (is_postgres_) {
      out["database_cpu_us_per_row"] = 1e6 * (cpu_of_postgres() - database_before) /
                                       static_cast<double>(load.answers * rows_each);
    }
    return out;
  }

  // Eight clients push single rows: alone, and while 100,000 rows are cleaned up.
  ordered_json clean_up_under_load() {
    constexpr int old_rows = 100'000;
    constexpr int clients = 8;
    Pusher old(*schema_, ids_, pushers + 1);
    Requests batches;
    for (int i = 0; i < old_rows / batch_rows; ++i) {
      batches.push_back(old.next_old_metrics(batch_rows));
    }
    const LoadResult filled = run_load(port_, {batches});
    TWINSTORE_CHECK(filled.failures == 0);
    const LoadResult alone = run_load(port_, pushes(*schema_, ids_, clients, 1'000, 1));
    std::atomic<bool> is_over{false};
    std::string answer;
    const auto began = std::chrono::steady_clock::now();
    std::thread cleaning([&] {
      answer = ask(port_, plain_request("POST", "/persistence/cleanup",
                                        R"({"cleanup_old_repos":false,"cleanup_cache":false})"));
      is_over = true;
    });
    const LoadResult beside = run_load(port_, pushes(*schema_, ids_, clients, 40'000, 1), &is_over);
    cleaning.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return {{"rows", nlohmann::json::parse(answer)["deleted"]["historical_metrics"]},
            {"seconds", took.count()},
            {"pushes_beside", beside.answers},
            {"p99_ms_alone", alone.p99_ms},
            {"p99_ms_beside", beside.p99_ms},
            {"p99_ratio", beside.p99_ms / alone.p99_ms}};
  }

  std::string database_;
  std::string raw_;
  bool is_postgres_;
  int rows_;
  std::unique_ptr<Schema> schema_;
  SystemIdSource ids_;
  pid_t process_ = -1;
  uint16_t port_ = 0;
};

int number_after(int argc, char** argv, const char* name, int otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return std::atoi(argv[i + 1]);
  }
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string engine = argc > 1 ? argv[1] : "";
  const int rows = number_after(argc, argv, "--rows", 64'000);
  ordered_json out;
  if (engine == "sqlite" && argc > 2) {
    const std::string folder = argv[2];
    out = Bench(folder + "/server.db", folder + "/raw.db", false, rows).run();
    out["flushes_per_second"] = flushes_per_second(folder);
  } else if (engine == "postgres") {
    test::Cluster& cluster = test::Cluster::shared();
    out = Bench(cluster.create_database(), cluster.create_database(), true, rows).run();
  } else {
    std::fprintf(stderr, "usage: twinstore_server_bench sqlite FOLDER | postgres [--rows N]\n");
    return 2;
  }
  std::printf("%s\n", out.dump(2).c_str());
  return 0;
}
