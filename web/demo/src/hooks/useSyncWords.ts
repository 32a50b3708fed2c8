import { useSyncStatus } from 'twinstore/react';
import { syncWords } from '../words/sync.ts';
import { useNow } from './useNow.ts';

export function useSyncWords() {
  return syncWords(useSyncStatus(), useNow(1_000));
}
