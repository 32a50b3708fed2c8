import type { StaleReason, StalenessInfo } from '../client/index.js';
import type { RefreshStatus } from '../react/index.js';
import { hoursInWords } from './time.js';

/** `aging`: still fresh, and in the last quarter of its time. */
export type FreshnessLevel = 'fresh' | 'aging' | 'stale' | 'unknown';

const agingFrom = 0.75;

export function freshnessLevel(info: StalenessInfo | null): FreshnessLevel {
  if (info === null) return 'unknown';
  if (info.is_stale) return 'stale';
  const { age_hours, stale_threshold_hours } = info;
  return (age_hours ?? 0) > agingFrom * stale_threshold_hours ? 'aging' : 'fresh';
}

export const levelWords: Readonly<Record<FreshnessLevel, string>> = {
  fresh: 'Fresh',
  aging: 'Fresh, not for long',
  stale: 'Stale',
  unknown: 'Not known',
};

const reasonWords: Readonly<Record<StaleReason, (info: StalenessInfo) => string>> = {
  never_analyzed: () => 'never analysed',
  refresh_requested: () => 'somebody asked for a refresh',
  head_moved: () => 'new commits since the analysis',
  too_old: (info) => `older than ${hoursInWords(info.stale_threshold_hours)}`,
};

/** "new commits since the analysis and older than 24 hours"; empty when it is fresh. */
export function reasonsInWords(info: StalenessInfo): string {
  return new Intl.ListFormat('en').format(info.reasons.map((name) => reasonWords[name](info)));
}

/** One sentence: why it is stale, or how long it stays fresh. */
export function freshnessSentence(info: StalenessInfo | null): string {
  if (info === null) return 'Whether it is fresh is not known on this device.';
  if (info.is_stale) return capitalised(`${reasonsInWords(info)}.`);
  const left = info.stale_threshold_hours - (info.age_hours ?? 0);
  return `Stays fresh for ${hoursInWords(left)} unless there are new commits.`;
}

const phaseWords: Readonly<Record<RefreshStatus['phase'], string>> = {
  idle: '',
  queued: 'A refresh is queued',
  'queued-offline': 'A refresh waits on this device for a connection',
  running: 'The analysis is running',
  done: 'Refreshed',
  failed: 'The refresh failed',
  cancelled: 'The refresh was cancelled',
};

/** How the newest refresh stands; empty when there was none. */
export function refreshInWords(status: Pick<RefreshStatus, 'phase' | 'reason'>): string {
  const words = phaseWords[status.phase];
  return status.phase === 'failed' && status.reason ? `${words}: ${status.reason}` : words;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
