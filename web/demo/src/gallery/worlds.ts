// The states that the gallery shows, made by the engine itself: nothing here is a picture of one.
import { createStore } from 'twinstore';
import type { TestStore } from 'twinstore/testing';

const hourMs = 3_600_000;
const repo_id = 'twin/star';

const ago = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString();

const branch = (name: string, commit_sha = 'a1b2c3d4e5', of = repo_id) => ({
  repo_id: of,
  name,
  commit_sha,
  last_commit_message: `Work on ${name}`,
  last_commit_at: ago(3),
  tags: ['kept'],
});
const analysis = (branch_name: string, hours: number) => ({
  repo_id,
  branch_name,
  commit_sha: 'a1b2c3d4e5',
  analysis_timestamp: ago(hours),
});
const score = (branch_name: string, day: number, metric_value: number) => ({
  id: `${branch_name} ${day}`,
  repo_id,
  branch_name,
  commit_sha: 'a1b2c3d4e5',
  metric_name: 'overall_score',
  metric_value,
  recorded_at: ago(24 * day),
});

export const galleryRepo = repo_id;
export const offlineRepo = 'twin/offline';

/** A store that is still opening, for as long as one likes to look. */
export const openingStore = createStore({
  name: 'opening',
  worker: () => ({ postMessage() {}, addEventListener() {}, terminate() {} }),
});

/** One that cannot be opened. */
export const brokenStore = createStore({
  name: 'broken',
  worker: () => {
    throw new Error('this page may not start one');
  },
});

const kit = () => import('twinstore/testing');

/** Branches in every state of freshness, and a course of values. */
export async function branchesWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  const names = ['fresh', 'aging', 'old', 'moved', 'never', 'marked', 'queued'];
  const store = await createTestStore({
    now: Date.now(),
    seed: {
      branches: names.map((name) => branch(name, name === 'moved' ? 'ffff000011' : undefined)),
      analyses: [
        analysis('fresh', 2),
        analysis('aging', 21),
        analysis('old', 40),
        analysis('moved', 2),
        analysis('marked', 2),
        analysis('queued', 40),
      ],
      historical_metrics: [
        ...Array.from({ length: 60 }, (_, at) =>
          score('fresh', 60 - at, 61 + at / 5 + 4 * Math.sin(at / 4)),
        ),
        score('aging', 3, 72.5),
      ],
    },
  });
  await store.freshness.markForRefresh(repo_id, ['marked']);
  await store.freshness.scheduleRefresh(repo_id, ['queued']);
  return [store];
}

/** The same without a server to ask, and with writes that wait. */
export async function offlineWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  const store = await createTestStore({
    now: Date.now(),
    seed: {
      branches: ['main', 'next', 'docs'].map((name) => branch(name, undefined, offlineRepo)),
    },
  });
  store.goOffline();
  await store.table('branches').patch([offlineRepo, 'main'], { tags: ['written offline'] });
  await store.table('branches').patch([offlineRepo, 'next'], { tags: ['and this'] });
  await store.freshness.scheduleRefresh(offlineRepo, ['main']);
  return [store];
}

/** Nothing at all, level with its server. */
export async function emptyWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  return [await createTestStore({ now: Date.now() })];
}

export async function pausedWorld(): Promise<readonly TestStore[]> {
  const [store] = await emptyWorld();
  store?.sync.pause();
  return store === undefined ? [] : [store];
}

/** Writes that wait, and that will end in each way but a refusal. */
export async function waitingWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  const store = await createTestStore({
    now: Date.now() - hourMs,
    policy: { branches: 'MANUAL', repositories: 'MERGE' },
    seed: {
      repositories: [{ repo_id, topics: ['offline'] }],
      branches: ['asked', 'alone'].map((name) => branch(name)),
      cache_entries: [{ cache_key: 'report.pdf', repo_id, path: '/old' }],
    },
  });
  const peer = await store.peer();
  store.sync.pause();
  await store.table('repositories').patch(repo_id, { topics: ['offline', 'mine'] });
  await store.table('branches').patch([repo_id, 'alone'], { tags: ['kept', 'mine'] });
  await store.table('branches').patch([repo_id, 'asked'], { tags: ['kept', 'mine'] });
  await store.table('cache_entries').patch('report.pdf', { path: '/mine' });
  await store.clock.advance(hourMs / 2);
  await peer.table('repositories').patch(repo_id, { topics: ['offline', 'theirs'] });
  await peer.table('branches').patch([repo_id, 'asked'], { tags: ['theirs'] });
  await peer.table('cache_entries').patch('report.pdf', { path: '/theirs' });
  await peer.settle();
  return [store, peer];
}

/** The server answers, and refuses. */
export async function refusedWorld(): Promise<readonly TestStore[]> {
  const [store] = await emptyWorld();
  store?.server.failNext('FORBIDDEN');
  await store?.table('branches').insert(branch('main'));
  await store?.settle();
  return store === undefined ? [] : [store];
}

/** One write of three rows that the server refused as a whole: a device wrote one of them before. */
export async function rejectedWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  const store = await createTestStore({
    now: Date.now() - hourMs,
    seed: { branches: ['edited', 'obsolete'].map((name) => branch(name)) },
  });
  const peer = await store.peer();
  store.goOffline();
  await store.transaction(async (tx) => {
    await tx.table('historical_metrics').insert(score('edited', 1, 72.5));
    await tx.table('branches').patch([repo_id, 'edited'], { tags: ['kept', 'measured'] });
    await tx.table('branches').delete([repo_id, 'obsolete']);
  });
  await peer.table('historical_metrics').insert(score('edited', 1, 61));
  await peer.settle();
  store.goOnline();
  await store.settle();
  return [store, peer];
}

/** Open conflicts of each kind, one that the policy decided, and one that somebody did. */
export async function conflictsWorld(): Promise<readonly TestStore[]> {
  const { createTestStore } = await kit();
  const store = await createTestStore({
    now: Date.now() - hourMs,
    policy: { branches: 'MANUAL' },
    seed: {
      repositories: [{ repo_id, name: 'star', description: 'As it was' }],
      branches: ['text', 'sets', 'deleted', 'decided'].map((name) => branch(name)),
    },
  });
  const peer = await store.peer();
  const key = (name: string) => [repo_id, name] as const;
  store.goOffline();
  const [mine, theirs] = [store.table('branches'), peer.table('branches')];
  await mine.patch(key('text'), {
    last_commit_message: 'Read the whole file before any line is shown',
  });
  await theirs.patch(key('text'), {
    last_commit_message: 'Read half of the file before the first line is shown',
  });
  await mine.patch(key('sets'), { tags: ['kept', 'reviewed', 'urgent'] });
  await theirs.patch(key('sets'), { tags: ['release'] });
  await mine.patch(key('deleted'), { tags: ['still needed'] });
  await theirs.delete(key('deleted'));
  await mine.patch(key('decided'), { tags: ['mine'] });
  await theirs.patch(key('decided'), { tags: ['theirs'] });
  await store.table('repositories').patch(repo_id, { description: 'The earlier edit' });
  await peer.table('repositories').patch(repo_id, { description: 'The later edit' });
  store.goOnline();
  await store.syncWith(peer);
  const open = await store.sql<{ id: string; row_key: readonly string[] }>`
    SELECT id, row_key FROM _conflicts WHERE status = 'open'`;
  const decided = open.find(({ row_key }) => row_key.includes('decided'));
  if (decided) await store.resolveConflict(decided.id, { take: 'local' });
  await store.syncWith(peer);
  return [store, peer];
}
