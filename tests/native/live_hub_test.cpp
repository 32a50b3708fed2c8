#include "workspace/live_hub.h"

#include <doctest/doctest.h>

#include <deque>

#include "live/outgoing.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

// The hub over one storage in memory; its tasks run when the test says so.
struct HubWorld {
  std::unique_ptr<Schema> schema;
  SystemClock clock;
  FakeIdSource ids{5};
  OpenDatabase database;
  std::unique_ptr<ChangeFeed> feed;
  std::deque<FeedTask> tasks;
  std::vector<LiveDelivery> delivered;
  std::unique_ptr<LiveHub> hub;

  HubWorld() {
    auto parsed = shipped_schema();
    TWINSTORE_CHECK(parsed.ok());
    schema = std::move(parsed).value();
    auto opened = open_database(*schema, {":memory:"}, clock, ids);
    TWINSTORE_CHECK(opened.ok());
    database = std::move(opened).value();
    feed = std::make_unique<ChangeFeed>(*schema, *database.storage, database.authority->identity());
    hub = std::make_unique<LiveHub>(
        *schema,
        [this](FeedTask task) {
          tasks.push_back(std::move(task));
          return true;
        },
        [this](std::vector<LiveDelivery> some) {
          for (LiveDelivery& delivery : some) delivered.push_back(std::move(delivery));
        });
  }

  std::vector<LiveDelivery> run() {
    while (!tasks.empty()) {
      const FeedTask task = std::move(tasks.front());
      tasks.pop_front();
      task(*feed);
    }
    return std::exchange(delivered, {});
  }
  // Pushes what the device has written, and tells the hub.
  void push(Device& device) {
    const auto text = device.replica().next_message();
    TWINSTORE_CHECK(text.ok() && text.value());
    auto message = decode(*schema, *text.value());
    TWINSTORE_CHECK(message.ok());
    TWINSTORE_CHECK(database.storage->begin().ok());
    auto effect = database.authority->push(std::get<PushRequest>(message.value()));
    TWINSTORE_CHECK(effect.ok());
    TWINSTORE_CHECK(database.storage->commit().ok());
    (void)device.replica().receive(encode(*schema, Message(effect.value().response)));
    hub->commit(effect.value().scopes, database.authority->head());
  }
  Subscribe subscription(const std::string& scope, Rev rev) {
    Subscribe subscribe;
    subscribe.hello = {protocol_version, schema->name(), schema->version()};
    subscribe.scopes = {{scope, feed->make_cursor(scope, rev)}};
    return subscribe;
  }
  Message decoded(const LiveDelivery& delivery) {
    auto message = decode(*schema, *delivery.text);
    TWINSTORE_CHECK(message.ok());
    return std::move(message).value();
  }
  bool is_behind(const LiveDelivery& delivery) {
    return std::holds_alternative<Behind>(decoded(delivery));
  }
};

}  // namespace

TEST_CASE("live: those who stand at the same rev share one frame, which continues their cursor") {
  HubWorld world;
  for (ConnectionId id = 1; id <= 3; ++id) {
    CHECK(world.hub->subscribe(id, world.subscription("*", 0)));
  }
  CHECK(world.run().size() == 3);  // an empty checkpoint each: they are level
  Device device(1);
  device.write(insert_counter("k"));
  world.push(device);
  const auto told = world.run();
  REQUIRE(told.size() == 1);
  CHECK(told[0].connections == std::vector<ConnectionId>{1, 2, 3});
  const auto page = std::get<PullResponse>(world.decoded(told[0]));
  CHECK(page.after == 0);
  CHECK(page.rev == 1);
  CHECK(page.is_checkpoint);
  device.write(increment("k"));
  world.push(device);
  const auto next = world.run();
  REQUIRE(next.size() == 1);
  CHECK(std::get<PullResponse>(world.decoded(next[0])).after == 1);
}

TEST_CASE("live: commits that come close together are told as one") {
  HubWorld world;
  CHECK(world.hub->subscribe(1, world.subscription("*", 0)));
  world.run();
  Device device(1);
  for (int i = 0; i < 5; ++i) {
    device.write(insert_counter("k" + std::to_string(i)));
    world.push(device);
  }
  const auto told = world.run();
  REQUIRE(told.size() == 1);
  CHECK(std::get<PullResponse>(world.decoded(told[0])).rows.size() == 5);
}

TEST_CASE("live: a scope that was not touched is not told") {
  HubWorld world;
  CHECK(world.hub->subscribe(1, world.subscription("other", 0)));
  CHECK(world.hub->subscribe(2, world.subscription("r", 0)));
  world.run();
  Device device(1);
  device.write(insert_counter("k"));
  world.push(device);
  const auto told = world.run();
  REQUIRE(told.size() == 1);
  CHECK(told[0].connections == std::vector<ConnectionId>{2});
}

TEST_CASE(
    "live: what does not fit a frame rings the doorbell, and the next frame goes on behind it") {
  HubWorld world;
  CHECK(world.hub->subscribe(1, world.subscription("*", 0)));
  world.run();
  Device device(1);
  const std::string path(limits::inline_bytes_max, 'x');
  device.write(edit("insert", "cache_entries", R"(["big"])",
                    R"({"cache_key":"big","repo_id":"r","path":")" + path + "\"}"));
  world.push(device);
  const auto rung = world.run();
  REQUIRE(rung.size() == 1);
  CHECK(world.is_behind(rung[0]));
  device.write(insert_counter("small"));
  world.push(device);
  const auto next = world.run();
  REQUIRE(next.size() == 1);
  CHECK(std::get<PullResponse>(world.decoded(next[0])).after == 1);
}

TEST_CASE("live: a client that was never level, or whose cursor is refused, is sent to pull") {
  HubWorld world;
  Subscribe fresh = world.subscription("*", 0);
  fresh.scopes[0].second.clear();
  CHECK(world.hub->subscribe(1, fresh));
  Subscribe forged = world.subscription("*", 0);
  forged.scopes[0].second = "made.1.up";
  CHECK(world.hub->subscribe(2, forged));
  const auto told = world.run();
  REQUIRE(told.size() == 2);
  CHECK(world.is_behind(told[0]));
  CHECK(world.is_behind(told[1]));
}

TEST_CASE("live: another schema is refused, and a connection that left is not told") {
  HubWorld world;
  Subscribe foreign = world.subscription("*", 0);
  foreign.hello.schema_name = "other";
  CHECK(world.hub->subscribe(1, foreign));
  CHECK(world.hub->subscribe(2, world.subscription("*", 0)));
  const auto told = world.run();
  REQUIRE(told.size() == 2);
  CHECK(std::get<ErrorMessage>(world.decoded(told[0])).error.code == ErrorCode::SchemaMismatch);
  world.hub->leave(2);
  Device device(1);
  device.write(insert_counter("k"));
  world.push(device);
  CHECK(world.run().empty());
}

TEST_CASE("outgoing: past the bound changes are withheld, one doorbell for each scope") {
  Outgoing outgoing;
  const auto text =
      std::make_shared<const std::string>(std::string(limits::live_queue_bytes_max, 'x'));
  CHECK(outgoing.add_changes("a", text, {}, "behind a") == Outgoing::Added::Queued);
  CHECK(outgoing.add_changes("a", text, {}, "behind a") == Outgoing::Added::Withheld);
  CHECK(outgoing.add_changes("a", text, {}, "behind a") == Outgoing::Added::Withheld);
  CHECK(outgoing.add_changes("b", text, {}, "behind b") == Outgoing::Added::Withheld);
  CHECK(outgoing.take()->text == text);
  CHECK(*outgoing.take()->text == "behind a");
  CHECK(*outgoing.take()->text == "behind b");
  CHECK(outgoing.is_empty());
  CHECK(outgoing.bytes() == 0);
}

TEST_CASE("outgoing: a doorbell that is out does not stand for what is withheld afterwards") {
  Outgoing outgoing;
  const auto text =
      std::make_shared<const std::string>(std::string(limits::live_queue_bytes_max, 'x'));
  (void)outgoing.add_changes("a", text, {}, "behind a");
  (void)outgoing.add_changes("a", text, {}, "behind a");
  (void)outgoing.take();
  CHECK(outgoing.add_changes("b", text, {}, "behind b") == Outgoing::Added::Withheld);
  CHECK(*outgoing.take()->text == "behind a");
  CHECK(outgoing.add_changes("a", text, {}, "behind a") == Outgoing::Added::Withheld);
  CHECK(*outgoing.take()->text == "behind b");
  CHECK(*outgoing.take()->text == "behind a");
}

TEST_CASE("outgoing: a peer is given up one past the bound of withheld changes") {
  Outgoing outgoing;
  const auto text =
      std::make_shared<const std::string>(std::string(limits::live_queue_bytes_max, 'x'));
  (void)outgoing.add_changes("a", text, {}, "behind");
  for (size_t i = 0; i < limits::live_drops_max; ++i) {
    CHECK(outgoing.add_changes("a", text, {}, "behind") == Outgoing::Added::Withheld);
  }
  CHECK(outgoing.add_changes("a", text, {}, "behind") == Outgoing::Added::GiveUp);
}
