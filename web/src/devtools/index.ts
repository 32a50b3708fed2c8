'use client';

// Developers' tools for a store: a panel that is loaded when it is opened.
export { StoreDevtools, type StoreDevtoolsProps } from './StoreDevtools.js';
export { keepSyncLog, type SyncLog, type SyncLogEntry } from './syncLog.js';
