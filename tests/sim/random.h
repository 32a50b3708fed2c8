// Randomness of the simulator: everything that happens follows from one seed.
// xoshiro256** by Blackman and Vigna, seeded by splitmix64, https://prng.di.unimi.it/
// Thread rule: plain value.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace twinstore::sim {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
      word = z ^ (z >> 31);
    }
  }

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // 0 … count - 1; the bias is of no interest here.
  uint64_t below(uint64_t count) { return next() % count; }
  int64_t between(int64_t first, int64_t last) {
    return first + static_cast<int64_t>(below(static_cast<uint64_t>(last - first + 1)));
  }
  bool one_in(uint64_t count) { return below(count) == 0; }
  bool permille(uint64_t chance) { return below(1000) < chance; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }
  std::array<uint64_t, 4> state_{};
};

}  // namespace twinstore::sim
