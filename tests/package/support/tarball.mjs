// The package as npm packs it, installed into fresh folders as npm installs it. Everything else
// that an app needs is found where Node looks next: in the folders above.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const web = fileURLToPath(new URL('../../../web/', import.meta.url));
/** Two suites that run at a time have a folder each, beside each other. */
const suite = basename(dirname(process.argv[1]));
const output = join(here, suite === 'package' ? 'output' : `output-${suite}`);

function npm(folder, ...words) {
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' };
  return execFileSync('npm', [...words, '--offline', '--no-audit', '--no-fund'], options);
}

/** Packs what web/dist holds; returns the archive's path and what npm says is in it. */
function pack() {
  mkdirSync(output, { recursive: true });
  for (const name of readdirSync(output)) {
    if (name.endsWith('.tgz')) rmSync(join(output, name));
  }
  const [said] = JSON.parse(npm(web, 'pack', '--ignore-scripts', '--json', '--pack-destination', output));
  return { path: join(output, said.filename), files: said.files };
}

export const tarball = pack();

/** A fresh folder with the files of apps/NAME and the package. */
export function newApp(name, from = name) {
  const folder = join(output, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, 'apps', from), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
  npm(folder, 'install', '--ignore-scripts', '--no-package-lock', '--omit=peer', tarball.path);
  return folder;
}

/** Runs a tool of this folder's packages; what it printed is in the error when it fails. */
export function run(tool, words, folder) {
  // Vite, as a library of this process, has set NODE_ENV for the production builds.
  const env = { ...process.env, NODE_ENV: undefined, NODE_TEST_CONTEXT: undefined };
  const options = { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' };
  try {
    return execFileSync(process.execPath, [join(here, 'node_modules', tool), ...words], options);
  } catch (error) {
    throw new Error(`${tool} ${words.join(' ')}\n${error.stdout}${error.stderr}`);
  }
}
