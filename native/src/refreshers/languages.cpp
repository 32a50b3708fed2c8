#include "languages.h"

#include <algorithm>
#include <array>
#include <string>

namespace twinstore {

namespace {

struct Extension {
  std::string_view text;
  Language language;
};

// Sorted by text for the binary search. Absent on purpose, because the reference rows leave them
// out: cjs, cs, cu, less, mdx, in, json, yaml.
constexpr std::array extensions = {
    Extension{"c", Language::C},
    Extension{"cc", Language::Cpp},
    Extension{"cmake", Language::CMake},
    Extension{"cpp", Language::Cpp},
    Extension{"css", Language::Css},
    Extension{"cxx", Language::Cpp},
    Extension{"ex", Language::Elixir},
    Extension{"exs", Language::Elixir},
    Extension{"go", Language::Go},
    Extension{"h", Language::C},
    Extension{"hh", Language::Cpp},
    Extension{"hpp", Language::Cpp},
    Extension{"html", Language::Html},
    Extension{"hxx", Language::Cpp},
    Extension{"java", Language::Java},
    Extension{"js", Language::JavaScript},
    Extension{"jsx", Language::JavaScript},
    Extension{"kt", Language::Kotlin},
    Extension{"m", Language::ObjectiveC},
    Extension{"mjs", Language::JavaScript},
    Extension{"mm", Language::ObjectiveC},
    Extension{"py", Language::Python},
    Extension{"rb", Language::Ruby},
    Extension{"rs", Language::Rust},
    Extension{"sh", Language::Shell},
    Extension{"sql", Language::Sql},
    Extension{"svelte", Language::Svelte},
    Extension{"swift", Language::Swift},
    Extension{"ts", Language::TypeScript},
    Extension{"tsx", Language::TypeScript},
    Extension{"vue", Language::Vue},
};
static_assert(std::ranges::is_sorted(extensions, {}, &Extension::text));

constexpr std::array<std::string_view, language_count> names = {
    "C",     "C++",        "CMake",  "CSS",         "Elixir",     "Go",   "HTML",
    "Java",  "JavaScript", "Kotlin", "Objective-C", "Python",     "Ruby", "Rust",
    "Shell", "SQL",        "Svelte", "Swift",       "TypeScript", "Vue",
};

// ASCII only: no locale has a say in a stored value.
std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Without the dot; empty for a name without one and for a dot file such as ".c".
std::string extension_of(std::string_view file_name) {
  const size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  return lower(file_name.substr(dot + 1));
}

}  // namespace

std::string_view language_name(Language language) { return names[static_cast<size_t>(language)]; }

std::optional<Language> language_of(std::string_view file_name) {
  if (file_name == "CMakeLists.txt") return Language::CMake;
  const std::string extension = extension_of(file_name);
  const auto found = std::ranges::lower_bound(extensions, extension, {}, &Extension::text);
  if (found == extensions.end() || found->text != extension) return std::nullopt;
  return found->language;
}

bool names_a_test(std::string_view component) {
  return lower(component).find("test") != std::string::npos;
}

bool names_a_document(std::string_view file_name) {
  const std::string extension = extension_of(file_name);
  return extension == "md" || extension == "rst" || extension == "txt";
}

}  // namespace twinstore
