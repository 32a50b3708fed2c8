import { type FormEvent, useId, useState } from 'react';
import { StoreProvider, useRow, useStore, useSyncStatus } from 'twinstore/react';
import type { TestStore } from 'twinstore/testing';
import { SyncStatusBadge } from 'twinstore/ui';
import { key } from './story.ts';

/** One device: its connection, the row as it sees it, and an editor of its own. */
export function Device({ name, store }: { name: string; store: TestStore }) {
  return (
    <StoreProvider store={store}>
      <section className="device" aria-label={`${name}'s device`}>
        <div className="device-head">
          <h2>{name}</h2>
          <Connection name={name} store={store} />
        </div>
        <SyncStatusBadge compact />
        <Editor name={name} />
      </section>
    </StoreProvider>
  );
}

function Connection({ name, store }: { name: string; store: TestStore }) {
  const isOnline = useSyncStatus((status) => status.online);
  const [isBusy, setBusy] = useState(false);
  const turn = async () => {
    setBusy(true);
    if (isOnline) store.goOffline();
    else store.goOnline();
    await store.sync.now().catch(() => undefined);
    setBusy(false);
  };
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={!isOnline}
      aria-label={`${name} is offline`}
      disabled={isBusy}
      onClick={() => void turn()}
    >
      <span className="switch-track" aria-hidden="true">
        <span className="switch-thumb" />
      </span>
      Offline
    </button>
  );
}

function Editor({ name }: { name: string }) {
  const store = useStore();
  const row = useRow('repositories', key).data;
  const id = useId();
  if (!row) return <p className="quiet-empty">Waiting for the row…</p>;
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const topics = String(form.get('topics')).split(',');
    void store.table('repositories').patch(key, {
      description: String(form.get('description')),
      topics: topics.map((topic) => topic.trim()).filter((topic) => topic !== ''),
    });
  };
  const stored = JSON.stringify([row.description, row.topics]);
  return (
    <form key={stored} className="device-form" onSubmit={save}>
      <label htmlFor={`${id}-d`}>Description</label>
      <textarea id={`${id}-d`} name="description" rows={3} defaultValue={row.description ?? ''} />
      <label htmlFor={`${id}-t`}>Topics, separated by commas</label>
      <input id={`${id}-t`} name="topics" type="text" defaultValue={row.topics.join(', ')} />
      <button type="submit" className="button">
        Save on {name}'s device
      </button>
    </form>
  );
}
