// Values of each type, and edits of them: the sides of a merge are edits of one base, so that they
// meet in the same lines, members and numbers.
import type { Choices } from './choices.js';
import type { Type } from './row_merge.js';
import type { Value } from './field_merge.js';
import { canonical, canonicalSet, setMembers, parseJson, type Json } from './json.js';
import { splitLines } from './text_merge.js';

// U+FFFD is before the emoji in UTF-8 and after it in UTF-16.
const NAMES = ['a', 'b', 'c', '', '__proto__', 'constructor', 'toString', '😀', '\ufffd', 'é',
  '10', '9', '"\\\n'];
const NUMBERS = [0, 1, -1, 2, 0.1, 1e21, 1e-7, 1.5, 5e-324, 9007199254740991, 0.30000000000000004];
const LEAVES: Json[] = [null, true, false, '', 'x', '😀', -0, ...NUMBERS];
const LINES = ['a\n', 'b\n', 'c\n', '\n', '😀\n', 'x\r\n', 'a b\n', 'd\n', 'e\n'];
const TIMES = ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.001Z', '1999-12-31T23:59:59.999Z',
  '2024-06-01T12:00:00.000Z'];
const WORDS = ['', 'a', 'b', 'ab', '😀', '\ufffd', 'null'];
const INTEGERS = [0, 1, -1, 2, 7, 9007199254740991, -9007199254740991];

export function makeDocument(c: Choices, depth = 3): Json {
  const kind = depth === 0 ? 0 : c.below(4);
  if (kind === 0) return c.pick(LEAVES);
  if (kind === 1) return Array.from({ length: c.below(3) }, () => makeDocument(c, depth - 1));
  const names = Array.from({ length: c.below(5) }, () => c.pick(NAMES));
  return new Map(names.map((name) => [name, makeDocument(c, depth - 1)]));
}

export function editDocument(c: Choices, value: Json): Json {
  if (!(value instanceof Map) || c.oneIn(8)) return makeDocument(c, 2);
  const out = new Map(value);
  const name = out.size > 0 && !c.oneIn(4) ? c.pick([...out.keys()]) : c.pick(NAMES);
  const member = out.get(name);
  const what = c.below(4);
  if (member === undefined || what === 1) out.set(name, makeDocument(c, 1));
  else if (what === 0) out.set(name, editDocument(c, member));
  else if (what === 2) out.delete(name);
  else out.set(name, null); // null is not absent
  return out;
}

export function makeText(c: Choices): string {
  const text = Array.from({ length: c.below(12) }, () => c.pick(LINES)).join('');
  return c.oneIn(4) ? text.replace(/\n$/, '') : text;
}

// A long text goes past what is aligned: 1,000 lines.
export function makeLongText(c: Choices): string {
  const count = 990 + c.below(25);
  return Array.from({ length: count }, (_, at) => `${at % 7}\n`).join('');
}

export function editText(c: Choices, text: string): string {
  const lines = splitLines(text);
  const at = c.below(lines.length + 1);
  const many = c.below(3);
  switch (c.below(6)) {
    case 0: lines.splice(at, 1, c.pick(LINES)); break;
    case 1: lines.splice(at, 0, ...Array.from({ length: many + 1 }, () => c.pick(LINES))); break;
    case 2: lines.splice(at, many + 1); break;
    case 3: lines.splice(at, 0, ...lines.slice(0, many)); break; // repeats what is there
    case 4: lines.splice(at, 2, ...lines.slice(at, at + 2).reverse()); break;
    default: return text.endsWith('\n') ? text.slice(0, -1) : `${text}\n`;
  }
  return lines.map((line, i) => (i + 1 < lines.length && !line.endsWith('\n') ? `${line}\n` : line))
    .join('');
}

export function makeSet(c: Choices): string {
  return canonicalSet(Array.from({ length: c.below(6) }, () => canonical(makeDocument(c, 1))));
}

export function editSet(c: Choices, text: string): string {
  const members = setMembers(text);
  if (members.length > 0 && c.below(2) === 0) members.splice(c.below(members.length), 1);
  else members.push(canonical(makeDocument(c, 1)));
  return canonicalSet(members);
}

export function makeValue(c: Choices, type: Type, isText: boolean): Value {
  const isNullable = type !== 'set' && type !== 'counter';
  if (isNullable && c.oneIn(8)) return null;
  switch (type) {
    case 'text':
      if (!isText) return c.pick(WORDS);
      return c.oneIn(3000) ? makeLongText(c) : makeText(c);
    case 'int': return c.pick(INTEGERS);
    case 'double': return c.pick(NUMBERS) * c.pick([1, -1]) + 0; // + 0 makes of -0 a 0
    case 'bool': return c.below(2);
    case 'time': return c.pick(TIMES);
    case 'json': return orNull(makeDocument(c));
    case 'set': return makeSet(c);
    case 'counter': return c.below(20);
  }
}

export function editValue(c: Choices, type: Type, value: Value, isText: boolean): Value {
  if (typeof value === 'string' && !c.oneIn(10)) {
    if (type === 'text' && isText) return editText(c, value);
    if (type === 'json') return orNull(editDocument(c, parseJson(value)));
    if (type === 'set') return editSet(c, value);
  }
  return makeValue(c, type, isText);
}

// A document that is null and a field that is null are one.
function orNull(document: Json): Value {
  return document === null ? null : canonical(document);
}
