// Mutations to JSON and back. Decoding checks every value against the schema.
// Thread rule: pure functions.
#pragma once

#include "base/json.h"
#include "twinstore/protocol.h"

namespace twinstore {

void append_mutation(std::string& out, const Schema& schema, const Mutation& mutation);
[[nodiscard]] Result<Mutation> read_mutation(const Schema& schema, const JsonValue& json);

// An unset time is the empty text.
[[nodiscard]] Result<HybridTime> read_time(const JsonValue& json);

}  // namespace twinstore
