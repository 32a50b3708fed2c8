// The files of a recipe, as it prints them: fenced blocks whose first line names one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const recipes = fileURLToPath(new URL('../../../docs/recipes/', import.meta.url));

/** { 'App.tsx': '…' } */
export function filesOf(name) {
  const text = readFileSync(join(recipes, name), 'utf8');
  const blocks = [...text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)];
  return Object.fromEntries(blocks.map(([, file, content]) => [file, content]));
}

export function writeFiles(folder, files) {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}
