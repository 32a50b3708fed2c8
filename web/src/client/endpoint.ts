/** The part of a Worker that the client uses: also what a MessagePort-backed stand-in must have. */
export interface StoreEndpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

/** The worker beside this file, which bundlers find by this very expression. */
export function spawnWorker(name: string): StoreEndpoint {
  return new Worker(new URL('../worker/worker.js', import.meta.url), {
    type: 'module',
    name: `twinstore ${name}`,
  });
}
