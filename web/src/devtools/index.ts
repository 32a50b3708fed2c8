/**
 * Developers' tools for a store: a panel that is loaded when it is opened.
 *
 * @module twinstore/devtools
 */
'use client';

export { StoreDevtools, type StoreDevtoolsProps } from './StoreDevtools.js';
export { keepSyncLog, type SyncLog, type SyncLogEntry } from './syncLog.js';
