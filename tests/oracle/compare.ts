// Holds the core's `resolve` against the oracle: the same cases through both.
//   node output/compare.js --driver PROGRAM [--count N] [--first SEED] [--show DIFFERENCES]
// A driver that ends with .js runs in this Node. A case is replayed with --first SEED --count 1.
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { makeCase, SCHEMAS, schemaText, type Case } from './cases.js';
import { Choices, shrink } from './choices.js';
import { mergeRow, type Collection, type Judgement } from './row_merge.js';

const { values: options } = parseArgs({ options: {
  driver: { type: 'string' },
  count: { type: 'string', default: '20000' },
  first: { type: 'string', default: '1' },
  show: { type: 'string', default: '5' },
} });
const driver = options.driver ?? '';
const BATCH = 10_000;

const schemaLines = SCHEMAS.map((s, id) => `{"id":${id},"schema":${schemaText(s)}}\n`).join('');

// Emscripten reads its input in pieces of 256 bytes and decodes each alone, which tears characters.
const ascii = (text: string) => text.replace(/[\u0080-\uffff]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function askCore(cases: Case[]): Judgement[] {
  const lines = cases.map(({ schema, ...rest }) =>
    `${ascii(JSON.stringify({ id: schema, ...rest }))}\n`);
  const [program, args] = driver.endsWith('.js') ? [process.execPath, [driver]] : [driver, []];
  const run = spawnSync(program, args, { input: schemaLines + lines.join(''), encoding: 'utf8',
    maxBuffer: 1 << 30 });
  const answers = run.stdout.trimEnd().split('\n');
  if (run.status !== 0 || answers.length !== cases.length) {
    const at = cases[answers.length - 1];
    throw new Error(`the driver ended with ${run.status}: ${run.stderr}\n${JSON.stringify(at)}`);
  }
  return answers.map((line) => JSON.parse(line) as Judgement);
}

function askOracle({ schema, change, stamp, stored }: Case): Judgement {
  return mergeRow(SCHEMAS[schema] as Collection, change, stamp, stored);
}

// What kind of difference it is, so that one of each is shown.
function kindOf({ schema, change, stored }: Case, core: Judgement, oracle: Judgement): string {
  const row = stored === null ? 'nothing' : stored.deleted_at === '' ? 'a live row' : 'a deleted row';
  const parts = (Object.keys(oracle) as (keyof Judgement)[]).filter(
    (part) => !isDeepStrictEqual(core[part], oracle[part]));
  return `${change.kind} of ${row}, ${SCHEMAS[schema]?.policy}: ${core.outcome}${core.code} for `
    + `${oracle.outcome}${oracle.code}; differs in ${parts.join(', ')}`;
}

const byNumber = (list: number[]): number[] => [...list].sort((a, b) => a - b);

// Whatever the core adds, such as a broken invariant, is a difference.
function isSame(core: Judgement, oracle: Judgement): boolean {
  const { lost, merged, conflicts } = oracle;
  return isDeepStrictEqual(core, { ...oracle, lost: byNumber(lost), merged: byNumber(merged),
    conflicts: byNumber(conflicts) });
}

async function differs(tape: number[], kind: string): Promise<boolean> {
  const one = makeCase(Choices.from(tape));
  const [core, oracle] = [askCore([one])[0] as Judgement, askOracle(one)];
  return !isSame(core, oracle) && kindOf(one, core, oracle) === kind;
}

// What both said of a case, as short as it can be made.
async function show(seed: number, kind: string): Promise<void> {
  const choices = Choices.seeded(seed);
  makeCase(choices);
  const tape = driver.endsWith('.js') ? choices.tape : await shrink(choices.tape, (shorter) => differs(shorter, kind));
  const one = makeCase(Choices.from(tape));
  const schema = SCHEMAS[one.schema] as Collection;
  const names = one.change.fields.map(({ field }) => schema.fields[field]);
  console.log(`seed ${seed}: ${schema.policy}, delete_wins ${schema.delete_wins}, append_only ${schema.append_only}`);
  console.log(`  fields ${JSON.stringify(names)}`);
  console.log(`  case   ${JSON.stringify({ stamp: one.stamp, change: one.change, stored: one.stored })}`);
  console.log(`  core   ${JSON.stringify(askCore([one])[0])}`);
  console.log(`  oracle ${JSON.stringify(askOracle(one))}`);
}

const first = Number(options.first);
const count = Number(options.count);
const outcomes: Record<string, number> = {};
const different = new Map<string, { seed: number; times: number }>();
let triples = 0;
for (let at = first; at < first + count; at += BATCH) {
  const seeds = Array.from({ length: Math.min(BATCH, first + count - at) }, (_, i) => at + i);
  const cases = seeds.map((seed) => makeCase(Choices.seeded(seed)));
  askCore(cases).forEach((core, i) => {
    const one = cases[i] as Case;
    const oracle = askOracle(one);
    triples += one.change.fields.length;
    outcomes[oracle.outcome] = (outcomes[oracle.outcome] ?? 0) + 1;
    if (isSame(core, oracle)) return;
    const kind = kindOf(one, core, oracle);
    const { seed, times } = different.get(kind) ?? { seed: seeds[i] as number, times: 0 };
    different.set(kind, { seed, times: times + 1 });
  });
}
const kinds = [...different].sort(([, a], [, b]) => b.times - a.times);
for (const [kind, { seed, times }] of kinds.slice(0, Number(options.show))) {
  console.log(`${times} times: ${kind}`);
  await show(seed, kind);
}
console.log(`oracle: ${count} cases from seed ${first}, ${triples} fields of three sides, `
  + `${kinds.reduce((sum, [, { times }]) => sum + times, 0)} differences, ${JSON.stringify(outcomes)}`);
process.exitCode = kinds.length === 0 ? 0 : 1;
