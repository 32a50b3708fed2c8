// The two things core may not take from its surroundings: time and randomness. Both are passed in.
// Real forms live in native/ and wasm/; the fakes stand here so that every test uses the same ones.
// Thread rule: used by one thread at a time.
#pragma once

#include <cstdint>
#include <span>

namespace twinstore {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01T00:00:00Z. May jump either way; HybridClock copes.
  [[nodiscard]] virtual int64_t now_ms() = 0;
};

class IdSource {
 public:
  virtual ~IdSource() = default;
  // Fills `bytes` with values that nobody else will be given.
  virtual void fill(std::span<uint8_t> bytes) = 0;
};

class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t start_ms = 1'700'000'000'000) : now_ms_(start_ms) {}
  [[nodiscard]] int64_t now_ms() override { return now_ms_; }
  void set(int64_t now_ms) { now_ms_ = now_ms; }
  void advance(int64_t by_ms) { now_ms_ += by_ms; }

 private:
  int64_t now_ms_;
};

// A splitmix64 sequence: the same seed gives the same ids. Vigna, https://prng.di.unimi.it/
class FakeIdSource final : public IdSource {
 public:
  explicit FakeIdSource(uint64_t seed) : state_(seed) {}
  void fill(std::span<uint8_t> bytes) override {
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (i % 8 == 0) word_ = next();
      bytes[i] = static_cast<uint8_t>(word_ >> (8 * (i % 8)));
    }
  }
  [[nodiscard]] uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
  uint64_t word_ = 0;
};

}  // namespace twinstore
