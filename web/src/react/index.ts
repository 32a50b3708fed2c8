/**
 * The React layer: each hook reads one Live of the store and adds nothing of its own to keep.
 *
 * @module twinstore/react
 */
'use client';

export { StoreErrorBoundary, type StoreErrorBoundaryProps } from './StoreErrorBoundary.js';
export { StoreProvider, type StoreProviderProps } from './StoreProvider.js';
export {
  useConflicts,
  type Conflict,
  type Conflicts,
  type ConflictsOptions,
} from './useConflicts.js';
export { useDataFreshness, type DataFreshness, type RefreshStatus } from './useDataFreshness.js';
export { useMutation, type Mutation } from './useMutation.js';
export { useQuery, type QueryOptions, type QueryResult, type QuerySource } from './useQuery.js';
export { useRow } from './useRow.js';
export { useSuspenseQuery } from './useSuspenseQuery.js';
export { useStore } from './useStore.js';
export { useSyncStatus } from './useSyncStatus.js';
