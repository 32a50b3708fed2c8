// Whole cases for `resolve`: a schema, a change and the row that it meets. What the writer saw is
// the base; the change is an edit of it, and so is the stored row.
import type { Choices } from './choices.js';
import type { Value } from './field_merge.js';
import { defaultOf, ruleOf, type Change, type Collection, type FieldChange, type FieldRule,
  type Policy, type StoredRow, type Time } from './row_merge.js';
import { editValue, makeValue } from './values.js';

export interface Case {
  schema: number; // in SCHEMAS
  change: Change;
  stamp: Time;
  stored: StoredRow | null;
}

const POLICIES: Policy[] = ['LATEST_WINS', 'MERGE', 'MANUAL'];

// Every type with every rule that fits it, alone and in groups.
const FIELDS: FieldRule[] = [
  { name: 'id', type: 'text' },
  { name: 'home', type: 'text' },
  { name: 'title', type: 'text', required: true },
  { name: 'notes', type: 'text', merge: 'text', default: 'a\nb\n' },
  { name: 'doc', type: 'json', merge: 'json', default: '{"a":1,"b":{"c":null}}' },
  { name: 'extra', type: 'json', merge: 'json' },
  { name: 'plain', type: 'json' },
  { name: 'tags', type: 'set', default: '["a","b"]' },
  { name: 'hits', type: 'counter' },
  { name: 'high', type: 'int', merge: 'max' },
  { name: 'low', type: 'double', merge: 'min', default: 0 },
  { name: 'last_at', type: 'time', merge: 'max' },
  { name: 'first_at', type: 'time', merge: 'min' },
  { name: 'flag', type: 'bool', merge: 'manual' },
  { name: 'head', type: 'text', group: 'head' },
  { name: 'head_at', type: 'time', group: 'head' },
  { name: 'head_tags', type: 'set', merge: 'latest', group: 'head' },
  { name: 'owner', type: 'text', group: 'owner' },
  { name: 'owner_no', type: 'int', group: 'owner', merge: 'manual' },
];

// The collection's policies, and the same with a policy of their own for some fields.
function makeSchemas(): Collection[] {
  const schemas: Collection[] = [];
  for (const policy of POLICIES) {
    for (const own of [undefined, ...POLICIES]) {
      for (const delete_wins of [false, true]) {
        const fields = FIELDS.map((f, at) => (own !== undefined && at % 3 === 0
          && f.group === undefined ? { ...f, policy: own } : f));
        schemas.push({ fields, scope: 'home', policy, append_only: false, delete_wins });
      }
    }
    schemas.push({ fields: FIELDS, scope: 'id', policy, append_only: true, delete_wins: false });
  }
  return schemas;
}

export const SCHEMAS = makeSchemas();

// In the schema's language, in which a default stands as people write it.
export function schemaText(schema: Collection): string {
  const fields = schema.fields.map((f) => {
    const isDocument = f.type === 'json' || f.type === 'set';
    return f.default !== undefined && isDocument
      ? { ...f, default: JSON.parse(String(f.default)) } : f;
  });
  const { scope, policy, append_only, delete_wins } = schema;
  return JSON.stringify({ name: 'app', version: 1, collections: [
    { name: 'items', key: ['id'], scope, policy, append_only, delete_wins, fields }] });
}

const CLIENTS = ['a', 'b', 'c'];

// Few times and clients, so that equal ones meet.
function makeTime(c: Choices): Time {
  const ticks = BigInt(c.below(6) + 1) * 65536n + BigInt(c.below(2));
  return ticks.toString(16).padStart(16, '0') + c.pick(CLIENTS).repeat(16);
}

const isText = (field: FieldRule): boolean => ruleOf(field) === 'text';

function edited(c: Choices, field: FieldRule, value: Value, times: number): Value {
  let out = value;
  for (let i = 0; i < times; i++) out = editValue(c, field.type, out, isText(field));
  return out;
}

// What became of the base on the other side: nothing, the same as here, or edits, sometimes of
// what was also changed here.
function makeRemote(c: Choices, field: FieldRule, base: Value, local: Value): Value {
  switch (c.below(8)) {
    case 0: return base;
    case 1: return local;
    case 2: return edited(c, field, local, 1);
    default: return edited(c, field, base, 1 + c.below(3));
  }
}

function chosenFields(c: Choices, schema: Collection, isInsert: boolean): number[] {
  const chosen = new Set<number>();
  for (let count = 1 + c.below(4); count > 0; count--) {
    const at = 2 + c.below(schema.fields.length - 2);
    const { group } = schema.fields[at] as FieldRule;
    chosen.add(at);
    schema.fields.forEach((f, i) => {
      if (group !== undefined && f.group === group) chosen.add(i);
    });
  }
  if (isInsert) chosen.add(1);
  if (isInsert && !c.oneIn(20)) chosen.add(2);
  if (!isInsert && c.oneIn(40)) chosen.add(1);
  return [...chosen].sort((a, b) => a - b);
}

export function makeCase(c: Choices): Case {
  const schemaAt = c.below(SCHEMAS.length);
  const schema = SCHEMAS[schemaAt] as Collection;
  const kind = c.pick(['update', 'update', 'update', 'insert', 'delete'] as const);
  const stamp = makeTime(c);
  const values: Value[] = schema.fields.map((f) => defaultOf(f));
  const fields: FieldChange[] = [];
  const chosen = chosenFields(c, schema, kind === 'insert');
  for (const at of chosen) {
    const field = schema.fields[at] as FieldRule;
    const base = kind === 'insert' ? defaultOf(field)
      : makeValue(c, field.type, isText(field));
    if (at === 1) {
      values[1] = c.oneIn(6) ? 'other' : 'home';
      fields.push({ field: 1, before: null, after: 'home', seen: '' });
      continue;
    }
    // A group has members that its writer did not change.
    const isKept = field.group !== undefined && c.oneIn(3);
    let local = isKept ? base : edited(c, field, base, 1 + c.below(2));
    if (kind === 'update' && field.group === undefined && field.type !== 'counter') {
      for (let i = 0; i < 8 && local === base; i++) local = edited(c, field, base, 1);
      if (local === base) continue;
    }
    values[at] = makeRemote(c, field, base, local);
    const after = field.type === 'counter' ? c.pick([1, -1, 2, 5, 9007199254740991]) : local;
    fields.push({ field: at, before: base, after, seen: '' });
  }
  values[0] = 'k';
  const stored = makeStored(c, schema, kind, values, stamp);
  const change: Change = { kind, base_rev: 0, seen: '', fields };
  if (kind === 'delete') nameAll(c, schema, change, values);
  if (stored !== null) see(c, change, stored);
  return { schema: schemaAt, change, stamp, stored };
}

// A delete names what it deletes, where its policy compares values.
function nameAll(c: Choices, schema: Collection, change: Change, values: Value[]): void {
  const seen = new Map(change.fields.map((f) => [f.field, f.before]));
  change.fields = [];
  if (schema.policy === 'LATEST_WINS') return;
  const isSame = c.below(2) === 0;
  schema.fields.forEach((field, at) => {
    if (at === 0) return;
    const before = isSame ? (values[at] ?? null) : (seen.get(at) ?? values[at] ?? null);
    const after = field.type === 'counter' ? 0 : field.type === 'set' ? '[]' : null;
    change.fields.push({ field: at, before, after, seen: '' });
  });
}

function makeStored(c: Choices, schema: Collection, kind: Change['kind'], values: Value[],
  stamp: Time): StoredRow | null {
  if (c.oneIn(12)) return null;
  const hlc = c.oneIn(12) ? stamp : makeTime(c);
  const stamps = new Map<number, Time>();
  for (let count = c.below(4); count > 0; count--) {
    const at = 1 + c.below(schema.fields.length - 1);
    const { group } = schema.fields[at] as FieldRule;
    const time = makeTime(c);
    schema.fields.forEach((f, i) => {
      if (i === at || (group !== undefined && f.group === group)) stamps.set(i, time);
    });
  }
  const row: StoredRow = { rev: 1 + c.below(3), hlc, deleted_at: '', values,
    stamps: [...stamps].sort(([a], [b]) => a - b) };
  if (schema.append_only) {
    if (c.below(2) === 0) row.values = schema.fields.map(defaultOf).with(0, 'k').with(1, 'home');
    return row;
  }
  if (c.oneIn(5)) {
    // Later than every stamp; an update of a row whose deletion was seen does not happen.
    const last = [hlc, ...stamps.values()].reduce((a, b) => (a > b ? a : b));
    const ticks = BigInt(`0x${last.slice(0, 16)}`) + 1n + BigInt(c.below(3) * 65536);
    const client = kind === 'update' ? 'd' : c.pick(CLIENTS);
    row.deleted_at = ticks.toString(16).padStart(16, '0') + client.repeat(16);
  }
  return row;
}

// What the writer saw of the stored version, if anything.
function see(c: Choices, change: Change, stored: StoredRow): void {
  const stampOf = (at: number) => stored.stamps.find(([f]) => f === at)?.[1] ?? stored.hlc;
  const isDeleted = stored.deleted_at !== '';
  const mayHaveSeen = !isDeleted || change.kind === 'insert';
  switch (c.below(8)) {
    case 0:
      if (mayHaveSeen) change.base_rev = stored.rev;
      break;
    case 1:
      for (const f of change.fields) {
        f.seen = c.below(2) === 0 ? makeTime(c) : stampOf(f.field);
      }
      break;
    case 2:
      if (!mayHaveSeen) break;
      change.seen = isDeleted ? stored.deleted_at
        : [stored.hlc, ...stored.stamps.map(([, t]) => t)].reduce((a, b) => (a > b ? a : b));
      break;
    case 3:
      if (stored.rev > 1) change.base_rev = stored.rev - 1;
      break;
    default:
  }
  shareSeen(change);
}

// The fields of a group are written together, so they are seen together.
function shareSeen(change: Change): void {
  for (const names of [[14, 15, 16], [17, 18]]) {
    const members = change.fields.filter((f) => names.includes(f.field));
    for (const member of members) member.seen = members[0]?.seen ?? '';
  }
}
