// The rule `json` of docs/sync.md. `undefined` stands for absent, which is not null.
import { canonical, isObject, type Json, type JsonObject } from './json.js';

type Member = Json | undefined;

export interface JsonMerge {
  value: Member;
  lost: boolean; // somewhere the remote value was taken although local changed it
}

export function mergeJson(
  base: Member,
  local: Member,
  remote: Member,
  localIsLater: boolean,
): JsonMerge {
  if (isSame(local, base)) return { value: remote, lost: false };
  if (isSame(remote, base) || isSame(remote, local)) return { value: local, lost: false };
  if (isObject(local) && isObject(remote)) {
    return mergeMembers(isObject(base) ? base : new Map(), local, remote, localIsLater);
  }
  return localIsLater ? { value: local, lost: false } : { value: remote, lost: true };
}

function mergeMembers(
  base: JsonObject,
  local: JsonObject,
  remote: JsonObject,
  localIsLater: boolean,
): JsonMerge {
  const value: JsonObject = new Map();
  let lost = false;
  for (const name of new Set([...base.keys(), ...local.keys(), ...remote.keys()])) {
    const member = mergeJson(base.get(name), local.get(name), remote.get(name), localIsLater);
    if (member.value !== undefined) value.set(name, member.value);
    lost ||= member.lost;
  }
  return { value, lost };
}

function isSame(a: Member, b: Member): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonical(a) === canonical(b);
}
