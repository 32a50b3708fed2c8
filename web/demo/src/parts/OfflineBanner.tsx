import { useSyncExternalStore } from 'react';
import { useSyncStatus } from 'twinstore/react';
import { offlineSwitch } from '../offlineSwitch.ts';

/** What working offline means, for as long as the switch is on. */
export function OfflineBanner() {
  const isOffline = useSyncExternalStore(offlineSwitch.subscribe, offlineSwitch.get);
  const pending = useSyncStatus((status) => status.pendingUploads);
  if (!isOffline) return null;
  return (
    <section className="banner" data-tone="away" aria-label="Working offline">
      <p>
        <strong>Offline.</strong> {pending === 0 ? nothingWaits : savedWords(pending)}
      </p>
      <button type="button" className="button" onClick={() => offlineSwitch.set(false)}>
        Go online
      </button>
    </section>
  );
}

const nothingWaits = 'Everything goes on working; what you change is saved on this device.';

function savedWords(count: number): string {
  return count === 1
    ? '1 change is saved on this device and goes out when you return.'
    : `${count.toLocaleString('en')} changes are saved on this device and go out when you return.`;
}
