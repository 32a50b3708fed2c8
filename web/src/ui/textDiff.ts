// Built as a file of its own, with jsdiff inside: loaded when the first text is compared.
import { diffWordsWithSpace } from 'diff';

export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Past so many edits the texts have little in common: one is shown after the other. */
export const textDiffEditsMax = 2_000;

/** What makes `after` of `before`, word by word. */
export function textDiff(before: string, after: string): readonly DiffPart[] {
  const parts = diffWordsWithSpace(before, after, { maxEditLength: textDiffEditsMax });
  if (parts === undefined) {
    return [
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ];
  }
  return parts.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}
