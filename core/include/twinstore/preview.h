// What the authority would make of the writes that wait here, judged by its own rules against the
// rows as this device last read them: "2 will merge, 1 needs you", before anything is sent.
// Thread rule: plain values. Next: Replica::preview.
#pragma once

#include <vector>

#include "twinstore/change.h"

namespace twinstore {

struct PreviewedWrite {
  HybridTime made_at;       // when it was written; its text is the id of a write that was refused
  Outcome outcome;          // its status; of a rejected one the code and the message, too
  std::vector<RowId> rows;  // that it changes, in the order of the edits
  // Where it meets a change that it had not seen: the rows of `_conflicts` that would be made.
  std::vector<RowVersion> meetings;
};

}  // namespace twinstore
