// Requests as no client sends them, each with the status that refuses it. Most carry a second
// request behind what a careless server takes for the first one's end.
#pragma once

#include <string>
#include <vector>

namespace twinstore::test {

struct FramingAttack {
  std::string name;
  std::string bytes;
  int status = 400;  // 0: no answer is owed to what breaks off
};

// What an attack hides: a write that must never run.
[[nodiscard]] std::string smuggled();
[[nodiscard]] std::vector<FramingAttack> framing_attacks();

}  // namespace twinstore::test
