#include "refreshers/refresh_documents.h"

#include "base/json.h"
#include "twinstore/code_mri.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

using Row = nlohmann::ordered_json;

// A field that follows from the request: said alike, or left out.
Result<void> settle(Row& row, const std::string& field, const std::string& value) {
  const auto said = row.find(field);
  if (said == row.end()) {
    row[field] = value;
    return {};
  }
  if (*said == value) return {};
  return Error{ErrorCode::InvalidArgument, "the answer speaks of another " + field};
}

class Reader {
 public:
  explicit Reader(const RefreshRequest& request) : request_(request) {}

  Result<void> branch(const JsonValue& value) {
    TWINSTORE_TRY(Row row, object("branch", value));
    TWINSTORE_TRY_VOID(settle(row, "repo_id", request_.repo_id));
    TWINSTORE_TRY_VOID(settle(row, "name", request_.branch_name));
    rows_.rows.push_back({std::string(BranchInfo::collection), std::move(row)});
    return {};
  }

  Result<void> analysis(const JsonValue& value) {
    TWINSTORE_TRY(Row row, object("analysis", value));
    TWINSTORE_TRY_VOID(name_branch(row));
    const auto commit = row.find("commit_sha");
    if (commit == row.end() || !commit->is_string() || commit->get<std::string>().empty()) {
      return Error{ErrorCode::MissingField, "the answer's analysis names no commit_sha"};
    }
    rows_.analyzed_commit = commit->get<std::string>();
    if (!row.contains("analysis_timestamp")) {
      row["analysis_timestamp"] = time_text(request_.now_ms);
    }
    rows_.rows.push_back({std::string(BranchAnalysisResult::collection), std::move(row)});
    return {};
  }

  Result<void> metrics(const JsonValue& value) {
    if (!value.is_array()) return wrong_type("metrics", "an array");
    for (const JsonValue& each : value) {
      TWINSTORE_TRY(Row row, object("metrics", each));
      TWINSTORE_TRY_VOID(name_branch(row));
      rows_.rows.push_back({std::string(HistoricalMetric::collection), std::move(row)});
    }
    return {};
  }

  Refreshed take() { return std::move(rows_); }

 private:
  static Error wrong_type(const std::string& member, const std::string& what) {
    return {ErrorCode::WrongType, "the answer's " + member + " is not " + what};
  }
  static Result<Row> object(const std::string& member, const JsonValue& value) {
    if (!value.is_object()) return wrong_type(member, "an object");
    return Row(value);
  }
  Result<void> name_branch(Row& row) {
    TWINSTORE_TRY_VOID(settle(row, "repo_id", request_.repo_id));
    return settle(row, "branch_name", request_.branch_name);
  }

  const RefreshRequest& request_;
  Refreshed rows_;
};

}  // namespace

std::string request_document(const RefreshRequest& request) {
  const Row document{{"task_id", request.task_id},
                     {"repo_id", request.repo_id},
                     {"branch_name", request.branch_name},
                     {"cause", request.cause},
                     {"requested_at", time_text(request.now_ms)}};
  return document.dump();
}

Result<Refreshed> read_answer_document(std::string_view text, const RefreshRequest& request) {
  TWINSTORE_TRY(const JsonValue document, parse_json(text));
  if (!document.is_object()) {
    return Error{ErrorCode::WrongType, "the answer is no JSON object"};
  }
  Reader reader(request);
  for (const auto& [name, value] : document.items()) {
    if (name == "branch") {
      TWINSTORE_TRY_VOID(reader.branch(value));
    } else if (name == "analysis") {
      TWINSTORE_TRY_VOID(reader.analysis(value));
    } else if (name == "metrics") {
      TWINSTORE_TRY_VOID(reader.metrics(value));
    } else {
      return Error{ErrorCode::UnknownField, "the answer has a member that is not known"};
    }
  }
  return reader.take();
}

}  // namespace twinstore
