import { useCallback, useMemo, useState } from 'react';
import type { Key, Resolution, StoreError, WritableName } from '../client/index.js';
import { type Conflict, useRow, useStore, useSyncStatus } from '../react/index.js';
import { type FieldValues, fieldsOf, isSameValue, sideValues } from './fieldValues.js';

/** Where the result of a field comes from. */
export type FieldChoice = 'base' | 'local' | 'remote' | 'suggested' | 'custom';

/** One field of a conflict: its sides, what is chosen, and what comes of it. */
export interface ConflictField {
  readonly name: string;
  readonly base: unknown;
  readonly local: unknown;
  readonly remote: unknown;
  /** What MERGE makes of both sides; undefined where it has nothing of its own to offer. */
  readonly suggested: unknown;
  /** Both sides changed it, each to another value. */
  readonly isContested: boolean;
  readonly choice: FieldChoice;
  readonly result: unknown;
}

/** A conflict while somebody decides it. */
export interface ConflictResolution {
  /** `automatic`: the policy decided, which can be taken back; `resolved`: somebody did. */
  readonly status: 'pending' | 'missing' | 'open' | 'automatic' | 'resolved' | 'error';
  readonly conflict: Conflict | null;
  readonly fields: readonly ConflictField[];
  /** The waiting side was written on this device. */
  readonly isMine: boolean;
  /** The side whose row was deleted; the choice then is between the whole sides. */
  readonly deletedBy: 'local' | 'remote' | null;
  /** Takes one side for a field; `custom` is the value of the choice of that name. */
  readonly choose: (field: string, choice: FieldChoice, custom?: unknown) => void;
  /** Takes one side for every field. */
  readonly chooseAll: (side: 'local' | 'remote') => void;
  /** Takes the last choice back; does nothing when there is none. */
  readonly undoChoice: () => void;
  readonly canUndoChoice: boolean;
  /** Writes the result. Resolves to false when it could not: see `error`. */
  readonly save: () => Promise<boolean>;
  /** The whole of one side, whatever was chosen. */
  readonly take: (side: 'local' | 'remote') => Promise<boolean>;
  readonly isSaving: boolean;
  /** Gives the row its values from before the decision; null when there is none to take back. */
  readonly undoSave: (() => Promise<void>) | null;
  readonly error: StoreError | null;
}

interface Choice {
  readonly choice: FieldChoice;
  readonly custom?: unknown;
}
type Choices = Readonly<Record<string, Choice>>;

/**
 * One conflict, decided field by field. Choices are kept here until `save`, which is one write and
 * works offline. A newer stored value moves the conflict's remote side under the choices: what is
 * shown as the result is always what will be written.
 */
export function useConflictResolution(conflictId: string): ConflictResolution {
  const store = useStore();
  const row = useRow('_conflicts', conflictId);
  const clientId = useSyncStatus((status) => status.clientId);
  const [steps, setSteps] = useState<readonly Choices[]>([{}]);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<StoreError | null>(null);
  const [undo, setUndo] = useState<(() => Promise<void>) | null>(null);
  const conflict = row.data ?? null;
  const choices = steps.at(-1) ?? {};
  const fields = useMemo(() => (conflict ? describe(conflict, choices) : []), [conflict, choices]);
  const deletedBy = conflict === null ? null : deletedSide(conflict);

  const push = useCallback(
    (change: (earlier: Choices) => Choices) =>
      setSteps((all) => [...all, change(all.at(-1) ?? {})]),
    [],
  );
  const choose = useCallback(
    (field: string, choice: FieldChoice, custom?: unknown) =>
      push((earlier) => ({ ...earlier, [field]: { choice, custom } })),
    [push],
  );
  const chooseAll = useCallback(
    (side: 'local' | 'remote') =>
      push(() => Object.fromEntries(fields.map(({ name }) => [name, { choice: side }]))),
    [push, fields],
  );
  const undoChoice = useCallback(
    () => setSteps((all) => (all.length > 1 ? all.slice(0, -1) : all)),
    [],
  );
  const decide = useCallback(
    async (resolution: Resolution) => {
      if (conflict === null) return false;
      setSaving(true);
      setError(null);
      try {
        const restore = await rememberRow(store, conflict);
        await store.resolveConflict(conflict.id, resolution);
        setUndo(() => async () => {
          setUndo(null);
          await restore().catch((failure: StoreError) => setError(failure));
        });
        setSteps([{}]);
        return true;
      } catch (failure) {
        setError(failure as StoreError);
        return false;
      } finally {
        setSaving(false);
      }
    },
    [store, conflict],
  );
  const take = useCallback((side: 'local' | 'remote') => decide({ take: side }), [decide]);
  const save = useCallback(() => decide(resolutionOf(fields)), [decide, fields]);
  return {
    status: row.status === 'success' ? statusOf(conflict) : row.status,
    conflict,
    fields,
    isMine: conflict?.local_client === clientId,
    deletedBy,
    choose,
    chooseAll,
    undoChoice,
    canUndoChoice: steps.length > 1,
    save,
    take,
    isSaving,
    undoSave: undo,
    error: error ?? row.error ?? null,
  };
}

function statusOf(conflict: Conflict | null): 'missing' | 'open' | 'automatic' | 'resolved' {
  if (conflict === null) return 'missing';
  if (conflict.status === 'open' || conflict.status === 'resolved') return conflict.status;
  return 'automatic';
}

function deletedSide(conflict: Conflict): 'local' | 'remote' | null {
  if (sideValues(conflict.local) === null) return 'local';
  return sideValues(conflict.remote) === null ? 'remote' : null;
}

function describe(conflict: Conflict, choices: Choices): readonly ConflictField[] {
  const base = sideValues(conflict.base);
  const local = sideValues(conflict.local);
  const remote = sideValues(conflict.remote);
  const suggested = sideValues(conflict.suggested);
  return fieldsOf(conflict).map((name) => {
    const values = {
      base: valueAt(base, name),
      local: valueAt(local, name),
      remote: valueAt(remote, name),
    };
    const merged = valueAt(suggested, name);
    const isOwn =
      merged !== undefined &&
      !isSameValue(merged, values.local) &&
      !isSameValue(merged, values.remote);
    const isContested = conflict.fields.includes(name);
    const contested = conflict.resolution === 'local' ? 'local' : 'remote';
    const first = isOwn ? 'suggested' : isContested ? contested : changedSide(values);
    const { choice, custom } = choices[name] ?? { choice: first };
    const all = { ...values, suggested: isOwn ? merged : undefined, custom };
    return { name, ...values, suggested: all.suggested, isContested, choice, result: all[choice] };
  });
}

const valueAt = (side: FieldValues | null, name: string): unknown =>
  side !== null && Object.hasOwn(side, name) ? side[name] : undefined;

/** A field that one side alone changed keeps that change. */
function changedSide(values: { base: unknown; local: unknown; remote: unknown }): FieldChoice {
  return values.local !== undefined && !isSameValue(values.local, values.base) ? 'local' : 'remote';
}

/** A side as a whole where the result is one, else the values. */
function resolutionOf(fields: readonly ConflictField[]): Resolution {
  for (const side of ['remote', 'local'] as const) {
    if (fields.every((field) => isSameValue(field.result, field[side]))) return { take: side };
  }
  const named = fields.filter(({ result }) => result !== undefined);
  return {
    take: 'merged',
    fields: Object.fromEntries(named.map(({ name, result }) => [name, result])),
  };
}

type StoreOf = ReturnType<typeof useStore>;

/** Reads the row as it is; the function that comes back makes it so again, as an ordinary edit. */
async function rememberRow(store: StoreOf, conflict: Conflict): Promise<() => Promise<void>> {
  const table = store.table(conflict.collection as WritableName);
  const key = conflict.row_key as Key<WritableName>;
  const before = (await table.get(key)) as FieldValues | null;
  return async () => {
    const after = (await table.get(key)) as FieldValues | null;
    if (before === null) {
      await table.delete(key);
    } else if (after === null) {
      await table.insert(before as never);
    } else {
      const changed = Object.entries(before).filter(
        ([name]) => !isSameValue(before[name], after[name]),
      );
      if (changed.length > 0) await table.patch(key, Object.fromEntries(changed) as never);
    }
  };
}
