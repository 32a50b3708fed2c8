// How the app looks and reads: axe, keyboard, content security policy, and README's pictures.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { repoId } from './support/data.mjs';
import { addTag, branchesPath, row, tagsOf, upToDate, waitForWords } from './support/page.mjs';
import { missing, repository, sharedRepos } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shown = sharedRepos === undefined ? repoId : 'nlohmann/json';
/** Pictures are written where README shows them, or beside the other output when nothing may change. */
const pictures = repository(process.env.TWINSTORE_PICTURES ?? 'tests/e2e/output/');

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`the screens are accessible and fit at ${width} px, ${colorScheme}`, {
      skip: missing,
    }, () =>
      inWorld(async (world) => {
        const profile = await world.profile({
          colorScheme,
          viewport: { width, height: width === 390 ? 844 : 860 },
        });
        const page = await profile.page(world.server.url);
        await waitForWords(page, upToDate);
        mkdirSync(pictures, { recursive: true });
        const picture = async (screen) => {
          assert.deepEqual(await violations(page), [], screen);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
          assert.ok(overflow <= 0, `${screen} scrolls sideways by ${overflow} px`);
          await page.screenshot({ path: `${pictures}/${screen}-${colorScheme}-${width}.png` });
        };
        await picture('repositories');
        await page.goto(world.server.url + branchesPath(shown));
        const branch = await page.locator('tr[data-branch]').nth(1).getAttribute('data-branch');
        await addTag(page, branch, 'reviewed');
        await waitForWords(page, upToDate);
        await page.getByRole('switch').click();
        await waitForWords(page, 'Offline');
        await addTag(page, branch, 'release blocker');
        await waitForWords(page, '1 change saved on this device');
        await page.evaluate(() => document.activeElement.blur());
        await picture('branches');
        assert.deepEqual(world.complaints, []);
      }));
  }
}

test('tags can be edited with the keyboard alone, and the focus is never lost', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url + branchesPath(repoId));
    await row(page, 'main').waitFor();
    await page.getByRole('button', { name: 'Add a tag to main' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('one');
    await page.keyboard.press('Enter');
    await page.keyboard.type('two,');
    await page.keyboard.type('three');
    await page.keyboard.press('Enter');
    await row(page, 'main').getByText('three', { exact: true }).waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Escape');
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    await page.waitForFunction(() => document.activeElement.className === 'tag-add');
    assert.equal(await focused(), 'Add a tag to main');
    // Tags stand in the order of their letters, so the last one is this.
    await row(page, 'main').getByText('two', { exact: true }).waitFor({ state: 'detached' });
    assert.deepEqual(await tagsOf(page, repoId, 'main'), ['one', 'three']);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('.tag').length === 1);
    assert.match(await focused(), /^Remove tag (one|three) from main$/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.tag').length === 2);
    assert.deepEqual(world.complaints, []);
  }));

test('a change of the sync state is announced once it settles', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url);
    await waitForWords(page, upToDate);
    const announcer = page.locator('[data-announcer]');
    await announcer.getByText('Up to date', { exact: true }).waitFor();
    await page.getByRole('switch').click();
    await announcer.getByText('Offline: nothing waits to be uploaded', { exact: true }).waitFor();
  }));

test('the app runs under its content security policy, and its module is a file', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.context.newPage();
    const types = new Map();
    const hosts = new Set();
    let policy = '';
    profile.context.on('response', (response) => {
      const url = new URL(response.url());
      hosts.add(url.host);
      types.set(url.pathname.split('.').at(-1), response.headers()['content-type']);
      if (url.pathname === '/') policy = response.headers()['content-security-policy'];
    });
    await page.goto(world.server.url);
    await waitForWords(page, upToDate);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/);
    assert.equal(types.get('wasm'), 'application/wasm');
    assert.deepEqual([...hosts], [new URL(world.server.url).host]);
    assert.deepEqual(world.complaints, []);
  }));
