import { type ReactNode, useEffect, useState } from 'react';
import { useQuery, useStore } from '../../react/index.js';
import { Grid } from './Grid.js';

/** A statement's rows, live, with how long it takes. */
export function SqlResult({ sql }: { sql: string }): ReactNode {
  const result = useQuery<Record<string, unknown>>({ sql, params: [] });
  const elapsed = useElapsed(sql, result.data);
  if (result.status === 'error') {
    return (
      <p className="wrong" role="alert">
        {result.error.message}
      </p>
    );
  }
  if (result.data === undefined) return <p className="empty">Running…</p>;
  const { length } = result.data;
  return (
    <>
      <p className="words" role="status">
        {length === 1 ? '1 row' : `${length.toLocaleString('en')} rows`}
        {elapsed !== null && `, ${elapsed.toFixed(1)} ms`}, live
      </p>
      <Grid label="Result" rows={result.data} />
    </>
  );
}

/** How long the same question takes, asked once more whenever its answer changes. */
function useElapsed(sql: string, rows: unknown): number | null {
  const store = useStore();
  const [elapsed, setElapsed] = useState<number | null>(null);
  useEffect(() => {
    if (rows === undefined) return undefined;
    let isWanted = true;
    const start = performance.now();
    const texts = Object.assign([sql], { raw: [sql] }) as unknown as TemplateStringsArray;
    store.sql(texts).then(
      () => isWanted && setElapsed(performance.now() - start),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [store, sql, rows]);
  return elapsed;
}
