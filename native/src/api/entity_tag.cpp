#include "api/entity_tag.h"

#include "base/sha256.h"
#include "http/compression.h"

namespace twinstore {
namespace {

constexpr size_t tag_bytes = 16;
constexpr std::string_view gzip_mark = "-gzip\"";

// The same bytes in another coding are another representation, and have another strong tag.
std::string gzip_tag(const std::string& tag) {
  return tag.substr(0, tag.size() - 1) + std::string(gzip_mark);
}

bool is_same_tag(std::string_view named, std::string_view tag, bool may_be_weak) {
  if (named.starts_with("W/")) {
    if (!may_be_weak) return false;
    named.remove_prefix(2);
  }
  return named == tag || named == gzip_tag(std::string(tag));
}

}  // namespace

std::string row_tag(Rev rev) { return "\"r" + std::to_string(rev) + "\""; }

std::string content_tag(std::string_view content) {
  return "\"" + hex_text(sha256(content), tag_bytes) + "\"";
}

bool names_tag(std::string_view header, std::string_view tag, bool may_be_weak) {
  if (trimmed(header) == "*") return true;
  while (!header.empty()) {
    const size_t comma = header.find(',');  // no tag of ours has one inside
    if (is_same_tag(trimmed(header.substr(0, comma)), tag, may_be_weak)) return true;
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
  }
  return false;
}

bool is_precondition_failed(const HttpRequest& request, const std::optional<std::string>& tag) {
  const std::string_view header = request.header("If-Match");
  if (header.empty()) return false;
  return !tag || !names_tag(header, *tag, false);
}

void finish_tagged(const HttpRequest& request, const std::string& tag, HttpResponse& response) {
  const std::string_view known = request.header("If-None-Match");
  if (!known.empty() && names_tag(known, tag, true)) {
    response.status = 304;
    response.body.clear();
    response.set("ETag", tag);
    response.set("Vary", "Accept-Encoding");
    return;
  }
  compress_body(request, response);
  response.set("ETag", response.header("Content-Encoding").empty() ? tag : gzip_tag(tag));
}

}  // namespace twinstore
