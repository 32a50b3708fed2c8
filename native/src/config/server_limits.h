// The bounds that only a server has, with unit and reason; those of the data and the messages
// stand in core's limits.h, in the same namespace.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "twinstore/limits.h"

namespace twinstore::limits {

// HTTP.
inline constexpr size_t connections_max = 2'048;            // each holds a file descriptor
inline constexpr size_t connections_per_address_max = 256;  // where tokens are asked for
inline constexpr uint32_t header_bytes_max = 16u << 10;     // all headers of a request
inline constexpr size_t headers_max = 100;
inline constexpr size_t target_bytes_max = 8u << 10;  // path and query
inline constexpr size_t request_body_bytes_max = push_bytes_max;
inline constexpr size_t inflate_ratio_max = 100;            // a compressed body that grows more
inline constexpr size_t gzip_bytes_min = 1u << 10;          // below it gzip saves no packet
inline constexpr size_t drain_bytes_max = 32u << 20;        // read and dropped to deliver a 413
inline constexpr size_t static_file_bytes_max = 64u << 20;  // it is read into memory whole
inline constexpr std::chrono::seconds header_deadline{10};  // from the first byte
inline constexpr std::chrono::seconds body_deadline{300};   // for the whole of it
inline constexpr std::chrono::seconds body_window{10};      // of a body this much must come in it
inline constexpr size_t body_window_bytes_min = 10u << 10;  // 1 KiB/s: a bad mobile connection
inline constexpr size_t read_buffer_bytes_max = 64u << 10;  // of what is not yet parsed
inline constexpr std::chrono::seconds idle_deadline{60};    // between requests of a connection
inline constexpr std::chrono::seconds write_deadline{30};
inline constexpr std::chrono::seconds refuse_deadline{5};    // for delivering a refusal
inline constexpr std::chrono::seconds shutdown_deadline{4};  // then connections are cut

// Live connections.
inline constexpr size_t live_message_bytes_max = 1u << 20;     // larger pushes go over HTTP
inline constexpr size_t live_queue_bytes_max = 1u << 20;       // unsent; beyond it only doorbells
inline constexpr size_t live_drops_max = 1'000;                // changes withheld before close 4408
inline constexpr size_t live_rows_max = 1'000;                 // more never fit inline_bytes_max
inline constexpr std::chrono::seconds live_idle_deadline{45};  // a ping goes out at half of it
inline constexpr std::chrono::seconds live_auth_deadline{5};   // for the first message, the token
inline constexpr size_t live_auth_bytes_max = 16u << 10;       // of it
inline constexpr std::chrono::seconds live_check_interval{1};  // of who may still be connected

// Work between the threads.
inline constexpr size_t push_queue_jobs_max = 1'024;       // beyond it: 503 and Retry-After
inline constexpr size_t push_queue_bytes_max = 64u << 20;  // of their bodies
inline constexpr size_t read_queue_jobs_max = 4'096;
inline constexpr size_t decode_inline_bytes_max = 64u << 10;  // larger bodies leave the I/O thread
inline constexpr size_t readers = 2;                          // threads that answer pulls

// Tokens.
inline constexpr size_t token_bytes_max = 8u << 10;
inline constexpr size_t key_id_bytes_max = 256;
inline constexpr size_t keys_max = 64;               // of a JWKS
inline constexpr size_t hmac_secret_bytes_min = 32;  // RFC 7518 §3.2: as long as the hash
inline constexpr size_t rsa_bits_min = 2048;         // RFC 7518 §3.3
inline constexpr size_t rsa_bits_max = 8192;         // a larger one only costs time
inline constexpr int64_t clock_skew_max_ms = 60'000;
inline constexpr size_t principal_name_bytes_max = 256;
inline constexpr size_t token_scopes_max = 256;
inline constexpr size_t auth_file_bytes_max = 4u << 20;  // of tokens or keys

// Rates, where tokens are asked for. The others are options of the server.
inline constexpr size_t rate_cost_bytes = 64u << 10;  // of a body that count as one more request
inline constexpr size_t rate_keys_max = 10'000;       // callers remembered, twice
inline constexpr double bad_tokens_burst = 20;
inline constexpr double bad_tokens_per_second = 1;  // from one address
inline constexpr double requests_per_second = 200;  // of one principal; twice that of an address
inline constexpr size_t live_per_principal_max = 20;

// Workspaces.
inline constexpr size_t workspaces_open_max = 64;      // each has four threads and connections
inline constexpr size_t workspaces_opening_max = 256;  // that wait for the thread that opens them

// REST.
inline constexpr size_t rest_rows_max = 5'000;  // of a page, and of a batch in a body
inline constexpr size_t rest_rows_default = 1'000;
inline constexpr size_t rest_source_bytes_max = 64;
inline constexpr size_t rest_place_bytes_max = 4u << 10;  // three values of a key, escaped

// Several nodes over one PostgreSQL.
inline constexpr std::chrono::milliseconds node_signal_delay{10};  // commits that share a signal
inline constexpr std::chrono::seconds head_read_interval{5};       // signals can be lost
inline constexpr std::chrono::seconds node_reconnect_delay{1};

// Import.
inline constexpr size_t import_batch_rows = 1'000;  // rows that share one commit
inline constexpr size_t import_read_rows = 250;     // that ask the database together
inline constexpr size_t import_read_bytes = 4u << 20;
inline constexpr size_t import_line_bytes_max = 2 * row_bytes_max;

// Backup.
inline constexpr size_t problems_told_max = 100;  // of a damaged database, to a person

}  // namespace twinstore::limits
