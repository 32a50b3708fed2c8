// Tables of a document as the data of tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace twinstore::test {

// The lines of the Markdown table whose heading begins with `heading`, without the heading, as
// cells; the marks of code are left out. Empty when there is no such table.
inline std::vector<std::vector<std::string>> table_of_document(std::string_view document,
                                                               std::string_view heading) {
  std::vector<std::vector<std::string>> lines;
  size_t at = document.find("\n" + std::string(heading));
  if (at == std::string_view::npos) return lines;
  for (int number = 0;; ++number) {
    ++at;
    const size_t end = document.find('\n', at);
    const std::string_view line = document.substr(at, end - at);
    if (!line.starts_with("| ") && !line.starts_with("|-")) return lines;
    if (number >= 2) {
      std::vector<std::string> cells;
      for (size_t cell = 2; cell < line.size();) {
        const size_t close = line.find(" |", cell);
        std::string text(line.substr(cell, close - cell));
        if (text.size() > 1 && text.front() == '`') text = text.substr(1, text.size() - 2);
        cells.push_back(std::move(text));
        cell = close + 3;
      }
      lines.push_back(std::move(cells));
    }
    if (end == std::string_view::npos) return lines;
    at = end;
  }
}

// The parts of a cell that names several things: "insert, update".
inline std::vector<std::string> parts_of_cell(std::string_view cell) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= cell.size();) {
    const size_t end = std::min(cell.find(", ", at), cell.size());
    parts.emplace_back(cell.substr(at, end - at));
    at = end + 2;
  }
  return parts;
}

}  // namespace twinstore::test
