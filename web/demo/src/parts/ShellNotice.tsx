import { useSyncExternalStore } from 'react';
import type { OfflineShell } from 'twinstore/sw';
import { shell } from '../shell.ts';

export function ShellNotice() {
  return shell && <Notice shell={shell} />;
}

function Notice({ shell }: { shell: OfflineShell }) {
  const state = useSyncExternalStore(shell.subscribe, shell.getSnapshot, shell.getServerSnapshot);
  if (state !== 'update-ready') return null;
  return (
    <div className="toast" role="status">
      <p>A newer version of this app is ready.</p>
      <button type="button" className="button" onClick={shell.update}>
        Load it
      </button>
    </div>
  );
}
