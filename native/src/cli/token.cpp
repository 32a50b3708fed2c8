#include <cstdio>

#include "auth/token_file.h"
#include "base/system.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr int64_t ms_per_day = 24LL * 3600 * 1000;

Result<Principal> principal_of(const TokenOptions& options, int64_t now_ms) {
  Principal principal;
  principal.name = options.name;
  TWINSTORE_TRY(principal.role, parse_role(options.role));
  principal.workspace = options.workspace;
  principal.scopes = options.scopes;
  if (options.days > 0) principal.expires_ms = now_ms + options.days * ms_per_day;
  return principal;
}

Result<std::string> create(const TokenOptions& options) {
  SystemClock clock;
  SystemIdSource ids;
  TWINSTORE_TRY(Principal principal, principal_of(options, clock.now_ms()));
  TWINSTORE_TRY(NewToken made, make_token(std::move(principal), clock, ids));
  TWINSTORE_TRY_VOID(TokenFile::update(options.file, [&](TokenFile& file) -> Result<void> {
    file.add(made.record);
    return {};
  }));
  return made.text;
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : ",") + scope;
  return out.empty() ? "-" : out;
}

void print(const TokenRecord& record) {
  const Principal& principal = record.principal;
  std::printf("%s  %s  %s  %s  %s  %s\n", record.id.c_str(), principal.name.c_str(),
              std::string(role_text(principal.role)).c_str(), principal.workspace.c_str(),
              joined(principal.scopes).c_str(),
              principal.expires_ms == 0 ? "never" : time_text(principal.expires_ms).c_str());
}

}  // namespace

int create_token_command(const TokenOptions& options) {
  const auto made = create(options);
  if (!made.ok()) return fail_with(made.error());
  std::printf("%s\n", made.value().c_str());
  std::fprintf(stderr, "twinstore: this is the only time that the token is shown\n");
  return 0;
}

int list_tokens_command(const TokenOptions& options) {
  const auto listed = TokenFile::update(options.file, [](TokenFile& file) -> Result<void> {
    std::printf("id        name  role  workspace  scopes  expires\n");
    for (const TokenRecord& record : file.records()) print(record);
    return {};
  });
  return listed.ok() ? 0 : fail_with(listed.error());
}

int revoke_token_command(const TokenOptions& options) {
  const auto revoked = TokenFile::update(options.file, [&](TokenFile& file) -> Result<void> {
    if (file.remove(options.name)) return {};
    return Error{ErrorCode::NotFound, "there is no token with the id " + options.name};
  });
  if (!revoked.ok()) return fail_with(revoked.error());
  std::fprintf(stderr, "twinstore: revoked; servers that use this file drop it within seconds\n");
  return 0;
}

}  // namespace twinstore
