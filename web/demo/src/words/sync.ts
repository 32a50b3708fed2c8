import type { SyncStatus } from 'twinstore';
import { shortDuration } from './time.ts';

const JUST_NOW_MS = 10_000;

export type SyncTone = 'level' | 'busy' | 'away' | 'wrong';

export interface SyncWords {
  readonly tone: SyncTone;
  /** What happened; announced when it changes. */
  readonly text: string;
  /** How long ago; it ticks, so it is shown and not announced. */
  readonly age: string;
}

/** The state of the exchange in words. "Up to date" is said only after the server was asked. */
export function syncWords(status: SyncStatus, nowMs: number): SyncWords {
  const waiting = savedHere(status.pendingUploads);
  const checked = status.lastSyncedAt;
  const age = checked === null ? '' : `checked ${ageWords(nowMs - checked)}`;
  switch (status.state) {
    case 'initializing':
      return { tone: 'busy', text: 'Opening the store on this device', age: '' };
    case 'disabled':
      return { tone: 'away', text: 'Kept on this device only', age: '' };
    case 'paused':
    case 'offline':
      return { tone: 'away', text: `Offline: ${waiting}`, age };
    case 'connecting':
      return { tone: 'busy', text: `Connecting: ${waiting}`, age };
    case 'auth-required':
      return { tone: 'wrong', text: `Sign in to sync: ${waiting}`, age };
    case 'error':
      return { tone: 'wrong', text: `${errorWords(status)}: ${waiting}`, age };
    case 'syncing':
      return { tone: 'busy', text: exchangeWords(status), age: '' };
    case 'idle':
      if (checked === null) return { tone: 'busy', text: 'Asking the server', age: '' };
      return { tone: 'level', text: 'Up to date', age };
  }
}

function ageWords(elapsedMs: number): string {
  return elapsedMs < JUST_NOW_MS ? 'just now' : `${shortDuration(elapsedMs)} ago`;
}

export function savedHere(count: number): string {
  if (count === 0) return 'nothing waits to be uploaded';
  return `${changes(count)} saved on this device`;
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
