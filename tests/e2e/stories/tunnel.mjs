// The server is a stopped process, not a switch in the browser: what a user meets in a tunnel.
import assert from 'node:assert/strict';
import { repoId } from '../support/data.mjs';
import { addTag, branchesPath, row, tagsOf, upToDate, waitForWords } from '../support/page.mjs';

const branch = 'feature/🚀-rocket';

/** An edit made without a server survives a reload and arrives when there is one. */
export async function tunnel(world) {
  const profile = await world.profile();
  const page = await profile.page(world.server.url + branchesPath(repoId));
  await waitForWords(page, upToDate);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  await world.server.stop('SIGKILL');
  await waitForWords(page, 'Offline');
  await addTag(page, branch, 'from the tunnel');
  await waitForWords(page, '1 change saved on this device');

  await page.reload();
  await row(page, branch).getByText('from the tunnel', { exact: true }).waitFor();
  await waitForWords(page, '1 change saved on this device');
  assert.equal(await page.getByText('Up to date').count(), 0, 'it could not ask');

  await world.server.start();
  await waitForWords(page, upToDate);
  const stored = (await world.server.rows(repoId)).branches.find((b) => b.name === branch);
  assert.deepEqual(JSON.parse(stored.tags), ['from the tunnel']);
  assert.deepEqual(await tagsOf(page, repoId, branch), ['from the tunnel']);
  assert.deepEqual(world.complaints, []);
}
