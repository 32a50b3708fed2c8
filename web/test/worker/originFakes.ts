// What the tabs of one origin share, in one process: Web Locks and BroadcastChannels, of which a
// tab loses its own when it is gone, as in a browser.

interface Waiting {
  readonly owner: object;
  grant(): void;
}

export class Origin {
  readonly #holders = new Map<string, object>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #channels = new Set<Channel>();

  /** The names of the locks that are held, in order. */
  get held(): string[] {
    return [...this.#holders.keys()].sort();
  }

  get openChannels(): number {
    return this.#channels.size;
  }

  /** The surroundings of one tab. */
  newTab() {
    const owner = {};
    const newChannel = (name: string) => {
      const channel = new Channel(name, owner, this.#channels);
      this.#channels.add(channel);
      return channel as unknown as BroadcastChannel;
    };
    const locks = {
      request: (name: string, ...rest: [LockCallback] | [LockOptions, LockCallback]) => {
        const callback = rest.at(-1) as LockCallback;
        const isTry = rest.length === 2 && rest[0].ifAvailable === true;
        return this.#request(owner, name, isTry, callback);
      },
    } as unknown as LockManager;
    return { locks, newChannel, vanish: () => this.#vanish(owner) };
  }

  #request(owner: object, name: string, isTry: boolean, callback: LockCallback): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const run = async (lock: { name: string } | null) => {
        await null;
        try {
          resolve(await callback(lock as Lock | null));
        } catch (error) {
          reject(error);
        } finally {
          if (lock && this.#holders.get(name) === owner) this.#pass(name);
        }
      };
      const grant = () => {
        this.#holders.set(name, owner);
        void run({ name });
      };
      if (!this.#holders.has(name)) grant();
      else if (isTry) void run(null);
      else this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), { owner, grant }]);
    });
  }

  #pass(name: string): void {
    this.#holders.delete(name);
    this.#waiting.get(name)?.shift()?.grant();
  }

  #vanish(owner: object): void {
    for (const channel of this.#channels) if (channel.owner === owner) channel.close();
    for (const [name, waiting] of this.#waiting) {
      this.#waiting.set(
        name,
        waiting.filter((one) => one.owner !== owner),
      );
    }
    for (const [name, holder] of [...this.#holders]) if (holder === owner) this.#pass(name);
  }
}

type LockCallback = (lock: Lock | null) => unknown;

class Channel {
  readonly name: string;
  readonly owner: object;
  readonly #all: Set<Channel>;
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(name: string, owner: object, all: Set<Channel>) {
    this.name = name;
    this.owner = owner;
    this.#all = all;
  }

  postMessage(message: unknown): void {
    if (!this.#all.has(this)) throw new DOMException('the channel is closed', 'InvalidStateError');
    const others = [...this.#all].filter((other) => other !== this && other.name === this.name);
    for (const other of others) {
      const data = structuredClone(message);
      queueMicrotask(() => {
        if (this.#all.has(other)) other.onmessage?.({ data } as MessageEvent);
      });
    }
  }

  close(): void {
    this.#all.delete(this);
  }
}
