// Writes docs/errors.md, where each error's `docsUrl` points, from the codes of the built package.
//   node scripts/generate-error-reference.mjs            writes the file
//   node scripts/generate-error-reference.mjs --check    fails when it is not what would be written
import { readFileSync, writeFileSync } from 'node:fs';
import { errorCodes } from '../web/dist/client/errorCodes.js';

const file = new URL('../docs/errors.md', import.meta.url);

const sections = Object.entries(errorCodes).map(([code, { hint, retryable }]) =>
  [`## ${code}`, hint, ...(retryable ? ['The same call may succeed later as it is.'] : [])].join('\n\n'),
);
const text = `${[
  '# Errors',
  'Each code of a `StoreError`, with its `hint`. Written by `scripts/generate-error-reference.mjs` from [errorCodes.ts](../web/src/client/errorCodes.ts); what to look at when something does not work stands in [troubleshooting.md](troubleshooting.md).',
  ...sections,
].join('\n\n')}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/errors.md is not what the codes are; run node scripts/generate-error-reference.mjs');
  process.exit(1);
}
