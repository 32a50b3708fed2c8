import { type ReactNode, useEffect, useRef } from 'react';
import { ConflictFieldChoice } from './ConflictFieldChoice.js';
import { classes } from './classes.js';
import { Failure } from './Failure.js';
import { rowTitle } from './fieldValues.js';
import { RelativeTime } from './RelativeTime.js';
import { Shape } from './Shape.js';
import { type ConflictResolution, useConflictResolution } from './useConflictResolution.js';

/** Which conflict, and what follows its decision. */
export interface ConflictResolverProps {
  /** A row of `_conflicts`: open, or decided by the policy and to be taken back. */
  readonly conflictId: string;
  /** The decision is saved on this device. */
  readonly onResolved?: () => void;
  readonly className?: string;
}

/** Base, mine, theirs and the result of one conflict, field by field. */
export function ConflictResolver(props: ConflictResolverProps): ReactNode {
  const { conflictId, onResolved, className } = props;
  const resolution = useConflictResolution(conflictId);
  const { conflict, status, error } = resolution;
  return (
    <section
      className={classes('twin-resolver', className)}
      data-state={status}
      aria-label={conflict === null ? undefined : `Conflict over ${rowTitle(conflict)}`}
    >
      {status === 'pending' && <p className="twin-empty">Looking for the conflict…</p>}
      {status === 'missing' && (
        <p className="twin-empty">This conflict is not on this device: it may be long decided.</p>
      )}
      {error !== null && <Failure title="That could not be saved." error={error} />}
      {status === 'resolved' && <Resolved resolution={resolution} />}
      {(status === 'open' || status === 'automatic') && (
        <Decision resolution={resolution} onResolved={onResolved} />
      )}
    </section>
  );
}

interface Names {
  readonly local: string;
  readonly remote: string;
}

function namesOf({ isMine }: ConflictResolution): Names {
  return isMine
    ? { local: 'Mine', remote: 'Theirs' }
    : { local: 'From another device', remote: 'At the server' };
}

function Decision(props: {
  resolution: ConflictResolution;
  onResolved: (() => void) | undefined;
}): ReactNode {
  const { resolution, onResolved } = props;
  const names = namesOf(resolution);
  const finish = (isSaved: boolean) => {
    if (isSaved) onResolved?.();
  };
  const { deletedBy, isSaving } = resolution;
  return (
    <>
      <p className="twin-resolver-story">{storyOf(resolution, names)}</p>
      {deletedBy === null && (
        <div className="twin-actions">
          {(['local', 'remote'] as const).map((side) => (
            <button
              key={side}
              type="button"
              className="twin-button"
              onClick={() => resolution.chooseAll(side)}
            >
              Choose all: {names[side].toLowerCase()}
            </button>
          ))}
          <button
            type="button"
            className="twin-button"
            disabled={!resolution.canUndoChoice}
            onClick={resolution.undoChoice}
          >
            Undo the last choice
          </button>
        </div>
      )}
      {deletedBy === null &&
        resolution.fields.map((field) => (
          <ConflictFieldChoice
            key={field.name}
            field={field}
            names={names}
            choose={resolution.choose}
          />
        ))}
      <div className="twin-actions" data-place="end">
        {deletedBy === null ? (
          <button
            type="button"
            className="twin-button"
            data-kind="main"
            disabled={isSaving}
            onClick={() => void resolution.save().then(finish)}
          >
            Save the result
          </button>
        ) : (
          (['local', 'remote'] as const).map((side) => (
            <button
              key={side}
              type="button"
              className="twin-button"
              disabled={isSaving}
              onClick={() => void resolution.take(side).then(finish)}
            >
              {side === deletedBy ? 'Delete the row' : 'Keep the row, as edited'}
            </button>
          ))
        )}
      </div>
    </>
  );
}

function storyOf({ conflict, deletedBy, fields, status }: ConflictResolution, names: Names) {
  const contested = fields.filter(({ isContested }) => isContested).length;
  const others = fields.length - contested;
  const when = <RelativeTime time={conflict?.detected_at ?? null} />;
  const begin =
    status === 'automatic' ? (
      <>The policy decided this {when}; it can be taken back. </>
    ) : (
      <>Found {when}. </>
    );
  if (deletedBy !== null) {
    const other = deletedBy === 'local' ? names.remote : names.local;
    return (
      <>
        {begin}
        One side deleted this row ({names[deletedBy].toLowerCase()}), the other edited it (
        {other.toLowerCase()}).
      </>
    );
  }
  return (
    <>
      {begin}
      {contested === 1 ? 'One field was' : `${contested} fields were`} changed on both sides
      {others > 0 && `, ${others} more on one side only`}.
    </>
  );
}

/** Takes the focus when the buttons it replaces are gone. */
function Resolved({ resolution }: { resolution: ConflictResolution }): ReactNode {
  const outcome = useRef<HTMLParagraphElement>(null);
  const { conflict, undoSave } = resolution;
  const isJustSaved = undoSave !== null;
  useEffect(() => {
    if (isJustSaved) outcome.current?.focus();
  }, [isJustSaved]);
  const taken = conflict?.resolution;
  const names = namesOf(resolution);
  const words =
    taken === 'local' || taken === 'remote'
      ? `Resolved: ${names[taken].toLowerCase()}.`
      : 'Resolved with a merged result.';
  return (
    <div className="twin-resolved">
      <p ref={outcome} tabIndex={-1}>
        <Shape name="check" /> {words} Both sides are kept in the history.
      </p>
      {undoSave !== null && (
        <button type="button" className="twin-button" onClick={() => void undoSave()}>
          Undo
        </button>
      )}
    </div>
  );
}
