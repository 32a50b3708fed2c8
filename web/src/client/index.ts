/**
 * The package's public face without React. Start with createStore.
 *
 * @module twinstore
 */
export { createStore } from './createStore.js';
export type { Resolution, Store } from './store.js';
export type { CreateStoreOptions, StoreInfo, SyncOptions, TokenRequest } from './options.js';
export type {
  Freshness,
  FreshnessOptions,
  StaleBranches,
  StalenessInfo,
  StaleReason,
} from './freshness.js';
export type { StoreEndpoint } from './endpoint.js';
export type { QueryInspection, ScopeInspection, StoreInspection } from './inspection.js';
export type { Query, SqlTag, SqlValue } from './query.js';
export type { Live, Snapshot } from './live.js';
export type { TableApi, TableReader, TableWriter, WhereOptions } from './table.js';
export type { TransactionOptions, Tx } from './transaction.js';
export type { Sync, SyncState, SyncStatus, SyncWaiting, WaitOptions } from './syncStatus.js';
export type { PreviewedWrite, PreviewOptions, SyncPreview, WriteOutcome } from './syncPreview.js';
export type { StorageWarning, StoreEvents } from './events.js';
export type { Key, NewRow, Patch, Row, TableName, WritableName } from './rows.js';
export {
  type CodeMri,
  type CollectionDefinition,
  type Database,
  type DatabaseOf,
  defineSchema,
  type FieldDefinition,
  type Policy,
  type Register,
  type RegisteredDatabase,
  type SchemaDefinition,
} from './schemaTypes.js';
export type { Tables } from './tables.js';
export type { StoreErrorCode } from './errorCodes.js';
export { StoreError } from './storeError.js';
