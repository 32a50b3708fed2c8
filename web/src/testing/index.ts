// Stores for tests, in Node: start with createTestStore.
export { createTestStore, type TestStore, type TestStoreOptions } from './createTestStore.js';
