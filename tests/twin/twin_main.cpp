// Seeded histories of writes, pushes and pulls, of which nothing but one digest is printed. The
// native and the WebAssembly build must print the same.
//   twinstore_twin [--seeds COUNT] [--first SEED]
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "history.h"

namespace {

int64_t option(int count, char** arguments, std::string_view name, int64_t otherwise) {
  for (int i = 1; i + 1 < count; ++i) {
    if (arguments[i] != name) continue;
    const std::string_view text = arguments[i + 1];
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  return otherwise;
}

}  // namespace

int main(int count, char** arguments) {
  const int64_t seeds = option(count, arguments, "--seeds", 1000);
  const int64_t first = option(count, arguments, "--first", 1);
  std::string all;
  for (int64_t seed = first; seed < first + seeds; ++seed) {
    const std::string digest = twinstore::test::history_digest(static_cast<uint64_t>(seed));
    if (digest.empty()) {
      std::printf("twin: seed %lld does not converge\n", static_cast<long long>(seed));
      return 1;
    }
    all += digest;
  }
  std::printf("twin: %lld histories, digest %s\n", static_cast<long long>(seeds),
              twinstore::hex_text(twinstore::sha256(all)).c_str());
  return 0;
}
