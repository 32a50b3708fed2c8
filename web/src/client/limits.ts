/**
 * Every bound of the browser package, with unit and reason. The engine's own bounds stand in
 * core/include/twinstore/limits.h.
 */
export const limits = {
  /** Of a store's name: it is a folder, a lock and a channel. */
  nameLengthMax: 64,
  /** Of a user in it, percent-encoded: with the name it stays below the 255 of file systems. */
  userLengthMax: 180,

  /** A query goes on for this long after its last subscriber left: pages that change come back. */
  liveGraceMs: 5_000,
  /** Idle results that are kept for whoever asks the same again. */
  idleQueriesMax: 64,
  /** Calls of one page without an answer; a runaway loop gets an error before memory is gone. */
  callsInFlightMax: 10_000,
  /** So many workers in a row may crash without an answer before their calls are given up. */
  crashesMax: 3,
} as const;

/** Those of the worker: a page does not load them. */
export const workerLimits = {
  /** The first wait after a failed exchange, and the longest; each is drawn from 0 up to its bound. */
  retryFirstMs: 1_000,
  retryMaxMs: 60_000,
  /** One request and its answer. */
  requestTimeoutMs: 30_000,
  /** A page that is asked for a token; it may have to ask somebody itself. */
  tokenTimeoutMs: 30_000,
  /** From opening a live connection to its first sign of life. */
  liveOpenTimeoutMs: 10_000,
  /** Without a live connection the server is asked this often. */
  pollMs: 15_000,
  /** With pending writes and a way to the server, an attempt is made at least this often. */
  watchdogMs: 60_000,
  /** A larger push goes over HTTP, where it is compressed and does not hold up live changes. */
  livePushBytesMax: 1_048_576,

  /** Waiting for the tab that leads to answer, before asking again. */
  joinRetryMs: 500,
} as const;
