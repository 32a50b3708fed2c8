// Refreshing by asking somebody over HTTP: a POST with the request, answered with the rows
// (refresh_documents.h), or with 202 or 204 by who will hand them in later over the REST API.
// Thread rule: as Refresher. Next: http/http_client.h for what guards the request.
#pragma once

#include "config/refresh_config.h"
#include "http/http_client.h"
#include "refreshers/refresher.h"

namespace twinstore {

class WebhookRefresher final : public Refresher {
 public:
  // Requires a URL that parse_http_url() accepts.
  explicit WebhookRefresher(const WebhookSourceConfig& config);

  [[nodiscard]] std::string_view source() const override { return "webhook"; }
  // Errors: those of post_json and read_answer_document. Of statuses: Unavailable for 5xx and 408,
  // RateLimited for 429, Forbidden for a redirect, InvalidArgument for any other refusal.
  [[nodiscard]] Result<Refreshed> refresh(const RefreshRequest& request,
                                          const CallBounds& bounds) override;

 private:
  OutboundRequest request_;  // without its body
};

}  // namespace twinstore
