// An archive: a gzip file of lines, one row each, that is named by the digest of its bytes. It is
// whole on the disk before anybody relies on it. docs/services.md shows a line.
// Thread rule: pure functions over the file system.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "twinstore/schema.h"

namespace twinstore {

// {"collection":"analyses","row":{…}} and a line's end.
void append_archive_line(std::string& text, const Collection& collection, const Record& record);

struct ArchivedRow {
  std::string collection;
  JsonValue record;  // the fields by name
};
// Errors: those of parse_json; WrongType for a line of another form.
[[nodiscard]] Result<std::vector<ArchivedRow>> read_archive_lines(std::string_view text);

struct ArchiveFile {
  std::string path;    // absolute
  std::string digest;  // sha256 of its bytes, in hexadecimal
  int64_t bytes = 0;
};
// FOLDER/LABEL.DIGEST.jsonl.gz, written, flushed and then given its name; the same lines have the
// same name. Errors: StorageIo; StorageFull.
[[nodiscard]] Result<ArchiveFile> write_archive_file(const std::string& folder,
                                                     const std::string& label,
                                                     std::string_view text);

struct ArchiveContent {
  std::string text;
  std::string digest;
};
// Errors: NotFound; BodyTooLarge beyond limits::archive_file_bytes_max; InvalidArgument for what is
// not a whole gzip file, or has another digest than its name says.
[[nodiscard]] Result<ArchiveContent> read_archive_file(const std::string& path);

}  // namespace twinstore
