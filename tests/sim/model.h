// The oracle: a naive authority. Rows in a map, changes in their wire form applied one after the
// other by the tables of docs/sync.md. It shares no code with `resolve`.
// Thread rule: plain value. Next: model_merge.h for three sides of one value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan.h"

namespace twinstore::sim {

struct ModelField {
  JsonValue value;
  std::string stamp;  // a hybrid time's text: sorts as the time
  friend bool operator==(const ModelField&, const ModelField&) = default;
};

struct ModelRow {
  bool is_deleted = false;
  std::string deleted_at;
  int64_t rev = 0;
  std::map<std::string, ModelField> fields;

  [[nodiscard]] std::string latest() const;
  friend bool operator==(const ModelRow&, const ModelRow&) = default;
};

// Two values that the authority may not decide between.
struct OpenPair {
  RowName row;
  std::string field;  // empty: one side deleted the row
  JsonValue local;
};

struct Judged {
  std::string outcome;  // applied, merged, superseded, conflict, rejected
  std::string code;     // of a rejection
  bool is_outcome_known = true;
  std::vector<OpenPair> pairs;
  std::vector<std::string> decided;  // ids of conflicts that the mutation decides
};

class Model {
 public:
  explicit Model(const Schema& schema) : schema_(&schema) {}

  // Applies one mutation, as the server received it. A clamped time is taken from the outcome: it
  // may have been judged earlier than it was answered; `latest_now_ms` bounds it.
  Judged apply(const JsonValue& mutation, const JsonValue& outcome, int64_t latest_now_ms);

  // Rows touched since the last call of settle(), whose revs the caller then provides.
  [[nodiscard]] const std::map<RowName, bool>& touched() const { return touched_; }
  void settle(const RowName& row, int64_t rev) { rows_[row].rev = rev; }
  void settled() { touched_.clear(); }
  // Deletions older than the time are forgotten, as if the rows had never been.
  void forget_deletions(const std::string& before);

  [[nodiscard]] const std::map<RowName, ModelRow>& rows() const { return rows_; }
  [[nodiscard]] const ModelRow* find(const RowName& row) const;
  // How often each way of deciding was taken.
  [[nodiscard]] const std::map<std::string, int64_t>& branches() const { return branches_; }

 private:
  struct Change;
  std::string judge(const Change& change, std::optional<ModelRow>& row, Judged& judged);
  std::string judge_delete(const Change& change, ModelRow& row, Judged& judged);
  std::string judge_edit_of_deleted(const Change& change, ModelRow& row, Judged& judged);
  std::string judge_fields(const Change& change, ModelRow& row, Judged& judged);
  std::optional<ModelRow> new_row(const Change& change, const std::string& stamp);

  const Schema* schema_;  // never null
  std::map<RowName, ModelRow> rows_;
  std::map<RowName, bool> touched_;
  std::map<std::string, int64_t> branches_;
};

}  // namespace twinstore::sim
