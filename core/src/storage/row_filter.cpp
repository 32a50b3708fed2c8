#include "storage/row_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "storage/sql_tokens.h"

namespace twinstore {
namespace {

using Tokens = std::span<const SqlToken>;

// Words after which the conditions of a WHERE could mean something else.
constexpr std::array<std::string_view, 8> strange_words{
    "WITH", "UNION", "EXCEPT", "INTERSECT", "RECURSIVE", "VALUES", "CASE", "BETWEEN"};
constexpr std::array<std::string_view, 5> words_after_where{"GROUP", "HAVING", "WINDOW", "ORDER",
                                                            "LIMIT"};

bool is_one_of(const SqlToken& token, std::span<const std::string_view> words) {
  return token.kind == SqlTokenKind::Word && std::ranges::find(words, token.text) != words.end();
}

// How many brackets are open around each token.
std::vector<int> depths(Tokens tokens) {
  std::vector<int> out;
  int depth = 0;
  for (const SqlToken& token : tokens) {
    if (token.is_symbol(")")) --depth;
    out.push_back(depth);
    if (token.is_symbol("(")) ++depth;
  }
  return out;
}

// One SELECT, without what could change the meaning of its WHERE.
bool is_plain(Tokens tokens) {
  int selects = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const SqlToken& token = tokens[i];
    if (token.is_word("SELECT")) ++selects;
    if (is_one_of(token, strange_words)) return false;
    // IN with a table's name reads that table.
    const bool is_in = token.is_word("IN");
    if (is_in && (i + 1 == tokens.size() || !tokens[i + 1].is_symbol("("))) return false;
    if (token.kind == SqlTokenKind::Parameter && token.text != "?") return false;
  }
  return selects == 1 && tokens[0].is_word("SELECT");
}

// FROM table [[AS] alias]: nothing joined.
bool is_one_table(Tokens from) {
  const auto is_name = [](const SqlToken& token) {
    return token.kind == SqlTokenKind::Word || token.kind == SqlTokenKind::Name;
  };
  if (!std::ranges::all_of(from, is_name)) return false;
  return from.size() == 1 || from.size() == 2 || (from.size() == 3 && from[1].is_word("AS"));
}

std::optional<ColumnEquality> read_equality(Tokens condition, size_t parameters_before) {
  // table.column
  if (condition.size() == 5 && condition[1].is_symbol(".")) condition = condition.subspan(2);
  if (condition.size() != 3) return std::nullopt;
  const SqlToken& column = condition[0];
  const SqlToken& sign = condition[1];
  const SqlToken& value = condition[2];
  if (column.kind != SqlTokenKind::Word && column.kind != SqlTokenKind::Name) return std::nullopt;
  if (!sign.is_symbol("=") && !sign.is_symbol("==") && !sign.is_word("IS")) return std::nullopt;
  ColumnEquality out{column.text, 0, {}};
  for (char& c : out.column) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  switch (value.kind) {
    case SqlTokenKind::Parameter: out.parameter = parameters_before + 1; return out;
    case SqlTokenKind::Text: out.literal = value.text; return out;
    case SqlTokenKind::Integer: {
      int64_t number = 0;
      const char* const end = value.text.data() + value.text.size();
      const auto read = std::from_chars(value.text.data(), end, number);
      if (read.ec != std::errc()) return std::nullopt;
      out.literal = number;
      return out;
    }
    default: return std::nullopt;
  }
}

size_t parameters_in(Tokens tokens) {
  return static_cast<size_t>(std::ranges::count(tokens, SqlTokenKind::Parameter, &SqlToken::kind));
}

}  // namespace

std::vector<ColumnEquality> required_equalities(std::string_view sql) {
  std::vector<SqlToken> all = sql_tokens(sql);
  while (!all.empty() && all.back().is_symbol(";")) all.pop_back();
  const Tokens tokens(all);
  if (tokens.empty() || !is_plain(tokens)) return {};
  const std::vector<int> depth = depths(tokens);
  const auto find_outermost = [&](size_t from, auto is_sought) {
    while (from < tokens.size() && (depth[from] != 0 || !is_sought(tokens[from]))) ++from;
    return from;
  };
  const size_t from =
      find_outermost(0, [](const SqlToken& token) { return token.is_word("FROM"); });
  const size_t where =
      find_outermost(from, [](const SqlToken& token) { return token.is_word("WHERE"); });
  if (where == tokens.size()) return {};
  if (!is_one_table(tokens.subspan(from + 1, where - from - 1))) return {};
  const size_t end = find_outermost(
      where, [](const SqlToken& token) { return is_one_of(token, words_after_where); });
  std::vector<ColumnEquality> out;
  for (size_t begin = where + 1; begin < end;) {
    const size_t stop = std::min(end, find_outermost(begin, [](const SqlToken& token) {
                                   return token.is_word("AND") || token.is_word("OR");
                                 }));
    if (stop < end && tokens[stop].is_word("OR")) return {};
    const auto equality =
        read_equality(tokens.subspan(begin, stop - begin), parameters_in(tokens.first(begin)));
    if (equality) out.push_back(*equality);
    begin = stop + 1;
  }
  return out;
}

}  // namespace twinstore
