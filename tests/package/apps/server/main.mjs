// Rendering on a server: nothing is started, nothing throws, and the pending state is what shows.
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { createStore } from 'twinstore';
import { StoreDevtools } from 'twinstore/devtools';
import { StoreProvider, useQuery, useSyncStatus } from 'twinstore/react';
import { ConflictInbox, DataFreshnessIndicator, MetricTrend, StaleBranchesPanel, SyncStatusBadge } from 'twinstore/ui';

const store = createStore({ name: 'server', sync: { url: 'https://example.org' } });
const complaints = [];
console.error = (...words) => complaints.push(words.join(' '));

function App() {
  const rows = useQuery((sql) => sql`SELECT * FROM branches`);
  const { state } = useSyncStatus();
  return h('p', null, `${rows.status} ${state}`);
}

const of = { repoId: 'o/r', branchName: 'main', metricName: 'score', label: 'Score' };
const components = [ConflictInbox, DataFreshnessIndicator, MetricTrend, StaleBranchesPanel, StoreDevtools, SyncStatusBadge];
for (const component of components) {
  renderToString(h(StoreProvider, { store }, h(component, of)));
}
const html = renderToString(h(StoreProvider, { store }, h(App)));
console.log(JSON.stringify({ html, complaints, handles: process.getActiveResourcesInfo() }));
