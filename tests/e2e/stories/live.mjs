import assert from 'node:assert/strict';
import { repoId } from '../support/data.mjs';
import { addTag, branchesPath, digest, row, upToDate, waitForWords } from '../support/page.mjs';
import { sharedRepos } from '../support/paths.mjs';

const branch = 'fix/a/deep/path';

/** A second browser sees an edit live, and both hold the same rows. */
export async function live(world) {
  const address = world.server.url + branchesPath(repoId);
  const one = await (await world.profile()).page(address);
  const two = await (await world.profile()).page(address);
  await waitForWords(one, upToDate);
  await waitForWords(two, upToDate);
  await addTag(one, branch, 'seen by both');
  await row(two, branch).getByText('seen by both', { exact: true }).waitFor();
  await addTag(two, branch, 'and back');
  await row(one, branch).getByText('and back', { exact: true }).waitFor();
  await waitForWords(one, upToDate);
  await waitForWords(two, upToDate);
  const held = await digest(one);
  assert.equal(held, await digest(two));
  if (sharedRepos !== undefined) assert.match(held, /^branches 1097 /m);
  assert.deepEqual(world.complaints, []);
}
