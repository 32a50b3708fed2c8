/**
 * Components over the hooks of twinstore/react, and the hooks under each. They need ./styles.css.
 *
 * @module twinstore/ui
 */
'use client';

export { ConflictInbox, type ConflictInboxProps } from './ConflictInbox.js';
export { ConflictResolver, type ConflictResolverProps } from './ConflictResolver.js';
export {
  DataFreshnessIndicator,
  type DataFreshnessIndicatorProps,
} from './DataFreshnessIndicator.js';
export { FieldValue, type FieldValueProps } from './FieldValue.js';
export { MetricTrend, type MetricTrendProps } from './MetricTrend.js';
export { RelativeTime } from './RelativeTime.js';
export { StaleBranchesPanel, type StaleBranchesPanelProps } from './StaleBranchesPanel.js';
export { SyncOutbox, type SyncOutboxProps } from './SyncOutbox.js';
export {
  storageWords,
  SyncStatusBadge,
  type SyncStatusBadgeProps,
  useSyncWords,
} from './SyncStatusBadge.js';
export type { SyncTone, SyncWords } from './syncWords.js';
export { type BatchRefresh, type BatchResult, useBatchRefresh } from './useBatchRefresh.js';
export {
  type ConflictField,
  type ConflictResolution,
  type FieldChoice,
  useConflictResolution,
} from './useConflictResolution.js';
export { type MetricTrendOf, type MetricTrendState, useMetricTrend } from './useMetricTrend.js';
export type { TrendData } from './trendChart.js';
export { previewWords } from './previewWords.js';
export { type SyncPreviewState, useSyncPreview } from './useSyncPreview.js';
export {
  type RejectedChange,
  type RejectedWrite,
  type RejectedWrites,
  useRejectedWrites,
} from './useRejectedWrites.js';
export { type StaleBranchesState, useStaleBranches } from './useStaleBranches.js';
export { useNow } from './useNow.js';
export { type StoreOpening, useStoreInfo } from './useStoreInfo.js';
