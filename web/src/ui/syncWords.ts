import type { SyncStatus } from '../client/index.js';
import { shortDuration } from './time.js';

const justNowMs = 10_000;

/** How good the news is. */
export type SyncTone = 'good' | 'busy' | 'away' | 'wrong';

/** The state of the exchange in words. */
export interface SyncWords {
  readonly tone: SyncTone;
  /** What happened; worth announcing when it changes. */
  readonly text: string;
  /** How long ago; it ticks, so it is shown and not announced. */
  readonly age: string;
  /** Why it waits and when it tries again; empty when nothing holds it up. */
  readonly wait: string;
}

/** The state of the exchange in words. "Up to date" is said only after the server was asked. */
export function syncWords(status: SyncStatus, nowMs: number): SyncWords {
  const waiting = savedHere(status.pendingUploads);
  const checked = status.lastSyncedAt;
  const age = checked === null ? '' : `checked ${ageWords(nowMs - checked)}`;
  const wait = waitWords(status, nowMs);
  switch (status.state) {
    case 'initializing':
      return { tone: 'busy', text: 'Opening the store on this device', age: '', wait };
    case 'disabled':
      return { tone: 'away', text: 'Kept on this device only', age: '', wait };
    case 'paused':
    case 'offline':
      return { tone: 'away', text: `Offline: ${waiting}`, age, wait };
    case 'connecting':
      return { tone: 'busy', text: `Connecting: ${waiting}`, age, wait };
    case 'auth-required':
      return { tone: 'wrong', text: `Sign in to sync: ${waiting}`, age, wait };
    case 'error':
      return { tone: 'wrong', text: `${errorWords(status)}: ${waiting}`, age, wait };
    case 'syncing':
      return { tone: 'busy', text: exchangeWords(status), age: '', wait };
    case 'idle':
      if (checked === null) return { tone: 'busy', text: 'Asking the server', age: '', wait };
      return { tone: 'good', text: 'Up to date', age, wait };
  }
}

/** "3 changes saved on this device". */
export function savedHere(count: number): string {
  return count === 0 ? 'nothing waits to be uploaded' : `${changes(count)} saved on this device`;
}

function ageWords(elapsedMs: number): string {
  return elapsedMs < justNowMs ? 'just now' : `${shortDuration(elapsedMs)} ago`;
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count.toLocaleString('en')} changes`;
}

function exchangeWords(status: SyncStatus): string {
  if (status.pendingUploads > 0) return `Uploading ${changes(status.pendingUploads)}`;
  return status.hasSynced ? 'Receiving changes' : 'Receiving the first copy';
}

function errorWords(status: SyncStatus): string {
  const error = status.uploadError ?? status.downloadError;
  return error === null ? 'Sync has stopped' : `Sync has stopped (${error.message})`;
}

function waitWords(status: SyncStatus, nowMs: number): string {
  if (status.state === 'paused') return 'Sync is switched off here.';
  const error = status.uploadError ?? status.downloadError;
  const why = error === null ? '' : error.hint;
  if (status.nextRetryAt === null) return why;
  const left = status.nextRetryAt - nowMs;
  const next = left <= 1_000 ? 'Trying again now.' : `Trying again in ${shortDuration(left)}.`;
  return why === '' ? next : `${why} ${next}`;
}
