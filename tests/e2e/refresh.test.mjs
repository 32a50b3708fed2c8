// What the server refreshes from a real git repository arrives in a real browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { git, repoId } from './support/data.mjs';
import { branchesPath, query, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const rocket = 'feature/🚀-rocket';

/** name → head of every branch, as git says it. */
function heads(repository) {
  const lines = git(repository, 'for-each-ref', '--format=%(refname:short)\t%(objectname)', 'refs/heads');
  return Object.fromEntries(lines.trim().split('\n').map((line) => line.split('\t')));
}

const branches = (page) =>
  query(page, 'SELECT name, commit_sha FROM branches WHERE repo_id = ? ORDER BY name', repoId).then(
    (rows) => Object.fromEntries(rows.map((row) => [row.name, row.commit_sha])),
  );

const staleness = (page, name) =>
  page.evaluate(([id, branch]) => globalThis.twinstore.freshness.staleness(id, branch), [repoId, name]);

/** Asks until the answer is the one that is waited for. */
async function until(ask, isIt) {
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
  }
}

const sameEntries = (a) => (b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

test('auto-refresh brings new commits, a new branch, a deleted and a forced one to the browser', {
  skip: missing,
}, () =>
  inWorld(
    async (world) => {
      const profile = await world.profile();
      const page = await profile.page(world.server.url + branchesPath(repoId));
      await waitForWords(page, upToDate);
      const repository = world.repository;
      const before = heads(repository);
      await until(() => branches(page), sameEntries(before));
      // The first check found all of them stale, and had them analysed.
      for (const name of Object.keys(before)) {
        await until(() => staleness(page, name), (found) => !found.is_stale);
      }

      git(repository, 'checkout', '-q', 'main');
      git(repository, 'commit', '-q', '--allow-empty', '-m', 'One more');
      git(repository, 'checkout', '-q', '-b', 'brand-new/😀');
      git(repository, 'branch', '-q', '-D', 'release/%2F-50%');
      git(repository, 'checkout', '-q', rocket);
      git(repository, 'commit', '-q', '--allow-empty', '--amend', '-m', 'Another history');
      const after = heads(repository);
      assert.notEqual(after[rocket], before[rocket]);
      // The next check is half an hour away, but for who switches it on anew.
      for (const word of ['disable', 'enable']) {
        const answer = await fetch(`${world.server.url}/auto-refresh/${word}`, { method: 'POST' });
        assert.equal(answer.status, 200);
      }
      await until(() => branches(page), sameEntries(after));
      for (const [name, head] of Object.entries(after)) {
        const found = await until(() => staleness(page, name), (each) => !each.is_stale);
        assert.equal(found.last_analyzed_commit, head, name);
      }
      await waitForWords(page, upToDate);
      assert.deepEqual(world.complaints, []);
    },
    { refresh: { auto_refresh_enabled: true } },
  ));

test('a branch marked without a server is refreshed by it, and comes back fresh', {
  skip: missing,
}, () =>
  inWorld(
    async (world) => {
      const profile = await world.profile();
      const page = await profile.page(world.server.url + branchesPath(repoId));
      await waitForWords(page, upToDate);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await world.server.stop('SIGKILL');
      await waitForWords(page, 'Offline');
      await page.evaluate(
        ([id, name]) => globalThis.twinstore.freshness.markForRefresh(id, [name]),
        [repoId, rocket],
      );
      const marked = await staleness(page, rocket);
      assert.ok(marked.reasons.includes('refresh_requested'), JSON.stringify(marked));

      await world.server.start();
      const fresh = await until(() => staleness(page, rocket), (found) => !found.is_stale);
      assert.equal(fresh.last_analyzed_commit, heads(world.repository)[rocket]);
      assert.ok(fresh.last_analyzed_at > (marked.last_analyzed_at ?? ''));
      // Nobody asked for the others.
      assert.equal((await staleness(page, 'main')).is_stale, true);
      const tasks = await query(page, 'SELECT branch_name, cause, state FROM _refresh_tasks');
      assert.deepEqual(tasks, [{ branch_name: rocket, cause: 'marked', state: 'done' }]);
      assert.deepEqual(world.complaints, []);
    },
    { refresh: {} },
  ));
