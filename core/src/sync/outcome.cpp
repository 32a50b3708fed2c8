#include "twinstore/change.h"

namespace twinstore {

std::string_view outcome_text(OutcomeStatus status) {
  switch (status) {
    case OutcomeStatus::Applied: return "applied";
    case OutcomeStatus::Merged: return "merged";
    case OutcomeStatus::Superseded: return "superseded";
    case OutcomeStatus::Conflict: return "conflict";
    case OutcomeStatus::Rejected: return "rejected";
  }
  return "";
}

Result<OutcomeStatus> parse_outcome(std::string_view text) {
  for (const OutcomeStatus status :
       {OutcomeStatus::Applied, OutcomeStatus::Merged, OutcomeStatus::Superseded,
        OutcomeStatus::Conflict, OutcomeStatus::Rejected}) {
    if (outcome_text(status) == text) return status;
  }
  return Error{ErrorCode::InvalidJson, "no such outcome"};
}

}  // namespace twinstore
