import type { ReactNode } from 'react';
import type { PreviewedWrite } from '../client/index.js';
import { classes } from './classes.js';
import { Failure } from './Failure.js';
import { outcomeWords, previewWords } from './previewWords.js';
import { RelativeTime } from './RelativeTime.js';
import { type SyncPreviewState, useSyncPreview } from './useSyncPreview.js';

/** The oldest of these are listed; more are counted. */
const writesMax = 50;

/** How the list is called and looks. */
export interface SyncOutboxProps {
  /** Its name for whoever hears the page; 'Outbox' when absent. */
  readonly label?: string;
  readonly className?: string;
}

/** What waits on this device to be sent: since when, and what the server will make of it. */
export function SyncOutbox({ label = 'Outbox', className }: SyncOutboxProps): ReactNode {
  const state = useSyncPreview();
  const { preview, error } = state;
  const writes = preview?.writes ?? [];
  return (
    <section className={classes('twin-outbox', className)} aria-label={label}>
      {error !== null && error.code !== 'SYNC_DISABLED' && (
        <Failure title="What waits could not be read." error={error} />
      )}
      {preview !== null && writes.length === 0 && (
        <p className="twin-empty">Nothing waits to be sent.</p>
      )}
      {writes.length > 0 && (
        <>
          <Summary state={state} />
          <ul className="twin-rows">
            {writes.slice(0, writesMax).map((write) => (
              <Write key={write.id} write={write} />
            ))}
          </ul>
        </>
      )}
      {writes.length > writesMax && (
        <p className="twin-empty">And {(writes.length - writesMax).toLocaleString('en')} more.</p>
      )}
    </section>
  );
}

function Summary({ state }: { state: SyncPreviewState }): ReactNode {
  const { preview, lookedAt, isLooking, look } = state;
  if (preview === null) return null;
  const { length } = preview.writes;
  return (
    <div className="twin-bar">
      <p role="status">
        <strong>{length === 1 ? '1 change waits' : `${length.toLocaleString('en')} wait`}</strong>:{' '}
        {previewWords(preview)}
        <span className="twin-faint">
          {lookedAt === null ? (
            ', as far as this device knows'
          ) : (
            <>
              , compared <RelativeTime time={lookedAt} />
            </>
          )}
        </span>
      </p>
      <button
        type="button"
        className="twin-button"
        disabled={isLooking}
        onClick={() => void look()}
      >
        Look at the server first
      </button>
    </div>
  );
}

function Write({ write }: { write: PreviewedWrite }): ReactNode {
  const { words, tone } = outcomeWords(write);
  const [first, ...others] = write.rows;
  return (
    <li className="twin-row">
      <span className="twin-row-name">
        {first === undefined ? 'nothing' : `${first.collection}: ${first.key.join(' / ')}`}
        {others.length > 0 && ` and ${others.length} more`}
      </span>
      <span className="twin-result" data-tone={tone}>
        {words}
      </span>
      <span className="twin-row-time">
        <RelativeTime time={write.made_at} />
      </span>
    </li>
  );
}
