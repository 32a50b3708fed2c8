// What brings a database to this build's form, whichever engine holds it: numbered steps for the
// store's own tables, which are only ever added to, then what the schema has gained. All of it is
// one transaction: a database is in its old form or in the new one.
// Thread rule: plain values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "twinstore/result.h"

namespace twinstore {

struct MigrationStep {
  std::string what;  // for people: "storage version 1 to 2: …", "branches: add the field tags"
  std::string sql;
};

// Called before each step; an error ends the migration, of which nothing stays then.
using BeforeMigrationStep = std::function<Result<void>(const MigrationStep&)>;

}  // namespace twinstore
