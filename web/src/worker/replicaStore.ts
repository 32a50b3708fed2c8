/** The module's StoreBinding with values instead of JSON texts, and errors thrown as StoreError. */
import type { StaleBranches, StalenessInfo } from '../client/freshness.js';
import type { SyncPreview } from '../client/syncPreview.js';
import { StoreError } from '../client/storeError.js';
import { codeOfWire } from './errorValue.js';
import type { StoreBinding } from '../wasm/twinstore.js';

/** What a committed transaction touched. */
export interface Commit {
  readonly origin: 'local' | 'remote';
  readonly status_changed: boolean;
  /** How many rows, by collection. */
  readonly collections: Readonly<Record<string, number>>;
  /** The watched queries that can have another result now. */
  readonly watches: readonly number[];
}

export interface ReplicaStatus {
  readonly client_id: string;
  readonly pending: number;
  readonly pending_since: string | null;
  readonly rejected: number;
  readonly conflicts: number;
  readonly scopes: readonly {
    readonly scope: string;
    readonly rev: number;
    readonly is_behind: boolean;
    readonly has_synced: boolean;
    readonly is_withdrawn: boolean;
    readonly verified_at: string | null;
  }[];
}

export interface OpenedBinding {
  readonly schema_version: number;
  readonly sqlite_version: string;
  readonly version: string;
}

export interface DatabaseOptions {
  /** The name of the file, or ":memory:". */
  readonly path: string;
  /** The pool's; '' without one. */
  readonly vfs: string;
  /** JSON text; the shipped schema when absent. */
  readonly schema?: string | undefined;
}

/** A text of the module: it copies bytes many times faster than it encodes characters. */
const utf8 = new TextEncoder();

export class ReplicaStore {
  readonly #binding: StoreBinding;
  readonly #onCrash: (error: StoreError) => void;
  #isOpen = false;

  /**
   * `onCrash` hears of a fault after which this must not be used any more: of the module's memory,
   * or of the file, which is salvaged when it is opened again.
   */
  constructor(binding: StoreBinding, onCrash: (error: StoreError) => void = () => undefined) {
    this.#binding = binding;
    this.#onCrash = onCrash;
  }

  /** @throws {StoreError} */
  open(options: DatabaseOptions): OpenedBinding {
    const opened = this.#parse<OpenedBinding>(() => this.#binding.open(JSON.stringify(options)));
    this.#isOpen = true;
    return opened;
  }

  /** Carries what can be read of a damaged file into another. @throws {StoreError} */
  salvage(options: DatabaseOptions, target: string): void {
    this.#parse(() => this.#binding.salvage(JSON.stringify(options), target));
  }

  write(editsJson: string): Commit {
    return ofWhole(editsJson, () => this.#parse(() => this.#binding.write(utf8.encode(editsJson))));
  }

  query(sql: string, paramsJson: string): Uint8Array {
    assertWhole(sql);
    const answer = this.#guard(() => this.#binding.query(sql, paramsJson));
    if (typeof answer !== 'string') return answer;
    return ofWhole(paramsJson, () => this.#fail(answer, sql));
  }

  /** Commits name the query by this number when they can have changed its result. */
  watch(sql: string, paramsJson: string): number {
    assertWhole(sql);
    return ofWhole(paramsJson, () => this.#parse(() => this.#binding.watch(sql, paramsJson), sql));
  }

  unwatch(id: number): void {
    this.#guard(() => this.#binding.unwatch(id));
  }

  /** @throws {StoreError} `NOT_FOUND` for a branch that is not here */
  staleness(repoId: string, branchName: string, thresholdHours: number): StalenessInfo {
    assertWhole(repoId + branchName);
    return this.#parse(() => this.#binding.staleness(repoId, branchName, thresholdHours));
  }

  staleBranches(repoId: string, thresholdHours: number): StaleBranches {
    assertWhole(repoId);
    return this.#parse(() => this.#binding.staleBranches(repoId, thresholdHours));
  }

  status(): ReplicaStatus {
    return this.#parse(() => this.#binding.status());
  }

  /** From now on writes wait to be sent; what was written before too. */
  connect(): Commit {
    return this.#parse(() => this.#binding.connect());
  }

  subscribe(scope: string): Commit {
    return this.#parse(() => this.#binding.subscribe(scope));
  }

  /** What the server would make of the writes that wait, judged on the rows that are here. */
  preview(): Omit<SyncPreview, 'isCurrent'> {
    return this.#parse(() => this.#binding.preview());
  }

  /** The next message for the server, or '' when there is nothing to say. */
  nextMessage(isPullOnly = false): string {
    return this.#text(() => this.#binding.nextMessage(isPullOnly));
  }

  subscribeMessage(): string {
    return this.#text(() => this.#binding.subscribeMessage());
  }

  /** @throws {StoreError} also the error that the server sent */
  receive(text: string): Commit {
    return this.#parse(() => this.#binding.receive(utf8.encode(text)));
  }

  lost(): void {
    this.#guard(() => this.#binding.lost());
  }

  markBehind(): void {
    this.#guard(() => this.#binding.markBehind());
  }

  close(): void {
    this.#guard(() => {
      this.#binding.close();
      this.#binding.delete();
    });
  }

  #parse<T>(ask: () => string, sql?: string): T {
    const answer = this.#guard(ask);
    const value = JSON.parse(answer) as T & { error?: unknown };
    return value?.error === undefined ? value : this.#fail(answer, sql);
  }

  #text(ask: () => string): string {
    const answer = this.#guard(ask);
    return answer.startsWith('{"error":') ? this.#fail(answer) : answer;
  }

  #fail(answer: string, sql?: string): never {
    const failure = failureOf(answer, sql);
    if (this.#isOpen && failure.code === 'STORAGE_CORRUPT') this.#onCrash(failure);
    throw failure;
  }

  /** The engine reports errors as values: what the module throws is a trap or a failed check. */
  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const error = new StoreError('WORKER_CRASHED', `the engine stopped: ${message}`, { cause });
      this.#onCrash(error);
      throw error;
    }
  }
}

export function failureOf(answer: string, sql?: string): StoreError {
  const { error } = JSON.parse(answer) as { error: { code: string; message: string } };
  const detail = sql === undefined ? undefined : { sql };
  return new StoreError(codeOfWire(error.code), error.message, detail);
}

/**
 * UTF-8 cannot hold half of a surrogate pair, and the conversion would change it silently.
 * @throws {StoreError} `INVALID_UTF8`
 */
function assertWhole(text: string): void {
  const at = text.search(/\p{Surrogate}/u);
  if (at >= 0) throw halfPair(text, at);
}

/** In JSON that JSON.stringify wrote, half of a pair is an escape: all that the engine refuses. */
function ofWhole<T>(json: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const isRefused = error instanceof StoreError && error.code === 'INVALID_JSON';
    if (!isRefused) throw error;
    throw halfPair(json, json.search(/\\ud[89a-f]/));
  }
}

function halfPair(text: string, at: number): StoreError {
  const where = text.slice(Math.max(0, at - 20), at);
  return new StoreError('INVALID_UTF8', `half of a surrogate pair stands after ${where}`);
}
