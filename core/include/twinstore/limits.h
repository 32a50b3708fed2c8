// Every bound of the engine and its server, with unit and reason. A test holds each at the bound
// and one past it. Bounds of the browser package stand in web/src/client/limits.ts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twinstore::limits {

// Data (design: one accepted subset on both sides).
inline constexpr int json_depth_max = 64;                 // a 64 KiB worker stack survives it
inline constexpr int64_t integer_max = 9007199254740991;  // 2^53-1, exact in JavaScript
inline constexpr size_t text_bytes_max = 1u << 20;        // one value; larger ones are files
inline constexpr size_t key_bytes_max = 1024;             // one key field, or a scope
inline constexpr size_t row_key_bytes_max = 2048;  // all key fields; they stand in each index
inline constexpr size_t indexed_bytes_max = 512;   // another text field of an index
inline constexpr size_t index_bytes_max = 2600;    // one entry; PostgreSQL's B-tree takes 2,704
inline constexpr size_t row_bytes_max = 2u << 20;  // one row, so that a page can hold it

// Schema.
inline constexpr size_t collections_max = 64;
inline constexpr size_t fields_max = 128;     // of one collection
inline constexpr size_t name_bytes_max = 63;  // PostgreSQL's identifier length
inline constexpr size_t schema_bytes_max = 256u << 10;

// Mutations.
inline constexpr size_t changes_per_mutation_max = 10'000;  // a bulk load is split by its caller
inline constexpr size_t operation_bytes_max = 64;      // the name of a write that may be repeated
inline constexpr size_t operations_kept = 10'000;      // as many as one page can have unanswered
inline constexpr size_t joined_bytes_max = 64u << 10;  // a larger entry is not rewritten
inline constexpr size_t mutations_per_push_max = 1'000;
inline constexpr size_t mutation_bytes_max = 7u << 20;    // encoded; it must fit into a push
inline constexpr size_t push_bytes_aim = 2u << 20;        // a replica fills a push up to here
inline constexpr size_t push_bytes_max = 8u << 20;        // one push body
inline constexpr size_t outbox_entries_max = 100'000;     // unsent transactions of one replica
inline constexpr int64_t clock_ahead_max_ms = 60'000;     // later stamps are clamped and reported
inline constexpr size_t client_id_bytes = 16;             // characters; random, fixed length
inline constexpr size_t own_rows_mutations_max = 10'000;  // of a device that stood alone, about
inline constexpr size_t own_rows_bytes_max = 1u << 20;    // of rows in one of them

// Merging.
inline constexpr size_t merge_text_lines_max = 1'000;         // a table of 2 MB; more is one hunk
inline constexpr size_t conflict_value_bytes_max = 7u << 20;  // one side; as a mutation may be
inline constexpr size_t automatic_outcomes_kept = 1'000;      // losers of a scope, to look at

// Replicas.
inline constexpr size_t journal_entries_max = 1'000;  // confirmed writes, for a restored authority
inline constexpr size_t missing_rows_max = 1'000;     // seen once and lost with an authority

// Pages.
inline constexpr size_t page_rows_max = 5'000;         // amortises a round trip
inline constexpr size_t page_bytes_max = 2u << 20;     // encoded, before compression
inline constexpr size_t inline_bytes_max = 64u << 10;  // changes carried by the live socket
inline constexpr size_t scopes_per_client_max = 256;
inline constexpr size_t cursor_bytes_max = 256;

// Queries.
inline constexpr size_t sql_bytes_max = 64u << 10;
inline constexpr size_t sql_parameters_max = 999;

// Refreshing.
inline constexpr double stale_threshold_hours_max = 876'000;   // 100 years: never, in effect
inline constexpr int64_t refresh_delay_minutes_max = 527'040;  // 366 days
inline constexpr size_t refresh_id_bytes_max = 64;             // the name a client gives a task
inline constexpr size_t refresh_error_bytes_max = 512;         // of what is told of a failure

// Services.
inline constexpr size_t delete_batch_rows =
    500;  // deleted in one transaction; others write between

// Retention at the authority.
inline constexpr size_t outcomes_kept_after_ack = 1'000;  // for devices put back to a copy
inline constexpr int64_t epoch_gap_revs = 1LL << 32;      // no rev of an older epoch comes again
inline constexpr int64_t epoch_spread_revs = 1LL << 40;   // nor one of two restores of one backup
inline constexpr int64_t tombstone_horizon_ms = 90LL * 24 * 3600 * 1000;

}  // namespace twinstore::limits
