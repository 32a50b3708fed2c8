#include "storage_postgres/storage.h"

#include "storage_postgres/migrations.h"
#include "storage_postgres/reader.h"

namespace twinstore {

using postgres::Session;

namespace {

constexpr size_t waiting_bytes_max = 8u << 20;  // beyond it writes go out before the commit
constexpr int64_t first_records = 16;           // many a scan wants the first record alone
constexpr int64_t most_records = 1'024;

}  // namespace

struct PostgresStorage::Parts {
  Parts(const Schema& of, const PostgresOptions& opened)
      : schema(of),
        options(opened),
        session({opened.url, opened.workspace, opened.lock_timeout_ms, opened.is_confined}),
        reader(of, session) {}

  const Schema& schema;
  PostgresOptions options;
  Session session;
  postgres::Reader reader;
  postgres::WriteSet set;  // of the writing transaction that is open

  [[nodiscard]] bool is_writing() const { return session.open() == Session::Open::Writing; }
  [[nodiscard]] std::vector<postgres::Step> waiting() const {
    return set.steps(schema, reader.queries(), session.workspace());
  }
  Result<void> write_out() {
    if (!set.has_writes()) return {};
    TWINSTORE_TRY([[maybe_unused]] const auto done, session.run(waiting()));
    set.clear();
    return {};
  }
  Result<void> written() {
    return set.written_bytes() > waiting_bytes_max ? write_out() : Result<void>();
  }
  // Runs `read` in the transaction that is open, over what it wrote, or in one of its own.
  template <class Read>
  Result<void> in_one_state(const Read& read) {
    if (session.open() != Session::Open::Nothing) {
      TWINSTORE_TRY_VOID(write_out());
      return read();
    }
    TWINSTORE_TRY_VOID(session.begin_reading());
    auto done = read();
    session.rollback();
    return done;
  }
};

PostgresStorage::PostgresStorage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PostgresStorage::~PostgresStorage() = default;

Result<std::unique_ptr<PostgresStorage>> PostgresStorage::open(const Schema& schema,
                                                               const PostgresOptions& options) {
  auto parts = std::make_unique<Parts>(schema, options);
  TWINSTORE_TRY_VOID(parts->session.connect());
  if (!options.is_read_only) {
    TWINSTORE_TRY_VOID(postgres::migrate(parts->session.connection(), schema));
  }
  return std::unique_ptr<PostgresStorage>(new PostgresStorage(std::move(parts)));
}

Result<void> PostgresStorage::begin() {
  parts_->set.clear();
  return parts_->options.is_read_only ? parts_->session.begin_reading()
                                      : parts_->session.begin_writing();
}

Result<void> PostgresStorage::commit() {
  TWINSTORE_TRY_VOID(parts_->session.commit(parts_->waiting()));
  parts_->set.clear();
  return {};
}

void PostgresStorage::rollback() {
  parts_->set.clear();
  parts_->session.rollback();
}

Result<void> PostgresStorage::prefetch(std::span<const RowId> rows,
                                       std::span<const RecordId> records) {
  if (!parts_->is_writing()) return {};
  std::vector<RowId> unknown_rows;
  for (const RowId& id : rows) {
    if (!parts_->set.row(id)) unknown_rows.push_back(id);
  }
  std::vector<RecordId> unknown_records;
  for (const RecordId& id : records) {
    if (!parts_->set.record(id)) unknown_records.push_back(id);
  }
  return parts_->reader.fetch(unknown_rows, unknown_records, parts_->set);
}

Result<std::vector<std::optional<RowVersion>>> PostgresStorage::load(const Collection& collection,
                                                                     std::span<const Key> keys) {
  std::vector<RowId> ids;
  for (const Key& key : keys) ids.push_back({collection.position, key});
  postgres::WriteSet own;
  postgres::WriteSet& known = parts_->is_writing() ? parts_->set : own;
  if (parts_->is_writing()) {
    TWINSTORE_TRY_VOID(prefetch(ids, {}));
  } else {
    TWINSTORE_TRY_VOID(parts_->reader.fetch(ids, {}, known));
  }
  std::vector<std::optional<RowVersion>> rows;
  for (const RowId& id : ids) rows.push_back(*known.row(id));
  return rows;
}

Result<void> PostgresStorage::save(const Collection& collection, const RowVersion& row) {
  TWINSTORE_CHECK(parts_->is_writing());
  parts_->set.write(RowId{collection.position, collection.key_of(row.values)}, row);
  return parts_->written();
}

Result<void> PostgresStorage::forget(const Collection& collection, const Key& key) {
  TWINSTORE_CHECK(parts_->is_writing());
  parts_->set.write(RowId{collection.position, key}, std::optional<RowVersion>());
  return parts_->written();
}

Result<void> PostgresStorage::changes(std::string_view scope, Rev after, const TakeChange& take) {
  return parts_->in_one_state([&] { return parts_->reader.changes(scope, after, take); });
}

Result<void> PostgresStorage::rows_of_scope(std::string_view scope, const TakeChange& take) {
  return parts_->in_one_state([&] { return parts_->reader.rows_of_scope(scope, take); });
}

Result<void> PostgresStorage::select(const Collection& collection, const Selection& selection,
                                     const TakeChange& take) {
  return parts_->in_one_state([&] { return parts_->reader.select(collection, selection, take); });
}

Result<int64_t> PostgresStorage::count(const Collection& collection, const Selection& selection) {
  int64_t counted = 0;
  TWINSTORE_TRY_VOID(parts_->in_one_state([&]() -> Result<void> {
    TWINSTORE_TRY(counted, parts_->reader.count(collection, selection));
    return {};
  }));
  return counted;
}

Result<void> PostgresStorage::tombstones(const HybridTime& before, const TakeChange& take) {
  return parts_->in_one_state([&] { return parts_->reader.tombstones(before, take); });
}

Result<std::optional<std::string>> PostgresStorage::get(std::string_view space,
                                                        std::string_view key) {
  const RecordId id{std::string(space), std::string(key)};
  if (parts_->is_writing()) {
    TWINSTORE_TRY_VOID(prefetch({}, std::span(&id, 1)));
    return *parts_->set.record(id);
  }
  postgres::WriteSet found;
  TWINSTORE_TRY_VOID(parts_->reader.fetch({}, std::span(&id, 1), found));
  return *found.record(id);
}

Result<void> PostgresStorage::put(std::string_view space, std::string_view key,
                                  std::string_view value) {
  if (!parts_->is_writing()) {
    TWINSTORE_TRY(Transaction alone, Transaction::begin(*this));
    TWINSTORE_TRY_VOID(put(space, key, value));
    return alone.commit();
  }
  parts_->set.write(RecordId{std::string(space), std::string(key)}, std::string(value));
  return parts_->written();
}

Result<void> PostgresStorage::erase(std::string_view space, std::string_view key) {
  if (!parts_->is_writing()) {
    TWINSTORE_TRY(Transaction alone, Transaction::begin(*this));
    TWINSTORE_TRY_VOID(erase(space, key));
    return alone.commit();
  }
  parts_->set.write(RecordId{std::string(space), std::string(key)}, std::optional<std::string>());
  return parts_->written();
}

// The stored records, with those that wait to be written in their place.
Result<void> PostgresStorage::scan(std::string_view space, std::string_view first,
                                   std::string_view last, const TakeRecord& take) {
  auto waiting = parts_->set.written_records(space, first, last);
  auto next_waiting = waiting.begin();
  // Gives those that wait before `key`, and the one of `key` itself in place of what is stored.
  const auto give_waiting = [&](const std::string* key) -> std::optional<bool> {
    for (; next_waiting != waiting.end(); ++next_waiting) {
      const bool is_same = key != nullptr && next_waiting->first == *key;
      if (key != nullptr && next_waiting->first > *key) break;
      const bool wants_more =
          !next_waiting->second || take(next_waiting->first, *next_waiting->second);
      if (!is_same && wants_more) continue;
      ++next_waiting;
      return wants_more;
    }
    return std::nullopt;
  };
  std::string from(first);
  for (int64_t most = first_records;; most = most_records) {
    TWINSTORE_TRY(const auto piece, parts_->reader.records(space, from, last, most));
    for (const auto& [key, value] : piece.records) {
      const auto wants_more = give_waiting(&key);
      if (wants_more && !*wants_more) return {};
      if (!wants_more && !take(key, value)) return {};
    }
    if (piece.next.empty()) break;
    from = piece.next;
  }
  give_waiting(nullptr);
  return {};
}

Result<std::vector<std::string>> PostgresStorage::spaces() {
  std::vector<std::string> names;
  TWINSTORE_TRY_VOID(parts_->in_one_state([&]() -> Result<void> {
    TWINSTORE_TRY(names, parts_->reader.spaces());
    return {};
  }));
  return names;
}

Result<int64_t> PostgresStorage::bytes() {
  int64_t bytes = 0;
  TWINSTORE_TRY_VOID(parts_->in_one_state([&]() -> Result<void> {
    TWINSTORE_TRY(bytes, parts_->reader.bytes());
    return {};
  }));
  return bytes;
}

}  // namespace twinstore
