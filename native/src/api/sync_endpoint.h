// POST /sync: one message in, one message out, over the call's workspace. Errors come in the
// protocol's own form, with the HTTP status of their code.
// Thread rule: answer_sync() on the I/O thread; responses are given on any thread.
#pragma once

#include "api/route.h"

namespace twinstore {

// A CallHandler; requires the call's workspace.
void answer_sync(Call call, const Respond& respond);

// {"type":"error",…} with the code's status, and Retry-After where the fault passes by itself.
[[nodiscard]] HttpResponse protocol_error(const Schema& schema, const Error& error);
[[nodiscard]] HttpResponse protocol_error(const Schema& schema, const ErrorMessage& message);

}  // namespace twinstore
