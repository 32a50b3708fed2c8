#include "merge/merge_json.h"

#include <set>

#include "base/planted.h"

namespace twinstore {
namespace {

// Null where the member is absent, which is not the same as a member that is null.
const JsonValue* member(const JsonValue* object, const std::string& name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto at = object->find(name);
  return at == object->end() ? nullptr : &*at;
}

bool is_same(const JsonValue* a, const JsonValue* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b;
}

class Merger {
 public:
  explicit Merger(bool is_local_later) : is_local_later_(is_local_later) {}

  // The merged member; nothing when it is absent.
  std::optional<JsonValue> merge(const JsonValue* base, const JsonValue* local,
                                 const JsonValue* remote) {
    if (is_same(local, base)) return copy(remote);
    if (is_same(remote, base) || is_same(remote, local)) return copy(local);
    const bool are_objects =
        local != nullptr && remote != nullptr && local->is_object() && remote->is_object();
    if (are_objects) return merge_objects(base, *local, *remote);
    if (is_local_later_) return copy(local);
    is_lost_ = true;
    return copy(remote);
  }
  [[nodiscard]] bool is_lost() const { return is_lost_; }

 private:
  static std::optional<JsonValue> copy(const JsonValue* value) {
    if (value == nullptr) return std::nullopt;
    return *value;
  }

  JsonValue merge_objects(const JsonValue* base, const JsonValue& local, const JsonValue& remote) {
    std::set<std::string> names;
    for (auto it = local.begin(); it != local.end(); ++it) names.insert(it.key());
    for (auto it = remote.begin(); it != remote.end(); ++it) names.insert(it.key());
    JsonValue merged = JsonValue::object();
    for (const std::string& name : names) {
      auto value = merge(member(base, name), member(&local, name), member(&remote, name));
      if (value || TWINSTORE_PLANTED(absent_as_null)) merged[name] = value.value_or(nullptr);
    }
    return merged;
  }

  bool is_local_later_;
  bool is_lost_ = false;
};

}  // namespace

MergedDocument merge_json(const JsonValue& base, const JsonValue& local, const JsonValue& remote,
                          bool is_local_later) {
  Merger merger(is_local_later);
  auto value = merger.merge(&base, &local, &remote);
  TWINSTORE_CHECK(value.has_value());  // no side of the whole is absent
  return {*std::move(value), merger.is_lost()};
}

}  // namespace twinstore
