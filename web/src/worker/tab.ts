/**
 * One page's way to the data. The tabs of an origin elect one by a Web Lock; its worker opens the
 * store and serves all pages. The other workers only carry messages, over a channel of their own to
 * the leader: a BroadcastChannel that nobody else knows the name of, which needs no third worker to
 * pass ports and exists wherever workers do.
 *
 * A lock held by each follower tells the leader when it is gone, and the leader's own lock tells the
 * followers: neither asks the other for signs of life, so a sleeping tab is never taken for dead.
 */
import { workerLimits } from '../client/limits.js';
import { toErrorValue } from './errorValue.js';
import type { FromHost, ToHost } from './messages.js';
import type { Session } from './session.js';
import type { StoreHost } from './storeHost.js';

/** What a tab takes from its surroundings; a test brings its own. */
export interface TabSurroundings {
  readonly name: string;
  /** Undefined where there are none: the tab then leads without asking. */
  readonly locks: LockManager | undefined;
  readonly newChannel: (name: string) => BroadcastChannel;
  readonly newId: () => string;
  /** Opens the data; `isPaused` as the last leader had it, when there was one. @throws {StoreError} */
  readonly openHost: (isPaused: boolean | undefined) => Promise<StoreHost>;
  toPage(message: FromHost, transfer?: Transferable[]): void;
}

type ControlMessage =
  | { readonly type: 'join'; readonly id: string }
  | { readonly type: 'lead' | 'wiped' };
type Greeting = { readonly welcome: true };
interface Turn {
  readonly id: number;
  end: () => void;
}
type Link = (message: ToHost) => void;

export class Tab {
  readonly #around: TabSurroundings;
  readonly #lockName: string;
  readonly #control: BroadcastChannel;
  #link: Link | undefined;
  #epoch = 0;
  #queue: ToHost[] = [];
  readonly #served = new Map<string, BroadcastChannel>();
  #host: StoreHost | undefined;
  #isClosed = false;
  /** Ends the attempt to follow that is under way. */
  #unfollow: (() => void) | undefined;
  #release: (() => void) | undefined;
  #turn: Turn | undefined;
  /** Until the store is open, or cannot be opened. */
  #opening: Promise<unknown> | undefined;
  /** Whether the leader that this tab follows, or followed, has paused the exchange. */
  #isPaused: boolean | undefined;

  constructor(around: TabSurroundings) {
    this.#around = around;
    this.#lockName = `twinstore:${around.name}`;
    this.#control = around.newChannel(this.#lockName);
    this.#control.onmessage = ({ data }: MessageEvent<ControlMessage>) => this.#controlled(data);
  }

  /** Leads or follows, until close(). */
  start(): void {
    const { locks } = this.#around;
    if (!locks) {
      void this.#lead();
      return;
    }
    void locks.request(this.#lockName, { ifAvailable: true }, async (lock) => {
      if (lock) {
        await this.#leadAndHold();
        return;
      }
      if (this.#isClosed) return;
      this.#follow();
      void locks.request(this.#lockName, () => this.#leadAndHold());
    });
  }

  receive(message: ToHost): void {
    const { op } = message.call;
    if (op === 'close') this.#close(message.id);
    else if (op === 'begin') this.#begin(message.id);
    else if (op === 'end') this.#endTurn();
    else if (message.epoch !== this.#epoch) return;
    else if (this.#link) this.#link(message);
    else this.#queue.push(message);
  }

  /**
   * The page's turn in the queue of all transactions. The lock is this worker's and not the page's:
   * a page that is frozen could not give it back, but its worker ends.
   */
  #begin(id: number): void {
    // Asked again after a reset.
    if (this.#turn?.id === id) return;
    const turn: Turn = { id, end: () => undefined };
    this.#turn = turn;
    const granted = () => {
      this.#around.toPage({ id, ok: null });
      return new Promise<void>((resolve) => {
        turn.end = resolve;
      });
    };
    const { locks } = this.#around;
    if (locks) void locks.request(channelName(this.#lockName, 'transaction'), granted);
    else void granted();
  }

  #endTurn(): void {
    this.#turn?.end();
    this.#turn = undefined;
  }

  #close(id: number): void {
    this.#isClosed = true;
    this.#unfollow?.();
    this.#host?.close();
    this.#control.close();
    const finish = () => {
      this.#around.toPage({ id, ok: null });
      this.#release?.();
    };
    // The files are free only when what is being opened was closed again.
    if (this.#opening) void this.#opening.then(finish, finish);
    else finish();
  }

  async #leadAndHold(): Promise<void> {
    if (this.#isClosed) return;
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    if (await this.#lead()) await released;
  }

  /** Returns whether the store is open. */
  async #lead(): Promise<boolean> {
    this.#unfollow?.();
    this.#startAnew();
    let host: StoreHost;
    const opening = this.#around.openHost(this.#isPaused);
    this.#opening = opening.then((opened) => {
      if (this.#isClosed) opened.close();
    });
    try {
      host = await opening;
    } catch (error) {
      this.#link = ({ id }) => this.#around.toPage({ id, error: toErrorValue(error) });
      this.#flush();
      return false;
    } finally {
      await this.#opening.catch(() => undefined);
      this.#opening = undefined;
    }
    if (this.#isClosed) return false;
    this.#host = host;
    const session: Session = { role: 'leader', send: this.#around.toPage };
    this.#setLink((message) => this.#carryOut(host, session, message));
    this.#control.postMessage({ type: 'lead' } satisfies ControlMessage);
    return true;
  }

  #carryOut(host: StoreHost, session: Session, message: ToHost): void {
    if (message.call.op !== 'wipe') {
      host.receive(session, message);
      return;
    }
    host.wipe().then(
      () => {
        this.#control.postMessage({ type: 'wiped' } satisfies ControlMessage);
        this.#wiped();
      },
      (error) => session.send({ id: message.id, error: toErrorValue(error) }),
    );
  }

  /** Each page ends its worker then. One that came to lead in between removes its files, too. */
  #wiped(): void {
    this.#isClosed = true;
    void this.#host?.wipe();
    this.#around.toPage({ event: 'wiped' });
  }

  #controlled(message: ControlMessage): void {
    if (message.type === 'wiped') this.#wiped();
    if (message.type === 'join' && this.#host) this.#serve(this.#host, message.id);
    if (message.type === 'lead' && !this.#host && this.#unfollow) {
      this.#unfollow();
      this.#startAnew();
      this.#follow();
    }
  }

  /** A follower that waits asks again, so the same one may come twice. */
  #serve(host: StoreHost, id: string): void {
    const known = this.#served.get(id);
    if (known) {
      known.postMessage({ welcome: true } satisfies Greeting);
      return;
    }
    const channel = this.#around.newChannel(channelName(this.#lockName, id));
    this.#served.set(id, channel);
    const session: Session = {
      role: 'follower',
      send: (message) => {
        if (this.#served.has(id)) channel.postMessage(message);
      },
    };
    channel.onmessage = ({ data }: MessageEvent<ToHost>) => this.#carryOut(host, session, data);
    channel.postMessage({ welcome: true } satisfies Greeting);
    // Granted when the follower is gone.
    void this.#around.locks?.request(channelName(this.#lockName, id), () => {
      host.leave(session);
      this.#served.delete(id);
      channel.close();
    });
  }

  #follow(): void {
    const id = this.#around.newId();
    const name = channelName(this.#lockName, id);
    const channel = this.#around.newChannel(name);
    let release: () => void = () => undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    this.#unfollow = () => {
      isOver = true;
      clearTimeout(timer);
      channel.close();
      release();
    };
    const join = () => {
      this.#control.postMessage({ type: 'join', id } satisfies ControlMessage);
      timer = setTimeout(join, workerLimits.joinRetryMs);
    };
    channel.onmessage = ({ data }: MessageEvent<FromHost | Greeting>) => {
      if (!('welcome' in data)) {
        if ('event' in data && data.event === 'status') {
          this.#isPaused = data.status.state === 'paused';
        }
        this.#around.toPage(data);
      } else if (timer !== undefined) {
        clearTimeout(timer);
        timer = undefined;
        this.#setLink((message) => channel.postMessage(message));
      }
    };
    void this.#around.locks?.request(name, () => {
      if (isOver) return undefined;
      join();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
  }

  /** What was asked of an earlier host is lost; the page asks again. */
  #startAnew(): void {
    if (!this.#link) return;
    this.#link = undefined;
    this.#epoch += 1;
    this.#queue = [];
    this.#around.toPage({ event: 'reset', epoch: this.#epoch });
  }

  #setLink(link: Link): void {
    this.#link = link;
    this.#flush();
  }

  #flush(): void {
    for (const message of this.#queue.splice(0)) this.#link?.(message);
  }
}

function channelName(lockName: string, id: string): string {
  return `${lockName}:${id}`;
}
