// Tokens of a file, keys of a JWKS, and the rates at which somebody may ask.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "auth/gate.h"
#include "http/client_address.h"
#include "native_world.h"
#include "token_mint.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

Principal writer_of(const std::string& name, const std::string& workspace = "acme") {
  return {.name = name, .role = Role::Writer, .scopes = {"*"}, .workspace = workspace};
}

struct AuthWorld {
  TempFolder folder;
  FakeClock clock;
  FakeIdSource ids{3};
  std::string tokens = (folder.path() / "tokens.json").string();
  std::string keys = (folder.path() / "keys.json").string();

  NewToken add(Principal principal) {
    NewToken made = make_token(std::move(principal), clock, ids).value();
    CHECK(succeeded(TokenFile::update(tokens, [&](TokenFile& file) -> Result<void> {
      file.add(made.record);
      return {};
    })));
    return made;
  }
  void write_keys(const std::string& jwks) {
    folder.write("keys.json", jwks);
    ::chmod(keys.c_str(), 0600);
  }
  [[nodiscard]] AuthOptions with_keys() const {
    return {.token_file = {}, .key_file = keys, .issuer = "i", .audience = "a"};
  }
  std::string jwt(const TokenMint& mint) {
    return mint.sign(Json{{"iss", "i"},
                          {"aud", "a"},
                          {"sub", "ada"},
                          {"exp", clock.now_ms() / 1000 + 60},
                          {"twinstore", {{"role", "reader"}}}});
  }
  Result<std::unique_ptr<Authenticator>> open(const AuthOptions& options) {
    return Authenticator::open(options, "main", clock);
  }
};

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tokens: a file knows a token by its hash, and holds nothing that could be used") {
  AuthWorld world;
  const NewToken ada = world.add(writer_of("ada"));
  const NewToken bob = world.add(writer_of("bob"));
  const std::string text = text_of(world.tokens);
  const auto file = TokenFile::parse(text);
  REQUIRE(succeeded(file));
  REQUIRE(file.value().find(ada.text) != nullptr);
  CHECK(file.value().find(ada.text)->principal.name == "ada");
  CHECK(file.value().find(bob.text)->id == bob.record.id);
  CHECK_FALSE(contains(text, ada.text.substr(13)));
  CHECK(ada.text.size() == 4 + 8 + 1 + 43);
  struct stat found {};
  CHECK(::stat(world.tokens.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777u) == 0600);
}

TEST_CASE("tokens: another token with a known id is not known") {
  AuthWorld world;
  const NewToken ada = world.add(writer_of("ada"));
  const TokenFile file = TokenFile::parse(text_of(world.tokens)).value();
  for (size_t i = 0; i < ada.text.size(); ++i) {
    std::string bad = ada.text;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    CHECK(file.find(bad) == nullptr);
  }
  for (const std::string& bad : {std::string(), std::string("tws_"), ada.text.substr(0, 12),
                                 ada.text.substr(0, 13), ada.text + "A", ada.record.hash}) {
    CAPTURE(bad);
    CHECK(file.find(bad) == nullptr);
  }
}

TEST_CASE("tokens: what a token is made of has a form") {
  AuthWorld world;
  const auto refused = [&](const Principal& principal) {
    return code_of(make_token(principal, world.clock, world.ids)) == ErrorCode::InvalidArgument;
  };
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("a\n"), std::string(64, 'a')}) {
    CHECK(refused(writer_of(name)));
  }
  CHECK(make_token(writer_of(std::string(63, 'a')), world.clock, world.ids).ok());
  CHECK(refused(writer_of("a", "../x")));
  Principal principal = writer_of("a");
  principal.role = Role::Anyone;
  CHECK(refused(principal));
  principal = writer_of("a");
  principal.scopes = {"a*b"};
  CHECK(refused(principal));
  principal.scopes.assign(limits::token_scopes_max, "a");
  CHECK(make_token(principal, world.clock, world.ids).ok());
  principal.scopes.emplace_back("a");
  CHECK(refused(principal));
}

TEST_CASE("tokens: two that change the file at once both succeed") {
  AuthWorld world;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&world, i] {
      SystemClock clock;
      SystemIdSource ids;
      const auto made = make_token(writer_of("u" + std::to_string(i)), clock, ids);
      TWINSTORE_CHECK(TokenFile::update(world.tokens, [&](TokenFile& file) -> Result<void> {
                        file.add(made.value().record);
                        return {};
                      }).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(TokenFile::parse(text_of(world.tokens)).value().records().size() == 8);
}

TEST_CASE("authenticator: without files everybody is this machine's user") {
  AuthWorld world;
  const auto open = world.open({});
  REQUIRE(succeeded(open));
  CHECK_FALSE(open.value()->is_on());
  CHECK(open.value()->authenticate("").value().role == Role::Admin);
}

TEST_CASE(
    "authenticator: a token is known until it is revoked or expires, and none is needed twice") {
  AuthWorld world;
  Principal brief = writer_of("bob");
  brief.expires_ms = world.clock.now_ms() + 1000;
  const NewToken ada = world.add(writer_of("ada"));
  const NewToken bob = world.add(brief);
  const auto opened = world.open({.token_file = world.tokens});
  REQUIRE(succeeded(opened));
  Authenticator& authenticator = *opened.value();
  const auto known = authenticator.authenticate(ada.text);
  REQUIRE(succeeded(known));
  CHECK(known.value().name == "token/ada");
  CHECK(known.value().workspace == "acme");
  world.clock.advance(999);
  CHECK(authenticator.authenticate(bob.text).ok());
  world.clock.advance(1);
  CHECK(code_of(authenticator.authenticate(bob.text)) == ErrorCode::Unauthorized);
  CHECK(code_of(authenticator.authenticate("")) == ErrorCode::Unauthorized);
  const uint64_t generation = authenticator.generation();
  authenticator.reload();
  CHECK(authenticator.generation() == generation);
  CHECK(succeeded(TokenFile::update(world.tokens, [&](TokenFile& file) -> Result<void> {
    CHECK(file.remove(ada.record.id));
    return {};
  })));
  authenticator.reload();
  CHECK(authenticator.generation() != generation);
  CHECK(code_of(authenticator.authenticate(ada.text)) == ErrorCode::Unauthorized);
}

TEST_CASE("authenticator: a file that is broken later changes nothing, and withdraws nothing") {
  AuthWorld world;
  const NewToken ada = world.add(writer_of("ada"));
  const auto opened = world.open({.token_file = world.tokens});
  REQUIRE(succeeded(opened));
  for (const std::string_view broken : {"", "{", R"({"tokens":[{}]})"}) {
    world.folder.write("tokens.json", broken);
    opened.value()->reload();
    CHECK(opened.value()->authenticate(ada.text).ok());
  }
  world.folder.write("tokens.json", R"({"tokens":[]})");
  opened.value()->reload();
  CHECK_FALSE(opened.value()->authenticate(ada.text).ok());
}

TEST_CASE("authenticator: keys are replaced without a restart, and each token has its own") {
  AuthWorld world;
  const TokenMint first(SignatureAlgorithm::Es256, "1");
  const TokenMint second(SignatureAlgorithm::EdDsa, "2");
  world.write_keys(first.jwks());
  const auto opened = world.open(world.with_keys());
  REQUIRE(succeeded(opened));
  Authenticator& authenticator = *opened.value();
  CHECK(authenticator.authenticate(world.jwt(first)).ok());
  CHECK_FALSE(authenticator.authenticate(world.jwt(second)).ok());
  world.write_keys(Json{{"keys", {first.jwk(), second.jwk()}}}.dump());
  authenticator.reload();
  CHECK(authenticator.authenticate(world.jwt(first)).ok());
  CHECK(authenticator.authenticate(world.jwt(second)).ok());
  world.write_keys(second.jwks());
  authenticator.reload();
  CHECK_FALSE(authenticator.authenticate(world.jwt(first)).ok());
}

TEST_CASE("authenticator: a server with a secret that is short, known or open does not start") {
  AuthWorld world;
  const TokenMint mint(SignatureAlgorithm::Hs256);
  world.write_keys(mint.jwks());
  CHECK(world.open(world.with_keys()).ok());
  ::chmod(world.keys.c_str(), 0640);
  CHECK(code_of(world.open(world.with_keys())) == ErrorCode::InvalidArgument);
  Json weak = mint.jwk();
  weak["k"] = "c2VjcmV0";
  world.write_keys(Json{{"keys", {weak}}}.dump());
  CHECK(code_of(world.open(world.with_keys())) == ErrorCode::InvalidArgument);
  weak["k"] = "YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc";
  world.write_keys(Json{{"keys", {weak}}}.dump());
  CHECK(code_of(world.open(world.with_keys())) == ErrorCode::InvalidArgument);
  world.write_keys(TokenMint(SignatureAlgorithm::Es256).jwks());
  ::chmod(world.keys.c_str(), 0644);  // a public key may be read
  CHECK(world.open(world.with_keys()).ok());
  AuthOptions nameless = world.with_keys();
  nameless.issuer.clear();
  CHECK(code_of(world.open(nameless)) == ErrorCode::InvalidArgument);
  CHECK(code_of(world.open({.token_file = "/no/such"})) == ErrorCode::NotFound);
}

TEST_CASE("authenticator: the header holds one token, as Bearer") {
  const auto token_in = [](const HeaderList& headers) {
    HttpRequest request;
    request.headers = headers;
    return std::string(bearer_token(request));
  };
  CHECK(token_in({{"Authorization", "Bearer abc"}}) == "abc");
  CHECK(token_in({{"authorization", "bearer abc"}}) == "abc");
  CHECK(token_in({}).empty());
  CHECK(token_in({{"Authorization", "Basic abc"}}).empty());
  CHECK(token_in({{"Authorization", "Bearer "}}).empty());
  CHECK(token_in({{"Authorization", "Bearer"}}).empty());
  CHECK(token_in({{"Authorization", "abc"}}).empty());
  CHECK(token_in({{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}).empty());
}

TEST_CASE("rates: as much as the burst at once, then as fast as it fills") {
  Buckets buckets({.per_second = 10, .burst = 20});
  int64_t now = 0;
  int taken = 0;
  while (buckets.take("a", 1, now)) ++taken;
  CHECK(taken == 20);
  CHECK(buckets.take("b", 1, now));
  CHECK_FALSE(buckets.take("a", 1, now += 99));
  CHECK(buckets.take("a", 1, now += 1));
  CHECK_FALSE(buckets.take("a", 1, now));
  now += 60'000;
  CHECK(buckets.take("a", 1000, now));  // more than it ever holds takes all
  CHECK_FALSE(buckets.take("a", 1, now));
  CHECK_FALSE(buckets.take("a", 1, now - 5000));  // a clock that goes back gives nothing
  Buckets unbounded({});
  for (int i = 0; i < 1000; ++i) CHECK(unbounded.take("a", 1, 0));
}

TEST_CASE("rates: many callers are remembered within a bound, and one that goes on is") {
  Buckets buckets({.per_second = 1, .burst = 2});
  CHECK(buckets.take("me", 2, 0));
  for (size_t i = 0; i < 3 * limits::rate_keys_max; ++i) {
    CHECK(buckets.take(std::to_string(i), 1, 0));
    if (i % 1000 == 0) CHECK_FALSE(buckets.take("me", 1, 0));
  }
}

TEST_CASE("rates: by principal and workspace, by what is sent, and by address") {
  FakeClock clock;
  Limiter limiter({.per_address = 10, .per_principal = 10, .per_workspace = 15}, clock);
  const Principal ada = writer_of("ada");
  for (int i = 0; i < 20; ++i) CHECK(limiter.admit(ada, 0).ok());
  CHECK(code_of(limiter.admit(ada, 0)) == ErrorCode::RateLimited);
  for (int i = 0; i < 10; ++i) CHECK(limiter.admit(writer_of("bob"), 0).ok());
  CHECK(code_of(limiter.admit(writer_of("bob"), 0)) == ErrorCode::RateLimited);  // the workspace
  CHECK(limiter.admit(writer_of("bob", "other"), 0).ok());
  CHECK(limiter.admit(writer_of("eve", "third"), 19 * limits::rate_cost_bytes).ok());
  CHECK_FALSE(limiter.admit(writer_of("eve", "third"), 0).ok());
  for (int i = 0; i < 20; ++i) CHECK(limiter.admit("2001:db8:1:2::" + std::to_string(i)).ok());
  CHECK_FALSE(limiter.admit("2001:db8:1:2::ffff").ok());  // one customer's network
  CHECK(limiter.admit("2001:db8:1:3::1").ok());
  CHECK(limiter.admit("192.0.2.1").ok());
}

TEST_CASE("rates: of an address twenty wrong tokens are answered, and the right ones always") {
  AuthWorld world;
  const NewToken ada = world.add(writer_of("ada"));
  Gate gate(world.open({.token_file = world.tokens}).value(), {}, world.clock);
  for (int i = 0; i < 20; ++i) {
    CHECK(code_of(gate.authenticate("wrong", "192.0.2.1")) == ErrorCode::Unauthorized);
  }
  CHECK(code_of(gate.authenticate("wrong", "192.0.2.1")) == ErrorCode::RateLimited);
  CHECK(gate.authenticate(ada.text, "192.0.2.1").ok());
  CHECK(code_of(gate.authenticate("wrong", "192.0.2.2")) == ErrorCode::Unauthorized);
  world.clock.advance(1000);
  CHECK(code_of(gate.authenticate("wrong", "192.0.2.1")) == ErrorCode::Unauthorized);
  CHECK(code_of(gate.authenticate("wrong", "192.0.2.1")) == ErrorCode::RateLimited);
}

TEST_CASE("addresses: X-Forwarded-For is believed of trusted proxies alone, from its end") {
  const auto seen = [](const std::string& peer, const std::vector<std::string>& forwarded) {
    HttpRequest request;
    for (const std::string& each : forwarded) request.headers.emplace_back("x-forwarded-for", each);
    return client_address(request, peer, {"10.0.0.1", "10.0.0.2"});
  };
  CHECK(seen("192.0.2.9", {"203.0.113.5"}) == "192.0.2.9");
  CHECK(seen("10.0.0.1", {}) == "10.0.0.1");
  CHECK(seen("10.0.0.1", {"203.0.113.5"}) == "203.0.113.5");
  CHECK(seen("10.0.0.1", {"1.2.3.4, 203.0.113.5"}) == "203.0.113.5");
  CHECK(seen("10.0.0.1", {"1.2.3.4, 203.0.113.5,10.0.0.2"}) == "203.0.113.5");
  CHECK(seen("10.0.0.1", {"1.2.3.4", "203.0.113.5", "10.0.0.2"}) == "203.0.113.5");
  CHECK(seen("10.0.0.1", {"1.2.3.4,"}) == "10.0.0.1");
  CHECK(seen("10.0.0.1", {std::string(100, '1')}) == "10.0.0.1");
}
