// Without a network: a server that is gone, a switch, and a first visit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repoId } from './support/data.mjs';
import { addTag, branchesPath, row, tagsOf, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';
import { tunnel } from './stories/tunnel.mjs';

test('an edit made without a server survives a reload and arrives when there is one', {
  skip: missing,
}, () => inWorld(tunnel));

test('the offline switch closes the connection and outlives a reload', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url + branchesPath(repoId));
    await waitForWords(page, upToDate);
    const control = page.getByRole('switch', { name: 'Work offline' });
    await control.click();
    await waitForWords(page, 'Offline: nothing waits to be uploaded');
    await addTag(page, 'main', 'by choice');
    await page.reload();
    await waitForWords(page, 'Offline: 1 change saved on this device');
    assert.equal(await control.getAttribute('aria-checked'), 'true');
    const before = (await world.server.rows(repoId)).branches.find((b) => b.name === 'main');
    assert.equal(before.tags, '[]');
    await control.click();
    await waitForWords(page, upToDate);
    const after = (await world.server.rows(repoId)).branches.find((b) => b.name === 'main');
    assert.equal(after.tags, '["by choice"]');
    assert.deepEqual(world.complaints, []);
  }));

test('a page opened for the first time without any data says what to do next', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const first = await profile.page(world.server.url);
    await first.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await first.evaluate(() => globalThis.twinstore.close());
    await first.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
    });
    await world.server.stop();
    await first.reload();
    await first.getByText('Nothing has arrived on this device yet').waitFor();
    await waitForWords(first, 'Offline');
    assert.deepEqual(world.complaints, []);
  }));
