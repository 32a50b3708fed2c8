// A strict project of printed files: compiled, its scripts run, and served as a line says.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { repository } from '../../e2e/support/paths.mjs';
import { missing } from './page.mjs';
import { writeFiles } from './recipe.mjs';
import { newApp, run } from './tarball.mjs';

export const binary = repository('build/native-release/bin/twinstore');
export const noServer =
  missing || (!existsSync(binary) && 'the server is not built: scripts/build native');

/** A strict project that holds the files, type-checked. */
export function compiled(name, files) {
  const folder = newApp(name, 'recipe');
  writeFiles(folder, files);
  run('typescript/bin/tsc', ['-p', '.'], folder);
  return folder;
}

/** What a script prints; one that imports TypeScript is bundled first, for Nodes that cannot. */
export async function output(folder, script) {
  const { build } = await import('vite');
  const options = { ssr: script, outDir: 'script', emptyOutDir: true };
  await build({ root: folder, configFile: false, logLevel: 'silent', build: options });
  const name = script.replace(/\.\w+$/, '.js');
  return execFileSync(process.execPath, [join('script', name)], { cwd: folder, encoding: 'utf8' });
}

/** Runs `twinstore serve` as a printed line says, but at an address of the test's own. */
export async function serveAs(line, folder, at = '127.0.0.1:0') {
  const [, ...words] = line.trim().replace(/ --listen \S+/, '').split(' ');
  const child = spawn(binary, ['--log-level', 'warn', ...words, '--listen', at], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  for await (const text of createInterface({ input: child.stdout })) {
    const [, url] = text.match(/^listening on (http\S+)/) ?? [];
    if (url) return { url, stop: () => (child.kill(), ended) };
  }
  throw new Error('the server ended');
}
