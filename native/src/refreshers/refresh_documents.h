// The documents that the server exchanges with webhooks and commands: what is asked, and the rows
// that come back. docs/freshness.md shows both.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "refreshers/refresher.h"

namespace twinstore {

// {"task_id","repo_id","branch_name","cause","requested_at"}
[[nodiscard]] std::string request_document(const RefreshRequest& request);

// {"branch":{…},"analysis":{…},"metrics":[…]}, each of which may be left out, as may their fields
// repo_id, branch_name (of a branch: name) and analysis_timestamp. Without an analysis it comes
// later. Errors: those of parse_json; UnknownField, WrongType and MissingField with the member's
// name; InvalidArgument for a row of another branch.
[[nodiscard]] Result<Refreshed> read_answer_document(std::string_view text,
                                                     const RefreshRequest& request);

}  // namespace twinstore
