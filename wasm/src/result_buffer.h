// A query's result as one contiguous buffer of columns, which JavaScript takes over in one transfer
// and decodes in web/src/client/resultBuffer.ts. Little-endian, every part aligned to 8 bytes:
//
//   header  u32 magic, rows, columns, 0
//   column  u32 kind, flags, name_at, name_bytes, tags_at, numbers_at, offsets_at, texts_at,
//   texts_bytes, 0 parts   tags     u8  for each row: ValueTag (absent when every row has the same,
//   see flags)
//           numbers  f64 for each row
//           offsets  u32 for each row and one more: where its text begins, in UTF-16 units
//           texts    UTF-8 of all rows, decoded at once
//
// Positions count from the start of the buffer; 0 stands for a part that is not there.
// Thread rule: the storage's thread.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/sql_query.h"

namespace twinstore {

// How JavaScript shows a column's values; from the declared type of the column.
enum class ColumnKind : uint32_t { Plain = 0, Bool = 1, Json = 2 };

// What a single value is. Int64 and Blob are texts: decimal digits and hexadecimal bytes.
enum class ValueTag : uint8_t { Null = 0, Number = 1, Text = 2, Int64 = 3, Blob = 4 };

// Runs the bound query to its end. Columns whose name begins with "_" are left out.
// Errors: as Statement::step.
[[nodiscard]] Result<std::vector<uint8_t>> run_to_buffer(SqlQuery& query);

}  // namespace twinstore
