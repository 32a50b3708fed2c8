// What a SyncLoop needs, each moved by hand: a clock, a server's two ways, and a replica.
import { StoreError } from '../../src/client/storeError.js';
import type { StoreErrorCode } from '../../src/client/errorCodes.js';
import type { Commit } from '../../src/worker/replicaStore.js';
import { type SyncClock, SyncLoop, type SyncReplica } from '../../src/worker/syncLoop.js';
import type { LiveListener, SyncTransport } from '../../src/worker/syncTransport.js';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Time that stands still until `advance`. */
export class HandClock implements SyncClock {
  time = 1_000_000;
  /** The next draws; the last one is drawn again and again. */
  draws = [1];
  readonly #timers = new Set<Timer>();

  readonly now = () => this.time;
  readonly random = () => (this.draws.length > 1 ? this.draws.shift() : this.draws[0]) as number;
  readonly after = (ms: number, action: () => void) => {
    const timer = { at: this.time + ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs what is due on the way, in order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.time = due.at;
      this.#timers.delete(due);
      due.action();
      await settled();
    }
    this.time = end;
    await settled();
  }
}

/** After everything that promises have to do by now. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await null;
}

export interface Request {
  readonly text: string;
  readonly signal: AbortSignal;
  answer(text: string): Promise<void>;
  fail(code: StoreErrorCode): Promise<void>;
}

export class HandTransport implements SyncTransport {
  readonly requests: Request[] = [];
  readonly sockets: HandSocket[] = [];
  hasSockets = false;

  readonly post = (text: string, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      this.requests.push({
        text,
        signal,
        answer: (answer) => {
          resolve(answer);
          return settled();
        },
        fail: (code) => {
          reject(new StoreError(code, `${code} on purpose`));
          return settled();
        },
      });
    });

  readonly openLive = (listener: LiveListener) => {
    if (!this.hasSockets) return undefined;
    const socket = new HandSocket(listener);
    this.sockets.push(socket);
    return socket;
  };

  get last(): Request {
    return this.requests.at(-1) as Request;
  }
}

export class HandSocket {
  readonly sent: string[] = [];
  isClosed = false;
  readonly listener: LiveListener;

  constructor(listener: LiveListener) {
    this.listener = listener;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }
}

export const texts = {
  pull: '{"type":"pull"}',
  pulled: '{"type":"pulled"}',
  push: '{"type":"push"}',
  pushed: '{"type":"pushed"}',
  subscribe: '{"type":"subscribe"}',
  error: (code: StoreErrorCode) => `{"type":"error","code":"${code}"}`,
};

const commit: Commit = { origin: 'remote', status_changed: true, collections: {}, watches: [] };

/** Says what a replica says: one push and one pull at a time, until they are answered or lost. */
export class ScriptedReplica implements SyncReplica {
  pending = 0;
  /** Longer than the type's own when a push is to be large. */
  pushText = texts.push;
  received: string[] = [];
  /** Errors that it copes with by itself. */
  bearable: StoreErrorCode[] = [];
  #isBehind = false;
  #isPulling = false;
  isPushing = false;

  nextMessage(isPullOnly = false): string {
    if (this.pending > 0 && !this.isPushing && !isPullOnly) {
      this.isPushing = true;
      return this.pushText;
    }
    if (!this.#isBehind || this.#isPulling) return '';
    this.#isPulling = true;
    return texts.pull;
  }

  receive(text: string): Commit {
    this.received.push(text);
    const { type, code } = JSON.parse(text) as { type: string; code: StoreErrorCode };
    if (type === 'error' && !this.bearable.includes(code)) throw new StoreError(code, 'refused');
    if (type === 'pulled') this.#isBehind = this.#isPulling = false;
    if (type === 'pushed') {
      this.isPushing = false;
      this.pending = 0;
    }
    return commit;
  }

  lost(): void {
    this.#isPulling = this.isPushing = false;
  }

  markBehind(): void {
    this.#isBehind = true;
  }

  subscribeMessage(): string {
    return texts.subscribe;
  }

  status() {
    return {
      client_id: 'c',
      pending: this.pending,
      pending_since: null,
      rejected: 0,
      conflicts: 0,
      scopes: [],
    };
  }
}

/** A loop over all of these, not resumed yet. */
export function newLoop(options: { sockets?: boolean } = {}) {
  const clock = new HandClock();
  const transport = new HandTransport();
  transport.hasSockets = options.sockets === true;
  const replica = new ScriptedReplica();
  const states: string[] = [];
  const commits: Commit[] = [];
  const loop = new SyncLoop(replica, transport, clock, {
    onCommit: (of) => commits.push(of),
    onState: () => {
      const { state } = loop.state;
      if (states.at(-1) !== state) states.push(state);
    },
  });
  const write = () => {
    replica.pending += 1;
    loop.nudge();
  };
  return { clock, transport, replica, loop, states, commits, write };
}

/** A resumed loop that is level, with an open socket when there are any. */
export async function newLevelLoop(options: { sockets?: boolean } = {}) {
  const all = newLoop(options);
  all.loop.resume();
  if (options.sockets) {
    all.transport.sockets[0]?.listener.onOpen();
  }
  await all.transport.last.answer(texts.pulled);
  return all;
}
