#include "git_handles.h"

#include <array>
#include <cstring>

namespace twinstore {

namespace {

ErrorCode code_of(int status, int error_class) {
  switch (status) {
    case GIT_ENOTFOUND:
      // A missing object is damage (or a partial clone); a missing reference is an ordinary
      // absence.
      return error_class == GIT_ERROR_ODB ? ErrorCode::StorageCorrupt : ErrorCode::NotFound;
    case GIT_EOWNER: return ErrorCode::Forbidden;
    case GIT_EUNBORNBRANCH: return ErrorCode::PreconditionFailed;
    case GIT_EINVALIDSPEC: return ErrorCode::InvalidArgument;
    default: break;
  }
  switch (error_class) {
    case GIT_ERROR_ZLIB:
    case GIT_ERROR_ODB:
    case GIT_ERROR_OBJECT:
    case GIT_ERROR_TREE:
    case GIT_ERROR_SHA: return ErrorCode::StorageCorrupt;
    case GIT_ERROR_OS: return ErrorCode::StorageIo;
    case GIT_ERROR_NOMEMORY: return ErrorCode::Unavailable;
    default: return ErrorCode::Internal;
  }
}

}  // namespace

Error git_failure(int status, std::string_view what) {
  const git_error* last = git_error_last();
  std::string message(what);
  if (last != nullptr && last->message != nullptr) message.append(": ").append(last->message);
  return Error{code_of(status, last != nullptr ? last->klass : GIT_ERROR_NONE), std::move(message)};
}

Error analysis_stopped() {
  return {ErrorCode::Unavailable, "the analysis was stopped, or took longer than it may"};
}

std::string oid_text(const git_oid& oid) {
  std::array<char, 41> text{};
  git_oid_tostr(text.data(), text.size(), &oid);
  return std::string(text.data());
}

size_t OidHash::operator()(const git_oid& oid) const {
  size_t hash = 0;
  std::memcpy(&hash, oid.id, sizeof(hash));
  return hash;
}

}  // namespace twinstore
