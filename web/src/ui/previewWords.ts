import type { PreviewedWrite, SyncPreview, WriteOutcome } from '../client/index.js';
import type { SyncTone } from './syncWords.js';

/** What becomes of many writes, and of one. The order is that of the sentence. */
const outcomes: readonly (readonly [WriteOutcome, (count: number) => string, string, SyncTone])[] =
  [
    ['merged', (count) => `${count} will merge`, 'Will merge', 'busy'],
    [
      'applied',
      (count) => `${count} ${count === 1 ? 'goes' : 'go'} through`,
      'Goes through',
      'good',
    ],
    [
      'superseded',
      (count) => `${count} ${count === 1 ? 'gives' : 'give'} way to a later edit`,
      'Gives way to a later edit',
      'away',
    ],
    ['rejected', (count) => `${count} will be refused`, 'Will be refused', 'wrong'],
    ['conflict', (count) => `${count} ${count === 1 ? 'needs' : 'need'} you`, 'Needs you', 'away'],
  ];

/** "2 will merge, 1 needs you": what the server will make of what waits here. */
export function previewWords(preview: SyncPreview): string {
  const parts = outcomes.flatMap(([outcome, words]) =>
    preview[outcome] > 0 ? [words(preview[outcome])] : [],
  );
  return parts.length === 0 ? 'nothing waits' : parts.join(', ');
}

/** The same for one write. */
export function outcomeWords(write: PreviewedWrite): { words: string; tone: SyncTone } {
  const [, , words, tone] = outcomes.find(([outcome]) => outcome === write.outcome) ?? [];
  const why = write.message === undefined ? '' : `: ${write.message}`;
  return { words: `${words ?? write.outcome}${why}`, tone: tone ?? 'busy' };
}
