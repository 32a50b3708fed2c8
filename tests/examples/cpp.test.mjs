// The program of docs/cpp.md, compiled as it is printed, says what the page says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { repository } from '../e2e/support/paths.mjs';

const program = repository('build/native-release/bin/twinstore_cpp_guide');
const page = readFileSync(repository('docs/cpp.md'), 'utf8');

test('the program says what the page says', {
  skip: !existsSync(program) && 'it is not built: scripts/test examples',
}, () => {
  const [, said] = page.match(/^It says `(.*)`\./m) ?? [];
  assert.equal(execFileSync(program, { encoding: 'utf8' }), `${said}\n`);
});
