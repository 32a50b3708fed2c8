// Every screen in both themes and two widths: axe, no sideways scroll, and a picture to look at.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from './support/axe.mjs';
import { repoId } from './support/data.mjs';
import { addTag, branchesPath, row, upToDate, waitForWords } from './support/page.mjs';
import { missing, repository } from './support/paths.mjs';
import { openScreen, overflowOf, screens, shown } from './support/screens.mjs';
import { inWorld } from './support/world.mjs';

const output = repository('tests/e2e/output/');
const readme = readFileSync(repository('README.md'), 'utf8');

/** README's pictures are written where it shows them when that is asked for; the others may be looked at. */
function pathOf(file) {
  const folder = process.env.TWINSTORE_PICTURES;
  return folder !== undefined && readme.includes(file) ? `${repository(folder)}/${file}` : `${output}/${file}`;
}

/** Titles of a table that do not fit into its head, and so lie over its rows. */
function titlesOutside() {
  return [...document.querySelectorAll('.table-head .sort')]
    .filter((title) => {
      const head = title.closest('.table-head').getBoundingClientRect();
      return title.getBoundingClientRect().bottom > head.bottom;
    })
    .map((title) => title.textContent);
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
        mkdirSync(output, { recursive: true });
        const picture = async (screen) => {
          assert.deepEqual(await violations(page), [], screen);
          assert.ok((await overflowOf(page)) <= 0, `${screen} scrolls sideways`);
          assert.deepEqual(await page.evaluate(titlesOutside), [], screen);
          await page.screenshot({ path: pathOf(`${screen}-${colorScheme}-${width}.png`) });
        };
        for (const name of Object.keys(screens)) {
          await openScreen(page, world.server.url, name);
          await picture(name);
        }
        await page.goto(world.server.url + branchesPath(shown));
        const edited = await page.locator('tr[data-branch]').nth(1).getAttribute('data-branch');
        await addTag(page, edited, 'reviewed');
        await waitForWords(page, upToDate);
        await page.getByRole('switch').click();
        await waitForWords(page, 'Offline');
        await addTag(page, edited, 'release blocker');
        await waitForWords(page, '1 change saved on this device');
        await page.evaluate(() => document.activeElement.blur());
        await picture('branches');
        assert.deepEqual(world.complaints, []);
      }));
  }
}

test('a view is restored from its address, and Back leaves it', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    await page.goto(world.server.url + branchesPath(repoId));
    await row(page, 'fix/a/deep/path').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'fix/a/deep/path' }).waitFor();
    await page.getByLabel('Metric').selectOption({ label: 'Files' });
    const address = page.url();
    await page.reload();
    assert.equal(page.url(), address);
    await page.getByRole('heading', { level: 2, name: 'Files' }).waitFor();
    await page.goBack();
    await row(page, 'fix/a/deep/path').waitFor();
    assert.deepEqual(world.complaints, []);
  }));

test('repositories are ordered by what their heads say, and the address keeps it', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    const counts = () =>
      page.locator('.cell-count').evaluateAll((cells) => cells.map((cell) => parseInt(cell.textContent.replace(',', ''), 10)));
    await page.getByRole('button', { name: 'Branches' }).click();
    await page.getByRole('columnheader', { name: 'Branches', exact: true }).and(page.locator('[aria-sort="descending"]')).waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-sort]')?.textContent === 'Branches');
    const descending = (await counts()).toSorted((a, b) => b - a);
    assert.deepEqual(await counts(), descending);
    assert.match(page.url(), /\?sort=-branches$/);
    await page.getByRole('button', { name: 'Branches' }).click();
    await page.locator('[aria-sort="ascending"]').waitFor();
    await page.reload();
    await page.locator('.cell-count').first().waitFor();
    assert.deepEqual(await counts(), descending.toReversed());
    assert.deepEqual(world.complaints, []);
  }));

test('the words for newcomers go away for good, and come back when asked for', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    const words = page.getByRole('region', { name: 'All of this is read from your own device' });
    await words.getByRole('button', { name: 'Go offline' }).click();
    await page.getByText('Everything goes on working').waitFor();
    await words.getByRole('button', { name: 'Hide this' }).click();
    await words.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Everything goes on working').waitFor();
    assert.equal(await words.count(), 0);
    await page.getByRole('button', { name: 'What is this?' }).click();
    await words.getByRole('link', { name: 'Show me' }).click();
    await page.getByRole('heading', { name: 'What became of it' }).waitFor();
    assert.deepEqual(world.complaints, []);
  }));

/** How long frames last while the page goes down by half a screen with each, and while it stands still. */
async function framesOfScroll() {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const measured = async (step) => {
    const lasted = [];
    let before = await frame();
    for (let at = 0; at < 120; at += 1) {
      scrollBy(0, step);
      const now = await frame();
      lasted.push(now - before);
      before = now;
    }
    lasted.sort((a, b) => a - b);
    return [0.5, 0.95].map((part) => `${lasted[Math.floor(part * lasted.length)].toFixed(1)} ms`).join(', 95 % within ');
  };
  const still = await measured(0);
  return `median ${await measured(innerHeight / 2)}; standing still: median ${still}`;
}

test('five thousand branches scroll with few rows in the page', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    await page.evaluate(() =>
      globalThis.twinstore.transaction(async (tx) => {
        await tx.table('repositories').insert({ repo_id: 'many/branches', owner: 'many', name: 'branches' });
        for (let at = 0; at < 5_000; at += 1) {
          const name = `b${String(at).padStart(4, '0')}`;
          await tx.table('branches').insert({ repo_id: 'many/branches', name });
        }
      }),
    );
    await page.goto(world.server.url + branchesPath('many/branches'));
    await row(page, 'b0000').waitFor();
    assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), '5001');
    assert.ok((await page.locator('tr[data-branch]').count()) <= 150);
    console.log(`frames while 5,000 rows scroll: ${await page.evaluate(framesOfScroll)}`);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await row(page, 'b4999').waitFor();
    assert.ok((await page.locator('tr[data-branch]').count()) <= 150);
    await page.evaluate(() => scrollTo(0, 0));
    await row(page, 'b0000').waitFor();
  }));
