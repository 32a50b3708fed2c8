import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestStore } from 'twinstore/testing';

test('what one device writes offline arrives at the other', async () => {
  const mine = await createTestStore({ seed: { branches: [{ repo_id: 'r1', name: 'main' }] } });
  const theirs = await mine.peer();
  mine.goOffline();
  await mine.table('branches').patch(['r1', 'main'], { tags: ['seen'] });
  mine.goOnline();
  await mine.syncWith(theirs);
  assert.deepEqual((await theirs.table('branches').get(['r1', 'main'])).tags, ['seen']);
  await mine.close();
  await theirs.close();
});
