// What a test says to the app's page. The app leaves its store in the global `twinstore`.

/** Rows of a query, read by the store of the page. */
export function query(page, sql, ...params) {
  return page.evaluate(
    ([text, values]) => {
      const parts = text.split('?');
      return globalThis.twinstore.sql(Object.assign(parts, { raw: parts }), ...values);
    },
    [sql, params],
  );
}

/** Whether the page's worker holds the files, or asks the one that does. */
export function roleOf(page) {
  return page.evaluate(() => globalThis.twinstore.ready().then(({ role }) => role));
}

export async function tagsOf(page, repoId, name) {
  const sql = 'SELECT tags FROM branches WHERE repo_id = ? AND name = ?';
  const [row] = await query(page, sql, repoId, name);
  return row?.tags;
}

const tables = {
  repositories: 'repo_id',
  branches: 'repo_id, name',
  analyses: 'repo_id, branch_name, commit_sha',
  historical_metrics: 'id',
  cache_entries: 'cache_key',
};

/** One text for all rows that this device holds: SHA-256 by collection, and how many rows. */
export async function digest(page) {
  const parts = [];
  for (const [table, key] of Object.entries(tables)) {
    const sql = `SELECT * FROM ${table} ORDER BY ${key}`;
    parts.push(
      await page.evaluate(
        async ([name, text]) => {
          const rows = await globalThis.twinstore.sql(Object.assign([text], { raw: [text] }));
          const bytes = new TextEncoder().encode(JSON.stringify(rows));
          const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
          return `${name} ${rows.length} ${hash.toHex?.() ?? Array.from(hash).join('.')}`;
        },
        [table, sql],
      ),
    );
  }
  return parts.join('\n');
}

/** Waits until the header says so; the words are what a user would wait for too. */
export async function waitForWords(page, words) {
  await page.locator('.header .twin-sync-words', { hasText: words }).waitFor();
}

export const upToDate = /^Up to date/;

/** Adds a tag the way a user does, by keyboard. */
export async function addTag(page, branch, tag) {
  await page.getByRole('button', { name: `Add a tag to ${branch}`, exact: true }).click();
  await page.keyboard.type(tag);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await row(page, branch).getByText(tag, { exact: true }).waitFor();
}

export function row(page, branch) {
  return page.locator(`tr[data-branch=${JSON.stringify(branch)}]`);
}

export const branchesPath = (repoId) => `/repositories/${encodeURIComponent(repoId)}`;
export const branchPath = (repoId, name) =>
  `${branchesPath(repoId)}/branches/${encodeURIComponent(name)}`;
