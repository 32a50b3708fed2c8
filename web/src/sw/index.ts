/**
 * The page's side of the offline shell: an app whose files `twinstore-sw` has listed opens without
 * a network after the first visit, and says when a newer version waits. Data is not its business.
 *
 * @module twinstore/sw
 */

/**
 * `unavailable`: there are no service workers here, or ours could not be fetched; `installing`:
 * the first visit, the files are being kept; `ready`: the next visit needs no network;
 * `update-ready`: so it does, and a newer version is here and waits for `update()`.
 */
export type ShellState = 'unavailable' | 'installing' | 'ready' | 'update-ready';

/** Where the shell lies and what it answers for. */
export interface ShellOptions {
  /** Where the file is served that `twinstore-sw` wrote; `/sw.js` unless told. */
  readonly url?: string | URL;
}

/** Made for `useSyncExternalStore(shell.subscribe, shell.getSnapshot, shell.getServerSnapshot)`. */
export interface OfflineShell {
  /** Calls `onChange` after each change until the returned function is called. */
  readonly subscribe: (onChange: () => void) => () => void;
  /** Where it stands. */
  readonly getSnapshot: () => ShellState;
  /** On a server: `unavailable`. */
  readonly getServerSnapshot: () => ShellState;
  /** Loads the newer version; does nothing when none waits. Other tabs go on with theirs. */
  readonly update: () => void;
  /** Asks the server for a newer version, as each navigation does. Without an answer nothing changes. */
  readonly check: () => Promise<void>;
}

/** Once, at the start of the app. On a server it does nothing, and neither does it in development. */
export function registerOfflineShell({ url = '/sw.js' }: ShellOptions = {}): OfflineShell {
  const container = globalThis.navigator?.serviceWorker;
  const listeners = new Set<() => void>();
  let state: ShellState = container ? 'installing' : 'unavailable';
  let registration: ServiceWorkerRegistration | undefined;
  const set = (next: ShellState) => {
    if (state === next) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const look = (found: ServiceWorkerRegistration) => {
    registration = found;
    if (found.waiting && container?.controller) set('update-ready');
    else if (found.active) set('ready');
  };
  container?.register(url).then(
    (found) => {
      const follow = () => found.installing?.addEventListener('statechange', () => look(found));
      found.addEventListener('updatefound', follow);
      follow();
      look(found);
      container.addEventListener('controllerchange', () => look(found));
    },
    () => set('unavailable'),
  );
  return {
    subscribe: (onChange) => {
      // The same function may subscribe twice, and each ends on its own.
      const listener = () => onChange();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => state,
    getServerSnapshot: () => 'unavailable',
    update: () => {
      if (!registration?.waiting) return;
      container?.addEventListener('controllerchange', () => location.reload());
      registration.waiting.postMessage('take over');
    },
    check: async () => {
      await registration?.update().catch(() => undefined);
    },
  };
}
