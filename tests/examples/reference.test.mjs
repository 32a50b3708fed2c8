// The references are made of what they describe, and are up to date.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { repository } from '../e2e/support/paths.mjs';
import { noServer } from '../package/support/project.mjs';

const options = { cwd: repository('.'), stdio: 'pipe' };

test('docs/rest.md is what the server says of its routes', { skip: noServer }, () => {
  execFileSync(process.execPath, ['scripts/generate-rest-reference.mjs', '--check'], options);
});

test('docs/errors.md has the codes of the package', {
  skip: !existsSync(repository('web/dist')) && 'the package is not built: scripts/build web',
}, () => {
  execFileSync(process.execPath, ['scripts/generate-error-reference.mjs', '--check'], options);
});

test('the reference of the package is made without a warning: every export is documented', {
  skip: !existsSync(repository('web/node_modules/typedoc')) && 'typedoc is not installed: scripts/setup web',
}, () => {
  execFileSync('npm', ['--prefix', 'web', 'run', 'reference'], options);
});
