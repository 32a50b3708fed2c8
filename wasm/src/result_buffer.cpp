#include "result_buffer.h"

#include <sqlite3.h>

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "twinstore/limits.h"

namespace twinstore {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t magic = 0x52535754;  // "TWSR"
constexpr size_t header_words = 4;
constexpr size_t column_words = 10;

struct Column {
  int index = 0;
  std::string name;
  ColumnKind kind = ColumnKind::Plain;
  std::vector<uint8_t> tags;
  std::vector<double> numbers;
  std::vector<uint32_t> offsets{0};
  std::string texts;
  uint32_t utf16_units = 0;
  bool has_numbers = false;
  bool has_texts = false;
};

ColumnKind kind_of(const char* declared_type) {
  const std::string_view type = declared_type == nullptr ? "" : declared_type;
  if (type == "INT_BOOL") return ColumnKind::Bool;
  if (type == "TEXT_JSON" || type == "TEXT_SET") return ColumnKind::Json;
  return ColumnKind::Plain;
}

// Characters beyond the basic plane, which begin with 0xf0 or more, are two units.
uint32_t utf16_length(std::string_view text) {
  uint32_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xc0) != 0x80;
    units += byte >= 0xf0;
  }
  return units;
}

void add_text(Column& column, ValueTag tag, std::string_view text) {
  column.tags.push_back(static_cast<uint8_t>(tag));
  column.numbers.push_back(0);
  column.texts += text;
  column.utf16_units += utf16_length(text);
  column.offsets.push_back(column.utf16_units);
  column.has_texts = true;
}

void add_number(Column& column, ValueTag tag, double number) {
  column.tags.push_back(static_cast<uint8_t>(tag));
  column.numbers.push_back(number);
  column.offsets.push_back(column.utf16_units);
  column.has_numbers = column.has_numbers || tag == ValueTag::Number;
}

std::string hex(const void* data, int size) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto* bytes = static_cast<const uint8_t*>(data);
  std::string out;
  for (int i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 0xf];
  }
  return out;
}

void add_value(Column& column, const Statement& row) {
  switch (sqlite3_column_type(row.handle(), column.index)) {
    case SQLITE_INTEGER: {
      const int64_t number = row.integer(column.index);
      if (number > limits::integer_max || number < -limits::integer_max) {
        return add_text(column, ValueTag::Int64, std::to_string(number));
      }
      return add_number(column, ValueTag::Number, static_cast<double>(number));
    }
    case SQLITE_FLOAT:
      return add_number(column, ValueTag::Number,
                        sqlite3_column_double(row.handle(), column.index));
    case SQLITE_TEXT: return add_text(column, ValueTag::Text, row.text(column.index));
    case SQLITE_BLOB: {
      const void* data = sqlite3_column_blob(row.handle(), column.index);
      const int size = sqlite3_column_bytes(row.handle(), column.index);
      return add_text(column, ValueTag::Blob, hex(data, size));
    }
    default: add_number(column, ValueTag::Null, 0);
  }
}

std::vector<Column> columns_of(const Statement& statement) {
  std::vector<Column> columns;
  const int count = sqlite3_column_count(statement.handle());
  for (int i = 0; i < count; ++i) {
    const char* name = sqlite3_column_name(statement.handle(), i);
    if (name == nullptr || name[0] == '_') continue;
    Column& column = columns.emplace_back();
    column.index = i;
    column.name = name;
    column.kind = kind_of(sqlite3_column_decltype(statement.handle(), i));
  }
  return columns;
}

class Writer {
 public:
  explicit Writer(size_t bytes) { out_.reserve(bytes); }

  // Where the part begins.
  uint32_t add(const void* data, size_t bytes) {
    out_.resize((out_.size() + 7) / 8 * 8);
    const auto at = static_cast<uint32_t>(out_.size());
    const auto* from = static_cast<const uint8_t*>(data);
    out_.insert(out_.end(), from, from + bytes);
    return at;
  }
  void put_word(size_t word, uint32_t value) { std::memcpy(&out_[word * 4], &value, 4); }
  std::vector<uint8_t> take() { return std::move(out_); }

 private:
  std::vector<uint8_t> out_;
};

bool is_uniform(const std::vector<uint8_t>& tags) {
  for (const uint8_t tag : tags) {
    if (tag != tags[0]) return false;
  }
  return true;
}

// The flag word: 0 when the tags say what each row is, else 1 + the tag of every row.
void write_column(Writer& writer, size_t word, const Column& column) {
  const bool has_one_tag = is_uniform(column.tags);
  writer.put_word(word, static_cast<uint32_t>(column.kind));
  writer.put_word(word + 1, has_one_tag && !column.tags.empty() ? 1U + column.tags[0] : 0U);
  writer.put_word(word + 2, writer.add(column.name.data(), column.name.size()));
  writer.put_word(word + 3, static_cast<uint32_t>(column.name.size()));
  if (!has_one_tag) writer.put_word(word + 4, writer.add(column.tags.data(), column.tags.size()));
  if (column.has_numbers) {
    writer.put_word(word + 5, writer.add(column.numbers.data(), column.numbers.size() * 8));
  }
  if (column.has_texts) {
    writer.put_word(word + 6, writer.add(column.offsets.data(), column.offsets.size() * 4));
    writer.put_word(word + 7, writer.add(column.texts.data(), column.texts.size()));
    writer.put_word(word + 8, static_cast<uint32_t>(column.texts.size()));
  }
}

}  // namespace

Result<std::vector<uint8_t>> run_to_buffer(SqlQuery& query) {
  Statement& statement = query.statement();
  const StatementUse use(statement);
  std::vector<Column> columns = columns_of(statement);
  uint32_t rows = 0;
  for (;; ++rows) {
    TWINSTORE_TRY(const bool has_row, statement.step());
    if (!has_row) break;
    for (Column& column : columns) add_value(column, statement);
  }
  size_t bytes = (header_words + column_words * columns.size()) * 4 + 64;
  for (const Column& column : columns) {
    bytes += column.name.size() + column.texts.size() + size_t{rows} * 13 + 64;
  }
  Writer writer(bytes);
  const std::vector<uint32_t> head(header_words + column_words * columns.size());
  writer.add(head.data(), head.size() * 4);
  writer.put_word(0, magic);
  writer.put_word(1, rows);
  writer.put_word(2, static_cast<uint32_t>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) {
    write_column(writer, header_words + i * column_words, columns[i]);
  }
  return writer.take();
}

}  // namespace twinstore
