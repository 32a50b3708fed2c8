#include "sync/outbox.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sync/authority_records.h"
#include "sync/join.h"
#include "twinstore/limits.h"
#include "twinstore/protocol.h"

namespace twinstore {
namespace {

int64_t read_number(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

// Six words and the mutation, by single spaces; "-" stands for what is not set.
std::string outbox_entry_text(const Schema& schema, const OutboxEntry& entry) {
  std::string out;
  const auto add = [&](std::string_view word) {
    out += word.empty() ? "-" : word;
    out += ' ';
  };
  add(entry.is_acked ? "1" : "0");
  add(std::to_string(entry.acked_rev));
  add(entry.epoch);
  add(entry.arrived_in);
  add(entry.mutation.seq == 0 ? std::string_view() : client_text(entry.client));
  add(entry.counted.is_set() ? entry.counted.text() : std::string());
  return out + encode_mutation(schema, entry.mutation);
}

Result<OutboxEntry> read_outbox_entry(const Schema& schema, std::string_view text) {
  std::array<std::string_view, 6> words;
  std::string_view rest = text;
  for (std::string_view& word : words) {
    const size_t end = rest.find(' ');
    if (end == std::string_view::npos) {
      return Error{ErrorCode::StorageCorrupt, "an outbox entry is malformed"};
    }
    word = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (word == "-") word = {};
  }
  OutboxEntry entry;
  entry.is_acked = words[0] == "1";
  entry.acked_rev = read_number(words[1]);
  entry.epoch = words[2];
  entry.arrived_in = words[3];
  if (!words[4].empty()) {
    TWINSTORE_TRY(entry.client, parse_client_id(words[4]));
  }
  if (!words[5].empty()) {
    TWINSTORE_TRY(entry.counted, parse_hybrid_time(words[5]));
  }
  TWINSTORE_TRY(entry.mutation, decode_mutation(schema, rest));
  entry.encoded_bytes = text.size();
  return entry;
}

Result<void> Outbox::load(Storage& storage, int64_t next_order) {
  next_order_ = next_order;
  entries_.clear();
  rows_.clear();
  Result<void> read;
  const auto take = [&](std::string_view key, std::string_view value) {
    auto entry = read_outbox_entry(schema_, value);
    if (!entry.ok()) {
      read = std::move(entry).error();
      return false;
    }
    const int64_t order = read_number(key);
    index(order, entry.value().mutation);
    entries_.emplace(order, std::move(entry).value());
    next_order_ = std::max(next_order_, order + 1);
    return true;
  };
  TWINSTORE_TRY_VOID(storage.scan(outbox_space, "", "", take));
  return read;
}

const std::set<int64_t>* Outbox::touching(const RowId& row) const {
  const auto at = rows_.find(row);
  return at == rows_.end() ? nullptr : &at->second;
}

size_t Outbox::unacked_count() const {
  return static_cast<size_t>(
      std::ranges::count_if(entries_, [](const auto& item) { return !item.second.is_acked; }));
}

int64_t Outbox::unacked_since_ms() const {
  const auto first =
      std::ranges::find_if(entries_, [](const auto& item) { return !item.second.is_acked; });
  return first == entries_.end() ? 0 : first->second.mutation.hlc.wall_ms();
}

Result<void> Outbox::add(Storage& storage, Mutation mutation) {
  OutboxEntry entry;
  entry.mutation = std::move(mutation);
  return put_back(storage, next_order_++, std::move(entry));
}

Result<void> Outbox::put_back(Storage& storage, int64_t order, OutboxEntry entry) {
  TWINSTORE_TRY_VOID(store(storage, order, entry));
  index(order, entry.mutation);
  entries_.emplace(order, std::move(entry));
  return {};
}

Result<bool> Outbox::join_last(Storage& storage, const Mutation& mutation) {
  if (entries_.empty()) return false;
  const auto& [order, last] = *entries_.rbegin();
  const bool is_sent = last.mutation.seq != 0 || last.is_acked;
  if (is_sent || last.encoded_bytes > limits::joined_bytes_max) return false;
  auto joined = join_mutations(schema_, last.mutation, mutation);
  if (!joined) return false;
  OutboxEntry entry = last;
  entry.mutation = *std::move(joined);
  TWINSTORE_TRY_VOID(replace(storage, order, std::move(entry)));
  return true;
}

Result<void> Outbox::replace(Storage& storage, int64_t order, OutboxEntry entry) {
  TWINSTORE_TRY_VOID(store(storage, order, entry));
  entries_.insert_or_assign(order, std::move(entry));
  return {};
}

Result<void> Outbox::remove(Storage& storage, int64_t order) {
  TWINSTORE_TRY_VOID(storage.erase(outbox_space, ordered_text(order)));
  const auto entry = entries_.find(order);
  for (const Change& change : entry->second.mutation.changes) {
    const auto at = rows_.find({change.collection, change.key});
    if (at == rows_.end()) continue;
    at->second.erase(order);
    if (at->second.empty()) rows_.erase(at);
  }
  entries_.erase(entry);
  return {};
}

void Outbox::index(int64_t order, const Mutation& mutation) {
  for (const Change& change : mutation.changes) {
    rows_[{change.collection, change.key}].insert(order);
  }
}

Result<void> Outbox::store(Storage& storage, int64_t order, OutboxEntry& entry) {
  const std::string text = outbox_entry_text(schema_, entry);
  entry.encoded_bytes = text.size();
  if (text.size() > limits::mutation_bytes_max) {
    return Error{ErrorCode::BatchTooLarge, "a transaction has at most 7 MiB; split it"};
  }
  return storage.put(outbox_space, ordered_text(order), text);
}

}  // namespace twinstore
