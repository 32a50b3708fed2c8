// Refreshing by a program of the operator's: it reads the request from its stdin and writes the
// rows to its stdout (refresh_documents.h). Which program stands in the server's configuration
// alone; a request chooses neither it nor its arguments, and no shell is between.
// Thread rule: as Refresher.
#pragma once

#include "config/refresh_config.h"
#include "refreshers/refresher.h"

namespace twinstore {

class CommandRefresher final : public Refresher {
 public:
  explicit CommandRefresher(CommandSourceConfig command) : command_(std::move(command)) {}

  [[nodiscard]] std::string_view source() const override { return "command"; }
  // Errors: those of run_child and read_answer_document; Unavailable for another exit than 0.
  [[nodiscard]] Result<Refreshed> refresh(const RefreshRequest& request,
                                          const CallBounds& bounds) override;

 private:
  CommandSourceConfig command_;
};

}  // namespace twinstore
