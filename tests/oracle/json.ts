// JSON documents as the oracle sees them: objects are maps, so that `__proto__` is a name like any
// other, and equality is that of canonical texts (docs/schema.md).
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

// JSON.parse makes `__proto__` an own property, and Object.entries shows it.
export function parseJson(text: string): Json {
  return fromPlain(JSON.parse(text));
}

function fromPlain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, member]) => [name, fromPlain(member)]));
  }
  return value as Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

// The order of UTF-8 bytes is that of code points; JavaScript's own is that of UTF-16 units.
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) {
    const names = [...value.keys()].sort(compareBytes);
    return `{${names.map((n) => `${JSON.stringify(n)}:${canonical(value.get(n) ?? null)}`).join(',')}}`;
  }
  return JSON.stringify(value); // writes numbers as RFC 8785 does, -0 as 0
}

// Members in canonical order, each once.
export function canonicalSet(members: Iterable<string>): string {
  return `[${[...new Set(members)].sort(compareBytes).join(',')}]`;
}

export function setMembers(text: string): string[] {
  const members = parseJson(text);
  return Array.isArray(members) ? members.map(canonical) : [];
}
