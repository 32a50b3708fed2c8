/**
 * The token that is shown to the server. Pages know how to get one, the worker does not: it asks a
 * page, the leader's own before the others, keeps the answer in memory alone, and asks again when
 * the server has refused it.
 */
import { workerLimits } from '../client/limits.js';
import { StoreError } from '../client/storeError.js';
import type { Session } from './session.js';
import type { SyncClock } from './syncLoop.js';

interface Asked {
  readonly session: Session;
  readonly settle: (answer: TokenAnswer) => void;
}

export interface TokenAnswer {
  readonly token?: string;
  /** Why there is none. */
  readonly reason?: string;
}

export class Tokens {
  readonly #after: SyncClock['after'];
  readonly #sessions = new Set<Session>();
  readonly #asked = new Map<number, Asked>();
  #token: string | undefined;
  #isRefused = false;
  #getting: Promise<string> | undefined;
  #nextRequest = 1;
  #joined: (() => void) | undefined;

  constructor(after: SyncClock['after']) {
    this.#after = after;
  }

  join(session: Session): void {
    this.#sessions.add(session);
    this.#joined?.();
  }

  leave(session: Session): void {
    this.#sessions.delete(session);
    for (const asked of [...this.#asked.values()]) {
      if (asked.session === session) asked.settle({ reason: 'the page that was asked is gone' });
    }
  }

  /** @throws {StoreError} `UNAUTHORIZED` when no page has one */
  get(): Promise<string> {
    if (this.#token !== undefined) return Promise.resolve(this.#token);
    this.#getting ??= this.#get().finally(() => {
      this.#getting = undefined;
    });
    return this.#getting;
  }

  /** The server did not take it: the next `get` asks for another. */
  refuse(token: string): void {
    if (token !== this.#token) return;
    this.#token = undefined;
    this.#isRefused = true;
  }

  /** What a page answers. */
  receive(request: number, answer: TokenAnswer): void {
    this.#asked.get(request)?.settle(answer);
  }

  async #get(): Promise<string> {
    if (this.#sessions.size === 0) {
      await new Promise<void>((resolve) => {
        this.#joined = resolve;
      });
    }
    let reason = 'no page gave a token';
    const leaderFirst = [...this.#sessions].sort((a, b) => rank(a) - rank(b));
    for (const session of leaderFirst) {
      const answer = await this.#ask(session);
      if (answer.token) {
        this.#token = answer.token;
        this.#isRefused = false;
        return answer.token;
      }
      reason = answer.reason ?? reason;
    }
    throw new StoreError('UNAUTHORIZED', `sync.getToken: ${reason}`);
  }

  #ask(session: Session): Promise<TokenAnswer> {
    const request = this.#nextRequest++;
    return new Promise((resolve) => {
      const settle = (answer: TokenAnswer) => {
        cancel();
        this.#asked.delete(request);
        resolve(answer);
      };
      const cancel = this.#after(workerLimits.tokenTimeoutMs, () =>
        settle({ reason: 'it did not answer in time' }),
      );
      this.#asked.set(request, { session, settle });
      session.send({ event: 'token-wanted', request, isRefused: this.#isRefused });
    });
  }
}

function rank(session: Session): number {
  return session.role === 'leader' ? 0 : 1;
}
