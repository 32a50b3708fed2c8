import type { ReactNode } from 'react';
import type { StoreInfo } from '../client/index.js';
import { useSyncStatus } from '../react/index.js';
import { classes } from './classes.js';
import { Shape, type ShapeName } from './Shape.js';
import { syncWords, type SyncTone, type SyncWords } from './syncWords.js';
import { useNow } from './useNow.js';
import { useStoreInfo } from './useStoreInfo.js';

/** How large the badge is. */
export interface SyncStatusBadgeProps {
  /** One line for a header; without it also why it waits, and how safe the storage is. */
  readonly compact?: boolean;
  readonly className?: string;
}

/** How the exchange with the server stands, in words that tick. */
export function useSyncWords(): SyncWords {
  return syncWords(useSyncStatus(), useNow(1_000));
}

/** Whether this device and the server hold the same, in words and a shape. */
export function SyncStatusBadge({ compact, className }: SyncStatusBadgeProps): ReactNode {
  const { tone, text, age, wait } = useSyncWords();
  const conflicts = useSyncStatus((status) => status.conflicts);
  const line = (
    <>
      <Shape name={shapes[tone]} />
      <span className="twin-sync-words">
        {text}
        {age !== '' && <span className="twin-sync-age">, {age}</span>}
      </span>
    </>
  );
  if (compact) {
    return (
      <span className={classes('twin-sync', className)} data-tone={tone} data-compact>
        {line}
      </span>
    );
  }
  return (
    <div className={classes('twin-sync', className)} data-tone={tone}>
      <p className="twin-sync-line">{line}</p>
      {wait !== '' && <p className="twin-sync-detail">{wait}</p>}
      {conflicts > 0 && (
        <p className="twin-sync-detail">
          {conflicts === 1 ? '1 conflict needs you.' : `${conflicts} conflicts need you.`}
        </p>
      )}
      <Storage />
    </div>
  );
}

const shapes: Readonly<Record<SyncTone, ShapeName>> = {
  good: 'check',
  busy: 'busy',
  away: 'away',
  wrong: 'wrong',
};

function Storage(): ReactNode {
  const { info, error } = useStoreInfo();
  if (error !== null) {
    return (
      <p className="twin-sync-detail" role="alert">
        The store could not be opened. {error.hint}
      </p>
    );
  }
  return <p className="twin-sync-detail">{info === null ? ' ' : storageWords(info)}</p>;
}

/** Where data is kept on this device and what may end it, in one or two sentences. */
export function storageWords(info: StoreInfo): string {
  if (info.durability === 'memory') return 'Kept in memory until this window closes.';
  const kept = "Saved on this device, in the browser's private file system.";
  return info.persisted ? kept : `${kept} The browser may clear it when the disk is full.`;
}
