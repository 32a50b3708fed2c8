import { lazy, type ReactNode, Suspense, useId, useState } from 'react';
import type { StoreError, TableName } from '../client/index.js';
import { type Conflict, type Conflicts, useConflicts, useSyncStatus } from '../react/index.js';
import { ConflictResolver } from './ConflictResolver.js';
import { classes } from './classes.js';
import { Failure } from './Failure.js';
import { fieldTitle, rowTitle } from './fieldValues.js';
import { RelativeTime } from './RelativeTime.js';
import { Shape, type ShapeName } from './Shape.js';
import { useRejectedWrites } from './useRejectedWrites.js';

// Few ever see a refused write; who does loads this.
const RejectedList = lazy(() => import('./RejectedList.js'));

/** Which conflicts, and where the open one is kept. */
export interface ConflictInboxProps {
  /** Only those of one collection. */
  readonly table?: TableName;
  /** The conflict that is open, where the page keeps it (in its address); else the inbox does. */
  readonly openId?: string | null;
  /** Another conflict was opened, or none (null). */
  readonly onOpen?: (conflictId: string | null) => void;
  /** How many that are decided to list; 50 when absent. */
  readonly historyLimit?: number;
  readonly className?: string;
}

/**
 * What needs a decision: conflicts, and writes that the server refused; and what was decided, by
 * people, or by the policy and to be taken back.
 */
export function ConflictInbox(props: ConflictInboxProps): ReactNode {
  const { table, historyLimit, className } = props;
  const options = {
    ...(table === undefined ? {} : { table }),
    ...(historyLimit === undefined ? {} : { historyLimit }),
  };
  const conflicts = useConflicts(options);
  const rejected = useRejectedWrites(table);
  const [ownId, setOwnId] = useState<string | null>(null);
  const openId = props.openId === undefined ? ownId : props.openId;
  const open = (id: string | null) => {
    setOwnId(id);
    props.onOpen?.(id);
  };
  const { status, error } = conflicts;
  const [waiting, decided] = split(conflicts, openId);
  return (
    <section
      className={classes('twin-inbox', className)}
      aria-label={table === undefined ? 'Conflicts' : `Conflicts over ${table}`}
    >
      {error !== null && <Failure title="The conflicts could not be read." error={error} />}
      {status === 'pending' && <p className="twin-empty">Looking for conflicts…</p>}
      {status === 'success' && waiting.length + rejected.writes.length === 0 && <NothingWaits />}
      {waiting.length > 0 && (
        <>
          <div className="twin-bar">
            <p className="twin-bar-title">{waitingWords(conflicts.count)}</p>
            {conflicts.count > 1 && <TakeAll conflicts={conflicts} />}
          </div>
          <ul className="twin-rows">
            {waiting.map((conflict) => (
              <Entry key={conflict.id} conflict={conflict} openId={openId} open={open} />
            ))}
          </ul>
        </>
      )}
      {(rejected.error !== null || rejected.writes.length > 0) && (
        <Suspense>
          <RejectedList rejected={rejected} />
        </Suspense>
      )}
      {decided.length > 0 && (
        <>
          <div className="twin-bar">
            <p className="twin-bar-title">Decided</p>
          </div>
          <ul className="twin-rows">
            {decided.map((conflict) => (
              <Entry key={conflict.id} conflict={conflict} openId={openId} open={open} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** One that was just decided stays where it was while it is open: its undo is there. */
function split({ open, history }: Conflicts, openId: string | null) {
  const [kept] = history.filter(({ id, status }) => id === openId && status === 'resolved');
  if (kept === undefined) return [open, history] as const;
  const waiting = [...open, kept].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return [waiting, history.filter((conflict) => conflict !== kept)] as const;
}

const keyOf = ({ detected_at, id }: Conflict) => `${detected_at ?? ''} ${id}`;

function waitingWords(count: number): string {
  if (count === 0) return 'Nothing needs you any more';
  return count === 1 ? '1 conflict needs you' : `${count.toLocaleString('en')} conflicts need you`;
}

function NothingWaits(): ReactNode {
  const hasSynced = useSyncStatus((status) => status.hasSynced);
  return (
    <p className="twin-empty">
      <Shape name="check" /> Nothing needs you.{' '}
      {hasSynced
        ? 'Where two people changed the same, it would wait here.'
        : 'This device has not been level with the server yet, so there may be more to come.'}
    </p>
  );
}

function TakeAll({ conflicts }: { conflicts: Conflicts }): ReactNode {
  const [error, setError] = useState<StoreError | null>(null);
  const take = async (side: 'local' | 'remote') => {
    setError(null);
    for (const { id } of conflicts.open) {
      try {
        await conflicts.resolve(id, { take: side });
      } catch (failure) {
        setError(failure as StoreError);
        return;
      }
    }
  };
  return (
    <div className="twin-actions">
      <button type="button" className="twin-button" onClick={() => void take('local')}>
        Take every waiting edit
      </button>
      <button type="button" className="twin-button" onClick={() => void take('remote')}>
        Leave all as the server has it
      </button>
      {error !== null && <Failure title="It stopped at one of them." error={error} />}
    </div>
  );
}

function Entry(props: {
  conflict: Conflict;
  openId: string | null;
  open: (id: string | null) => void;
}): ReactNode {
  const { conflict, openId, open } = props;
  const id = useId();
  const isOpen = openId === conflict.id;
  const { words, tone, shape } = looks[conflict.status ?? ''] ?? looks.open;
  return (
    <li className="twin-entry" data-conflict={conflict.id} data-state={conflict.status}>
      <button
        type="button"
        className="twin-entry-head"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => open(isOpen ? null : conflict.id)}
      >
        <span className="twin-entry-title">{rowTitle(conflict)}</span>
        <span className="twin-entry-facts">
          {conflict.collection}: {conflict.fields.map(fieldTitle).join(', ') || 'the whole row'}
        </span>
        <span className="twin-result" data-tone={tone}>
          <Shape name={shape} />
          {words}
        </span>
        <span className="twin-entry-time">
          <RelativeTime time={conflict.resolved_at ?? conflict.detected_at} />
        </span>
      </button>
      {isOpen && (
        <div id={id} className="twin-entry-body">
          <ConflictResolver conflictId={conflict.id} />
        </div>
      )}
    </li>
  );
}

interface Look {
  readonly words: string;
  readonly tone: string;
  readonly shape: ShapeName;
}

const looks: Readonly<Record<string, Look>> & { readonly open: Look } = {
  open: { words: 'Needs you', tone: 'away', shape: 'conflict' },
  resolved: { words: 'Resolved', tone: 'good', shape: 'check' },
  merged: { words: 'Merged by itself', tone: 'busy', shape: 'conflict' },
  superseded: { words: 'The later edit won', tone: 'plain', shape: 'clock' },
};
