// Which language a file name belongs to, and what else a path says of a file: test, documentation.
// Thread rule: pure functions over constant tables.
// Next: docs/git-analysis.md for how these rules were found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace twinstore {

enum class Language : uint8_t {
  C,
  Cpp,
  CMake,
  Css,
  Elixir,
  Go,
  Html,
  Java,
  JavaScript,
  Kotlin,
  ObjectiveC,
  Python,
  Ruby,
  Rust,
  Shell,
  Sql,
  Svelte,
  Swift,
  TypeScript,
  Vue,
};
inline constexpr size_t language_count = static_cast<size_t>(Language::Vue) + 1;

// The name shown to people, such as "C++".
[[nodiscard]] std::string_view language_name(Language language);

// By the file's name alone: its extension in any case, or the name "CMakeLists.txt". Empty for
// text, data, pictures and every language outside the table.
[[nodiscard]] std::optional<Language> language_of(std::string_view file_name);

// True when one component of a path (folder or file name) makes the file a test: it holds "test" in
// any case.
[[nodiscard]] bool names_a_test(std::string_view component);

// True for names ending in .md, .rst or .txt, in any case.
[[nodiscard]] bool names_a_document(std::string_view file_name);

}  // namespace twinstore
