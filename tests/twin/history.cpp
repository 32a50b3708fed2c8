#include "history.h"

#include <array>
#include <memory>
#include <vector>

#include "base/json.h"
#include "base/sha256.h"
#include "storage/row_text.h"
#include "twinstore/authority.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/store.h"

namespace twinstore::test {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result.ok()) std::fprintf(stderr, "twin: %s\n", result.error().message.c_str());
  TWINSTORE_CHECK(result.ok());
  return std::move(result).value();
}

void must(const Result<void>& result) { TWINSTORE_CHECK(result.ok()); }

// Every row and tombstone with its version, as text.
std::string dump(Storage& storage) {
  std::string out;
  must(storage.rows_of_scope(all_scopes, [&](const Collection& collection, RowVersion&& row) {
    out += collection.name + std::to_string(row.rev);
    if (row.is_deleted()) {
      const Key key = collection.key_of(row.values);
      for (const Value& value : key) append_json_value(out, value);
      out += row.deleted_at.text();
    } else {
      out += row.hlc.text() + stamps_text(collection, row) + image_text(collection, row.values);
    }
    out += '\n';
    return true;
  }));
  return out;
}

class History {
 public:
  explicit History(uint64_t seed) : random_(seed), server_ids_(seed + 1) {
    schema_ = std::make_unique<Schema>(must(Schema::parse(code_mri_schema_json)));
    storage_ =
        must(SqliteStorage::open(*schema_, {.path = ":memory:", .vfs = {}, .has_feed = true}));
    authority_ = must(Authority::open(*schema_, *storage_, clock_, server_ids_));
    feed_ = std::make_unique<ChangeFeed>(*schema_, *storage_, authority_->identity());
    for (size_t i = 0; i < device_ids_.size(); ++i) {
      device_ids_[i] = std::make_unique<FakeIdSource>(seed * 100 + i);
      devices_.push_back(
          must(Store::open({std::string(code_mri_schema_json), {.path = ":memory:", .vfs = {}}},
                           clock_, *device_ids_[i])));
      (void)must(devices_.back()->replica().subscribe("*"));
    }
  }

  void run() {
    const size_t steps = 20 + pick(40);
    for (size_t step = 0; step < steps; ++step) {
      clock_.advance(static_cast<int64_t>(pick(3)));
      Store& device = *devices_[pick(devices_.size())];
      if (pick(3) != 0) {
        write(device);
      } else {
        const bool is_answer_lost = pick(4) == 0;
        exchange(device, is_answer_lost);
      }
    }
    for (int round = 0; round < 3; ++round) {
      for (const auto& device : devices_) {
        device->replica().mark_behind();
        while (exchange(*device, false)) {
        }
      }
    }
  }

  std::string digest() {
    const std::string truth = dump(*storage_);
    for (const auto& device : devices_) {
      if (device->replica().status().pending != 0 || dump(device->storage()) != truth) return {};
    }
    return hex_text(sha256(truth));
  }

 private:
  FakeIdSource random_;
  FakeIdSource server_ids_;
  FakeClock clock_;
  std::unique_ptr<Schema> schema_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<ChangeFeed> feed_;
  std::array<std::unique_ptr<FakeIdSource>, 3> device_ids_;
  std::vector<std::unique_ptr<Store>> devices_;

  size_t pick(size_t below) { return static_cast<size_t>(random_.next() % below); }

  // Each pick has its own statement: the order of evaluation inside an expression is the
  // compiler's choice.
  void write(Store& device) {
    const std::string repo = std::to_string(pick(2));
    const std::string branch = std::to_string(pick(3));
    const std::string number = std::to_string(1 + pick(9));
    const std::string other = std::to_string(pick(9));
    const std::string key = R"(["r)" + repo + R"(","b)" + branch + "\"]";
    std::string edit = R"({"op":"upsert","collection":"branches","key":)" + key + R"(,"fields":)";
    switch (pick(6)) {
      case 0: edit = R"({"op":"delete","collection":"branches","key":)" + key; break;
      case 1:
        edit = R"({"op":"upsert","collection":"cache_entries","key":"c","fields":)"
               R"({"repo_id":"r","hit_count":{"increment":)" +
               number + "}}";
        break;
      case 2:
        edit += R"({"commit_sha":"c)" + number + R"(","last_commit_message":"é😀 )" + other + "\"}";
        break;
      default: edit += R"({"tags":["t)" + number + R"("],"ahead":)" + other + "}";
    }
    (void)must(device.write("{\"edits\":[" + edit + "}]}"));
  }

  // Carries one message there and back, unless the answer is lost. False when there is none.
  bool exchange(Store& device, bool is_answer_lost) {
    if (pick(2) == 0) device.replica().mark_behind();
    const auto message = must(device.replica().next_message());
    if (!message) return false;
    const std::string answer = serve(*message);
    if (is_answer_lost) {
      device.replica().lost();
    } else {
      (void)must(device.replica().receive(answer));
    }
    return true;
  }

  std::string serve(const std::string& text) {
    const Message message = must(decode(*schema_, text));
    if (const auto* pull = std::get_if<PullRequest>(&message)) {
      PullRequest small = *pull;
      small.rows_max = 1 + pick(5);
      return encode(*schema_, Message(must(feed_->page(small))));
    }
    must(storage_->begin());
    auto effect = must(authority_->push(std::get<PushRequest>(message)));
    must(storage_->commit());
    return encode(*schema_, Message(std::move(effect.response)));
  }
};

}  // namespace

std::string history_digest(uint64_t seed) {
  History history(seed);
  history.run();
  return history.digest();
}

}  // namespace twinstore::test
