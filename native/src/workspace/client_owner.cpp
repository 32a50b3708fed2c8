#include "workspace/client_owner.h"

namespace twinstore {
namespace {

constexpr std::string_view space = "client_user";

}  // namespace

Result<void> claim_client(Storage& storage, const ClientId& client, const std::string& user) {
  if (user.empty()) return {};
  TWINSTORE_TRY(const auto owner, storage.get(space, client_text(client)));
  if (!owner) return storage.put(space, client_text(client), user);
  if (*owner == user) return {};
  return Error{ErrorCode::Forbidden, "the writes of this device belong to another user"};
}

}  // namespace twinstore
