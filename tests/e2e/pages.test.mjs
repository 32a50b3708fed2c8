// How the app is worked with: keyboard, what is announced, and its content security policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repoId } from './support/data.mjs';
import { branchesPath, row, tagsOf, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

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
