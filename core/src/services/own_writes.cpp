#include "twinstore/own_writes.h"

#include "services/ingest_record.h"

namespace twinstore {
namespace {

// The name under which the server writes; no client can draw it, as theirs are random.
ClientId server_client() {
  const auto id = parse_client_id("server0000000000");
  TWINSTORE_CHECK(id.ok());
  return id.value();
}

}  // namespace

OwnWrites::OwnWrites(Authority& authority, std::set<std::string>& scopes, std::string_view source)
    : authority_(authority),
      scopes_(scopes),
      client_(source.empty() ? server_client() : source_client(source)) {}

Result<std::optional<Outcome>> OwnWrites::write(const Edit& edit) {
  const Collection& collection = authority_.schema().at(edit.collection);
  TWINSTORE_TRY(const auto stored, load_row(authority_.storage(), collection, edit.key));
  TWINSTORE_TRY(auto change, make_change(collection, edit, stored ? &*stored : nullptr));
  if (!change) return std::optional<Outcome>{};
  Mutation mutation;
  mutation.hlc = hybrid_time_at(authority_.clock().now_ms(), client_);
  mutation.changes.push_back(*std::move(change));
  TWINSTORE_TRY(Outcome outcome, authority_.apply(mutation, scopes_));
  if (outcome.status == OutcomeStatus::Rejected) return Error{outcome.code, outcome.message};
  return std::optional(std::move(outcome));
}

}  // namespace twinstore
