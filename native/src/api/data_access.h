// The ways of a REST request to the data of the call's workspace: reading beside the writer, in one
// consistent state, and writing on the writer's thread, in the transaction that pushes share.
// Thread rule: any thread; what is handed over runs on a reader's or the writer's.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "api/route.h"
#include "twinstore/own_writes.h"
#include "twinstore/persistence_reader.h"
#include "workspace/workspace.h"

namespace twinstore {

using ReadAnswer = std::function<Result<HttpResponse>(const Call&, Storage&)>;
// May be called again when the transaction has to begin anew. A refusal that has written nothing is
// an answer; an error takes back what was written.
using WriteAnswer = std::function<Result<HttpResponse>(const Call&, OwnWrites&)>;
// Nothing: there is more to do.
using StepAnswer = std::function<Result<std::optional<HttpResponse>>(const Call&, OwnWrites&)>;

class DataAccess {
 public:
  // Both outlive it.
  DataAccess(const Schema& schema, Clock& clock);

  // Answers with what `answer` makes, or with a problem.
  void read(Call call, const Respond& respond, ReadAnswer answer) const;
  // The same after the commit.
  void write(Call call, const Respond& respond, WriteAnswer answer) const;
  // Runs steps, each in a transaction of its own with other writes between, until one answers;
  // `committed` is called after each that did not.
  void write_steps(Call call, const Respond& respond, StepAnswer step,
                   std::function<void()> committed) const;

  [[nodiscard]] const Schema& schema() const { return schema_; }
  // The schema under one strategy, by its text, for every collection; null for another text.
  [[nodiscard]] const Schema* rules(std::string_view strategy) const;
  [[nodiscard]] Clock& clock() const { return clock_; }

 private:
  struct Steps;
  void run_step(const std::shared_ptr<const Steps>& steps) const;

  const Schema& schema_;
  Clock& clock_;
  std::map<std::string, Schema, std::less<>> rules_;
};

// {"…"} that is not to be kept by caches.
[[nodiscard]] HttpResponse json_answer(std::string text, int status = 200);

}  // namespace twinstore
