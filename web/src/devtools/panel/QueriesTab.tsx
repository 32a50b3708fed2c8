import type { ReactNode } from 'react';
import { Grid } from './Grid.js';
import { useInspection } from './useInspection.js';

/** What pages watch, and what each costs: the dearest first. */
export function QueriesTab(): ReactNode {
  const inspection = useInspection();
  if (inspection === null) return <p className="empty">Asking the store…</p>;
  const dearest = inspection.queries.toSorted((a, b) => b.totalMs - a.totalMs);
  const total = dearest.reduce((sum, { runs }) => sum + runs, 0);
  return (
    <>
      <p className="words">
        {dearest.length} live, {total.toLocaleString('en')} runs, {inspection.pages}{' '}
        {inspection.pages === 1 ? 'page' : 'pages'}
      </p>
      <Grid
        label="Live queries"
        rows={dearest.map((query) => ({
          runs: query.runs,
          'last ms': round(query.lastMs),
          'total ms': round(query.totalMs),
          watchers: query.watchers,
          bytes: query.bytes,
          query: query.sql.replace(/\s+/g, ' ').trim(),
          parameters: query.params,
          error: query.error ?? '',
        }))}
      />
    </>
  );
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
