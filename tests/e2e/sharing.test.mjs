import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchNames, repoId, schemaWith } from './support/data.mjs';
import { addTag, branchesPath, digest, query, row, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';
import { handOver } from './stories/handOver.mjs';
import { live } from './stories/live.mjs';

const branch = 'fix/a/deep/path';

test('a second browser sees an edit live, and both hold the same rows', { skip: missing }, () =>
  inWorld(live));

test('edits made on both sides while apart are both there afterwards', { skip: missing }, () =>
  inWorld(async (world) => {
    const address = world.server.url + branchesPath(repoId);
    const one = await (await world.profile()).page(address);
    const two = await (await world.profile()).page(address);
    await waitForWords(one, upToDate);
    await waitForWords(two, upToDate);
    for (const page of [one, two]) await page.getByRole('switch').click();
    await addTag(one, 'main', 'mine');
    await addTag(two, branch, 'yours');
    for (const page of [one, two]) await page.getByRole('switch').click();
    await row(one, branch).getByText('yours', { exact: true }).waitFor();
    await row(two, 'main').getByText('mine', { exact: true }).waitFor();
    await waitForWords(one, upToDate);
    await waitForWords(two, upToDate);
    assert.equal(await digest(one), await digest(two));
    assert.deepEqual(world.complaints, []);
  }));

test('what loses while two browsers are apart is kept, and either can take it back', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const address = world.server.url + branchesPath(repoId);
    const one = await (await world.profile()).page(address);
    const two = await (await world.profile()).page(address);
    for (const page of [one, two]) await waitForWords(page, upToDate);
    for (const page of [one, two]) await page.getByRole('switch').click();
    for (const page of [one, two]) await waitForWords(page, 'Offline');
    await addTag(one, branch, 'earlier');
    await addTag(two, branch, 'later');
    await one.getByRole('switch').click();
    await waitForWords(one, upToDate);
    await two.getByRole('switch').click();
    await row(one, branch).getByText('later', { exact: true }).waitFor();
    await waitForWords(two, upToDate);
    const sql = 'SELECT id, status, resolution, local, remote FROM _conflicts';
    const [kept, ...others] = await query(one, sql);
    assert.deepEqual(others, []);
    assert.deepEqual(kept, {
      id: kept.id,
      status: 'superseded',
      resolution: 'local',
      local: { tags: ['later'] },
      remote: { tags: ['earlier'] },
    });
    const fields = { tags: ['earlier', 'later'] };
    await two.evaluate(
      ([id, merged]) => globalThis.twinstore.resolveConflict(id, { take: 'merged', fields: merged }),
      [kept.id, fields],
    );
    await row(one, branch).getByText('earlier', { exact: true }).waitFor();
    await row(one, branch).getByText('later', { exact: true }).waitFor();
    await waitForWords(two, upToDate);
    assert.deepEqual(await query(one, 'SELECT status, resolution FROM _conflicts'), [
      { status: 'resolved', resolution: 'merged' },
    ]);
    assert.deepEqual(world.complaints, []);
  }));

test('what two browsers wrote while apart is merged, and it is said', { skip: missing }, () =>
  inWorld(async (world) => {
    await world.server.stop('SIGTERM');
    world.server.useSchema(schemaWith(world.folder, { branches: 'MERGE' }));
    await world.server.start();
    const address = world.server.url + branchesPath(repoId);
    const one = await (await world.profile()).page(address);
    const two = await (await world.profile()).page(address);
    for (const page of [one, two]) await waitForWords(page, upToDate);
    for (const page of [one, two]) await page.getByRole('switch').click();
    for (const page of [one, two]) await waitForWords(page, 'Offline');
    await addTag(one, branch, 'mine');
    await addTag(two, branch, 'yours');
    await one.getByRole('switch').click();
    await waitForWords(one, upToDate);
    await two.getByRole('switch').click();
    for (const page of [one, two]) {
      for (const tag of ['mine', 'yours']) await row(page, branch).getByText(tag, { exact: true }).waitFor();
      await waitForWords(page, upToDate);
    }
    const [kept, ...others] = await query(one, 'SELECT status, fields FROM _conflicts');
    assert.deepEqual([kept, others], [{ status: 'merged', fields: ['tags'] }, []]);
    assert.equal(await digest(one), await digest(two));
    const stored = (await world.server.rows(repoId)).branches.find((b) => b.name === branch);
    assert.deepEqual(JSON.parse(stored.tags).toSorted(), ['mine', 'yours']);
    assert.deepEqual(world.complaints, []);
  }));

test('two tabs of one browser show the same, and either may close', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const address = world.server.url + branchesPath(repoId);
    const first = await profile.page(address);
    await waitForWords(first, upToDate);
    const second = await profile.page(address);
    await waitForWords(second, upToDate);
    await addTag(second, 'main', 'from the second');
    await row(first, 'main').getByText('from the second', { exact: true }).waitFor();
    await addTag(first, 'main', 'from the first');
    await row(second, 'main').getByText('from the first', { exact: true }).waitFor();
    await first.close();
    await addTag(second, branch, 'alone');
    await waitForWords(second, upToDate);
    const stored = (await world.server.rows(repoId)).branches;
    const tags = Object.fromEntries(stored.map((row) => [row.name, JSON.parse(row.tags)]));
    assert.deepEqual(tags.main.toSorted(), ['from the first', 'from the second']);
    assert.deepEqual(tags[branch], ['alone']);
    assert.deepEqual(world.complaints, []);
  }));

test('the leading tab may close amid another tab\'s writes: all are answered, none is done twice', {
  skip: missing,
}, () => inWorld(handOver));

test('transactions of two tabs that read before they write do not undo each other', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const pages = [await profile.page(world.server.url), await profile.page(world.server.url)];
    for (const page of pages) await waitForWords(page, upToDate);
    await pages[0].evaluate(() =>
      globalThis.twinstore.table('cache_entries').insert({ cache_key: 'sum', size_bytes: 0 }),
    );
    const adding = pages.map((page) =>
      page.evaluate(async () => {
        const { twinstore } = globalThis;
        const add = () =>
          twinstore.transaction(async (tx) => {
            const table = tx.table('cache_entries');
            const { size_bytes } = await table.get('sum');
            await table.patch('sum', { size_bytes: size_bytes + 1 });
          });
        await Promise.all(Array.from({ length: 50 }, add));
      }),
    );
    await Promise.all(adding);
    const [row] = await query(pages[0], "SELECT size_bytes FROM cache_entries WHERE cache_key = 'sum'");
    assert.equal(row.size_bytes, 100);
  }));

test('importing the same data again keeps the tags edited in the browser', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url + branchesPath(repoId));
    await waitForWords(page, upToDate);
    await addTag(page, branch, 'kept');
    await waitForWords(page, upToDate);
    const before = await digest(page);
    await world.server.stop('SIGTERM');
    const said = world.import();
    assert.doesNotMatch(said, /[1-9]\d* (new|changed)/);
    await world.server.start();
    await page.reload();
    await waitForWords(page, upToDate);
    await row(page, branch).getByText('kept', { exact: true }).waitFor();
    assert.equal(await digest(page), before);
    const stored = (await world.server.rows(repoId)).branches.find((b) => b.name === branch);
    assert.equal(stored.tags, '["kept"]');
    assert.deepEqual(world.complaints, []);
  }));

test('names with slashes, per cent signs and emoji reach the page unchanged', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url);
    await page.getByRole('link', { name: repoId.replace('/', ' / ') }).click();
    await page.getByRole('heading', { level: 1, name: repoId }).waitFor();
    for (const name of branchNames) await row(page, name).waitFor();
    const names = await query(page, 'SELECT name FROM branches WHERE repo_id = ?', repoId);
    assert.deepEqual(names.map((row) => row.name).toSorted(), branchNames.toSorted());
    await page.getByRole('textbox').fill('🚀');
    await row(page, 'main').waitFor({ state: 'detached' });
    await page.reload();
    assert.equal(await page.getByRole('textbox').inputValue(), '🚀');
    await row(page, 'feature/🚀-rocket').waitFor();
    assert.equal(await row(page, 'main').count(), 0);
    assert.deepEqual(world.complaints, []);
  }));
