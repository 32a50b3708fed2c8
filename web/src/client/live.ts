import type { StoreError } from './storeError.js';

/**
 * One observable shape for queries, rows and the sync status. The functions need no `this`.
 * Snapshots are immutable and reference-stable: an unchanged row keeps its identity from one to
 * the next, and an unchanged result is the same snapshot.
 */
export interface Live<T> {
  /** Calls `onChange` after each change until the returned function is called. */
  readonly subscribe: (onChange: () => void) => () => void;
  /** The state now. */
  readonly getSnapshot: () => Snapshot<T>;
  /** What a server renders, and the first render in the page: the pending state. */
  readonly getServerSnapshot: () => Snapshot<T>;
  /** The data, once there is some; after an error it is asked again. @throws {StoreError} */
  readonly preload: () => Promise<T>;
}

/** A state of a live value: `data` is there exactly when it arrived once. */
export type Snapshot<T> =
  | { readonly status: 'pending'; readonly data: undefined; readonly error: undefined }
  | { readonly status: 'success'; readonly data: T; readonly error: undefined }
  | { readonly status: 'error'; readonly data: T | undefined; readonly error: StoreError };

export const pendingSnapshot: Snapshot<never> = Object.freeze({
  status: 'pending',
  data: undefined,
  error: undefined,
});
