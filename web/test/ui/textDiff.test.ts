import { expect, test } from 'vitest';
import { textDiff, textDiffEditsMax } from '../../src/ui/textDiff.js';

test('a comparison is by words, and joined it is both texts', () => {
  const [before, after] = ['the first line is read', 'the whole line is read'];
  const parts = textDiff(before, after);
  const side = (kind: string) =>
    parts.filter((part) => part.kind === 'same' || part.kind === kind).map(({ text }) => text);
  expect(side('removed').join('')).toBe(before);
  expect(side('added').join('')).toBe(after);
  expect(parts.filter(({ kind }) => kind === 'added')).toStrictEqual([
    { kind: 'added', text: 'whole' },
  ]);
});

test('texts with little in common are shown one after the other', () => {
  const words = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at}`).join('');
  const [a, b] = [`${words(1, 'a')} x`, `${words(1, 'b')} x`];
  expect(textDiff(a, b).length).toBeGreaterThan(2);
  const many = (prefix: string) =>
    Array.from({ length: textDiffEditsMax }, (_, at) => `${prefix}${at}`).join(' ');
  expect(textDiff(many('a'), many('b')).map(({ kind }) => kind)).toStrictEqual([
    'removed',
    'added',
  ]);
});
