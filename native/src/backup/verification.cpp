#include "backup/verification.h"

#include "backup/sqlite_file.h"
#include "config/server_limits.h"
#include "schema/field_value.h"
#include "sync/authority_records.h"
#include "workspace/open_storage.h"

namespace twinstore {
namespace {

// Sentences up to the bound, and how many there were.
class Problems {
 public:
  explicit Problems(std::vector<std::string>& told) : told_(told) {}
  void add(std::string sentence) {
    if (++count_ <= limits::problems_told_max) told_.push_back(std::move(sentence));
  }
  void finish() {
    if (count_ <= limits::problems_told_max) return;
    told_.push_back("and " + std::to_string(count_ - limits::problems_told_max) + " more");
  }

 private:
  std::vector<std::string>& told_;
  size_t count_ = 0;
};

JsonValue wire_value(const Value& value) {
  switch (value.index()) {
    case 1: return std::get<int64_t>(value);
    case 2: return std::get<double>(value);
    case 3: return std::get<std::string>(value);
    default: return nullptr;
  }
}

std::string name_of(const Collection& collection, const RowVersion& row) {
  return collection.name + " " + key_text(collection.key_of(row.values));
}

class Check {
 public:
  Check(Storage& storage, Verification& found)
      : storage_(storage), found_(found), problems_(found.problems) {}

  Result<void> run() {
    TWINSTORE_TRY(found_.epoch, read_epoch(storage_));
    TWINSTORE_TRY(found_.head, read_head(storage_));
    if (found_.epoch.empty())
      problems_.add("this is not the database of a server: it has no epoch");
    TWINSTORE_TRY_VOID(
        storage_.changes(all_scopes, 0, [&](const Collection& collection, RowVersion&& row) {
          check_row(collection, row);
          return true;
        }));
    TWINSTORE_TRY_VOID(compare_digests());
    TWINSTORE_TRY_VOID(check_clients());
    problems_.finish();
    return {};
  }

 private:
  void check_row(const Collection& collection, const RowVersion& row) {
    if (row.rev <= last_rev_) {
      problems_.add(name_of(collection, row) + " has the rev " + std::to_string(row.rev) +
                    " of another row");
    }
    last_rev_ = row.rev;
    if (row.rev > found_.head) {
      problems_.add(name_of(collection, row) + " has a rev after the head " +
                    std::to_string(found_.head));
    }
    if (row.is_deleted()) {
      ++found_.tombstones;
      return;
    }
    ++found_.rows[collection.name];
    for (size_t i = 0; i < collection.fields.size(); ++i) {
      const auto checked = check_wire_value(collection.fields[i], wire_value(row.values[i]));
      if (checked.ok() && checked.value() == row.values[i]) continue;
      problems_.add(name_of(collection, row) + ": " + collection.fields[i].name +
                    " holds what it may not");
    }
    const Digest digest = row_digest(collection, row);
    digests_[collection.scope_of(row.values)] += digest;
    digests_[std::string(all_scopes)] += digest;
  }

  Result<void> compare_digests() {
    for (const auto& [scope, digest] : digests_) {
      if (scope != all_scopes) ++found_.scopes;
      TWINSTORE_TRY(const Digest stored, read_digest(storage_, scope));
      if (stored != digest)
        problems_.add("the rows of the scope " + scope + " are not its digest's");
    }
    const std::string space = digest_record(all_scopes).space;
    return storage_.scan(space, "", "", [&](std::string_view scope, std::string_view text) {
      const auto digest = parse_digest(text);
      const bool is_empty = digest.ok() && digest.value() == 0;
      if (!is_empty && !digests_.contains(std::string(scope))) {
        problems_.add("the scope " + std::string(scope) + " has a digest and no rows");
      }
      return true;
    });
  }

  Result<void> check_clients() {
    std::vector<std::string> clients;
    TWINSTORE_TRY_VOID(
        storage_.scan(records::client, "", "", [&](std::string_view client, std::string_view) {
          clients.emplace_back(client);
          return true;
        }));
    found_.clients = static_cast<int64_t>(clients.size());
    for (const std::string& text : clients) {
      const auto client = parse_client_id(text);
      if (!client.ok()) {
        problems_.add("there is a client without a proper name");
        continue;
      }
      TWINSTORE_TRY(const int64_t last_seq, read_last_seq(storage_, client.value()));
      TWINSTORE_TRY(const bool is_newer, has_outcome_after(storage_, client.value(), last_seq));
      if (is_newer) problems_.add("the client " + text + " has outcomes after its last number");
    }
    return {};
  }

  Storage& storage_;
  Verification& found_;
  Problems problems_;
  std::map<std::string, Digest> digests_;
  Rev last_rev_ = 0;
};

}  // namespace

int64_t Verification::row_count() const {
  int64_t count = 0;
  for (const auto& [collection, rows_of] : rows) count += rows_of;
  return count;
}

Result<Verification> verify_storage(Storage& storage) {
  Verification found;
  TWINSTORE_TRY_VOID(Check(storage, found).run());
  return found;
}

Result<Verification> verify_database(const Schema& schema, const DatabaseLocation& location) {
  TWINSTORE_TRY(const auto storage, open_storage(schema, location, true));
  TWINSTORE_TRY(const Transaction state, Transaction::begin(*storage));
  TWINSTORE_TRY(Verification found, verify_storage(*storage));
  if (location.is_postgres() || location.is_memory()) return found;
  TWINSTORE_TRY(auto of_file, check_sqlite_file(location.file()));
  found.problems.insert(found.problems.begin(), of_file.begin(), of_file.end());
  return found;
}

}  // namespace twinstore
