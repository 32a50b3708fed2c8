#include "http/message.h"

#include <algorithm>

namespace twinstore {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view find_header(const HeaderList& headers, std::string_view name) {
  const auto at = std::ranges::find_if(
      headers, [&](const auto& item) { return is_same_token(item.first, name); });
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

// q=0, q=0.0 and so on say "not this one".
bool is_refused(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = trimmed(parameters.substr(at + 2));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool is_same_token(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view HttpRequest::header(std::string_view name) const {
  return find_header(headers, name);
}

std::string_view HttpResponse::header(std::string_view name) const {
  return find_header(headers, name);
}

void HttpResponse::set(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view media_type(std::string_view content_type) {
  return trimmed(content_type.substr(0, content_type.find(';')));
}

bool accepts_coding(const HttpRequest& request, std::string_view coding) {
  std::string_view list = request.header("Accept-Encoding");
  while (!list.empty()) {
    const size_t end = list.find(',');
    const std::string_view item = list.substr(0, end);
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    const size_t semicolon = item.find(';');
    if (!is_same_token(trimmed(item.substr(0, semicolon)), coding)) continue;
    return semicolon == std::string_view::npos || !is_refused(item.substr(semicolon + 1));
  }
  return false;
}

}  // namespace twinstore
