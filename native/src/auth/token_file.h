// Tokens that the operator hands out: a file that holds their hashes, so that who reads it cannot
// use them. A token is 256 random bits, so one round of SHA-256 is enough.
// Thread rule: pure functions over values; update() from one thread of any process.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "twinstore/clock.h"

namespace twinstore {

struct TokenRecord {
  std::string id;    // stands in the token and in lists
  std::string hash;  // SHA-256 of the whole token, in hexadecimal digits
  Principal principal;
  int64_t created_ms = 0;
};

struct NewToken {
  std::string text;  // shown once
  TokenRecord record;
};

class TokenFile {
 public:
  // Errors: those of parse_json, InvalidArgument for another form.
  [[nodiscard]] static Result<TokenFile> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  // Null when no record is of this token. Does not look at its time.
  [[nodiscard]] const TokenRecord* find(std::string_view token) const;
  [[nodiscard]] const std::vector<TokenRecord>& records() const { return records_; }
  void add(TokenRecord record) { records_.push_back(std::move(record)); }
  // False when there is none.
  [[nodiscard]] bool remove(std::string_view id);

  // Changes the file as one step, and makes it where there is none, for its owner alone.
  // Errors: as parse; StorageIo; those of `change`.
  [[nodiscard]] static Result<void> update(const std::string& path,
                                           const std::function<Result<void>(TokenFile&)>& change);

 private:
  std::vector<TokenRecord> records_;
};

// Errors: InvalidArgument with a sentence for a name, a workspace or a scope of another form.
[[nodiscard]] Result<NewToken> make_token(Principal principal, Clock& clock, IdSource& ids);

}  // namespace twinstore
