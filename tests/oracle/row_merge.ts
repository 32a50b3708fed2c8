// What a change does to a row: "Three sides" and "The outcome table" of docs/sync.md, written from
// that text alone. The inputs are what the core's `resolve` takes, as JSON.
import { addDelta, mergeField, type Rule, type Value } from './field_merge.js';

export type Policy = 'LATEST_WINS' | 'MERGE' | 'MANUAL';
export type Type = 'text' | 'int' | 'double' | 'bool' | 'time' | 'json' | 'set' | 'counter';

export interface FieldRule {
  name: string;
  type: Type;
  required?: boolean;
  default?: Value;
  group?: string;
  merge?: Rule;
  policy?: Policy;
}

export interface Collection {
  fields: FieldRule[]; // the key first; it is one field
  scope: string;
  policy: Policy;
  append_only: boolean;
  delete_wins: boolean;
}

// A hybrid time is text that sorts as the time does; its last 16 characters are the client.
export type Time = string;

export interface FieldChange {
  field: number;
  before: Value;
  after: Value;
  seen: Time;
}

export interface Change {
  kind: 'insert' | 'update' | 'delete';
  base_rev: number;
  seen: Time;
  fields: FieldChange[];
}

export interface StoredRow {
  rev: number;
  hlc: Time;
  stamps: [number, Time][];
  deleted_at: Time;
  values: Value[];
}

export type Outcome = 'applied' | 'merged' | 'superseded' | 'conflict' | 'rejected';

export interface Judgement {
  outcome: Outcome;
  code: string; // of a rejection
  deleted: boolean;
  values: Value[]; // the row afterwards; empty when there is none
  lost: number[];
  merged: number[];
  conflicts: number[];
}

const MIXING: Rule[] = ['set', 'max', 'min', 'json', 'text'];

export const clientOf = (time: Time): string => time.slice(16);

export function ruleOf(field: FieldRule): Rule {
  return field.merge ?? (field.type === 'set' || field.type === 'counter' ? field.type : 'latest');
}

export function defaultOf(field: FieldRule): Value {
  if (field.default !== undefined) return field.default;
  if (field.type === 'counter') return 0;
  return field.type === 'set' ? '[]' : null;
}

function stampOf(row: StoredRow, field: number): Time {
  return row.stamps.find(([position]) => position === field)?.[1] ?? row.hlc;
}

function latestStamp(row: StoredRow): Time {
  return row.stamps.reduce((latest, [, time]) => (time > latest ? time : latest), row.hlc);
}

export function mergeRow(
  collection: Collection,
  change: Change,
  stamp: Time,
  stored: StoredRow | null,
): Judgement {
  return new Row(collection, change, stamp, stored).judge();
}

class Row {
  constructor(
    private readonly collection: Collection,
    private readonly change: Change,
    private readonly stamp: Time,
    private readonly stored: StoredRow | null,
  ) {}

  judge(): Judgement {
    const { change, stored, collection } = this;
    if (stored === null) return this.onNothing();
    if (this.changesScope(stored)) return this.rejected('scope_changed');
    if (collection.append_only && change.kind !== 'delete') return this.onAppendOnly(stored);
    if (stored.deleted_at !== '') return this.onDeleted(stored);
    return change.kind === 'delete' ? this.deletes(stored) : this.byField(stored);
  }

  private onNothing(): Judgement {
    if (this.change.kind === 'update') return this.rejected('row_missing');
    if (this.change.kind === 'delete') return this.whole('applied', null);
    return this.newLife();
  }

  private newLife(): Judgement {
    const { fields } = this.collection;
    const isNamed = (at: number) =>
      this.change.fields.some((f) => f.field === at && f.after !== null);
    if (fields.some((f, at) => f.required && defaultOf(f) === null && !isNamed(at))) {
      return this.rejected('missing_field');
    }
    return this.answer({ outcome: 'applied', values: this.inserted() });
  }

  // The row as an insert alone would make it. The key is the same in every case.
  private inserted(): Value[] {
    const values = this.collection.fields.map(defaultOf);
    values[0] = 'k';
    for (const { field, after } of this.change.fields) values[field] = after;
    return values;
  }

  private changesScope(stored: StoredRow): boolean {
    const at = this.collection.fields.findIndex((f) => f.name === this.collection.scope);
    return this.change.fields.some((f) => f.field === at && this.change.kind !== 'delete'
      && f.after !== stored.values[at]);
  }

  private onAppendOnly(stored: StoredRow): Judgement {
    const isSame = this.change.fields.every((f) => f.after === stored.values[f.field]);
    return isSame ? this.whole('applied', stored) : this.rejected('append_only');
  }

  private onDeleted(stored: StoredRow): Judgement {
    const { change, collection } = this;
    if (change.kind === 'delete') return this.whole('applied', stored);
    if (change.kind === 'insert' && this.sawRow(stored, stored.deleted_at)) return this.newLife();
    if (collection.policy === 'MANUAL') return this.whole('conflict', stored);
    if (collection.policy === 'MERGE') {
      if (collection.delete_wins) return this.whole('superseded', stored);
      const judged = this.byField(stored);
      return judged.outcome === 'conflict' ? judged : { ...judged, outcome: 'merged' };
    }
    const judged = this.byField(stored);
    if (this.stamp > stored.deleted_at) return judged;
    return { ...judged, outcome: 'superseded', deleted: true };
  }

  private deletes(stored: StoredRow): Judgement {
    const { policy, delete_wins } = this.collection;
    const deleted = this.answer({ outcome: 'applied', values: stored.values, deleted: true });
    if (policy === 'LATEST_WINS') {
      const last = latestStamp(stored);
      return this.sawRow(stored, last) || this.stamp > last ? deleted
        : this.whole('superseded', stored);
    }
    const isSeen = this.isSameRev(stored)
      || this.change.fields.every((f) => f.before === stored.values[f.field]);
    if (isSeen) return deleted;
    if (policy === 'MANUAL') return this.whole('conflict', stored);
    return delete_wins ? deleted : this.whole('superseded', stored);
  }

  private isSameRev(stored: StoredRow): boolean {
    return this.change.base_rev !== 0 && this.change.base_rev === stored.rev;
  }

  private sawRow(stored: StoredRow, time: Time): boolean {
    return this.isSameRev(stored) || this.change.seen === time || this.isOwn(time);
  }

  private isOwn(time: Time): boolean {
    return clientOf(time) === clientOf(this.stamp);
  }

  private byField(stored: StoredRow): Judgement {
    const out = this.answer({ outcome: 'applied', values: [...stored.values] });
    const done = new Set<number>();
    for (const { field } of this.change.fields) {
      if (done.has(field)) continue;
      const group = this.collection.fields[field]?.group;
      const members = this.change.fields.filter(
        (f) => f.field === field
          || (group !== undefined && this.collection.fields[f.field]?.group === group));
      for (const member of members) done.add(member.field);
      this.judgeTogether(members, group !== undefined, stored, out);
    }
    out.outcome = this.outcomeOf(out, stored);
    return out;
  }

  // The members of one group, or one field alone.
  private judgeTogether(members: FieldChange[], isGroup: boolean, stored: StoredRow, out: Judgement) {
    const first = members[0] as FieldChange;
    const fields = members.map((m) => this.collection.fields[m.field] as FieldRule);
    const policy = fields[0]?.policy ?? this.collection.policy;
    const rules = fields.map(ruleOf);
    const one = rules.includes('manual') ? 'manual' : 'latest';
    const rule = isGroup ? one : (rules[0] as Rule);
    const remote = (m: FieldChange): Value => stored.values[m.field] ?? null;
    const base = (m: FieldChange): Value => this.change.kind === 'insert'
      ? defaultOf(this.collection.fields[m.field] as FieldRule) : m.before;
    const put = (value: (m: FieldChange) => Value) => {
      for (const member of members) out.values[member.field] = value(member);
    };
    const note = (list: number[]) => list.push(...members.map((m) => m.field));
    if (rule === 'counter') return put((m) => addDelta(remote(m), m.after));
    if (members.every((m) => m.after === remote(m))) return;
    const localIsLater = this.stamp > stampOf(stored, first.field);
    if (this.sawField(first, rule, policy, stored)) return put((m) => m.after);
    if (policy === 'LATEST_WINS') {
      if (localIsLater) return put((m) => m.after);
      return void note(out.lost);
    }
    if (members.every((m) => base(m) === remote(m))) return put((m) => m.after);
    if (members.every((m) => base(m) === m.after)) return;
    if (policy === 'MANUAL' || rule === 'manual') return void note(out.conflicts);
    if (rule === 'latest' && localIsLater) return put((m) => m.after);
    if (rule === 'latest') return void note(out.lost);
    const merged = mergeField(rule, {
      base: base(first), local: first.after, remote: remote(first), localIsLater });
    put(() => merged.value);
    note(out.merged);
    if (merged.lost) note(out.lost);
    return undefined;
  }

  private sawField(field: FieldChange, rule: Rule, policy: Policy, stored: StoredRow): boolean {
    if (this.isSameRev(stored)) return true;
    if (policy === 'MERGE' && MIXING.includes(rule)) return false;
    const time = stampOf(stored, field.field);
    return field.seen === time || this.isOwn(time);
  }

  private outcomeOf(out: Judgement, stored: StoredRow): Outcome {
    if (out.conflicts.length > 0) return 'conflict';
    const isUnchanged = stored.deleted_at === ''
      && out.values.every((value, at) => value === stored.values[at]);
    if (out.lost.length === this.change.fields.length && out.lost.length > 0 && isUnchanged) {
      return 'superseded';
    }
    return out.lost.length > 0 || out.merged.length > 0 ? 'merged' : 'applied';
  }

  private rejected(code: string): Judgement {
    return this.answer({ outcome: 'rejected', code, values: this.stored?.values ?? [],
      deleted: (this.stored?.deleted_at ?? '') !== '' });
  }

  // Decided as a whole: it names no fields, and the row stays as it is.
  private whole(outcome: Outcome, stored: StoredRow | null): Judgement {
    return this.answer({ outcome, values: stored?.values ?? [],
      deleted: (stored?.deleted_at ?? '') !== '' });
  }

  private answer(some: Partial<Judgement>): Judgement {
    return { outcome: 'applied', code: '', deleted: false, values: [], lost: [], merged: [],
      conflicts: [], ...some };
  }
}
