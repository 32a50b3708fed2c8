// A fixed pool of synchronous file handles with names, for SQLite's VFS (wasm/src/opfs_vfs.cpp).
// SyncAccessHandles can only be opened asynchronously, so all are opened before SQLite starts.
//
// Every pool file begins with one header page that names what the rest holds; an empty or damaged
// header means that the file is free. A crash may fall between any two steps, so:
// (1) a file is emptied and flushed before it gets a name, so no stale bytes show under a new name;
// (2) a name is removed and flushed before the content is cut, so no name ever shows half a file.

/** What a call answers besides a count; the same numbers stand in opfs_vfs.cpp. */
export const POOL_FAILED = -1;
export const POOL_FULL = -2;

/** The part of FileSystemSyncAccessHandle that the pool uses; Node's form implements it as well. */
export interface SyncHandle {
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}

const HEADER_BYTES = 4096;
const NAME_BYTES_MAX = 512;
const MAGIC = 0x54574e50; // "TWNP"
const VERSION = 1;
const NAME_AT = 16;

function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function encodeHeader(name: string): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const bytes = new TextEncoder().encode(name);
  if (bytes.length > NAME_BYTES_MAX) throw new RangeError('a file name has at most 512 bytes');
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, VERSION);
  view.setUint32(8, bytes.length);
  view.setUint32(12, checksum(bytes));
  header.set(bytes, NAME_AT);
  return header;
}

/** The name that a header holds, or null when the file is free. */
function decodeHeader(header: Uint8Array): string | null {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0) !== MAGIC || view.getUint32(4) !== VERSION) return null;
  const length = view.getUint32(8);
  if (length === 0 || length > NAME_BYTES_MAX) return null;
  const bytes = header.subarray(NAME_AT, NAME_AT + length);
  if (checksum(bytes) !== view.getUint32(12)) return null;
  return new TextDecoder().decode(bytes);
}

function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

export class HandlePool {
  readonly #handles: SyncHandle[];
  readonly #names: (string | null)[] = [];

  /** Takes the handles over; they are closed by {@link release}. */
  constructor(handles: SyncHandle[]) {
    this.#handles = handles;
    for (const handle of handles) this.#names.push(HandlePool.#readName(handle));
  }

  static #readName(handle: SyncHandle): string | null {
    if (handle.getSize() < HEADER_BYTES) return null;
    const header = new Uint8Array(HEADER_BYTES);
    if (handle.read(header, { at: 0 }) !== HEADER_BYTES) return null;
    return decodeHeader(header);
  }

  /** The descriptor of a file, POOL_FAILED when it is missing, POOL_FULL when no file is free. */
  open(name: string, create: boolean): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    if (!create) return POOL_FAILED;
    const free = this.#names.indexOf(null);
    if (free < 0) return POOL_FULL;
    try {
      const handle = this.#handle(free);
      handle.truncate(HEADER_BYTES);
      handle.flush();
      if (!this.#writeHeader(handle, encodeHeader(name))) return POOL_FULL;
      this.#names[free] = name;
      return free;
    } catch (error) {
      return isQuotaError(error) ? POOL_FULL : POOL_FAILED;
    }
  }

  /** Handles stay open for the pool's life; SQLite's close only forgets its descriptor. */
  close(_fd: number): void {}

  read(fd: number, out: Uint8Array, offset: number): number {
    try {
      return this.#handle(fd).read(out, { at: HEADER_BYTES + offset });
    } catch {
      return POOL_FAILED;
    }
  }

  /** The count written, which is the whole of `data`, or POOL_FULL or POOL_FAILED. */
  write(fd: number, data: Uint8Array, offset: number): number {
    try {
      const written = this.#handle(fd).write(data, { at: HEADER_BYTES + offset });
      // Over quota Chromium neither throws nor writes less: it returns a number near 2^32.
      return written === data.length ? written : POOL_FULL;
    } catch (error) {
      return isQuotaError(error) ? POOL_FULL : POOL_FAILED;
    }
  }

  truncate(fd: number, size: number): number {
    return this.#guard(() => this.#handle(fd).truncate(HEADER_BYTES + size));
  }

  sync(fd: number): number {
    return this.#guard(() => this.#handle(fd).flush());
  }

  size(fd: number): number {
    try {
      return Math.max(0, this.#handle(fd).getSize() - HEADER_BYTES);
    } catch {
      return POOL_FAILED;
    }
  }

  remove(name: string): number {
    const fd = this.#names.indexOf(name);
    if (fd < 0) return 0;
    return this.#guard(() => {
      const handle = this.#handle(fd);
      handle.write(new Uint8Array(HEADER_BYTES), { at: 0 });
      handle.flush();
      this.#names[fd] = null;
      handle.truncate(HEADER_BYTES);
    });
  }

  exists(name: string): boolean {
    return this.#names.includes(name);
  }

  /** Bytes that the named files take. */
  usage(): number {
    return this.#names.reduce((sum, name, fd) => sum + (name === null ? 0 : this.size(fd)), 0);
  }

  /** Closes every handle. The pool is of no use afterwards. */
  release(): void {
    for (const handle of this.#handles) handle.close();
  }

  #handle(fd: number): SyncHandle {
    const handle = this.#handles[fd];
    if (!handle) throw new RangeError('no such file');
    return handle;
  }

  #writeHeader(handle: SyncHandle, header: Uint8Array): boolean {
    if (handle.write(header, { at: 0 }) !== header.length) return false;
    handle.flush();
    return true;
  }

  #guard(work: () => void): number {
    try {
      work();
      return 0;
    } catch (error) {
      return isQuotaError(error) ? POOL_FULL : POOL_FAILED;
    }
  }
}
