// What a newcomer's page does, without JSX, so that a bundler needs nothing but itself.
import { createElement as h, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createStore } from 'twinstore';
import { StoreProvider, useMutation, useQuery } from 'twinstore/react';

const store = createStore({ name: 'package' });
globalThis.twinstore = store;

function App() {
  const rows = useQuery((sql) => sql`SELECT repo_id FROM repositories ORDER BY repo_id`);
  const add = useMutation((tx) =>
    tx.table('repositories').insert({ repo_id: `repository ${rows.data.length + 1}` }),
  );
  if (rows.status !== 'success') return h('p', null, rows.error?.message ?? 'Loading…');
  return h(
    'main',
    null,
    h('button', { onClick: () => void add.run() }, 'Add'),
    h('ul', null, rows.data.map(({ repo_id }) => h('li', { key: repo_id }, repo_id))),
  );
}

const app = h(StoreProvider, { store }, h(App));
createRoot(document.getElementById('root')).render(h(StrictMode, null, app));
