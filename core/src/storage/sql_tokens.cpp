#include "storage/sql_tokens.h"

namespace twinstore {
namespace {

constexpr std::string_view digits = "0123456789";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Beyond ASCII every byte may be part of a name.
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

bool is_word_part(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view sql) : rest_(sql) {}

  bool next(SqlToken& token) {
    while (skip_blank()) {
    }
    if (rest_.empty()) return false;
    const char c = rest_.front();
    if (is_word_start(c)) {
      token = {SqlTokenKind::Word, upper(take_while(is_word_part))};
    } else if (is_digit(c)) {
      token = number();
    } else if (c == '\'') {
      token = {SqlTokenKind::Text, quoted('\'')};
    } else if (c == '"' || c == '`') {
      token = {SqlTokenKind::Name, quoted(c)};
    } else if (c == '[') {
      token = {SqlTokenKind::Name, quoted(']')};
    } else if (c == '?' || c == ':' || c == '@' || c == '$') {
      rest_.remove_prefix(1);
      token = {SqlTokenKind::Parameter, c + std::string(take_while(is_word_part))};
    } else {
      const size_t size = rest_.starts_with("==") ? 2 : 1;
      token = {SqlTokenKind::Symbol, std::string(rest_.substr(0, size))};
      rest_.remove_prefix(size);
    }
    return true;
  }

 private:
  std::string_view rest_;

  std::string_view take_while(bool (*is_part)(char)) {
    size_t size = 0;
    while (size < rest_.size() && is_part(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  void skip_to(std::string_view end) {
    const size_t at = rest_.find(end);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  }

  bool skip_blank() {
    if (rest_.starts_with("--")) {
      skip_to("\n");
    } else if (rest_.starts_with("/*")) {
      skip_to("*/");
    } else {
      return !take_while(is_space).empty();
    }
    return true;
  }

  // Anything but plain digits (0x…, 1.5, 1e3) is a symbol of its own: nobody takes it for a value.
  SqlToken number() {
    const std::string_view text = take_while([](char c) { return is_word_part(c) || c == '.'; });
    const bool is_plain = text.find_first_not_of(digits) == std::string_view::npos;
    return {is_plain ? SqlTokenKind::Integer : SqlTokenKind::Symbol, std::string(text)};
  }

  // A closing quote that is doubled stands for itself, except for a bracket.
  std::string quoted(char end) {
    std::string out;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == end) {
        if (end == ']' || rest_.empty() || rest_.front() != end) break;
        rest_.remove_prefix(1);
      }
      out += c;
    }
    return out;
  }
};

}  // namespace

std::vector<SqlToken> sql_tokens(std::string_view sql) {
  std::vector<SqlToken> tokens;
  Reader reader(sql);
  for (SqlToken token; reader.next(token);) tokens.push_back(token);
  return tokens;
}

}  // namespace twinstore
