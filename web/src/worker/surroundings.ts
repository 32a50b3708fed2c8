import type { SyncClock } from './syncLoop.js';

export const browserClock: SyncClock = {
  now: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/**
 * Runs an action behind the messages that have arrived already. A timer would do so too, but
 * browsers stretch nested timers to 4 ms.
 */
export function deferAfterMessages(action: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    action();
  };
  port2.postMessage(null);
}
