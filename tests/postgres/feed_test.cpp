// Several nodes write one workspace while a reader follows its feed with a cursor: it must see
// every row, once, in order. The naive cursor over a sequence is run the same way, and must lose
// rows: a test that lets it pass proves nothing about the real one.
#include <algorithm>
#include <atomic>
#include <thread>

#include "node.h"
#include "twinstore/embedded_schema.h"

namespace twinstore::test {
namespace {

constexpr int writers = 6;
constexpr int commits_each = 60;

Schema shipped() {
  auto schema = Schema::parse(code_mri_schema_json);
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}

// Asks for what comes after the cursor until the writers are done, and once more.
template <class Ask>
std::vector<int64_t> follow(const std::atomic<int>& writing, const Ask& ask) {
  std::vector<int64_t> seen;
  for (bool is_last = false;;) {
    const bool was_writing = writing > 0;
    ask(seen.empty() ? 0 : seen.back(), seen);
    if (is_last) return seen;
    is_last = !was_writing;
  }
}

struct Counted {
  size_t seen = 0;
  size_t missed = 0;
  size_t doubled = 0;
};
Counted count(std::vector<int64_t> seen, size_t written) {
  const size_t all = seen.size();
  std::ranges::sort(seen);
  const auto repeated = std::ranges::unique(seen);
  seen.erase(repeated.begin(), repeated.end());
  return {all, written - seen.size(), all - seen.size()};
}

// A sequence gives its numbers before the commit, in which the reader sees them.
Counted follow_naive(const std::string& url) {
  TWINSTORE_CHECK(
      psql(url, "SET ROLE twinstore; CREATE TABLE naive (seq bigserial PRIMARY KEY, t int)")
          .empty());
  std::atomic<int> writing = writers;
  std::atomic<size_t> written = 0;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&] {
      auto connection = postgres::Connection::open(url);
      TWINSTORE_CHECK(connection.ok());
      for (int i = 0; i < commits_each; ++i) {
        for (const char* sql :
             {"BEGIN", "INSERT INTO naive (t) VALUES (1), (2)", "SELECT 1", "SELECT 2", "COMMIT"}) {
          TWINSTORE_CHECK(connection.value().run_script(sql).ok());
        }
        written += 2;
      }
      --writing;
    });
  }
  auto connection = postgres::Connection::open(url);
  TWINSTORE_CHECK(connection.ok());
  const postgres::Query ask{"naive", "SELECT seq FROM naive WHERE seq > $1 ORDER BY seq"};
  auto seen = follow(writing, [&](int64_t after, std::vector<int64_t>& out) {
    const auto rows = connection.value().run(ask, postgres::Parameters().add(after));
    TWINSTORE_CHECK(rows.ok());
    for (int row = 0; row < rows.value().rows(); ++row) out.push_back(rows.value().integer(row, 0));
  });
  for (std::thread& thread : threads) thread.join();
  return count(std::move(seen), written);
}

std::string digest_of_rows(const Schema&, Storage& storage) {
  Digest sum = 0;
  const auto read = storage.changes(all_scopes, 0, [&](const Collection& of, RowVersion&& row) {
    sum += row_digest(of, row);
    return true;
  });
  TWINSTORE_CHECK(read.ok());
  return digest_text(sum);
}

}  // namespace

TEST_CASE(
    "feed: six nodes write one workspace, and a reader misses nothing and sees nothing twice") {
  const Schema schema = shipped();
  const std::string url = Cluster::shared().create_database();
  std::vector<std::unique_ptr<Node>> nodes;
  for (int i = 0; i < writers; ++i) {
    nodes.push_back(std::make_unique<Node>(schema, url, static_cast<uint64_t>(i) + 1));
  }
  std::atomic<int> writing = writers;
  std::atomic<size_t> written = 0;
  std::vector<std::thread> threads;
  for (auto& node : nodes) {
    threads.emplace_back([&] {
      for (int i = 0; i < commits_each; ++i) {
        const int rows = 1 + i % 5;
        const auto done = node->add(rows);
        TWINSTORE_CHECK(done.ok());
        written += static_cast<size_t>(rows);
      }
      --writing;
    });
  }
  const auto reader = open_postgres(schema, postgres_options(url, true));
  const auto seen = follow(writing, [&](int64_t after, std::vector<int64_t>& out) {
    const auto read = reader->changes(all_scopes, after, [&](const Collection&, RowVersion&& row) {
      out.push_back(row.rev);
      return true;
    });
    TWINSTORE_CHECK(read.ok());
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::ranges::is_sorted(seen));
  CHECK(seen.front() == 1);
  CHECK(seen.back() == static_cast<int64_t>(written));
  const Counted real = count(seen, written);
  CHECK(real.missed == 0);
  CHECK(real.doubled == 0);
  CHECK(reader->get("digest", all_scopes).value() == digest_of_rows(schema, *reader));
  CHECK(reader->get("digest", "repo").value() == digest_of_rows(schema, *reader));

  const Counted naive = follow_naive(url);
  CHECK(naive.missed > 0);
  MESSAGE("of " << written.load() << " rows of six nodes the reader missed " << real.missed
                << "; a cursor over a sequence missed " << naive.missed << " of "
                << 2 * writers * commits_each);
}

TEST_CASE("feed: a number that is given before another one's commit is not passed over") {
  const std::string url = Cluster::shared().create_database();
  auto early = postgres::Connection::open(url);
  auto late = postgres::Connection::open(url);
  REQUIRE(early.ok());
  REQUIRE(late.ok());
  TWINSTORE_CHECK(
      psql(url, "SET ROLE twinstore; CREATE TABLE naive (seq bigserial PRIMARY KEY)").empty());
  TWINSTORE_CHECK(early.value().run_script("BEGIN; INSERT INTO naive DEFAULT VALUES").ok());
  TWINSTORE_CHECK(late.value().run_script("INSERT INTO naive DEFAULT VALUES").ok());
  CHECK(psql(url, "SELECT seq FROM naive WHERE seq > 0 ORDER BY seq") == "2");
  TWINSTORE_CHECK(early.value().run_script("COMMIT").ok());
  CHECK(psql(url, "SELECT seq FROM naive WHERE seq > 2 ORDER BY seq").empty());  // 1 is lost

  const Schema schema = shipped();
  Node first(schema, url, 1);
  Node second(schema, url, 2);
  const auto reader = open_postgres(schema, postgres_options(url, true));
  const auto read = [&](Rev after) {
    std::string revs;
    TWINSTORE_CHECK(reader
                        ->changes(all_scopes, after,
                                  [&](const Collection&, RowVersion&& row) {
                                    revs += std::to_string(row.rev) + " ";
                                    return true;
                                  })
                        .ok());
    return revs;
  };
  // The second node's transaction begins while the first one's is open, and waits for it.
  TWINSTORE_CHECK(first.storage().begin().ok());
  std::thread other([&] { TWINSTORE_CHECK(second.add(1).ok()); });
  CHECK(read(0).empty());
  first.storage().rollback();
  CHECK(first.add(2).ok());
  other.join();
  CHECK(read(0) == "1 2 3 ");
}

}  // namespace twinstore::test
