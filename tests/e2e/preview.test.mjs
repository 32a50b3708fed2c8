// Looking before sending: a device that is offline is told what will become of what waits, nothing
// is sent by that, and what then happens is what it was told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repoId } from './support/data.mjs';
import { addTag, branchesPath, query, row, tagsOf, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const [free, met] = ['main', 'feature/🚀-rocket'];

test('the banner and the outbox tell what will happen, and it happens', { skip: missing }, () =>
  inWorld(async (world) => {
    const address = world.server.url + branchesPath(repoId);
    const ada = await (await world.profile()).page(address);
    const ben = await (await world.profile()).page(address);
    for (const page of [ada, ben]) await waitForWords(page, upToDate);
    await ben.getByRole('switch', { name: 'Work offline' }).click();
    await waitForWords(ben, 'Offline');
    await addTag(ben, free, 'from Ben');
    await addTag(ben, met, 'from Ben');
    await addTag(ada, met, 'from Ada');
    await waitForWords(ada, upToDate);

    const banner = ben.getByRole('region', { name: 'Working offline' });
    await banner.getByText('2 changes go out when you return.').waitFor();
    await banner.getByRole('button', { name: 'What would happen?' }).click();
    await banner.getByText('1 goes through, 1 gives way to a later edit').waitFor();
    await ben.getByRole('link', { name: 'Sync', exact: true }).click();
    const outbox = ben.getByRole('region', { name: 'Outbox' });
    await outbox.getByText(`branches: ${repoId} / ${met}`).waitFor();
    await outbox.getByText('Gives way to a later edit', { exact: true }).waitFor();
    await outbox.getByText('Goes through', { exact: true }).waitFor();
    await outbox.getByText('just now').first().waitFor();
    const stored = (await world.server.rows(repoId)).branches.find(({ name }) => name === free);
    assert.equal(stored.tags, '[]', 'nothing was sent');

    await banner.getByRole('button', { name: 'Go online' }).click();
    await waitForWords(ben, upToDate);
    await outbox.getByText('Nothing waits to be sent.').waitFor();
    for (const page of [ada, ben]) {
      await page.waitForFunction(() => globalThis.twinstore.sql`SELECT 1 FROM _conflicts`.then((rows) => rows.length === 1));
      assert.deepEqual(await tagsOf(page, repoId, free), ['from Ben']);
      assert.deepEqual(await tagsOf(page, repoId, met), ['from Ada']);
      const [{ status }] = await query(page, 'SELECT status FROM _conflicts');
      assert.equal(status, 'superseded');
    }
    await row(ada, free).getByText('from Ben').waitFor();
    assert.deepEqual(world.complaints, []);
  }));
