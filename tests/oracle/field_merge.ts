// What the rules of MERGE make of three sides, written from docs/sync.md alone and never from the
// core: that both agree is the test. Values are those of the wire: documents and sets are canonical
// texts, booleans 0 and 1.
import { canonical, canonicalSet, compareBytes, parseJson, setMembers } from './json.js';
import { mergeJson } from './json_merge.js';
import { mergeText } from './text_merge.js';

export type Value = null | number | string;
export type Rule = 'latest' | 'set' | 'counter' | 'max' | 'min' | 'json' | 'text' | 'manual';

export interface Sides {
  base: Value;
  local: Value; // of a counter the delta
  remote: Value;
  localIsLater: boolean;
}

export interface Merged {
  value: Value;
  lost: boolean;
  conflict: boolean;
}

const TEXT_BYTES_MAX = 1 << 20;
const INTEGER_MAX = Number.MAX_SAFE_INTEGER;

export function mergeField(rule: Rule, sides: Sides): Merged {
  const { base, local, remote } = sides;
  if (rule === 'counter') return plain(addDelta(remote, local));
  if (base === remote || local === remote) return plain(local);
  if (local === base) return plain(remote);
  const merged = mergeChanged(rule, sides);
  const isTooLong =
    typeof merged.value === 'string' && Buffer.byteLength(merged.value) > TEXT_BYTES_MAX;
  return isTooLong ? later(sides) : merged;
}

function mergeChanged(rule: Exclude<Rule, 'counter'>, sides: Sides): Merged {
  switch (rule) {
    case 'latest':
      return later(sides);
    case 'manual':
      return { value: sides.remote, lost: false, conflict: true };
    case 'set':
      return plain(mergeSet(sides));
    case 'max':
    case 'min':
      return plain(extreme(rule, sides.local, sides.remote));
    case 'json': {
      const merged = mergeJson(document(sides.base), document(sides.local), document(sides.remote),
        sides.localIsLater);
      return { value: fromDocument(merged.value), lost: merged.lost, conflict: false };
    }
    case 'text': {
      const { base, local, remote } = sides;
      if (base === null || local === null || remote === null) return later(sides);
      const merged = mergeText(String(base), String(local), String(remote), sides.localIsLater);
      return { ...merged, conflict: false };
    }
  }
}

function plain(value: Value): Merged {
  return { value, lost: false, conflict: false };
}

function later({ local, remote, localIsLater }: Sides): Merged {
  return localIsLater ? plain(local) : { value: remote, lost: true, conflict: false };
}

export function addDelta(remote: Value, delta: Value): number {
  const sum = Number(remote ?? 0) + Number(delta ?? 0);
  return Math.min(INTEGER_MAX, Math.max(-INTEGER_MAX, sum));
}

function mergeSet({ base, local, remote }: Sides): string {
  const of = (value: Value) => new Set(value === null ? [] : setMembers(String(value)));
  const [before, ours, out] = [of(base), of(local), of(remote)];
  for (const member of ours) if (!before.has(member)) out.add(member);
  for (const member of before) if (!ours.has(member)) out.delete(member);
  return canonicalSet(out);
}

function extreme(rule: 'max' | 'min', a: Value, b: Value): Value {
  if (a === null) return b;
  if (b === null) return a;
  const order = typeof a === 'number' && typeof b === 'number' ? a - b
    : compareBytes(String(a), String(b));
  return rule === 'max' === order > 0 ? a : b;
}

// A field that is null and a document that is null are the same: there is no second null in SQL.
function document(value: Value) {
  return value === null ? null : parseJson(String(value));
}

function fromDocument(value: ReturnType<typeof mergeJson>['value']): Value {
  return value === undefined || value === null ? null : canonical(value);
}
