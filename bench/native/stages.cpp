// The stages of one write's road, measured apart: local writes, pushes, pages, first reading,
// catching up. Prints JSON: microseconds a row, the median of the rounds.
//   twinstore_bench [rows] [rounds] [folder]     without a folder the databases are in memory
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "twinstore/authority.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/store.h"

namespace {

using twinstore::Authority;
using twinstore::ChangeFeed;
using twinstore::SqliteStorage;
using twinstore::Store;

constexpr size_t batch_rows = 5'000;
constexpr size_t changed_rows = 1'000;
constexpr int64_t start_ms = 1'700'000'000'000;

template <class T>
T must(twinstore::Result<T> result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  TWINSTORE_CHECK(result.ok());
  return std::move(result).value();
}
void must(const twinstore::Result<void>& result) { TWINSTORE_CHECK(result.ok()); }

std::string branch(size_t i, const std::string& message) {
  const std::string number = std::to_string(i);
  return R"({"repo_id":"owner/repo-)" + std::to_string(i % 100) + R"(","name":"feature/)" + number +
         R"(-branch","commit_sha":"9e3779b19e3779b19e3779b19e3779b19e3779b1","is_default":)" +
         (i < 100 ? "true" : "false") + R"(,"ahead":)" + std::to_string(i % 17) + R"(,"behind":)" +
         std::to_string(i % 29) +
         R"(,"last_commit_at":"2023-11-14T22:13:20.000Z","last_commit_message":"Change number )" +
         number + message + R"(","tags":)" + (i % 5 == 0 ? R"(["release","t1"])" : "[]") + "}";
}

std::string edits(const char* op, size_t from, size_t to, const std::string& message) {
  std::string out = R"({"edits":[)";
  for (size_t i = from; i < to; ++i) {
    if (i > from) out += ',';
    out += std::string(R"({"op":")") + op + R"(","collection":"branches","fields":)" +
           branch(i, message) + "}";
  }
  return out + "]}";
}

struct Bench {
  size_t rows;
  std::string folder;
  std::map<std::string, std::vector<double>> times;  // by stage, microseconds a row

  void time(const std::string& stage, size_t count, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> spent =
        std::chrono::steady_clock::now() - start;
    times[stage].push_back(spent.count() / static_cast<double>(count));
  }

  std::string path(const std::string& name) const {
    return folder.empty() ? ":memory:" : folder + "/" + name;
  }

  struct Server {
    twinstore::Schema schema;
    twinstore::FakeClock clock{start_ms};
    twinstore::FakeIdSource ids{1};
    std::unique_ptr<SqliteStorage> storage;
    std::unique_ptr<Authority> authority;
    std::unique_ptr<ChangeFeed> feed;

    explicit Server(const std::string& path)
        : schema(must(twinstore::Schema::parse(twinstore::code_mri_schema_json))) {
      storage = must(SqliteStorage::open(schema, {.path = path, .vfs = {}, .has_feed = true}));
      authority = must(Authority::open(schema, *storage, clock, ids));
      feed = std::make_unique<ChangeFeed>(schema, *storage, authority->identity());
    }
  };

  // Carries messages until nobody has anything to say, and times both sides apart.
  void exchange(Server& server, Store& store, const std::string& name, size_t count) {
    double client_us = 0;
    double server_us = 0;
    const auto timed = [](double& sum, const std::function<void()>& work) {
      const auto start = std::chrono::steady_clock::now();
      work();
      const std::chrono::duration<double, std::micro> spent =
          std::chrono::steady_clock::now() - start;
      sum += spent.count();
    };
    for (;;) {
      std::optional<std::string> request;
      timed(client_us, [&] { request = must(store.replica().next_message()); });
      if (!request) break;
      std::string answer;
      timed(server_us, [&] { answer = server_answer(server, *request); });
      timed(client_us, [&] { must(store.replica().receive(answer)); });
    }
    times[name + "_client"].push_back(client_us / static_cast<double>(count));
    times[name + "_server"].push_back(server_us / static_cast<double>(count));
  }

  static std::string server_answer(Server& server, const std::string& request) {
    const auto message = must(twinstore::decode(server.schema, request));
    if (const auto* pull = std::get_if<twinstore::PullRequest>(&message)) {
      return twinstore::encode(server.schema, twinstore::Message(must(server.feed->page(*pull))));
    }
    must(server.storage->begin());
    auto effect = must(server.authority->push(std::get<twinstore::PushRequest>(message)));
    must(server.storage->commit());
    return twinstore::encode(server.schema, twinstore::Message(std::move(effect.response)));
  }

  void round(size_t number) {
    const std::string suffix = std::to_string(number) + ".db";
    Server server(path("server" + suffix));
    twinstore::FakeClock clock(start_ms);
    twinstore::FakeIdSource ids(2 + number);
    const auto open = [&](const std::string& name) {
      return must(Store::open({std::string(twinstore::code_mri_schema_json),
                               {.path = path(name + suffix), .vfs = {}, .is_exclusive = true}},
                              clock, ids));
    };
    auto writer = open("writer");
    time("load", rows, [&] {
      for (size_t from = 0; from < rows; from += batch_rows) {
        must(writer->write(edits("insert", from, std::min(rows, from + batch_rows), "")));
      }
    });
    if (!folder.empty()) {
      writer.reset();
      time("reopen_with_outbox", rows, [&] { writer = open("writer"); });
    }
    must(writer->replica().subscribe("*"));
    exchange(server, *writer, "push", rows);
    auto reader = open("reader");
    must(reader->replica().subscribe("*"));
    exchange(server, *reader, "first_reading", rows);
    if (!folder.empty()) {
      reader.reset();
      time("reopen", rows, [&] { reader = open("reader"); });
    }
    time("write_single", changed_rows, [&] {
      for (size_t i = 0; i < changed_rows; ++i) {
        must(writer->write(edits("update", i, i + 1, " again")));
      }
    });
    exchange(server, *writer, "push_single", changed_rows);
    reader->replica().mark_behind();
    exchange(server, *reader, "catch_up", changed_rows);
  }
};

}  // namespace

int main(int count, char** arguments) {
  Bench bench{count > 1 ? std::stoul(arguments[1]) : 50'000, count > 3 ? arguments[3] : "", {}};
  const size_t rounds = count > 2 ? std::stoul(arguments[2]) : 3;
  for (size_t i = 0; i < rounds; ++i) bench.round(i);
  std::printf("{\"rows\":%zu", bench.rows);
  for (auto& [stage, values] : bench.times) {
    std::ranges::sort(values);
    std::printf(",\"%s_us\":%.2f", stage.c_str(), values[values.size() / 2]);
  }
  std::printf("}\n");
  return 0;
}
