/**
 * The files of a SQLite database over a fixed set of exclusive handles, opened asynchronously
 * before SQLite opens, so that every later call is synchronous (wasm/src/opfs_vfs.h calls them).
 *
 * A slot is one handle: a header page that names it, and the file's content behind that page.
 * What keeps a crash, at any point and with unflushed writes in any order, from mixing files up:
 *
 * 1. A file exists exactly when a whole header names it. Creating one is writing and flushing that
 *    header, and nothing is written behind it earlier: the header cannot come back without being
 *    first, and a torn one names nothing.
 * 2. A slot is given a name only when it is clean on the disk: no header, no content. So a new WAL
 *    or journal never begins with an old one's frames, which SQLite could take for its own.
 * 3. Deleting clears the header, truncates, and flushes once. A crash before the flush ends leaves
 *    the file whole (not deleted, and SQLite was not told so), or named but without content (an empty
 *    journal or WAL has no say), or without a name and with content (a dirty slot, cleaned by rule
 *    2). Clearing comes first because a failure there leaves the file as it was; truncating first
 *    could leave a journal that names nothing to roll back, yet is reported as still there.
 * 4. A slot whose cleaning failed is cleaned again, completely, before anything is created or
 *    flushed: a journal that SQLite believes deleted must never outlive a later commit. Repeating
 *    only the flush would not do, as a system may forget what a failed flush did not write.
 */
import { type AccessHandle, isQuotaError, PoolError } from './accessHandle.js';
import { openOpfsHandles, type OpenOptions, removeOpfsFolder } from './opfsFolder.js';
import { decodeHeader, encodeHeader, headerBytes } from './poolHeader.js';

/** What a synchronous call answers; wasm/src/opfs_pool.h has the same numbers. */
export const PoolAnswer = { Ok: 0, Io: 1, Full: 2, Missing: 3, Busy: 4, NoSlot: 5 } as const;
export type PoolAnswer = (typeof PoolAnswer)[keyof typeof PoolAnswer];

export interface PoolUsage {
  /** Slots, used or not. */
  readonly capacity: number;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Of all files, their header pages included. */
  readonly bytes: number;
}

interface Slot {
  readonly handle: AccessHandle;
  /** Undefined: free. */
  name: string | undefined;
  isOpen: boolean;
  /** Free, and perhaps not clean on the disk (rule 2). */
  isDirty: boolean;
}

export class HandlePool {
  /** The sentence of the last failure; "" when none failed. */
  lastError = '';
  readonly #slots: Slot[] = [];
  readonly #removeFolder: () => Promise<void>;
  #isClosed = false;

  /**
   * Opens the pool of a folder of OPFS, such as "twinstore/my-store", and creates what is missing.
   *
   * @throws {PoolError} `LOCKED` when another worker holds a file beyond the retry budget,
   * `STORAGE_UNAVAILABLE` without OPFS (private mode), `QUOTA_EXCEEDED`; and as the constructor.
   */
  static async open(directory: string, options: OpenOptions = {}): Promise<HandlePool> {
    const handles = await openOpfsHandles(directory, options);
    return new HandlePool(handles, () => removeOpfsFolder(directory));
  }

  /** Removes a folder that no pool holds; not an error when there is none. */
  static async remove(directory: string): Promise<void> {
    await removeOpfsFolder(directory);
  }

  /**
   * Takes the handles, and closes them when it throws.
   *
   * @throws {PoolError} `CORRUPT` when a damaged header hides a database or two files have one name:
   * going on would lose data silently. `SCHEMA_TOO_NEW` when a later version wrote a header.
   */
  constructor(handles: readonly AccessHandle[], removeFolder: () => Promise<void>) {
    this.#removeFolder = removeFolder;
    try {
      for (const handle of handles) this.#slots.push(readSlot(handle));
      const names = this.#slots.flatMap((slot) => slot.name ?? []);
      if (new Set(names).size !== names.length) {
        throw new PoolError('CORRUPT', 'two files of the pool have the same name');
      }
    } catch (error) {
      for (const handle of handles) handle.close();
      throw error;
    }
  }

  /** Returns a descriptor, or a PoolAnswer made negative. A file has one descriptor at a time. */
  open(name: string, isCreated: boolean): number {
    let fd = this.#find(name);
    if (fd < 0 && !isCreated) return -PoolAnswer.Missing;
    if (fd < 0) {
      fd = this.#slots.findIndex((slot) => slot.name === undefined);
      if (fd < 0) return -this.#fail(PoolAnswer.NoSlot, `no free slot for ${name}`);
      const answer = this.#create(this.#slots[fd] as Slot, name);
      if (answer !== PoolAnswer.Ok) return -answer;
    }
    const slot = this.#slots[fd] as Slot;
    if (slot.isOpen) return -this.#fail(PoolAnswer.Busy, `${name} is open already`);
    slot.isOpen = true;
    return fd;
  }

  closeFile(fd: number): void {
    const slot = this.#slots[fd];
    if (slot) slot.isOpen = false;
  }

  /** Returns the bytes read, fewer at the end of the file; -1 when reading failed. */
  read(fd: number, target: Uint8Array, offset: number): number {
    let bytes = -1;
    this.#attempt(() => {
      bytes = this.#handle(fd).read(target, { at: headerBytes + offset });
    });
    return bytes;
  }

  write(fd: number, bytes: Uint8Array, offset: number): PoolAnswer {
    return this.#attempt(() => writeAll(this.#handle(fd), bytes, headerBytes + offset));
  }

  truncate(fd: number, size: number): PoolAnswer {
    return this.#attempt(() => this.#handle(fd).truncate(headerBytes + size));
  }

  sync(fd: number): PoolAnswer {
    return this.#attempt(() => {
      this.#cleanAll();
      this.#handle(fd).flush();
    });
  }

  /** Returns the bytes of the file, or -1. */
  size(fd: number): number {
    let bytes = -1;
    this.#attempt(() => {
      bytes = Math.max(0, this.#handle(fd).getSize() - headerBytes);
    });
    return bytes;
  }

  /** Deletes a file that is not open, durably. */
  remove(name: string): PoolAnswer {
    const slot = this.#slots[this.#find(name)];
    if (!slot) return PoolAnswer.Missing;
    if (slot.isOpen) return this.#fail(PoolAnswer.Busy, `${name} is open`);
    return this.#attempt(() => {
      this.#assertOpen();
      writeAll(slot.handle, new Uint8Array(headerBytes), 0);
      slot.name = undefined;
      slot.isDirty = true;
      clean(slot);
    });
  }

  exists(name: string): boolean {
    return this.#find(name) >= 0;
  }

  usage(): PoolUsage {
    this.#assertOpen();
    const sizes = this.#slots.map((slot) => slot.handle.getSize());
    return {
      capacity: this.#slots.length,
      files: this.#slots.flatMap(({ name }, at) =>
        name === undefined ? [] : [{ name, bytes: Math.max(0, (sizes[at] ?? 0) - headerBytes) }],
      ),
      bytes: sizes.reduce((sum, size) => sum + size, 0),
    };
  }

  /** Gives all handles back. The databases must be closed; calls after it answer Io. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const slot of this.#slots.splice(0)) slot.handle.close();
  }

  /** Closes the pool and removes its folder with everything in it. */
  async wipe(): Promise<void> {
    this.close();
    await this.#removeFolder();
  }

  #find(name: string): number {
    return this.#slots.findIndex((slot) => slot.name === name);
  }

  #create(slot: Slot, name: string): PoolAnswer {
    const header = encodeHeader(name);
    if (!header) return this.#fail(PoolAnswer.NoSlot, 'the name of the file is too long');
    return this.#attempt(() => {
      this.#cleanAll();
      slot.isDirty = true;
      writeAll(slot.handle, header, 0);
      slot.handle.flush();
      slot.isDirty = false;
      slot.name = name;
    });
  }

  /** Rule 4. */
  #cleanAll(): void {
    for (const slot of this.#slots) if (slot.isDirty) clean(slot);
  }

  #handle(fd: number): AccessHandle {
    this.#assertOpen();
    const slot = this.#slots[fd];
    if (!slot?.isOpen) throw new Error(`there is no open file ${fd}`);
    return slot.handle;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new PoolError('CLOSED', 'the pool is closed');
  }

  #attempt(action: () => void): PoolAnswer {
    try {
      action();
      return PoolAnswer.Ok;
    } catch (error) {
      const answer = isQuotaError(error) ? PoolAnswer.Full : PoolAnswer.Io;
      return this.#fail(answer, error instanceof Error ? error.message : String(error));
    }
  }

  #fail<A extends PoolAnswer>(answer: A, message: string): A {
    this.lastError = message;
    return answer;
  }
}

function readSlot(handle: AccessHandle): Slot {
  const page = new Uint8Array(headerBytes);
  const header = decodeHeader(page.subarray(0, handle.read(page, { at: 0 })));
  if (header.kind === 'newer') {
    throw new PoolError('SCHEMA_TOO_NEW', `the pool has format ${header.version}`);
  }
  if (header.kind === 'damaged' && holdsDatabase(handle)) {
    throw new PoolError('CORRUPT', 'the header of a database file is damaged');
  }
  const name = header.kind === 'named' ? header.name : undefined;
  const isClean = header.kind === 'empty' && handle.getSize() <= headerBytes;
  return { handle, name, isOpen: false, isDirty: name === undefined && !isClean };
}

/** SQLite deletes journals and WALs, never a database: a crash cannot have torn its header. */
function holdsDatabase(handle: AccessHandle): boolean {
  const start = new Uint8Array(16);
  handle.read(start, { at: headerBytes });
  return new TextDecoder().decode(start) === 'SQLite format 3\0';
}

/** Rule 3; leaves the slot dirty when it throws. */
function clean(slot: Slot): void {
  writeAll(slot.handle, new Uint8Array(headerBytes), 0);
  slot.handle.truncate(headerBytes);
  slot.handle.flush();
  slot.isDirty = false;
}

/**
 * Chromium over quota answers 4294967288 instead of throwing, and a disk may take a part: anything
 * but the whole count is a full disk.
 */
function writeAll(handle: AccessHandle, bytes: Uint8Array, at: number): void {
  const written = handle.write(bytes, { at });
  if (written === bytes.length) return;
  const error = new Error(`wrote ${written} of ${bytes.length} bytes`);
  error.name = 'QuotaExceededError';
  throw error;
}
