// read_ingest_record() for JSON that is parsed already, and who a source is.
// Thread rule: pure functions.
#pragma once

#include "base/json.h"
#include "twinstore/ingest.h"

namespace twinstore {

[[nodiscard]] Result<IngestRecord> read_ingest_record(const Schema& schema,
                                                      std::string_view collection,
                                                      JsonValue record);

// A source is a client that keeps no queue: the same name is always the same client.
[[nodiscard]] ClientId source_client(std::string_view source);

}  // namespace twinstore
