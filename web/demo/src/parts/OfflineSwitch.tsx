import { useSyncExternalStore } from 'react';
import { offlineSwitch } from '../offlineSwitch.ts';

export function OfflineSwitch() {
  const isOffline = useSyncExternalStore(offlineSwitch.subscribe, offlineSwitch.get);
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOffline}
      className="switch"
      title="Closes the connection to the server. Everything goes on working."
      onClick={() => offlineSwitch.set(!isOffline)}
    >
      <span className="switch-track" aria-hidden="true">
        <span className="switch-thumb" />
      </span>
      Work offline
    </button>
  );
}
