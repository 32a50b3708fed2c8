// The words of an SQL text that SQLite has accepted (sqlite.org/lang.html; comments and white space
// left out). Thread rule: a pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twinstore {

enum class SqlTokenKind : uint8_t { Word, Name, Text, Integer, Parameter, Symbol };

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::Symbol;
  // Word: in upper case. Name: what stands between its quotes. Text: likewise, as a value.
  // Parameter: "?" or its name. Symbol: one character, or "==".
  std::string text;

  [[nodiscard]] bool is_word(std::string_view word) const {
    return kind == SqlTokenKind::Word && text == word;
  }
  [[nodiscard]] bool is_symbol(std::string_view symbol) const {
    return kind == SqlTokenKind::Symbol && text == symbol;
  }
};

[[nodiscard]] std::vector<SqlToken> sql_tokens(std::string_view sql);

}  // namespace twinstore
