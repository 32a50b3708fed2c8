// docs/quick-start.md, followed as it is printed. The packages that it installs are those that are
// pinned for the tests, of the versions that it names; the archive is the one that npm packs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { repository } from '../e2e/support/paths.mjs';
import { openBrowser } from '../package/support/page.mjs';
import { noServer, serveAs } from '../package/support/project.mjs';
import { writeFiles } from '../package/support/recipe.mjs';
import { newApp, run, tarball } from '../package/support/tarball.mjs';
import { blocksOf } from './support/documents.mjs';

const files = Object.fromEntries(
  blocksOf('docs/quick-start.md')
    .filter(({ words }) => words.startsWith('file='))
    .map(({ words, text }) => [words.slice('file='.length), text]),
);

test('what is installed is what the tests have, and the archive has the printed name', () => {
  const { devDependencies } = JSON.parse(readFileSync(repository('tests/package/package.json'), 'utf8'));
  const words = files['install.sh'].match(/^npm install (.*)$/m)[1].split(' ');
  const archive = words.shift();
  assert.equal(archive, `./${tarball.path.split('/').at(-1)}`);
  for (const word of words) {
    const [, name, major] = word.match(/^(.+)@(\d+)$/);
    assert.equal(devDependencies[name]?.split('.')[0], major, `${name} is pinned at ${devDependencies[name]}`);
  }
});

test('the page as it is printed makes an app that works while its server is away', { skip: noServer }, async () => {
  const folder = newApp('quick-start', 'browser');
  writeFiles(folder, files);
  const [build, line] = files['serve.sh'].trim().split('\n');
  assert.equal(build, 'npx vite build');
  run('vite/bin/vite.js', ['build', '--logLevel', 'error'], folder);
  let server = await serveAs(line, folder);
  const browser = await openBrowser();
  try {
    const page = await browser.open(server.url);
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('mine/1').waitFor();
    await page.getByText('0 waiting').waitFor();

    const { port } = new URL(server.url);
    const here = (script) => script.replaceAll(':8787', `:${port}`);
    const sh = (script) => execFileSync('bash', ['-c', here(script)], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    assert.equal(JSON.parse(sh(files['backend.sh'])).status, 'added');
    await page.getByText('team/app handed in by a backend').waitFor();
    await page.getByText('0 waiting').waitFor();
    assert.deepEqual(browser.complaints, []);

    await server.stop();
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('mine/3').waitFor();
    await page.getByText('1 waiting').waitFor();
    server = await serveAs(line, folder, `127.0.0.1:${port}`);
    await page.getByText('0 waiting').waitFor();
    assert.equal(JSON.parse(sh(files['ask.sh'])).repo_id, 'mine/3');
  } finally {
    await browser.close();
    await server.stop();
  }
});
