import { type FormEvent, useEffect, useId, useState } from 'react';
import type { StoreError } from 'twinstore';
import { useQuery, useStore } from 'twinstore/react';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { ResultTable } from '../parts/ResultTable.tsx';
import { TableList } from '../parts/TableList.tsx';
import { useParameter } from '../router.ts';

const examples = [
  [
    'Branches by repository',
    'SELECT repo_id, count(*) AS branches FROM branches GROUP BY repo_id ORDER BY branches DESC',
  ],
  [
    'Newest analyses',
    'SELECT repo_id, branch_name, analysis_timestamp, ai_summary FROM analyses ORDER BY analysis_timestamp DESC LIMIT 20',
  ],
  [
    'Conflicts',
    'SELECT status, collection, row_key, fields, resolution, detected_at FROM _conflicts ORDER BY detected_at DESC',
  ],
  [
    'Refresh tasks',
    'SELECT repo_id, branch_name, state, requested_at FROM _refresh_tasks ORDER BY requested_at DESC LIMIT 50',
  ],
] as const;

/** Any SELECT over the local tables, live: its rows change when somebody writes, here or elsewhere. */
export default function Console() {
  const [kept, keep] = useParameter('sql');
  const asked = kept === '' ? examples[0][1] : kept;
  const [text, setText] = useState(asked);
  const id = useId();
  useEffect(() => setText(asked), [asked]);
  const run = (event: FormEvent) => {
    event.preventDefault();
    keep(text);
  };
  return (
    <>
      <ScreenHead
        title="SQL console"
        page="SQL"
        sum="Reads the tables of this device, offline too. Writing goes through edits, so nothing escapes the outbox."
      />
      <form className="console" onSubmit={run}>
        <label className="visually-hidden" htmlFor={id}>
          One SELECT
        </label>
        <textarea
          id={id}
          className="console-text"
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(event);
          }}
        />
        <div className="console-bar">
          <button type="submit" className="button" data-kind="main">
            Run <kbd>Ctrl Enter</kbd>
          </button>
          <span className="console-examples">
            {examples.map(([words, sql]) => (
              <button key={words} type="button" className="chip" onClick={() => keep(sql)}>
                {words}
              </button>
            ))}
          </span>
        </div>
      </form>
      <TableList onAsk={keep} />
      <Result key={asked} sql={asked} />
    </>
  );
}

function Result({ sql }: { sql: string }) {
  const result = useQuery<Record<string, unknown>>({ sql, params: [] });
  const elapsed = useElapsed(sql, result.data);
  if (result.status === 'error') {
    return (
      <div className="notice" data-tone="wrong" role="alert">
        <p>
          <strong>This cannot be run.</strong> {result.error.message}
        </p>
      </div>
    );
  }
  if (result.data === undefined) return <p className="quiet-empty">Running…</p>;
  const count = result.data.length;
  return (
    <>
      <p className="console-words" role="status">
        {count === 1 ? '1 row' : `${count.toLocaleString('en')} rows`}
        {elapsed !== null && `, ${elapsed.toFixed(elapsed < 10 ? 1 : 0)} ms`}, live
      </p>
      <ResultTable rows={result.data} />
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
      (_: StoreError) => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [store, sql, rows]);
  return elapsed;
}
