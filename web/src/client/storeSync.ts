import type { Connection } from './connection.js';
import { StoreError } from './storeError.js';
import type { SyncLive } from './syncLive.js';
import type { SyncPreview } from './syncPreview.js';
import type { Sync, WaitOptions } from './syncStatus.js';

export function createSync(connection: Connection, status: SyncLive, isEnabled: boolean): Sync {
  const assertEnabled = () => {
    if (!isEnabled) throw new StoreError('SYNC_DISABLED', 'this store has no server');
  };
  const order = (op: 'sync-pause' | 'sync-resume') => {
    assertEnabled();
    // Opening may be the first thing that happens; a failure of it is an error of each call.
    connection.call({ op }).catch(() => undefined);
  };
  return {
    status,
    now: async () => {
      assertEnabled();
      await connection.call({ op: 'sync-now' });
    },
    preview: async (options) => {
      assertEnabled();
      return (await connection.call({ op: 'sync-preview', ...options })) as SyncPreview;
    },
    pause: () => order('sync-pause'),
    resume: () => order('sync-resume'),
    waitForIdle: async (options) => {
      assertEnabled();
      await connection.ready();
      await untilIdle(status, options);
    },
  };
}

function untilIdle(status: SyncLive, options: WaitOptions = {}): Promise<void> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (error?: StoreError) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      unsubscribe();
      if (error) reject(error);
      else resolve();
    };
    const onAbort = () => end(new StoreError('ABORTED', 'waiting was given up'));
    const check = () => {
      if (status.current.state === 'idle' && status.current.pendingUploads === 0) end();
    };
    const unsubscribe = status.subscribe(check);
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => {
        end(new StoreError('TIMEOUT', `the store was not level after ${timeoutMs} ms`));
      }, timeoutMs);
    }
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else check();
  });
}
