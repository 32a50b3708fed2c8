// The whole story: two windows, both offline, one branch edited in both, a conflict seen and decided
// by a person; then both windows and the server say the same.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoId } from '../support/data.mjs';
import { branchPath, digest, query, tagsOf, upToDate, waitForWords } from '../support/page.mjs';
import { repository } from '../support/paths.mjs';

const branch = 'feature/🚀-rocket';

/** The shipped schema, by which people decide about branches. */
function manualSchema(folder) {
  const schema = JSON.parse(readFileSync(repository('core/schema/code_mri.json'), 'utf8'));
  schema.collections.find(({ name }) => name === 'branches').policy = 'MANUAL';
  const file = join(folder, 'schema.json');
  writeFileSync(file, JSON.stringify(schema));
  return file;
}

const addHere = async (page, tag) => {
  await page.getByRole('button', { name: `Add a tag to ${branch}`, exact: true }).click();
  await page.keyboard.type(tag);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.locator('.tag', { hasText: tag }).waitFor();
};
const offlineSwitch = (page) => page.getByRole('switch', { name: 'Work offline' });

/** Two windows edit one branch apart, a person decides, and everybody agrees. */
export async function decision(world) {
  await world.server.stop('SIGTERM');
  world.server.useSchema(manualSchema(world.folder));
  await world.server.start();
  const address = world.server.url + branchPath(repoId, branch);
  const ada = await (await world.profile()).page(address);
  const ben = await (await world.profile()).page(address);
  for (const page of [ada, ben]) await waitForWords(page, upToDate);
  for (const page of [ada, ben]) await offlineSwitch(page).click();
  for (const page of [ada, ben]) await waitForWords(page, 'Offline');
  await addHere(ada, 'from Ada');
  await addHere(ben, 'from Ben');

  await offlineSwitch(ada).click();
  await waitForWords(ada, upToDate);
  await offlineSwitch(ben).click();
  // Both are told, where they are and in the navigation.
  for (const page of [ada, ben]) {
    await page.getByText('Two edits of this branch met.').waitFor();
    await page.getByRole('link', { name: /Conflicts\s*1 open/ }).waitFor();
  }
  assert.deepEqual(await tagsOf(ben, repoId, branch), ['from Ada'], 'nothing is overwritten');

  // Ben decides without a connection, field by field, for both tags.
  await offlineSwitch(ben).click();
  await waitForWords(ben, 'Offline');
  await ben.getByRole('link', { name: 'Decide' }).click();
  const tags = ben.getByRole('group', { name: 'Tags' });
  await tags.getByRole('radio', { name: 'Both, merged' }).check();
  await ben.getByRole('button', { name: 'Save the result' }).click();
  await ben.getByText('Resolved with a merged result.').waitFor();
  await waitForWords(ben, '1 change saved on this device');
  await offlineSwitch(ben).click();

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
