// Twinstore in the peers' harness, through the public package as an app uses it.
import { createStore } from '../../../web/dist/client/index.js';

const schema = {
  name: 'bench',
  version: 1,
  collections: [
    {
      name: 'branches',
      key: ['id'],
      scope: 'id',
      fields: [
        { name: 'id', type: 'text' },
        { name: 'repo_id', type: 'text', required: true },
        { name: 'name', type: 'text' },
        { name: 'head_sha', type: 'text' },
        { name: 'updated_at', type: 'int' },
        { name: 'author', type: 'text' },
        { name: 'ahead', type: 'int' },
        { name: 'behind', type: 'int' },
        { name: 'is_default', type: 'bool' },
        { name: 'tags', type: 'json' },
        { name: 'message', type: 'text' },
      ],
      indexes: [['repo_id', 'updated_at']],
    },
    {
      name: 'analyses',
      key: ['id'],
      scope: 'id',
      fields: [
        { name: 'id', type: 'text' },
        { name: 'branch_id', type: 'text' },
        { name: 'commit_sha', type: 'text' },
        { name: 'timestamp', type: 'int' },
        { name: 'overall_score', type: 'double' },
        { name: 'doc', type: 'json' },
      ],
    },
  ],
};

let store;
let branches;
let analyses;
const newest = (repo, limit) =>
  store.sql`SELECT * FROM branches WHERE repo_id = ${repo} ORDER BY updated_at DESC LIMIT ${limit}`;

export default {
  name: 'ours',
  live: 'native',
  async open() {
    store = createStore({
      name: 'bench',
      schema,
      worker: () => new Worker(new URL('./worker/worker.js', import.meta.url), { type: 'module' }),
    });
    branches = store.table('branches');
    analyses = store.table('analyses');
    const { durability } = await store.ready();
    if (durability !== 'opfs') throw new Error('the store is not durable here');
  },
  durability: async () => {
    const { durability, sqliteVersion } = await store.ready();
    return `twinstore, sqlite ${sqliteVersion}, ${durability}, journal_mode=wal synchronous=full`;
  },
  // A transaction takes at most 10,000 edits.
  async bulkLoad(rows) {
    for (let from = 0; from < rows.length; from += 10_000) {
      await store.transaction(async (tx) => {
        const table = tx.table('branches');
        for (const row of rows.slice(from, from + 10_000)) void table.insert(row);
      });
    }
  },
  put: (row) => branches.upsert(row),
  get: async (id) => (await branches.get(id)) ?? undefined,
  byRepo: newest,
  all: () => store.sql`SELECT * FROM branches`,
  async subscribe(repo, limit, callback) {
    const live = store.live(newest(repo, limit));
    return new Promise((resolve, reject) => {
      let stop = () => undefined;
      let isFirst = true;
      const take = () => {
        const { status, data, error } = live.getSnapshot();
        if (status === 'error') reject(error);
        if (status !== 'success') return;
        callback(data);
        if (!isFirst) return;
        isFirst = false;
        resolve(() => stop());
      };
      stop = live.subscribe(take);
      take();
    });
  },
  putDocs: (documents) =>
    store.transaction(async (tx) => {
      const table = tx.table('analyses');
      for (const document of documents) void table.insert(document);
    }),
  getDoc: async (id) => (await analyses.get(id)) ?? undefined,
};
