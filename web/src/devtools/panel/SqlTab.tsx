import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { SqlResult } from './SqlResult.js';

/** Any SELECT over the local tables. */
export function SqlTab(): ReactNode {
  const [text, setText] = useState('SELECT * FROM _conflicts LIMIT 20');
  const [asked, ask] = useState<string | null>(null);
  const id = useId();
  const run = (event: FormEvent) => {
    event.preventDefault();
    ask(text);
  };
  return (
    <>
      <form onSubmit={run}>
        <label className="hidden" htmlFor={id}>
          One SELECT
        </label>
        <textarea
          id={id}
          rows={3}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(event);
          }}
        />
        <button type="submit">Run (Ctrl Enter)</button>
      </form>
      {asked !== null && <SqlResult key={asked} sql={asked} />}
    </>
  );
}
