// The app's screens, each brought into the state that is worth looking at.
import { repoId } from './data.mjs';
import { branchPath, upToDate, waitForWords } from './page.mjs';
import { sharedRepos } from './paths.mjs';

export const [shown, branch, stale] =
  sharedRepos === undefined
    ? [repoId, 'main', repoId]
    : ['nlohmann/json', 'develop', 'couchbase/couchbase-lite-core'];
/** Opens a screen and brings it into the state that is worth a picture. */
export const screens = {
  repositories: { path: '/' },
  branch: {
    path: branchPath(shown, branch),
    ready: (page) => page.getByRole('region', { name: `Freshness of ${branch}` }).waitFor(),
  },
  stale: {
    path: `/stale?repo=${encodeURIComponent(stale)}`,
    ready: async (page) => {
      const boxes = page.locator('.twin-row input');
      for (const at of [0, 1]) await boxes.nth(at).check();
      await page.getByRole('button', { name: 'Refresh 2 selected' }).click();
      // This server has no source for these: it says so of both.
      await page.getByText('2 of 2 finished, 2 failed').waitFor();
    },
  },
  conflicts: { path: '/conflicts', ready: (page) => page.getByText('Nothing needs you.').waitFor() },
  status: { path: '/status', ready: (page) => page.getByText('holds the files', { exact: true }).waitFor() },
  console: { path: '/console', ready: (page) => page.getByRole('row').nth(1).waitFor() },
  playground: {
    path: '/playground?policy=MANUAL',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Show me a conflict' }).click();
      await page.getByRole('group', { name: 'Topics' }).waitFor();
    },
  },
  nowhere: { path: '/no/such/page' },
};

/** Opens a screen of the app that is served at `url`, level with its server. */
export async function openScreen(page, url, name) {
  const { path, ready } = screens[name];
  await page.goto(url + path);
  await waitForWords(page, upToDate);
  await page.locator('main h1').waitFor();
  await ready?.(page);
}

/** How far the page scrolls sideways. */
export const overflowOf = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
