// What a paused device is told of its waiting writes, and what then becomes of them.
import { expect, test } from 'vitest';
import { createTestStore } from 'twinstore/testing';

const key = ['r1', 'main'] as const;
const seed = { branches: [{ repo_id: 'r1', name: 'main', tags: ['old'] }] };

test('a paused device sees what will merge and what needs somebody, and has sent nothing', async () => {
  await using a = await createTestStore({ seed, policy: { branches: 'MANUAL' } });
  await using b = await a.peer();
  a.sync.pause();
  await a.table('branches').patch(key, { commit_sha: 'mine' });
  await a.table('branches').patch(key, { tags: ['mine'] });
  await b.table('branches').patch(key, { commit_sha: 'theirs' });
  await b.settle();

  const preview = await a.sync.preview();
  expect(preview).toMatchObject({ isCurrent: true, conflict: 1, applied: 1, rejected: 0 });
  const [write] = preview.writes;
  expect(write).toMatchObject({
    outcome: 'conflict',
    rows: [{ collection: 'branches', key: ['r1', 'main'] }],
  });
  expect(write?.meetings[0]).toMatchObject({ local: { commit_sha: 'mine' } });
  expect(write?.meetings[0]).toMatchObject({ remote: { commit_sha: 'theirs' } });
  expect(await b.sql`SELECT id FROM _conflicts`).toEqual([]);

  a.sync.resume();
  await a.syncWith(b);
  expect(await b.sql`SELECT id FROM _conflicts WHERE status = 'open'`).toHaveLength(1);
  expect(await a.sync.preview()).toMatchObject({ isCurrent: false, conflict: 0, writes: [] });
});

test('offline, the preview is judged on what was seen last, and says so', async () => {
  await using a = await createTestStore({ seed });
  a.goOffline();
  await a.table('branches').patch(key, { commit_sha: 'mine' });
  expect(await a.sync.preview()).toMatchObject({ isCurrent: false, applied: 1 });
  a.sync.pause();
  expect(await a.sync.preview()).toMatchObject({ isCurrent: false, applied: 1 });
});
