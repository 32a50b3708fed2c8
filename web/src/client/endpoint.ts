/** The part of a Worker that the client uses: also what a MessagePort-backed stand-in must have. */
export interface StoreEndpoint {
  /** To the worker. */
  postMessage(message: unknown, transfer: Transferable[]): void;
  /** What the worker answers. */
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** It did not load, or threw. */
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  /** Ends it at once. */
  terminate(): void;
}

/** The worker beside this file, which bundlers find by this very expression. */
export function spawnWorker(name: string): StoreEndpoint {
  return new Worker(new URL('../worker/worker.js', import.meta.url), {
    type: 'module',
    name: `twinstore ${name}`,
  });
}
