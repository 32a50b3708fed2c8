import type { ReactNode } from 'react';
import { previewWords } from '../../ui/previewWords.js';
import { useSyncPreview } from '../../ui/useSyncPreview.js';
import { Grid } from './Grid.js';

/** What waits to be sent, and what the server will make of it. */
export function OutboxTab(): ReactNode {
  const { preview, error, isLooking, look } = useSyncPreview();
  if (error !== null) return <p className="empty">{error.message}</p>;
  if (preview === null) return <p className="empty">Asking the store…</p>;
  return (
    <>
      <p className="words" role="status">
        {previewWords(preview)}
        {preview.isCurrent ? ', as the server is now' : ', as far as this device knows'}
      </p>
      <button type="button" disabled={isLooking} onClick={() => void look()}>
        Look at the server first
      </button>
      <Grid
        label="Outbox"
        rows={preview.writes.map((write) => ({
          made_at: write.made_at,
          outcome: write.outcome,
          rows: write.rows
            .map(({ collection, key }) => `${collection} ${key.join('/')}`)
            .join(', '),
          meets: write.meetings.flatMap((meeting) => meeting.fields).join(', '),
          error: write.message ?? '',
          id: write.id,
        }))}
      />
    </>
  );
}
