import type { Live, StoreError } from '../client/index.js';

/** Which live query an error was thrown by, for whoever catches it and is asked to try again. */
export const failedLives = new WeakMap<StoreError, Live<unknown>>();
