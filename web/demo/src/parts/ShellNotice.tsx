import { useSyncExternalStore } from 'react';
import { takeWaitingShell, waitingShell } from '../shell.ts';

export function ShellNotice() {
  const waiting = useSyncExternalStore(waitingShell.subscribe, waitingShell.get);
  if (waiting === null) return null;
  return (
    <div className="toast" role="status">
      <p>A newer version of this app is ready.</p>
      <button type="button" className="button" onClick={takeWaitingShell}>
        Load it
      </button>
    </div>
  );
}
