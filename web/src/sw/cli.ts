#!/usr/bin/env node
// twinstore-sw FOLDER [--base /app/] [--views REGEXP] [--exclude REGEXP]: after each build.
import { parseArgs } from 'node:util';
import { type ShellBuildOptions, writeOfflineShell } from './build.js';

const usage = 'twinstore-sw FOLDER [--base /app/] [--views REGEXP] [--exclude REGEXP]';

try {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    options: { base: text, views: text, exclude: text },
    allowPositionals: true,
  });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new Error('name one folder');
  const options: ShellBuildOptions = {
    ...(values.base === undefined ? {} : { base: values.base }),
    ...(values.views === undefined ? {} : { views: new RegExp(values.views) }),
    ...(values.exclude === undefined ? {} : { exclude: new RegExp(values.exclude) }),
  };
  const { path, version, files, bytes } = writeOfflineShell(folder, options);
  console.log(`${path}: version ${version}, ${files.length} files of ${bytes} bytes`);
} catch (error) {
  console.error(`twinstore-sw: ${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
