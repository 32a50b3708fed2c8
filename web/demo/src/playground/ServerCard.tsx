import { StoreProvider, useRow, useSyncStatus } from 'twinstore/react';
import type { TestStore } from 'twinstore/testing';
import { FieldValue } from 'twinstore/ui';
import { key, type World } from './story.ts';

/** What the server has, between the two devices, with a line to each that is connected. */
export function ServerCard({ world }: { world: World }) {
  return (
    <div className="server">
      <Wire store={world.Ada} side="left" />
      <StoreProvider store={world.server}>
        <section className="server-card" aria-label="The server">
          <h2>Server</h2>
          <Stored />
        </section>
      </StoreProvider>
      <Wire store={world.Ben} side="right" />
    </div>
  );
}

function Stored() {
  const row = useRow('repositories', key).data;
  if (!row) return <p className="quiet-empty">…</p>;
  return (
    <>
      <p className="server-text">{row.description}</p>
      <p>
        <FieldValue value={row.topics} />
      </p>
    </>
  );
}

function Wire({ store, side }: { store: TestStore; side: 'left' | 'right' }) {
  return (
    <StoreProvider store={store}>
      <WireLine side={side} />
    </StoreProvider>
  );
}

function WireLine({ side }: { side: 'left' | 'right' }) {
  const isOnline = useSyncStatus(({ state, online }) => online && state !== 'paused');
  return <span className="wire" data-side={side} data-broken={!isOnline || undefined} />;
}
