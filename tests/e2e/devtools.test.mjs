// The package's devtools over the app's store: each part shows what is there, by keyboard too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './support/axe.mjs';
import { query, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const panelOf = (page) => page.getByRole('complementary', { name: 'Twinstore devtools' });
const tab = (page, name) => panelOf(page).getByRole('tab', { name, exact: true });

test('the devtools are a chunk that is loaded when they are opened', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    const loaded = () =>
      page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /\/Panel-/.test(name)).length);
    assert.equal(await loaded(), 0);
    await page.getByRole('button', { name: 'Developer tools' }).click();
    await tab(page, 'Tables').waitFor();
    assert.equal(await loaded(), 1);
    assert.deepEqual(world.complaints, [], 'the content security policy allows all of it');
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`every part of the devtools is accessible, ${colorScheme}`, { skip: missing }, () =>
    inWorld(async (world) => {
      const profile = await world.profile({ colorScheme });
      const page = await profile.page(`${world.server.url}/?devtools=1`);
      await waitForWords(page, upToDate);
      for (const name of await panelOf(page).getByRole('tab').allTextContents()) {
        await tab(page, name).click();
        await panelOf(page).getByText('Asking the store…').waitFor({ state: 'detached' });
        assert.deepEqual(await violations(page), [], name);
      }
    }));
}

test('tables, statements, queries, log and storage show the store of the page', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(`${world.server.url}/?devtools=1`);
    await waitForWords(page, upToDate);
    const panel = panelOf(page);
    await panel.getByRole('combobox').selectOption('branches');
    await panel.getByRole('columnheader', { name: 'last_commit_message' }).waitFor();
    await panel.getByText(/^\d+ rows, [\d.]+ ms, live$/).waitFor();

    await tab(page, 'SQL').click();
    await panel.getByRole('textbox').fill('SELECT count(*) AS branch_count FROM branches');
    await page.keyboard.press('Control+Enter');
    const [{ n }] = await query(page, 'SELECT count(*) AS n FROM branches');
    await panel.getByRole('cell', { name: String(n), exact: true }).waitFor();
    await panel.getByText(/^1 row, [\d.]+ ms, live$/).waitFor();
    await panel.getByRole('textbox').fill('DELETE FROM branches');
    await page.keyboard.press('Control+Enter');
    await panel.getByRole('alert').waitFor();

    await tab(page, 'Live queries').click();
    await panel.getByText(/^\d+ live, \d+ runs, 1 page$/).waitFor();
    await panel.getByRole('cell', { name: /^SELECT r\.repo_id, r\.owner/ }).waitFor();
    await tab(page, 'Sync log').click();
    await panel.getByText('Level with the server').first().waitFor();
    await tab(page, 'Storage').click();
    await panel.getByText('opfs').waitFor();
    await panel.getByText(/^scope \*/).waitFor();
    assert.deepEqual(world.complaints, []);
  }));

test('the plug in the devtools is the one in the header', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(`${world.server.url}/?devtools=1`);
    await waitForWords(page, upToDate);
    await panelOf(page).getByRole('button', { name: 'Go offline' }).click();
    await waitForWords(page, 'Offline');
    await page.getByRole('switch', { name: 'Work offline', checked: true }).waitFor();
    await page.getByRole('switch').click();
    await panelOf(page).getByRole('button', { name: 'Go offline' }).waitFor();
    await waitForWords(page, upToDate);
  }));

test('a conflict on purpose really happens, and is decided in the devtools', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(`${world.server.url}/?devtools=1`);
    await waitForWords(page, upToDate);
    const panel = panelOf(page);
    await tab(page, 'Conflicts').click();
    await panel.getByLabel('Table').selectOption('branches');
    await panel.getByRole('button', { name: 'Simulate a conflict' }).click();
    await panel.getByText('superseded by the policy').waitFor();
    const [met] = await query(page, 'SELECT * FROM _conflicts');
    assert.match(JSON.stringify(met.local), /\((here|elsewhere)\)/);
    await panel.getByRole('button', { name: 'Local' }).click();
    await panel.getByRole('cell', { name: 'resolved' }).waitFor();
    await waitForWords(page, upToDate);
    const [, key] = met.row_key;
    const stored = (await world.server.rows(met.scope)).branches.find(({ name }) => name === key);
    const [field] = Object.keys(met.local);
    assert.equal(stored[field], met.local[field]);
    assert.deepEqual(world.complaints, []);
  }));

test('the keyboard moves between the parts, closes the panel, and is where it was', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    await page.getByRole('button', { name: 'Developer tools' }).focus();
    await page.keyboard.press('Enter');
    await tab(page, 'Tables').waitFor();
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        return (activeElement?.shadowRoot?.activeElement ?? activeElement)?.textContent;
      });
    await page.waitForFunction(() => document.activeElement?.shadowRoot);
    assert.equal(await focused(), 'Tables');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), 'Storage');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'SQL');
    await page.keyboard.press('Escape');
    await panelOf(page).waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Developer tools');
    assert.doesNotMatch(page.url(), /devtools/);
  }));
