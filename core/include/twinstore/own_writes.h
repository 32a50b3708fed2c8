// Writes that the server makes by itself: they take the same road as a client's push, so that every
// replica hears of them and an edit made offline meets them as it would meet anybody's.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "twinstore/authority.h"
#include "twinstore/edit.h"

namespace twinstore {

class OwnWrites {
 public:
  // `authority` and `scopes`, which gathers the scopes in which something changed, outlive it.
  // `source`: in whose name; empty: the server's own. What a source deletes in its own name it may
  // hand in anew (ingest.h).
  OwnWrites(Authority& authority, std::set<std::string>& scopes, std::string_view source = {});

  // Reads the row and changes it. Nothing: there was nothing to change. Errors: RowExists and
  // RowMissing as make_change; what rejects a change, as the error that it is; as Storage.
  [[nodiscard]] Result<std::optional<Outcome>> write(const Edit& edit);

  [[nodiscard]] Authority& authority() { return authority_; }
  [[nodiscard]] std::set<std::string>& scopes() { return scopes_; }

 private:
  Authority& authority_;
  std::set<std::string>& scopes_;
  ClientId client_;
};

}  // namespace twinstore
