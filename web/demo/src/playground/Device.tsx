import { type FormEvent, useId, useState } from 'react';
import { StoreProvider, useRow, useSyncStatus } from 'twinstore/react';
import type { TestStore } from 'twinstore/testing';
import { previewWords, SyncStatusBadge, useSyncPreview } from 'twinstore/ui';
import { key, type Person, type Texts } from './story.ts';

export interface DeviceProps {
  readonly name: Person;
  readonly store: TestStore;
  readonly onWrite: (texts: Texts) => void;
}

/** One device: its connection, the row as it sees it, and an editor of its own. */
export function Device({ name, store, onWrite }: DeviceProps) {
  return (
    <StoreProvider store={store}>
      <section className="device" aria-label={`${name}'s device`}>
        <div className="device-head">
          <h2>{name}</h2>
          <Connection name={name} store={store} />
        </div>
        <SyncStatusBadge compact />
        <Preview />
        <Editor name={name} onWrite={onWrite} />
      </section>
    </StoreProvider>
  );
}

/** What would become of the edits that wait here. */
function Preview() {
  const { preview, isLooking, look } = useSyncPreview();
  const waits = preview !== null && preview.writes.length > 0;
  return (
    <p className="device-preview">
      <span role="status">{waits ? `If sent: ${previewWords(preview)}` : 'Nothing to send'}</span>
      <button
        type="button"
        className="button"
        disabled={!waits || isLooking}
        onClick={() => void look()}
      >
        Look first
      </button>
    </p>
  );
}

function Connection({ name, store }: { name: string; store: TestStore }) {
  const isOnline = useSyncStatus((status) => status.state !== 'paused');
  const [isBusy, setBusy] = useState(false);
  const turn = async () => {
    setBusy(true);
    if (isOnline) store.sync.pause();
    else store.sync.resume();
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

function Editor({ name, onWrite }: Pick<DeviceProps, 'name' | 'onWrite'>) {
  const row = useRow('repositories', key).data;
  const isUnsent = useSyncStatus((status) => status.pendingUploads > 0);
  const id = useId();
  if (!row) return <p className="quiet-empty">Waiting for the row…</p>;
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const topics = String(form.get('topics')).split(',');
    onWrite({
      description: String(form.get('description')).replaceAll('\r\n', '\n'),
      topics: topics.map((topic) => topic.trim()).filter((topic) => topic !== ''),
    });
  };
  const stored = JSON.stringify([row.description, row.topics]);
  return (
    <form key={stored} className="device-form" data-unsent={isUnsent || undefined} onSubmit={save}>
      <label htmlFor={`${id}-d`}>Description</label>
      <textarea id={`${id}-d`} name="description" rows={3} defaultValue={row.description ?? ''} />
      <label htmlFor={`${id}-t`}>Topics, separated by commas</label>
      <div className="device-line">
        <input id={`${id}-t`} name="topics" type="text" defaultValue={row.topics.join(', ')} />
        <button type="submit" className="button" aria-label={`Save on ${name}'s device`}>
          Save
        </button>
      </div>
    </form>
  );
}
