// A world for tests: one authority, any number of replicas, one fake clock, and messages carried by
// hand. Everything is in memory and follows from the seed.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "storage/sql_query.h"
#include "twinstore/authority.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/ingest.h"
#include "twinstore/store.h"

namespace twinstore::test {

// Fails the test with the error's text instead of ending the process.
template <class T>
bool succeeded(const Result<T>& result) {
  if (result.ok()) return true;
  FAIL_CHECK(error_text(result.error().code) << ": " << result.error().message);
  return false;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  CHECK_FALSE(result.ok());
  return result.ok() ? ErrorCode::Internal : result.error().code;
}

inline Schema parsed_schema(std::string_view json) {
  auto schema = Schema::parse(json);
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}

inline Schema shipped_schema() { return parsed_schema(code_mri_schema_json); }

// Two authorities over one storage take turns, as two nodes over one database do: what one holds in
// memory must never be taken for what is stored.
class Server {
 public:
  Server(const Schema& schema, Clock& clock, uint64_t seed) : schema_(schema), ids_(seed) {
    auto storage = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}, .has_feed = true});
    TWINSTORE_CHECK(storage.ok());
    storage_ = std::move(storage).value();
    for (std::unique_ptr<Authority>& node : nodes_) {
      auto authority = Authority::open(schema, *storage_, clock, ids_);
      TWINSTORE_CHECK(authority.ok());
      node = std::move(authority).value();
    }
    reopen_feed();
  }

  // The answer to one message, as a server would give it.
  std::string answer(std::string_view text) {
    const auto message = decode(schema_, text);
    if (!message.ok()) return encode(schema_, Message(ErrorMessage{message.error()}));
    if (const auto* push = std::get_if<PushRequest>(&message.value())) return pushed(*push);
    if (const auto* pull = std::get_if<PullRequest>(&message.value())) {
      auto page = feed_->page(*pull);
      if (!page.ok()) return encode(schema_, Message(ErrorMessage{page.error()}));
      return encode(schema_, Message(std::move(page).value()));
    }
    return encode(schema_, Message(ErrorMessage{{ErrorCode::InvalidJson, "not for a server"}}));
  }

  IngestResult ingest(std::string_view source, std::string_view collection,
                      std::string_view record) {
    TWINSTORE_CHECK(storage_->begin().ok());
    std::set<std::string> scopes;
    auto result = twinstore::ingest(next_node(), source, collection, record, scopes);
    TWINSTORE_CHECK(storage_->commit().ok());
    return succeeded(result) ? result.value() : IngestResult{IngestStatus::Rejected, {}};
  }

  // As after a restore from a backup: a new epoch begins.
  void come_back() {
    TWINSTORE_CHECK(storage_->begin().ok());
    CHECK(succeeded(next_node().start_epoch(ids_)));
    TWINSTORE_CHECK(storage_->commit().ok());
    for (const auto& node : nodes_) TWINSTORE_CHECK(node->catch_up().ok());
    reopen_feed();
  }

  // After a new epoch: readers take its identity.
  void reopen_feed() {
    feed_ = std::make_unique<ChangeFeed>(schema_, *storage_, nodes_[0]->identity());
  }

  Authority& authority() {
    TWINSTORE_CHECK(nodes_[0]->catch_up().ok());
    return *nodes_[0];
  }
  ChangeFeed& feed() { return *feed_; }
  SqliteStorage& storage() { return *storage_; }

 private:
  Authority& next_node() { return *nodes_[++turn_ % nodes_.size()]; }

  std::string pushed(const PushRequest& push) {
    TWINSTORE_CHECK(storage_->begin().ok());
    Authority& node = next_node();
    auto effect = node.push(push);
    if (!effect.ok()) {
      storage_->rollback();
      TWINSTORE_CHECK(node.reload().ok());
      return encode(schema_, Message(ErrorMessage{effect.error()}));
    }
    TWINSTORE_CHECK(storage_->commit().ok());
    return encode(schema_, Message(std::move(effect).value().response));
  }

  const Schema& schema_;
  FakeIdSource ids_;
  std::unique_ptr<SqliteStorage> storage_;
  std::array<std::unique_ptr<Authority>, 2> nodes_;
  size_t turn_ = 0;
  std::unique_ptr<ChangeFeed> feed_;
};

class Device {
 public:
  Device(std::string schema_json, Clock& clock, uint64_t seed, const std::string& scope = "*")
      : ids_(seed), schema_json_(std::move(schema_json)) {
    open(":memory:", {}, clock);
    TWINSTORE_CHECK(store_->replica().subscribe(scope).ok());
  }

  // A copy of all that the other one has stored, as of a profile or a virtual machine.
  Device(Device& other, Clock& clock, uint64_t seed)
      : ids_(seed), schema_json_(other.schema_json_) {
    const std::string path = "/copy" + std::to_string(seed);
    sqlite3* file = nullptr;
    TWINSTORE_CHECK(sqlite3_open_v2(path.c_str(), &file, SQLITE_OPEN_READWRITE, "memdb") ==
                    SQLITE_OK);
    auto query = other.store().query("SELECT 1");
    TWINSTORE_CHECK(query.ok());
    sqlite3* original = sqlite3_db_handle(query.value()->statement().handle());
    sqlite3_backup* copying = sqlite3_backup_init(file, "main", original, "main");
    TWINSTORE_CHECK(sqlite3_backup_step(copying, -1) == SQLITE_DONE);
    sqlite3_backup_finish(copying);
    open(path, "memdb", clock);
    sqlite3_close(file);
  }

  Store& store() { return *store_; }
  Replica& replica() { return store_->replica(); }

  // What the device's digests may have found wrong by now.
  size_t mismatches_expected = 0;

  bool write(std::string_view edits) { return succeeded(store_->write(edits)); }
  std::string row(std::string_view collection, std::string_view key) {
    const auto row = store_->row(collection, key);
    return succeeded(row) ? row.value() : std::string();
  }

  // The texts of a query's rows: columns by a space, rows by a line.
  std::string rows(std::string_view sql) {
    auto query = store_->query(sql);
    if (!succeeded(query)) return {};
    Statement& statement = query.value()->statement();
    std::string out;
    for (;;) {
      const auto has_row = statement.step();
      if (!succeeded(has_row) || !has_row.value()) return out;
      if (!out.empty()) out += '\n';
      for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i) {
        out += (i > 0 ? " " : "") + std::string(statement.text(i));
      }
    }
  }

  // Carries messages until nothing is left to say.
  void sync(Server& server) {
    replica().mark_behind();
    for (int turn = 0; turn < 1000; ++turn) {
      const auto message = replica().next_message();
      if (!succeeded(message)) return;
      if (!message.value()) {
        CHECK(replica().status().mismatches == mismatches_expected);
        return;
      }
      const auto received = replica().receive(server.answer(*message.value()));
      if (!succeeded(received)) return;
    }
    FAIL_CHECK("the exchange does not come to rest");
  }

 private:
  void open(const std::string& path, const std::string& vfs, Clock& clock) {
    auto store = Store::open({schema_json_, {.path = path, .vfs = vfs}}, clock, ids_);
    TWINSTORE_CHECK(store.ok());
    store_ = std::move(store).value();
  }

  FakeIdSource ids_;
  std::string schema_json_;
  std::unique_ptr<Store> store_;
};

struct World {
  explicit World(std::string_view json = code_mri_schema_json) : schema_json(json) {}

  std::string schema_json;
  Schema schema = parsed_schema(schema_json);
  FakeClock clock;
  Server server{schema, clock, 1};
};

// {"edits":[{"op":"update","collection":"branches","key":["r","main"],"fields":FIELDS}]}
inline std::string edit(std::string_view op, std::string_view collection, std::string_view key,
                        std::string_view fields) {
  std::string out = R"({"edits":[{"op":")" + std::string(op) + R"(","collection":")" +
                    std::string(collection) + R"(","key":)" + std::string(key);
  if (!fields.empty()) out += R"(,"fields":)" + std::string(fields);
  return out + "}]}";
}

}  // namespace twinstore::test
