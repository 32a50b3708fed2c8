/** Writes the service worker of an app into its built folder: for any bundler, after the build. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

export interface ShellBuildOptions {
  /** Where the folder will be served: `/` unless told. Begins and ends with a slash. */
  readonly base?: string;
  /**
   * Paths whose navigations show `index.html`. Unless told, all below the base whose last part has
   * no dot: of an app that shares its origin with other pages, name its own.
   */
  readonly views?: RegExp;
  /** Names of files that are not kept, such as large pictures; the whole path is tested. */
  readonly exclude?: RegExp;
}

export interface ShellBuild {
  /** The file that was written. */
  readonly path: string;
  /** A digest of what is kept: another one is another version. */
  readonly version: string;
  /** What is kept, as paths of the server. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Made by compressors and for debuggers: nobody asks for them by name. */
const never = /\.(map|br|gz)$/;

/**
 * Lists the files of `folder` and writes `sw.js` into it.
 *
 * @throws Error when there is no index.html, or `base` does not begin and end with a slash
 */
export function writeOfflineShell(folder: string, options: ShellBuildOptions = {}): ShellBuild {
  const { base = '/', exclude } = options;
  if (!/^\/(.*\/)?$/.test(base))
    throw new Error(`base is ${base}: it begins and ends with a slash`);
  const names = filesUnder(folder).filter(
    (name) => name !== 'sw.js' && !never.test(name) && !exclude?.test(name),
  );
  if (!names.includes('index.html')) throw new Error(`there is no index.html in ${folder}`);
  const digest = createHash('sha256').update(base);
  let bytes = 0;
  for (const name of names) {
    const content = readFileSync(join(folder, name));
    bytes += content.length;
    digest.update(name).update('\0').update(content);
  }
  const version = digest.digest('hex').slice(0, 16);
  const files = names.map((name) => pathOf(base + (name === 'index.html' ? '' : name)));
  const views = options.views ?? new RegExp(`^${escaped(base)}([^.]*|.*/[^./]*)$`);
  const template = readFileSync(join(import.meta.dirname, 'shellWorker.js'), 'utf8');
  const source = template
    .replace('__VERSION__', () => version)
    .replace(/\[["']__FILES__["']\]/, () => JSON.stringify(files))
    .replace('__VIEWS__', () => views.source);
  const path = join(folder, 'sw.js');
  writeFileSync(path, source);
  return { path, version, files, bytes };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'))
    .sort();
}

/** As a request for it says it. */
function pathOf(name: string): string {
  return new URL(name.replace(/[%?#]/g, encodeURIComponent), 'http://localhost').pathname;
}

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
