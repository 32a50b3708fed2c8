/**
 * Stores for tests, in Node: start with createTestStore.
 *
 * @module twinstore/testing
 */
export { createTestStore, type TestStore, type TestStoreOptions } from './createTestStore.js';
