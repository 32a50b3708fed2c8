// Messages: when they are sent, what happens to them on the way, and who gets them.
#include "world.h"

namespace twinstore::sim {
namespace {

constexpr int64_t timeout_ms = 8'000;
constexpr size_t live_rows = 12;

}  // namespace

void World::post(int64_t due_ms, Kind kind, ReturnAddress address, std::string text) {
  events_.push({due_ms, next_order_++, kind, std::move(address), std::move(text)});
}

bool World::happens(Fault fault) {
  if (is_quiet_ || !random_.permille(scenario_.permille(fault))) return false;
  count(fault);
  return true;
}

int64_t World::delay() {
  if (happens(Fault::Delay)) return random_.between(500, 60'000);
  return random_.between(1, 80);
}

// Sends what the replica has to say, one exchange at a time.
void World::talk(Device& device) {
  if (!device.is_up() || device.has_exchange) return;
  const auto message = device.replica().next_message();
  if (device.disk.is_off()) return;
  if (!message.ok() || !message.value()) return;
  ++counters_.messages;
  device.note_client();
  device_of_client_[device.client()] = device.number;
  // A push may be in a name that the device had, or one that it shares with its copies.
  constexpr std::string_view name_mark = "\"client_id\":\"";
  const size_t name_at = message.value()->find(name_mark);
  if (name_at != std::string::npos) {
    device_of_client_.try_emplace(
        message.value()->substr(name_at + name_mark.size(), limits::client_id_bytes),
        device.number);
  }
  device.has_exchange = true;
  ++device.exchange;
  ++device.round_trips;
  const ReturnAddress address{device.number, device.generation, device.exchange, device.client()};
  trace("send", *message.value());
  post(time_.now_ms + timeout_ms, Kind::Timeout, address, {});
  if (happens(Fault::Drop)) return;
  post(time_.now_ms + delay(), Kind::Request, address, *message.value());
  if (happens(Fault::Duplicate)) {
    post(time_.now_ms + delay(), Kind::Request, address, *message.value());
  }
}

void World::give_up(Device& device) {
  device.replica().lost();
  device.has_exchange = false;
  ++device.exchange;
}

void World::deliver(const Event& event) {
  switch (event.kind) {
    case Kind::Request: return deliver_request(event);
    case Kind::Reply:
    case Kind::Live: return deliver_to_device(event);
    case Kind::Subscribe: return subscribe_live(event);
    case Kind::ServerWork: return commit_group();
    case Kind::ServerUp:
      if (!server_.is_up()) reopen_server();
      return;
    case Kind::Timeout: {
      Device& device = *devices_[event.address.device];
      const bool is_current = device.is_up() && event.address.generation == device.generation &&
                              event.address.exchange == device.exchange && device.has_exchange;
      if (is_current) give_up(device);
      return;
    }
  }
}

void World::deliver_request(const Event& event) {
  Device& device = *devices_[event.address.device];
  if (!server_.is_up() || device.is_cut_up) return;
  trace("request", event.text);
  if (event.text.starts_with("{\"type\":\"pull\"")) {
    std::string answer;
    if (happens(Fault::ErrorReply)) {
      answer = error_message(*fixtures_.schema, {ErrorCode::Unavailable, "try again"});
    } else {
      answer = server_.page(event.text, scenario_.page_rows);
    }
    return reply({event.address, std::move(answer), false});
  }
  server_.receive_push(event.address, event.text);
  if (is_work_posted_) return;
  is_work_posted_ = true;
  post(time_.now_ms + random_.between(0, 15), Kind::ServerWork, {}, {});
}

void World::reply(const Answer& answer) {
  if (happens(Fault::ReplyLost)) return;
  post(time_.now_ms + delay(), Kind::Reply, answer.to, answer.text);
  // Who answers twice, answers the same; errors are answers to what is being asked only.
  const bool is_error = answer.text.starts_with("{\"type\":\"error\"");
  if (!is_error && happens(Fault::Duplicate)) {
    post(time_.now_ms + delay(), Kind::Reply, answer.to, answer.text);
  }
}

void World::deliver_to_device(const Event& event) {
  Device& device = *devices_[event.address.device];
  if (!device.is_up() || device.is_cut_down) return;
  if (event.address.generation != device.generation) return;
  if (event.kind == Kind::Live) {
    if (device.is_live) receive(device, event.text);
    return;
  }
  const bool is_awaited = event.address.exchange == device.exchange && device.has_exchange;
  if (!is_awaited) {
    // Carried by a connection that was given up, and yet it arrives.
    const bool is_error = event.text.starts_with("{\"type\":\"error\"");
    const bool is_same_client = event.address.client == device.client();
    if (is_error || !is_same_client || !happens(Fault::LateReply)) return;
    return receive(device, event.text);
  }
  device.has_exchange = false;
  receive(device, event.text);
  if (device.is_up() && !has_failed()) talk(device);
}

void World::receive(Device& device, const std::string& text) {
  trace("receive", text);
  const bool is_reset = text.find("cursor_expired") != std::string::npos ||
                        text.find("bad_cursor") != std::string::npos;
  if (is_reset) device.revs.clear();
  const auto received = device.replica().receive(text);
  if (device.disk.is_off()) return;
  if (!received.ok()) {
    trace("receive failed", received.error().message);
    give_up(device);
    return;
  }
  if (!received.value().is_empty()) device.uncertain.clear();
  device.note_client();
  check_step(device);
}

// A live connection carries only what the server sends by itself.
void World::connect_live(Device& device) {
  device.is_live = true;
  post(time_.now_ms + random_.between(1, 80), Kind::Subscribe,
       {device.number, device.generation, 0, device.client()},
       device.replica().subscribe_message());
}

void World::subscribe_live(const Event& event) {
  Device& device = *devices_[event.address.device];
  if (!server_.is_up() || device.is_cut_up || device.generation != event.address.generation) return;
  const auto message = decode(*fixtures_.schema, event.text);
  const auto* subscribe = message.ok() ? std::get_if<Subscribe>(&message.value()) : nullptr;
  if (subscribe == nullptr) return fail("I12", "a subscription cannot be read");
  LiveConnection& connection = live_[device.number];
  connection = {device.generation, {}, time_.now_ms};
  for (const auto& [scope, cursor] : subscribe->scopes) {
    const auto rev = server_.feed().cursor_rev(scope, cursor);
    std::string text;
    if (cursor.empty() || !rev.ok()) {
      connection.revs[scope] = server_.authority().head();
      text = encode(*fixtures_.schema, Message(Behind{scope}));
    } else {
      std::tie(text, connection.revs[scope]) = live_text(scope, rev.value());
    }
    connection.last_due_ms = std::max(connection.last_due_ms, time_.now_ms + delay());
    post(connection.last_due_ms, Kind::Live, event.address, std::move(text));
  }
}

std::pair<std::string, Rev> World::live_text(const std::string& scope, Rev rev) {
  PullRequest request;
  request.hello = {protocol_version, fixtures_.schema->name(), fixtures_.schema->version()};
  request.scope = scope;
  request.cursor = server_.feed().make_cursor(scope, rev);
  request.rows_max = live_rows;
  auto page = server_.feed().page(request);
  const bool is_whole = page.ok() && page.value().is_checkpoint;
  if (!is_whole) {
    return {encode(*fixtures_.schema, Message(Behind{scope})),
            std::max(rev, server_.authority().head())};
  }
  const Rev reached = page.value().rev;
  return {encode(*fixtures_.schema, Message(std::move(page).value())), reached};
}

void World::tell_live(std::set<std::string> scopes) {
  if (scopes.empty()) return;
  scopes.insert(std::string(all_scopes));
  for (auto& [number, connection] : live_) {
    Device& device = *devices_[number];
    if (!device.is_live || device.generation != connection.generation) continue;
    if (happens(Fault::LiveBreak)) {
      device.is_live = false;
      continue;
    }
    for (auto& [scope, rev] : connection.revs) {
      if (!scopes.contains(scope)) continue;
      auto [text, reached] = live_text(scope, rev);
      if (reached == rev) continue;
      rev = reached;
      connection.last_due_ms = std::max(connection.last_due_ms, time_.now_ms + delay());
      post(connection.last_due_ms, Kind::Live, {number, connection.generation, 0, device.client()},
           std::move(text));
    }
  }
}

}  // namespace twinstore::sim
