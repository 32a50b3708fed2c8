import { useSyncExternalStore } from 'react';
import { keepSyncLog } from 'twinstore/devtools';
import { useStore, useSyncStatus } from 'twinstore/react';
import { RelativeTime, SyncOutbox, SyncStatusBadge, useStoreInfo } from 'twinstore/ui';
import { useStorageUse } from '../hooks/useStorageUse.ts';
import { Link } from '../parts/Link.tsx';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { offlineSwitch } from '../offlineSwitch.ts';
import { bytesInWords } from '../words/bytes.ts';

export function Sync() {
  const store = useStore();
  const isOffline = useSyncExternalStore(offlineSwitch.subscribe, offlineSwitch.get);
  const { lastSyncedAt, pendingUploads, conflicts } = useSyncStatus();
  return (
    <>
      <ScreenHead title="Sync" sum="What this device and the server know of each other." />
      <div className="sync-columns">
        <section aria-label="State" className="sync-state-block">
          <SyncStatusBadge />
          <div className="button-row">
            <button
              type="button"
              className="button"
              data-kind="main"
              disabled={isOffline}
              onClick={() => void store.sync.now().catch(() => undefined)}
            >
              Sync now
            </button>
            <button type="button" className="button" onClick={() => offlineSwitch.set(!isOffline)}>
              {isOffline ? 'Go online' : 'Work offline'}
            </button>
          </div>
          <dl className="facts">
            <div className="fact">
              <dt>Last level with the server</dt>
              <dd>
                <RelativeTime time={lastSyncedAt} never="not yet" />
              </dd>
            </div>
            <div className="fact">
              <dt>Waiting here</dt>
              <dd>{pendingUploads.toLocaleString('en')}</dd>
            </div>
            <div className="fact">
              <dt>Open conflicts</dt>
              <dd>{conflicts === 0 ? 'none' : <Link to="/conflicts">{String(conflicts)}</Link>}</dd>
            </div>
          </dl>
        </section>
        <Storage />
      </div>
      <section className="section" aria-labelledby="outbox">
        <h2 id="outbox" className="section-title">
          Waiting here
        </h2>
        <SyncOutbox />
      </section>
      <Log />
    </>
  );
}

function Storage() {
  const { info } = useStoreInfo();
  const { usage, quota, isPersisted, persist, refused } = useStorageUse();
  return (
    <section className="card" aria-labelledby="storage">
      <div className="card-head">
        <h2 id="storage">Storage</h2>
      </div>
      <dl className="facts">
        <div className="fact">
          <dt>Kept in</dt>
          <dd>
            {info === null && '…'}
            {info?.storage === 'opfs' && 'files of this browser'}
            {info?.storage === 'memory' && 'memory only'}
          </dd>
        </div>
        <div className="fact">
          <dt>Used by this site</dt>
          <dd>{usage === null ? '…' : bytesInWords(usage)}</dd>
        </div>
        <div className="fact">
          <dt>Allowed</dt>
          <dd>{quota === null ? '…' : bytesInWords(quota)}</dd>
        </div>
        <div className="fact">
          <dt>This tab</dt>
          <dd>
            {info === null ? '…' : info.role === 'leader' ? 'holds the files' : 'asks another'}
          </dd>
        </div>
      </dl>
      {/* Also before it is known, so that nothing below it moves. */}
      <progress
        className="storage-bar"
        aria-label="Storage in use"
        max={quota || 1}
        value={usage ?? 0}
      />
      <p className="card-words">
        {isPersisted
          ? 'The browser keeps the data until you delete it.'
          : 'When the disk is full, the browser may clear the data of this site.'}{' '}
        {refused && 'It did not agree to keep it; it decides by how the site is used.'}
      </p>
      {!isPersisted && (
        <button type="button" className="button" onClick={persist}>
          Ask the browser to keep it
        </button>
      )}
    </section>
  );
}

function Log() {
  const log = keepSyncLog(useStore());
  const entries = useSyncExternalStore(log.subscribe, log.get);
  return (
    <section className="section" aria-labelledby="log">
      <h2 id="log" className="section-title">
        Since this page was opened
      </h2>
      {entries.length === 0 ? (
        <p className="quiet-empty">Nothing has happened yet.</p>
      ) : (
        <ol className="log">
          {entries.toReversed().map(({ id, at, words, tone }) => (
            <li key={id} data-tone={tone}>
              <span className="log-time">
                <RelativeTime time={at} />
              </span>
              <span>{words}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
