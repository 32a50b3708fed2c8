// README's example, as it is printed there: type-checked, built, opened, and its button pressed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing, repository } from './support/paths.mjs';
import { ServerProcess } from './support/server.mjs';
import { inWorld } from './support/world.mjs';

const web = repository('web/');
const folder = join(web, 'dist-readme');

function exampleOfReadme() {
  const [, example] = readFileSync(repository('README.md'), 'utf8').match(/```tsx\n(.*?)```/s) ?? [];
  assert.ok(example, 'README has a tsx block');
  return example;
}

const page = `<!doctype html><html lang="en"><title>README</title><link rel="icon" href="/icon.svg"><div id="root"></div>
<script type="module" src="./main.tsx"></script></html>`;
const main = `import { createRoot } from 'react-dom/client';
import { App } from './example';
createRoot(document.getElementById('root') as HTMLElement).render(<App />);`;
const types = {
  extends: '../demo/tsconfig.json',
  compilerOptions: { paths: { twinstore: ['../dist/client/index.d.ts'], 'twinstore/react': ['../dist/react/index.d.ts'] } },
  include: ['.'],
};
const bundling = `export default {
  resolve: { alias: [
    { find: /^twinstore$/, replacement: '${web}dist/client/index.js' },
    { find: /^twinstore\\/react$/, replacement: '${web}dist/react/index.js' } ] },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0 },
};`;

function buildExample() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write('example.tsx', exampleOfReadme());
  write('main.tsx', main);
  write('index.html', page);
  write('tsconfig.json', JSON.stringify(types));
  write('vite.config.mjs', bundling);
  mkdirSync(join(folder, 'public'));
  write('public/icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const run = (tool, ...words) =>
    execFileSync(process.execPath, [join(web, 'node_modules', tool), ...words], { cwd: folder, stdio: 'pipe' });
  run('typescript/bin/tsc', '--noEmit');
  run('vite/bin/vite.js', 'build', '--logLevel', 'error');
}

test("README's example lists branches live and its button writes to the server", { skip: missing }, () =>
  inWorld(async (world) => {
    const repoId = exampleOfReadme().match(/repoId="([^"]+)"/)[1];
    buildExample();
    await world.server.stop('SIGTERM');
    world.add('branches', { repo_id: repoId, name: 'feature/readme', tags: [] });
    const server = new ServerProcess(world.server.database, join(folder, 'dist'));
    await server.start();
    try {
      const profile = await world.profile();
      const shown = await profile.page(server.url);
      const button = shown.getByRole('button', { name: 'feature/readme' });
      await button.click();
      await shown.getByRole('button', { name: 'feature/readme seen' }).waitFor();
      const stored = async () =>
        (await server.rows(repoId)).branches.find((row) => row.name === 'feature/readme').tags;
      for (let turn = 0; turn < 100 && (await stored()) !== '["seen"]'; ++turn) {
        await shown.waitForTimeout(50);
      }
      assert.equal(await stored(), '["seen"]');
      assert.deepEqual(world.complaints, []);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }));
