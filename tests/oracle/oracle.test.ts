// The oracle against itself: laws that hold for any merge of three sides. FAST_CHECK_SEED=N replays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeCase, SCHEMAS } from './cases.js';
import { Choices } from './choices.js';
import { mergeField, type Rule, type Sides, type Value } from './field_merge.js';
import { canonical, parseJson, setMembers, type Json } from './json.js';
import { clientOf, mergeRow, type Collection, type Type } from './row_merge.js';
import { hunksOf, mergeText, splitLines } from './text_merge.js';
import { editValue, makeValue } from './values.js';

const seed = Number(process.env.FAST_CHECK_SEED ?? 20250101);
const runs = process.env.TWINSTORE_LONG === '1' ? 20_000 : 2_000;
const RULES: [Rule, Type][] = [['latest', 'text'], ['latest', 'json'], ['set', 'set'],
  ['max', 'int'], ['max', 'double'], ['max', 'time'], ['min', 'int'], ['min', 'time'],
  ['json', 'json'], ['text', 'text'], ['manual', 'bool']];

const tapes = fc.array(fc.nat(), { minLength: 20, maxLength: 200, size: 'max' });

interface Triple extends Sides { rule: Rule }

function makeTriple(tape: number[], only?: Rule): Triple {
  const c = Choices.from(tape);
  const [rule, type] = c.pick(RULES.filter(([r]) => only === undefined || r === only));
  const base = makeValue(c, type, rule === 'text');
  const edit = (value: Value) => editValue(c, type, value, rule === 'text');
  const local = edit(c.oneIn(3) ? edit(base) : base);
  const remote = c.oneIn(6) ? local : edit(c.oneIn(3) ? edit(base) : base);
  return { rule, base, local, remote, localIsLater: c.below(2) === 0 };
}

function holds(name: string, law: (triple: Triple) => void, only?: Rule): void {
  test(name, () => {
    fc.assert(fc.property(tapes.map((tape) => makeTriple(tape, only)), law), {
      seed, numRuns: runs });
  });
}

holds('a side that changed nothing takes what the other wrote', ({ rule, base, remote, ...rest }) => {
  const sides = { ...rest, base, remote, local: base };
  assert.deepEqual(mergeField(rule, sides), { value: remote, lost: false, conflict: false });
  const mirrored = { ...rest, base, remote: base, local: remote };
  assert.deepEqual(mergeField(rule, mirrored), { value: remote, lost: false, conflict: false });
});

holds('the same change on both sides is that change', ({ rule, base, local, localIsLater }) => {
  const merged = mergeField(rule, { base, local, remote: local, localIsLater });
  assert.deepEqual(merged, { value: local, lost: false, conflict: false });
});

holds('merging the result once more changes nothing', ({ rule, ...sides }) => {
  const { value } = mergeField(rule, sides);
  assert.equal(mergeField(rule, { ...sides, remote: value, base: value }).value, sides.local);
  if (rule === 'set') {
    assert.equal(mergeField(rule, { ...sides, remote: value }).value, value);
  }
});

holds('exchanging the sides changes only what the later one decides', ({ rule, ...sides }) => {
  if (rule === 'manual') return;
  const { base, local, remote, localIsLater } = sides;
  const other = mergeField(rule,
    { base, local: remote, remote: local, localIsLater: !localIsLater });
  assert.equal(other.value, mergeField(rule, sides).value);
});

holds('what is not lost does not depend on who is later', ({ rule, ...sides }) => {
  const earlier = mergeField(rule, { ...sides, localIsLater: false });
  if (earlier.lost) return;
  assert.deepEqual(mergeField(rule, { ...sides, localIsLater: true }), earlier);
});

function leaves(value: Json, at = ''): string[] {
  if (!(value instanceof Map)) return [`${at}=${canonical(value)}`];
  return [...value].flatMap(([name, member]) => leaves(member, `${at}/${JSON.stringify(name)}`));
}

holds('json: every leaf comes from one of the three at the same place', ({ rule, ...sides }) => {
  const { base, local, remote } = sides;
  const of = (value: Value) => leaves(value === null ? null : parseJson(String(value)));
  const known = new Set([...of(base), ...of(local), ...of(remote)]);
  for (const leaf of of(mergeField(rule, sides).value)) assert(known.has(leaf), leaf);
}, 'json');

holds('set: members come from either side, and removals of either side hold', ({ rule, ...sides }) => {
  const of = (value: Value) => new Set(setMembers(String(value)));
  const [base, local, remote] = [of(sides.base), of(sides.local), of(sides.remote)];
  for (const member of of(mergeField(rule, sides).value)) {
    assert(local.has(member) || remote.has(member));
    assert(!base.has(member) || (local.has(member) && remote.has(member)));
  }
}, 'set');

test('set: the order in which writers of one base arrive does not matter', () => {
  fc.assert(fc.property(tapes, (tape) => {
    const c = Choices.from(tape);
    const base = makeValue(c, 'set', false);
    const sides = [0, 1, 2].map(() => editValue(c, 'set', base, false));
    const inOrder = (order: number[]) => order.reduce<Value>((remote, at) => mergeField('set',
      { base, local: sides[at] ?? null, remote, localIsLater: true }).value, base);
    for (const order of [[0, 2, 1], [2, 1, 0], [1, 0, 2]]) {
      assert.equal(inOrder(order), inOrder([0, 1, 2]));
    }
  }), { seed, numRuns: runs });
});

holds('text: without a collision every hunk of both sides is there', ({ base, local, remote }) => {
  if (base === null || local === null || remote === null) return;
  const [b, l, r] = [String(base), String(local), String(remote)];
  const one = mergeText(b, l, r, true);
  if (one.value !== mergeText(b, l, r, false).value) return;
  const count = (lines: string[]) => lines.length;
  const grows = (hunks: ReturnType<typeof hunksOf>) => hunks.map((h) => JSON.stringify(h));
  const all = [...new Set([...grows(hunksOf(splitLines(b), splitLines(l))),
    ...grows(hunksOf(splitLines(b), splitLines(r)))])].map((h) => JSON.parse(h));
  const grown = all.reduce((sum, h) => sum + count(h.lines) - (h.end - h.begin), 0);
  assert.equal(count(splitLines(one.value)), count(splitLines(b)) + grown);
  const lines = splitLines(one.value).join('');
  for (const hunk of all) assert(lines.includes(hunk.lines.join('')));
}, 'text');

holds('text: hunks rebuild their side', ({ base, local }) => {
  const [b, l] = [splitLines(String(base ?? '')), splitLines(String(local ?? ''))];
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunksOf(b, l)) {
    out.push(...b.slice(at, hunk.begin), ...hunk.lines);
    at = hunk.end;
  }
  assert.equal([...out, ...b.slice(at)].join(''), l.join(''));
}, 'text');

test('a row: what is lost, merged or in conflict was changed, and a conflict keeps the stored value',
  () => {
    fc.assert(fc.property(tapes, (tape) => {
      const { schema, change, stamp, stored } = makeCase(Choices.from(tape));
      const judged = mergeRow(SCHEMAS[schema] as Collection, change, stamp, stored);
      const changed = new Set(change.fields.map((f) => f.field));
      const named = [...judged.lost, ...judged.merged, ...judged.conflicts];
      // A rule that merges may have had to choose as well.
      for (const list of [judged.lost, judged.merged, judged.conflicts]) {
        assert.equal(new Set(list).size, list.length);
      }
      for (const field of judged.conflicts) {
        assert(!judged.lost.includes(field) && !judged.merged.includes(field));
      }
      for (const field of named) assert(changed.has(field));
      for (const field of [...judged.conflicts]) {
        assert.equal(judged.values[field], stored?.values[field]);
      }
      if (judged.outcome === 'rejected') assert.deepEqual(judged.values, stored?.values ?? []);
      if (stored === null || judged.outcome === 'rejected' || change.kind === 'insert') return;
      judged.values.forEach((value, at) => {
        if (!changed.has(at)) assert.equal(value, stored.values[at]);
      });
      assert.equal(clientOf(stamp).length, 16);
    }), { seed, numRuns: runs });
  });
