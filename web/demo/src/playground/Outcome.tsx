import { type ReactNode, useEffect, useRef } from 'react';
import { useConflicts, useRow, useSyncStatus } from 'twinstore/react';
import { FieldValue } from 'twinstore/ui';
import { key } from './story.ts';
import type { Meeting } from './useMeeting.ts';

const fields = [
  ['description', 'Description'],
  ['topics', 'Topics'],
] as const;

/** What both wrote and what became of it, as the store around it has it. */
export function Outcome({ meeting }: { meeting: Meeting | null }) {
  const row = useRow('repositories', key).data;
  const isLevel = useSyncStatus(
    ({ state, pendingUploads }) => state === 'idle' && pendingUploads === 0,
  );
  const verdict = useVerdict();
  const { Ada, Ben } = meeting?.wrote ?? {};
  const section = useRef<HTMLElement>(null);
  const isShown = Ada !== undefined && Ben !== undefined && row != null && isLevel;
  useEffect(() => {
    if (isShown) section.current?.scrollIntoView({ block: 'nearest' });
  }, [isShown]);
  if (meeting === null || Ada === undefined || Ben === undefined || !row || !isLevel) return null;
  return (
    <section ref={section} className="section outcome-section" aria-labelledby="outcome">
      <h2 id="outcome" className="section-title">
        What became of it
      </h2>
      <p className="verdict" data-tone={verdict.tone}>
        {verdict.words}
      </p>
      <div className="scroller">
        <table className="outcome">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">Ada wrote</th>
              <th scope="col">Ben wrote</th>
              <th scope="col">Now, everywhere</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(([field, title]) => (
              <tr key={field}>
                <th scope="row">{title}</th>
                <Cell words="Before">
                  <FieldValue value={meeting.before[field]} />
                </Cell>
                <Cell words="Ada wrote">
                  <FieldValue value={Ada[field]} base={meeting.before[field]} />
                </Cell>
                <Cell words="Ben wrote">
                  <FieldValue value={Ben[field]} base={meeting.before[field]} />
                </Cell>
                <Cell words="Now, everywhere">
                  <FieldValue value={row[field]} base={meeting.before[field]} />
                </Cell>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ words, children }: { words: string; children: ReactNode }) {
  return <td data-words={words}>{children}</td>;
}

interface Verdict {
  readonly tone: 'good' | 'away' | 'busy';
  readonly words: string;
}

/** From what the engine wrote down of it: a meeting in which nothing lost leaves no conflict. */
function useVerdict(): Verdict {
  const { open, history } = useConflicts({ table: 'repositories' });
  if (open.length > 0) {
    return {
      tone: 'away',
      words: 'A person decides. Until then nothing is overwritten, and both edits are kept.',
    };
  }
  const [last] = history;
  if (last?.status === 'resolved') {
    return { tone: 'good', words: 'Decided. Both devices and the server hold the same.' };
  }
  if (last?.status === 'superseded') {
    return {
      tone: 'busy',
      words: 'The later edit took the fields that both changed. The other is kept: see below.',
    };
  }
  return {
    tone: 'good',
    words: 'Merged, each field by its rule, and nobody was asked. Both sides are kept to look at.',
  };
}
