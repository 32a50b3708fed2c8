// The REST API over a SQLite file.
#include "../services/rest_suite.h"

namespace twinstore::test {
TWINSTORE_REST_SUITE(TestServer);
}  // namespace twinstore::test
