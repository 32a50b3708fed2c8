import { useSyncExternalStore } from 'react';
import { useSyncStatus } from 'twinstore/react';
import { previewWords, useSyncPreview } from 'twinstore/ui';
import { offlineSwitch } from '../offlineSwitch.ts';

/** What working offline means, for as long as the switch is on. */
export function OfflineBanner() {
  const isOffline = useSyncExternalStore(offlineSwitch.subscribe, offlineSwitch.get);
  const pending = useSyncStatus((status) => status.pendingUploads);
  if (!isOffline) return null;
  return (
    <section className="banner" data-tone="away" aria-label="Working offline">
      <p className={pending === 0 ? undefined : 'banner-words'}>
        <strong>Offline.</strong> {pending === 0 ? nothingWaits : savedWords(pending)}
      </p>
      {pending > 0 && <Preview />}
      <button type="button" className="button" onClick={() => offlineSwitch.set(false)}>
        Go online
      </button>
    </section>
  );
}

/** What would happen on coming back, after a look at the server that sends nothing. */
function Preview() {
  const { preview, lookedAt, isLooking, look } = useSyncPreview();
  return (
    <>
      <span role="status">
        {lookedAt !== null && preview !== null && <strong>{previewWords(preview)}</strong>}
      </span>
      <button type="button" className="button" disabled={isLooking} onClick={() => void look()}>
        What would happen?
      </button>
    </>
  );
}

const nothingWaits = 'Everything goes on working; what you change is saved on this device.';

function savedWords(count: number): string {
  return count === 1
    ? '1 change goes out when you return.'
    : `${count.toLocaleString('en')} changes go out when you return.`;
}
