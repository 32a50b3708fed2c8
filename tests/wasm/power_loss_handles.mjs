// Handles in memory that model a power cut: what was flushed stays; of what was not, each 512-byte
// piece of a write and each truncation is kept or lost on its own, across all handles of a pool.

const sectorBytes = 512;

/** Mulberry32: one seed gives one run. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Image {
  bytes = new Uint8Array(0);
  resize(size) {
    const next = new Uint8Array(size);
    next.set(this.bytes.subarray(0, size));
    this.bytes = next;
  }
  write(at, data) {
    if (at + data.length > this.bytes.length) this.resize(at + data.length);
    this.bytes.set(data, at);
  }
}

/** Thrown by every call once the power is gone. */
export class PowerCut extends Error {}

export class PowerLossDisk {
  #handles;
  #callsLeft = Infinity;

  constructor(count) {
    this.#handles = Array.from({ length: count }, () => ({
      live: new Image(),
      durable: new Image(),
      pending: [],
    }));
  }

  /** The power goes at the n-th change or flush from here: that call has no effect and throws. */
  cutAfter(calls) {
    this.#callsLeft = calls;
  }

  /** `isFlushReal` false: a disk that lies about flushing, to prove that the model sees damage. */
  handles({ isFlushReal = true } = {}) {
    const assertPower = () => {
      if (this.#callsLeft < 0) throw new PowerCut('the power is gone');
    };
    const spend = () => {
      this.#callsLeft -= 1;
      assertPower();
    };
    return this.#handles.map((file) => ({
      read: (buffer, { at }) => {
        const part = file.live.bytes.subarray(at, at + buffer.length);
        buffer.set(part);
        return part.length;
      },
      write: (buffer, { at }) => {
        assertPower();
        // What is under way when the power goes may reach the disk in part.
        for (let from = 0; from < buffer.length; ) {
          const end = Math.min(from + sectorBytes - ((at + from) % sectorBytes), buffer.length);
          file.pending.push({ at: at + from, data: buffer.slice(from, end) });
          from = end;
        }
        spend();
        file.live.write(at, buffer);
        return buffer.length;
      },
      truncate: (size) => {
        assertPower();
        file.pending.push({ size });
        spend();
        file.live.resize(size);
      },
      getSize: () => file.live.bytes.length,
      flush: () => {
        assertPower();
        spend();
        if (!isFlushReal) return;
        file.durable.bytes = file.live.bytes.slice();
        file.pending = [];
      },
      close: () => {},
    }));
  }

  /** What a new start finds. */
  restart(next) {
    this.#callsLeft = Infinity;
    for (const file of this.#handles) {
      for (const change of file.pending) {
        if (next() < 0.5) continue;
        if ('size' in change) file.durable.resize(change.size);
        else file.durable.write(change.at, change.data);
      }
      file.pending = [];
      file.live.bytes = file.durable.bytes.slice();
    }
  }
}
