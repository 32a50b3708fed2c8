// Tokens as an attacker makes them, and the published vectors of JSON Web Signatures.
#include "auth/jwt.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "auth/base64url.h"
#include "native_world.h"
#include "token_mint.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int64_t now_ms = 1'700'000'000'000;
constexpr int64_t now_s = now_ms / 1000;
const ClaimRules rules{"https://issuer.example", "twinstore", "main"};

Json good_claims() {
  return {{"iss", "https://issuer.example"},
          {"aud", "twinstore"},
          {"sub", "ada"},
          {"exp", now_s + 600},
          {"twinstore", {{"role", "writer"}, {"workspace", "acme"}, {"scopes", {"acme/*"}}}}};
}

KeySet keys_of(const TokenMint& mint) {
  auto keys = KeySet::parse(mint.jwks());
  TWINSTORE_CHECK(keys.ok());
  return std::move(keys).value();
}

bool is_accepted(const KeySet& keys, const std::string& token) {
  const auto payload = verify_signature(keys, token);
  if (!payload.ok()) CHECK(payload.error().code == ErrorCode::Unauthorized);
  return payload.ok() && read_claims(payload.value(), rules, now_ms).ok();
}

// Vectors whose label cannot be right, and how they must be judged. 367 and 370, "invalid padding",
// have lost their padding and are byte for byte number 357, which is valid. 372 and 373, labelled
// valid, have a "?" in them, and base64url has no such character (RFC 7515 §2).
std::optional<bool> misjudged(int number, const std::string& jws) {
  constexpr std::string_view valid_357 =
      "eyJraWQiOiJoczI1Ni1rZXkiLCJhbGciOiJIUzI1NiJ9.VGVzdA."
      "c1LROH7eNQwUT8KMVEO52VC3WZ9e_AnDWbZ7aMmowV8";
  if ((number == 367 || number == 370) && jws == valid_357) return true;
  if ((number == 372 || number == 373) && jws.find('?') != std::string::npos) return false;
  return std::nullopt;
}

constexpr std::array all_algorithms{SignatureAlgorithm::Hs256, SignatureAlgorithm::Rs256,
                                    SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa};

}  // namespace

TEST_CASE("jwt: base64url has one form for each text") {
  for (const std::string& bytes : {std::string(), std::string("f"), std::string("fo"),
                                   std::string("foo"), std::string("\xff\x00\xfe", 3)}) {
    const std::string text = encode_base64url(bytes);
    const auto back = decode_base64url(text);
    if (succeeded(back)) CHECK(back.value() == bytes);
  }
  for (const std::string_view bad :
       {"A", "Zg==", "Zh", "Zm9", "Zm8+", "Zm8/", "Zm 8", "Zm8\n", "ZgZ"}) {
    CAPTURE(bad);
    CHECK_FALSE(decode_base64url(bad).ok());
  }
}

TEST_CASE("jwt: a token of each algorithm says who calls") {
  for (const SignatureAlgorithm algorithm : all_algorithms) {
    CAPTURE(algorithm_text(algorithm));
    const TokenMint mint(algorithm);
    const auto payload = verify_signature(keys_of(mint), mint.sign(good_claims()));
    REQUIRE(succeeded(payload));
    const auto principal = read_claims(payload.value(), rules, now_ms);
    REQUIRE(succeeded(principal));
    CHECK(principal.value().name == "jwt/ada");
    CHECK(principal.value().role == Role::Writer);
    CHECK(principal.value().workspace == "acme");
    CHECK(principal.value().scopes == std::vector<std::string>{"acme/*"});
    CHECK(principal.value().expires_ms == (now_s + 600) * 1000);
  }
}

TEST_CASE("jwt: each changed character of a token makes it another, which is refused") {
  const TokenMint mint(SignatureAlgorithm::Hs256);
  const KeySet keys = keys_of(mint);
  const std::string good = mint.sign(good_claims());
  CHECK(is_accepted(keys, good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(is_accepted(keys, bad));
  }
}

TEST_CASE("jwt: no algorithm but the key's, whatever the header says") {
  const std::string claims = good_claims().dump();
  for (const SignatureAlgorithm algorithm : all_algorithms) {
    const TokenMint mint(algorithm);
    const KeySet keys = keys_of(mint);
    CAPTURE(algorithm_text(algorithm));
    for (const std::string_view none : {"none", "None", "NONE", "nOnE", ""}) {
      Json header = mint.header();
      header["alg"] = none;
      CHECK_FALSE(is_accepted(keys, compact(header.dump(), claims, "")));
      CHECK_FALSE(is_accepted(keys, mint.sign(header.dump(), claims)));
    }
    CHECK_FALSE(is_accepted(keys, compact(mint.header().dump(), claims, "")));
    for (const SignatureAlgorithm other : all_algorithms) {
      if (other == algorithm) continue;
      const TokenMint stranger(other);
      CHECK_FALSE(is_accepted(keys, stranger.sign(good_claims())));
      Json header = stranger.header();
      header["alg"] = algorithm_text(algorithm);
      CHECK_FALSE(is_accepted(keys, stranger.sign(header.dump(), claims)));
    }
    if (algorithm == SignatureAlgorithm::Hs256) continue;
    Json header = mint.header();
    header["alg"] = "HS256";
    for (const std::string& secret :
         {mint.public_pem(), mint.public_der(), mint.jwk().dump(), mint.jwks(), std::string()}) {
      CHECK_FALSE(is_accepted(keys, hmac_token(header.dump(), claims, secret)));
      CHECK_FALSE(is_accepted(keys, hmac_token(mint.header().dump(), claims, secret)));
    }
  }
}

TEST_CASE("jwt: a header brings no key, no address and no extension along") {
  const TokenMint mint(SignatureAlgorithm::Es256);
  const TokenMint stranger(SignatureAlgorithm::Es256);
  const KeySet keys = keys_of(mint);
  const auto forged = [&](const std::string& name, const Json& value) {
    Json header = stranger.header();
    header[name] = value;
    return is_accepted(keys, stranger.sign(header.dump(), good_claims().dump()));
  };
  CHECK_FALSE(forged("jwk", stranger.jwk()));
  CHECK_FALSE(forged("jku", "http://127.0.0.1:1/keys"));
  CHECK_FALSE(forged("x5u", "http://127.0.0.1:1/cert"));
  CHECK_FALSE(forged("x5c", Json::array({"MIIB"})));
  const auto with = [&](const std::string& name, const Json& value) {
    Json header = mint.header();
    header[name] = value;
    return is_accepted(keys, mint.sign(header.dump(), good_claims().dump()));
  };
  CHECK(with("typ", "jwt"));
  CHECK_FALSE(with("crit", Json::array({"b64"})));
  CHECK_FALSE(with("crit", Json::array()));
  for (const std::string_view typ : {"at+jwt", "JWE", "", "JWT "}) CHECK_FALSE(with("typ", typ));
  CHECK_FALSE(with("typ", 1));
  for (const Json& kid : {Json("../../etc/passwd"), Json("k1' OR '1'='1"), Json("K1"), Json(""),
                          Json(std::string(4096, 'k')), Json(1), Json(nullptr)}) {
    CHECK_FALSE(with("kid", kid));
  }
}

TEST_CASE("jwt: a signature of another length, or of zeros, is none") {
  const TokenMint mint(SignatureAlgorithm::Es256);
  const KeySet keys = keys_of(mint);
  const std::string header = mint.header().dump();
  const std::string claims = good_claims().dump();
  const std::string text = encode_base64url(header) + "." + encode_base64url(claims);
  const std::string good = mint.signature_of(text);
  CHECK(is_accepted(keys, compact(header, claims, good)));
  for (const std::string& bad :
       {std::string(64, '\0'), std::string(32, '\0') + good.substr(32),
        good.substr(0, 32) + std::string(32, '\0'), good.substr(0, 63), good + '\0', '\0' + good,
        std::string(64, '\xff'), std::string()}) {
    CHECK_FALSE(is_accepted(keys, compact(header, claims, bad)));
  }
}

TEST_CASE("jwt: what a claim must be") {
  const TokenMint mint(SignatureAlgorithm::EdDsa);
  const KeySet keys = keys_of(mint);
  const auto with = [&](const std::string& name, const Json& value) {
    Json claims = good_claims();
    claims[name] = value;
    return is_accepted(keys, mint.sign(claims));
  };
  const auto without = [&](std::string_view name) {
    Json claims = good_claims();
    claims.erase(std::string(name));
    return is_accepted(keys, mint.sign(claims));
  };
  CHECK(with("exp", now_s - 59));
  CHECK_FALSE(with("exp", now_s - 60));
  CHECK(with("exp", now_s + 0.5));
  for (const Json& bad : {Json("2000000000"), Json(-1), Json(nullptr), Json(true), Json(1e300)}) {
    CHECK_FALSE(with("exp", bad));
  }
  CHECK(with("nbf", now_s + 60));
  CHECK_FALSE(with("nbf", now_s + 61));
  CHECK_FALSE(with("nbf", "0"));
  CHECK(with("iat", now_s));
  CHECK_FALSE(with("iat", now_s + 61));
  CHECK(with("aud", Json::array({"other", "twinstore"})));
  for (const Json& bad :
       {Json("other"), Json::array({"other"}), Json::array(), Json(1), Json("")}) {
    CHECK_FALSE(with("aud", bad));
  }
  for (const Json& bad :
       {Json("https://issuer.example/"), Json("HTTPS://ISSUER.EXAMPLE"), Json(1)}) {
    CHECK_FALSE(with("iss", bad));
  }
  for (const Json& bad : {Json(""), Json(1), Json(std::string(257, 'a')), Json("a\nb")}) {
    CHECK_FALSE(with("sub", bad));
  }
  for (const std::string_view name : {"exp", "iss", "aud", "sub", "twinstore"}) {
    CAPTURE(name);
    CHECK_FALSE(without(name));
  }
}

TEST_CASE("jwt: what the rights must be; one that is not understood could be a limit") {
  const TokenMint mint(SignatureAlgorithm::EdDsa);
  const KeySet keys = keys_of(mint);
  const auto with = [&](const Json& rights) {
    Json claims = good_claims();
    claims["twinstore"] = rights;
    return is_accepted(keys, mint.sign(claims));
  };
  CHECK(with({{"role", "reader"}}));
  CHECK(with({{"role", "admin"}, {"scopes", Json::array()}}));
  for (const Json& bad :
       {Json(nullptr), Json("writer"), Json::object(), Json{{"role", "root"}},
        Json{{"role", "anyone"}}, Json{{"role", 3}}, Json{{"role", "reader"}, {"scope", "a"}},
        Json{{"role", "reader"}, {"scopes", "*"}}, Json{{"role", "reader"}, {"scopes", {"a*b"}}},
        Json{{"role", "reader"}, {"scopes", {1}}}, Json{{"role", "reader"}, {"workspace", "../x"}},
        Json{{"role", "reader"}, {"workspace", ""}},
        Json{{"role", "reader"}, {"workspace", nullptr}}}) {
    CAPTURE(bad.dump());
    CHECK_FALSE(with(bad));
  }
  Json many{{"role", "reader"}, {"scopes", Json::array()}};
  for (size_t i = 0; i < limits::token_scopes_max; ++i) many["scopes"].push_back("a");
  CHECK(with(many));
  many["scopes"].push_back("a");
  CHECK_FALSE(with(many));
  const auto plain = read_claims(Json{{"iss", rules.issuer},
                                      {"aud", rules.audience},
                                      {"sub", "ada"},
                                      {"exp", now_s + 1},
                                      {"twinstore", {{"role", "reader"}}}}
                                     .dump(),
                                 rules, now_ms);
  REQUIRE(succeeded(plain));
  CHECK(plain.value().workspace == "main");
  CHECK(plain.value().scopes == std::vector<std::string>{"*"});
}

TEST_CASE("jwt: text that says a thing twice, or is no strict JSON, is refused") {
  const TokenMint mint(SignatureAlgorithm::Hs256);
  const KeySet keys = keys_of(mint);
  const std::string header = mint.header().dump();
  const std::string claims = good_claims().dump();
  const auto replaced = [](std::string text, const std::string& old, const std::string& fresh) {
    const size_t at = text.find(old);
    TWINSTORE_CHECK(at != std::string::npos);
    return text.replace(at, old.size(), fresh);
  };
  CHECK(is_accepted(keys, mint.sign(header, claims)));
  CHECK_FALSE(is_accepted(keys, mint.sign(replaced(header, "{", R"({"alg":"none",)"), claims)));
  CHECK_FALSE(is_accepted(keys, mint.sign(replaced(header, "{", R"({"kid":"k1",)"), claims)));
  CHECK_FALSE(is_accepted(keys, mint.sign(header, replaced(claims, "{", R"({"sub":"eve",)"))));
  CHECK_FALSE(
      is_accepted(keys, mint.sign(header, replaced(claims, R"("exp":)", R"("exp":1e400,"x":)"))));
  CHECK_FALSE(is_accepted(keys, mint.sign(header, claims + " x")));
  CHECK_FALSE(is_accepted(keys, mint.sign(header, "\xEF\xBB\xBF" + claims)));
  CHECK_FALSE(is_accepted(keys, mint.sign(header, replaced(claims, "ada", "\xff"))));
  CHECK_FALSE(is_accepted(keys, mint.sign("[]", claims)));
  CHECK_FALSE(is_accepted(keys, mint.sign(header, "[]")));
  CHECK_FALSE(
      is_accepted(keys, mint.sign(header, std::string(2000, '[') + std::string(2000, ']'))));
}

TEST_CASE("jwt: a token has three parts and at most 8 KiB") {
  const TokenMint mint(SignatureAlgorithm::Hs256);
  const KeySet keys = keys_of(mint);
  const std::string good = mint.sign(good_claims());
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".",
        "." + good, good + "=", good + " ", " " + good, good.substr(0, good.rfind('.'))}) {
    CAPTURE(bad);
    CHECK_FALSE(is_accepted(keys, bad));
  }
  Json claims = good_claims();
  const auto of_length = [&](size_t pad) {
    claims["pad"] = std::string(pad, 'x');
    return mint.sign(claims);
  };
  size_t pad = 5000;
  while (of_length(pad).size() < limits::token_bytes_max) ++pad;
  const bool is_at_bound = of_length(pad).size() == limits::token_bytes_max;
  CHECK(is_accepted(keys, of_length(is_at_bound ? pad : pad - 1)));
  CHECK_FALSE(is_accepted(keys, of_length(pad + 1)));
}

TEST_CASE("jwt: keys are strong, each has a name, and they can be replaced") {
  const TokenMint first(SignatureAlgorithm::EdDsa, "2024");
  const TokenMint second(SignatureAlgorithm::EdDsa, "2025");
  const auto both = KeySet::parse(Json{{"keys", {first.jwk(), second.jwk()}}}.dump());
  REQUIRE(succeeded(both));
  CHECK(is_accepted(both.value(), first.sign(good_claims())));
  CHECK(is_accepted(both.value(), second.sign(good_claims())));
  CHECK_FALSE(is_accepted(keys_of(second), first.sign(good_claims())));
  const Json unnamed{{"alg", "EdDSA"}};
  CHECK_FALSE(is_accepted(both.value(), first.sign(unnamed.dump(), good_claims().dump())));
  CHECK(is_accepted(keys_of(first), first.sign(unnamed.dump(), good_claims().dump())));
  const auto refused = [](const Json& keys) {
    return code_of(KeySet::parse(Json{{"keys", keys}}.dump())) == ErrorCode::InvalidArgument;
  };
  CHECK(refused(Json::array()));
  CHECK(refused({first.jwk(), first.jwk()}));
  Json nameless = second.jwk();
  nameless.erase("kid");
  CHECK(refused({first.jwk(), nameless}));
  Json shared{{"kty", "oct"}, {"kid", "s"}, {"k", encode_base64url(std::string(31, 'k') + "")}};
  CHECK(refused({shared}));
  shared["k"] = encode_base64url(std::string(31, 'k') + "l");
  CHECK_FALSE(KeySet::parse(Json{{"keys", {shared}}}.dump()).value().has_guessable());
  shared["k"] = encode_base64url(std::string(32, 'k'));
  CHECK(KeySet::parse(Json{{"keys", {shared}}}.dump()).value().has_guessable());
  shared["k"] = encode_base64url("a-string-secret-at-least-256-bits-long");
  CHECK(KeySet::parse(Json{{"keys", {shared}}}.dump()).value().has_guessable());
  Json other = first.jwk();
  other["alg"] = "HS256";
  CHECK(refused({other}));
  other = first.jwk();
  other["use"] = "enc";
  CHECK(refused({other}));
  other = TokenMint(SignatureAlgorithm::Es256).jwk();
  other["y"] = other["x"];
  CHECK(refused({other}));  // no point of the curve
  Json weak = TokenMint(SignatureAlgorithm::Rs256).jwk();
  weak["n"] = encode_base64url(std::string(128, '\xf1'));
  CHECK(refused({weak}));
}

TEST_CASE("jwt: every published vector is judged right") {
  const std::filesystem::path path = std::filesystem::path(TWINSTORE_SOURCE_DIR) / ".." / "shared" /
                                     "data" / "wycheproof" / "json_web_signature_test.json";
  std::ifstream file(path);
  if (!file) {
    MESSAGE("skipped: no vectors at " << path.string());
    return;
  }
  const auto vectors = nlohmann::json::parse(file, nullptr, false);
  REQUIRE(vectors.is_object());
  int refused = 0;
  int accepted = 0;
  int foreign = 0;  // of algorithms that this server does not have
  int mislabelled = 0;
  for (const auto& group : vectors["testGroups"]) {
    const auto& jwk = group.contains("public") ? group["public"] : group["private"];
    const auto keys = KeySet::parse(nlohmann::json{{"keys", {jwk}}}.dump());
    for (const auto& test : group["tests"]) {
      CAPTURE(test["tcId"].get<int>());
      CAPTURE(test["comment"].get<std::string>());
      const std::string jws =
          test["jws"].is_string() ? test["jws"].get<std::string>() : test["jws"].dump();
      const bool is_verified = keys.ok() && verify_signature(keys.value(), jws).ok();
      if (const auto judged = misjudged(test["tcId"], jws)) {
        CHECK(is_verified == *judged);
        ++mislabelled;
        continue;
      }
      if (test["result"] == "invalid") {
        CHECK_FALSE(is_verified);
        ++refused;
      } else if (keys.ok()) {
        CHECK(is_verified);
        ++accepted;
      } else {
        ++foreign;
      }
    }
  }
  MESSAGE("vectors: " << refused << " refused, " << accepted << " accepted, " << foreign
                      << " valid ones of other algorithms refused, " << mislabelled
                      << " whose label contradicts the file or the standard");
  CHECK(mislabelled == 4);
  CHECK(refused + accepted + foreign + mislabelled == vectors["numberOfTests"].get<int>());
}
