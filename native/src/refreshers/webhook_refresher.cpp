#include "refreshers/webhook_refresher.h"

#include "refresh/refresh_limits.h"
#include "refreshers/refresh_documents.h"

namespace twinstore {
namespace {

ErrorCode code_of_status(int status) {
  if (status >= 500 || status == 408) return ErrorCode::Unavailable;
  if (status == 429) return ErrorCode::RateLimited;
  return status >= 300 && status < 400 ? ErrorCode::Forbidden : ErrorCode::InvalidArgument;
}

}  // namespace

WebhookRefresher::WebhookRefresher(const WebhookSourceConfig& config) {
  auto url = parse_http_url(config.url);
  TWINSTORE_CHECK(url.ok());
  request_.url = std::move(url).value();
  request_.headers.assign(config.headers.begin(), config.headers.end());
  request_.allow_private_addresses = config.allow_private_addresses;
  request_.ca_file = config.ca_file;
  request_.answer_bytes_max = limits::refresh_answer_bytes_max;
}

Result<Refreshed> WebhookRefresher::refresh(const RefreshRequest& request,
                                            const CallBounds& bounds) {
  OutboundRequest asked = request_;
  asked.body = request_document(request);
  TWINSTORE_TRY(const OutboundAnswer answer, post_json(asked, bounds));
  if (answer.status == 202 || answer.status == 204) return Refreshed{};
  if (answer.status == 200) return read_answer_document(answer.body, request);
  std::string why = "the webhook answers " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) why += ", and redirects are not followed";
  return Error{code_of_status(answer.status), std::move(why)};
}

}  // namespace twinstore
