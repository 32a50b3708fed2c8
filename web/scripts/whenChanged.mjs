// Runs a build only when what it is made of has changed since it last succeeded: a second
// scripts/run starts at once, and the suites of one scripts/test share one build.
// Contents are compared, not times: a checkout gives every file a new one.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const web = fileURLToPath(new URL('..', import.meta.url));
const generated = new Set(['node_modules', 'dist']);

function* filesOf(path) {
  if (!statSync(path).isDirectory()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (!generated.has(entry.name)) yield* filesOf(join(path, entry.name));
  }
}

function digestOf(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => [...filesOf(join(web, input))].sort())) {
    hash.update(`\n${relative(web, file)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Paths are relative to web/; a folder among the inputs is walked, without what is generated. */
export function whenChanged(output, inputs, build) {
  const stamp = join(web, 'node_modules/.built', output.replaceAll('/', '-'));
  const digest = digestOf(inputs);
  const isBuilt = existsSync(join(web, output)) && existsSync(stamp);
  if (isBuilt && readFileSync(stamp, 'utf8') === digest) {
    console.log(`build: ${output} is up to date`);
    return;
  }
  rmSync(stamp, { force: true });
  build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}
