// The whole story: two windows, both offline, one branch edited in both, a conflict seen and decided
// by a person; then both windows and the server say the same.
import assert from 'node:assert/strict';
import { repoId, schemaWith } from '../support/data.mjs';
import { branchPath, digest, query, tagsOf, upToDate, waitForWords } from '../support/page.mjs';

const branch = 'feature/🚀-rocket';

const addHere = async (page, tag, { press }) => {
  await press(page, `Add a tag to ${branch}`);
  await page.keyboard.type(tag);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.locator('.tag', { hasText: tag }).waitFor();
};

/**
 * Two windows edit one branch apart, a person decides, and everybody agrees. `hands`: what people
 * have, support/keyboard.mjs or support/mouse.mjs.
 */
export async function decision(world, hands) {
  const { choose, flip, follow, press } = hands;
  await world.server.stop('SIGTERM');
  world.server.useSchema(schemaWith(world.folder, { branches: 'MANUAL' }));
  await world.server.start();
  const address = world.server.url + branchPath(repoId, branch);
  const ada = await (await world.profile()).page(address);
  const ben = await (await world.profile()).page(address);
  for (const page of [ada, ben]) await waitForWords(page, upToDate);
  for (const page of [ada, ben]) await flip(page, 'Work offline');
  for (const page of [ada, ben]) await waitForWords(page, 'Offline');
  await addHere(ada, 'from Ada', hands);
  await addHere(ben, 'from Ben', hands);

  await flip(ada, 'Work offline');
  await waitForWords(ada, upToDate);
  await flip(ben, 'Work offline');
  // Both are told, where they are and in the navigation.
  for (const page of [ada, ben]) {
    await page.getByText('Two edits of this branch met.').waitFor();
    await page.getByRole('link', { name: /Conflicts\s*1 open/ }).waitFor();
  }
  assert.deepEqual(await tagsOf(ben, repoId, branch), ['from Ada'], 'nothing is overwritten');

  // Ben decides without a connection, field by field, for both tags.
  await flip(ben, 'Work offline');
  await waitForWords(ben, 'Offline');
  await follow(ben, 'Decide');
  await choose(ben, 'Tags', 'Both, merged');
  await press(ben, 'Save the result');
  await ben.getByText('Resolved with a merged result.').waitFor();
  await waitForWords(ben, '1 change saved on this device');
  await flip(ben, 'Work offline');

  for (const page of [ada, ben]) {
    await page.waitForFunction(() => !document.querySelector('.navigation-count'));
    await waitForWords(page, upToDate);
    assert.deepEqual((await tagsOf(page, repoId, branch)).toSorted(), ['from Ada', 'from Ben']);
    assert.deepEqual(await query(page, 'SELECT status, resolution FROM _conflicts'), [
      { status: 'resolved', resolution: 'merged' },
    ]);
  }
  assert.equal(await digest(ada), await digest(ben));
  const stored = (await world.server.rows(repoId)).branches.find(({ name }) => name === branch);
  assert.deepEqual(JSON.parse(stored.tags).toSorted(), ['from Ada', 'from Ben']);

  // What a backend is told is the same.
  const rest = async (path) => (await fetch(world.server.url + path)).json();
  const { branches } = await rest(`/persistence/branches/${encodeURIComponent(repoId)}`);
  assert.deepEqual(branches.find(({ name }) => name === branch).tags.toSorted(), ['from Ada', 'from Ben']);
  assert.deepEqual((await rest('/sync/conflicts')).conflicts, []);
  assert.deepEqual(world.complaints, []);
}
