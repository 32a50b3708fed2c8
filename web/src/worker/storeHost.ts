/**
 * The one place that touches the data: it owns the replica, serves the pages that are joined to it,
 * and runs the exchange with the server. Each call is synchronous inside, so calls never overlap.
 */
import type { StoreInspection } from '../client/inspection.js';
import type { HostInfo, OpenOptions } from '../client/options.js';
import type { TableName } from '../client/rows.js';
import { StoreError } from '../client/storeError.js';
import type { SyncPreview } from '../client/syncPreview.js';
import type { SyncWaiting } from '../client/syncStatus.js';
import { toErrorValue } from './errorValue.js';
import { LiveQueries } from './liveQueries.js';
import type { Call, HostEvent, SyncStatusValue, ToHost } from './messages.js';
import type { OpenedStore } from './openStore.js';
import type { Commit } from './replicaStore.js';
import type { Session } from './session.js';
import { type LoopState, type SyncClock, SyncLoop } from './syncLoop.js';
import type { SyncTransport } from './syncTransport.js';
import type { Tokens } from './tokens.js';

export interface HostSurroundings {
  /** Undefined: the store is only local. */
  readonly transport: SyncTransport | undefined;
  /** Absent: the server is shown none. */
  readonly tokens?: Tokens | undefined;
  readonly clock: SyncClock;
  /** Runs an action after the messages that have arrived. */
  defer(action: () => void): void;
}

export class StoreHost {
  readonly #opened: OpenedStore;
  readonly #options: OpenOptions;
  readonly #sessions = new Set<Session>();
  readonly #live: LiveQueries;
  readonly #loop: SyncLoop | undefined;
  readonly #tokens: Tokens | undefined;
  #isClosed = false;
  #isStatusDue = false;
  readonly #defer: (action: () => void) => void;

  constructor(opened: OpenedStore, options: OpenOptions, surroundings: HostSurroundings) {
    this.#opened = opened;
    this.#options = options;
    this.#defer = surroundings.defer;
    this.#tokens = surroundings.tokens;
    this.#live = new LiveQueries(opened.store, surroundings.defer);
    if (options.sync && surroundings.transport) {
      opened.store.connect();
      for (const scope of options.sync.scopes) opened.store.subscribe(scope);
      this.#loop = new SyncLoop(opened.store, surroundings.transport, surroundings.clock, {
        onCommit: (commit) => this.#committed(commit),
        onState: () => this.#statusChanged(),
      });
      if (!options.sync.isPaused) this.#loop.resume();
    }
  }

  receive(session: Session, { id, call }: ToHost): void {
    try {
      const answer = this.#carryOut(session, call);
      if (answer instanceof Promise) {
        answer.then(
          (ok) => session.send({ id, ok }),
          (error) => session.send({ id, error: toErrorValue(error) }),
        );
      } else if (answer instanceof Uint8Array) {
        session.send({ id, ok: answer }, [answer.buffer]);
      } else if (id !== 0) {
        session.send({ id, ok: answer });
      }
    } catch (error) {
      if (id === 0) session.send({ event: 'error', error: toErrorValue(error) });
      else session.send({ id, error: toErrorValue(error) });
    }
  }

  leave(session: Session): void {
    this.#sessions.delete(session);
    this.#live.leave(session);
    this.#tokens?.leave(session);
  }

  close(): void {
    if (this.#end()) this.#opened.close();
  }

  /** Closes it for good: the files are removed. @throws {StoreError} */
  async wipe(): Promise<void> {
    if (this.#end()) await this.#opened.wipe();
  }

  #end(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    this.#loop?.pause();
    this.#sessions.clear();
    return true;
  }

  #carryOut(session: Session, call: Call): unknown {
    if (this.#isClosed) throw new StoreError('CLOSED', 'the store is closed');
    const { store } = this.#opened;
    switch (call.op) {
      case 'open':
        return this.#join(session);
      case 'query':
        return store.query(call.sql, call.params);
      case 'write':
        return this.#write(call.edits);
      case 'watch':
        return this.#live.watch(session, call.watch, call.sql, call.params);
      case 'unwatch':
        return this.#live.unwatch(session, call.watch);
      case 'staleness':
        return store.staleness(call.repoId, call.branchName, call.thresholdHours);
      case 'stale-branches':
        return store.staleBranches(call.repoId, call.thresholdHours);
      case 'sync-now':
        return this.#requireLoop().now();
      case 'sync-preview':
        return this.#preview(call.fetch !== false);
      case 'sync-pause':
        return this.#requireLoop().pause();
      case 'sync-resume':
        return this.#requireLoop().resume();
      case 'inspect':
        return this.#inspect();
      case 'token':
        return this.#tokens?.receive(call.request, call);
      case 'wake':
        return this.#loop?.wake();
      case 'close':
        return this.leave(session);
    }
  }

  #join(session: Session): HostInfo {
    this.#sessions.add(session);
    this.#tokens?.join(session);
    session.send({ event: 'status', status: this.#status() });
    const { info, warning } = this.#opened;
    if (warning) session.send({ event: 'emit', type: 'storage-warning', detail: warning });
    return { ...info, role: session.role };
  }

  #write(edits: string): Commit {
    const commit = this.#opened.store.write(edits);
    this.#committed(commit);
    this.#loop?.nudge();
    return commit;
  }

  async #preview(canFetch: boolean): Promise<SyncPreview> {
    const loop = this.#requireLoop();
    const isCurrent = canFetch && (await loop.fetch());
    if (this.#isClosed) throw new StoreError('CLOSED', 'the store is closed');
    return { ...this.#opened.store.preview(), isCurrent };
  }

  #committed(commit: Commit): void {
    const tables = Object.keys(commit.collections);
    if (tables.length > 0) {
      this.#live.touched(commit.watches);
      const detail = { tables: tables as TableName[], origin: commit.origin };
      this.#broadcast({ event: 'emit', type: 'change', detail });
    }
    if (commit.status_changed || tables.length > 0) this.#statusChanged();
  }

  /** After the messages that have arrived: a burst of writes is one status. */
  #statusChanged(): void {
    if (this.#isStatusDue) return;
    this.#isStatusDue = true;
    this.#defer(() => {
      this.#isStatusDue = false;
      if (!this.#isClosed) this.#broadcast({ event: 'status', status: this.#status() });
    });
  }

  #status(): SyncStatusValue {
    const { client_id, pending, pending_since, rejected, conflicts, scopes } =
      this.#opened.store.status();
    const loop = this.#loop?.state;
    const readable = scopes.filter((scope) => !scope.is_withdrawn);
    const verified = readable.map(({ verified_at }) => (verified_at ? Date.parse(verified_at) : 0));
    const lastSyncedAt = Math.min(...verified);
    const refused = `the server refused ${rejected} of this device's writes`;
    return {
      state: loop?.state ?? 'disabled',
      clientId: client_id,
      online: loop?.online ?? false,
      hasSynced: readable.length > 0 && readable.every((scope) => scope.has_synced),
      lastSyncedAt: Number.isFinite(lastSyncedAt) && lastSyncedAt > 0 ? lastSyncedAt : null,
      pendingUploads: pending,
      pendingSince: pending_since === null ? null : Date.parse(pending_since),
      waiting: pending > 0 && loop ? waiting(loop) : null,
      rejected,
      withdrawnScopes: scopes.filter((scope) => scope.is_withdrawn).map(({ scope }) => scope),
      conflicts,
      uploadError: loop?.uploadError
        ? toErrorValue(loop.uploadError)
        : rejected > 0
          ? toErrorValue(new StoreError('WRITE_REJECTED', refused))
          : null,
      downloadError: loop?.downloadError ? toErrorValue(loop.downloadError) : null,
      nextRetryAt: loop?.nextRetryAt ?? null,
    };
  }

  #inspect(): StoreInspection {
    const { store, schema } = this.#opened;
    const { sync } = this.#options;
    return {
      schema,
      sync: sync ? { url: sync.url, scopes: store.status().scopes } : null,
      queries: this.#live.inspect(),
      pages: this.#sessions.size,
    };
  }

  #broadcast(event: HostEvent): void {
    for (const session of this.#sessions) session.send(event);
  }

  #requireLoop(): SyncLoop {
    if (this.#loop) return this.#loop;
    throw new StoreError('SYNC_DISABLED', 'this store has no server');
  }
}

/** Why a loop that has something to send does not get it through; null when nothing is wrong. */
function waiting(loop: LoopState): SyncWaiting | null {
  const error = loop.uploadError ?? loop.downloadError;
  if (loop.standsSince === null || (loop.state !== 'paused' && !error)) return null;
  return {
    code: error?.code ?? 'SYNC_PAUSED',
    message: error?.message ?? 'the exchange is paused',
    since: loop.standsSince,
    nextTryAt: loop.nextRetryAt,
  };
}
