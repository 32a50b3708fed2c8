/** Values of fields as conflicts hold them: what they are, and how they read. */
import type { Conflict } from '../react/index.js';

export type FieldValues = Readonly<Record<string, unknown>>;

/** The values of one side by field name; null when that side deleted the row, or had none. */
export function sideValues(side: unknown): FieldValues | null {
  return typeof side === 'object' && side !== null ? (side as FieldValues) : null;
}

/** The fields in which the sides differ: first those that both changed, then the others. */
export function fieldsOf(conflict: Conflict): readonly string[] {
  const sides = [conflict.local, conflict.remote].map(sideValues);
  const names = new Set(conflict.fields);
  for (const side of sides) for (const name of Object.keys(side ?? {})) names.add(name);
  const [local, remote] = sides;
  // A group of fields conflicts as one, also where some of them are alike.
  const isAlike = (name: string) => isSameValue(local?.[name], remote?.[name]);
  return [...names].filter((name) => !local || !remote || !isAlike(name));
}

/** Equal as JSON: the values of fields are plain data with keys in a fixed order. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** "refresh_requested_at" as people read it: "Refresh requested at". */
export function fieldTitle(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A set's members, which are shown one by one. */
export function membersOf(value: unknown): readonly string[] | null {
  const isSet = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isSet ? (value as string[]) : null;
}

/** One text for any value; documents over several lines. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/** The name of the row that a conflict speaks of: "main in nlohmann/json". */
export function rowTitle(conflict: Conflict): string {
  return keyTitle(conflict.row_key);
}

/** A row by its key: "main in nlohmann/json". */
export function keyTitle(key: unknown): string {
  const parts = Array.isArray(key) ? key.map(String) : [String(key)];
  const [first, ...rest] = parts.toReversed();
  return rest.length === 0 ? (first ?? '') : `${first} in ${rest.toReversed().join(', ')}`;
}
