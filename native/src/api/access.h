// The rule of a route: who may call it. Every route says one, because a route without a rule does
// not compile. Thread rule: plain values.
#pragma once

#include <string>
#include <utility>

#include "auth/principal.h"

namespace twinstore {

// Which scopes the caller must reach.
enum class Reach : uint8_t {
  Nothing,     // no row is read or written
  Everything,  // rows of any repository: the caller's pattern must be "*"
  Parameter,   // those of the repository that one parameter names; without it, everything
  Handler,     // the handler asks call.principal for each scope that it touches
};

class Access {
 public:
  // Without a token: says nothing about any row.
  [[nodiscard]] static Access anyone() { return {Role::Anyone, Reach::Nothing, {}}; }
  [[nodiscard]] static Access everything(Role role) { return {role, Reach::Everything, {}}; }
  // `parameter` is a text parameter of the path, the query or the body's members.
  [[nodiscard]] static Access repository(Role role, std::string parameter = "repo_id") {
    return {role, Reach::Parameter, std::move(parameter)};
  }
  [[nodiscard]] static Access by_handler(Role role) { return {role, Reach::Handler, {}}; }

  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] Reach reach() const { return reach_; }
  [[nodiscard]] const std::string& parameter() const { return parameter_; }

 private:
  Access(Role role, Reach reach, std::string parameter)
      : role_(role), reach_(reach), parameter_(std::move(parameter)) {}
  Role role_;
  Reach reach_;
  std::string parameter_;
};

}  // namespace twinstore
