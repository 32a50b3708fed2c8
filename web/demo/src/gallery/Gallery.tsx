import type { ReactNode } from 'react';
import { type Store, StoreError } from 'twinstore';
import { StoreProvider, useConflicts } from 'twinstore/react';
import type { TestStore } from 'twinstore/testing';
import {
  ConflictInbox,
  ConflictResolver,
  DataFreshnessIndicator,
  MetricTrend,
  StaleBranchesPanel,
  SyncOutbox,
  SyncStatusBadge,
} from 'twinstore/ui';
import { EmptyState } from '../parts/EmptyState.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWorld } from '../playground/useWorld.ts';
import {
  branchesWorld,
  brokenStore,
  conflictsWorld,
  emptyWorld,
  galleryRepo,
  offlineRepo,
  offlineWorld,
  openingStore,
  pausedWorld,
  refusedWorld,
  rejectedWorld,
  waitingWorld,
} from './worlds.ts';

/** Every component in every state. Each state is one of a real engine with a server of its own. */
export default function Gallery() {
  return (
    <>
      <ScreenHead
        title="Gallery"
        sum="Every component of twinstore/ui in every state, each over an engine that runs in this page."
      />
      <div className="gallery">
        <World create={branchesWorld} title="Freshness">
          {() => <FreshnessStates />}
        </World>
        <World create={offlineWorld} title="Without a server">
          {() => <OfflineStates />}
        </World>
        <World create={emptyWorld} title="Level, and empty">
          {() => <EmptyStates />}
        </World>
        <World create={pausedWorld} title="Switched off">
          {() => <Badge />}
        </World>
        <World create={waitingWorld} title="Writes that wait">
          {() => <WaitingStates />}
        </World>
        <World create={refusedWorld} title="Refused by the server">
          {() => <Badge />}
        </World>
        <World create={rejectedWorld} title="Refused writes">
          {() => <RejectedStates />}
        </World>
        <World create={conflictsWorld} title="Conflicts of each kind">
          {() => <ConflictStates />}
        </World>
        <Alone store={openingStore} name="opening" title="While the store opens" />
        <Alone store={brokenStore} name="broken" title="When it cannot be opened" />
        <section className="section" aria-label="Parts of the app">
          <h2 className="section-title">Parts of the app</h2>
          <Exhibit name="EmptyState">
            <EmptyState title="Nothing has arrived on this device yet">
              <p>Connect to the server once; after that everything here works without it.</p>
            </EmptyState>
          </Exhibit>
          <Exhibit name="QueryFailure">
            <QueryFailure error={new StoreError('TIMEOUT', 'the answer took too long')} />
          </Exhibit>
          <Exhibit name="Skeleton">
            <Skeleton rows={2} />
          </Exhibit>
        </section>
      </div>
    </>
  );
}

function World(props: {
  create: () => Promise<readonly TestStore[]>;
  title: string;
  children: () => ReactNode;
}) {
  const { stores, error } = useWorld(props.create);
  const [store] = stores ?? [];
  return (
    <section className="section" aria-label={props.title} data-world={store ? 'ready' : 'pending'}>
      <h2 className="section-title">{props.title}</h2>
      {error !== null && <p role="alert">{error.message}</p>}
      {store === undefined ? (
        <Skeleton rows={2} />
      ) : (
        <StoreProvider store={store}>{props.children()}</StoreProvider>
      )}
    </section>
  );
}

function Exhibit({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="exhibit">
      <h3 className="exhibit-name">{name}</h3>
      {children}
    </div>
  );
}

const branches = ['fresh', 'aging', 'old', 'moved', 'never', 'marked', 'queued', 'missing'];

function FreshnessStates() {
  return (
    <>
      <Exhibit name="DataFreshnessIndicator, compact">
        <ul className="gallery-marks">
          {branches.map((name) => (
            <li key={name}>
              <DataFreshnessIndicator compact repoId={galleryRepo} branchName={name} /> {name}
            </li>
          ))}
        </ul>
      </Exhibit>
      <div className="gallery-grid">
        {branches.map((name) => (
          <Exhibit key={name} name={`DataFreshnessIndicator, ${name}`}>
            <DataFreshnessIndicator repoId={galleryRepo} branchName={name} />
          </Exhibit>
        ))}
      </div>
      <Exhibit name="StaleBranchesPanel">
        <StaleBranchesPanel repoId={galleryRepo} />
      </Exhibit>
      <div className="gallery-grid" data-wide>
        {(['fresh', 'aging', 'never'] as const).map((name) => (
          <Exhibit key={name} name={`MetricTrend, ${trends[name]}`}>
            <MetricTrend
              repoId={galleryRepo}
              branchName={name}
              metricName="overall_score"
              label="Score"
            />
          </Exhibit>
        ))}
      </div>
    </>
  );
}

const trends = { fresh: 'sixty values', aging: 'one value', never: 'no values' };

function Badge() {
  return (
    <Exhibit name="SyncStatusBadge">
      <SyncStatusBadge compact />
      <SyncStatusBadge />
    </Exhibit>
  );
}

/** As far as the device knows, until somebody looks. */
function WaitingStates() {
  return (
    <>
      <Badge />
      <Exhibit name="SyncOutbox">
        <SyncOutbox />
      </Exhibit>
    </>
  );
}

function OfflineStates() {
  return (
    <>
      <Badge />
      <Exhibit name="DataFreshnessIndicator, waiting for a connection">
        <DataFreshnessIndicator repoId={offlineRepo} branchName="main" />
      </Exhibit>
      <Exhibit name="StaleBranchesPanel, offline">
        <StaleBranchesPanel repoId={offlineRepo} />
      </Exhibit>
    </>
  );
}

function EmptyStates() {
  return (
    <>
      <Badge />
      <Exhibit name="StaleBranchesPanel, nothing stale">
        <StaleBranchesPanel repoId="twin/empty" />
      </Exhibit>
      <Exhibit name="SyncOutbox, nothing waits">
        <SyncOutbox label="Outbox without a write" />
      </Exhibit>
      <Exhibit name="ConflictInbox, nothing waits">
        <ConflictInbox table="branches" />
      </Exhibit>
      <Exhibit name="ConflictResolver, gone">
        <ConflictResolver conflictId="nowhere" />
      </Exhibit>
    </>
  );
}

function RejectedStates() {
  return (
    <>
      <Badge />
      <Exhibit name="ConflictInbox, refused writes">
        <ConflictInbox table="historical_metrics" />
      </Exhibit>
    </>
  );
}

/** Every component over a store that has no rows to give. */
function Alone({ store, name, title }: { store: Store; name: string; title: string }) {
  const repoId = `twin/${name}`;
  return (
    <section className="section" aria-label={title}>
      <h2 className="section-title">{title}</h2>
      <StoreProvider store={store}>
        <Badge />
        <div className="gallery-grid">
          <Exhibit name={`DataFreshnessIndicator, ${name}`}>
            <DataFreshnessIndicator compact repoId={repoId} branchName={name} />
            <DataFreshnessIndicator repoId={repoId} branchName={name} />
          </Exhibit>
          <Exhibit name={`MetricTrend, ${name}`}>
            <MetricTrend
              repoId={repoId}
              branchName={name}
              metricName="overall_score"
              label="Score"
            />
          </Exhibit>
        </div>
        <Exhibit name={`StaleBranchesPanel, ${name}`}>
          <StaleBranchesPanel repoId={repoId} />
        </Exhibit>
        <Exhibit name={`SyncOutbox, ${name}`}>
          <SyncOutbox label={`Outbox, ${name}`} />
        </Exhibit>
        <Exhibit name={`ConflictInbox, ${name}`}>
          <ConflictInbox table={name === 'opening' ? 'analyses' : 'cache_entries'} />
        </Exhibit>
        <Exhibit name={`ConflictResolver, ${name}`}>
          <ConflictResolver conflictId="nowhere" />
        </Exhibit>
      </StoreProvider>
    </section>
  );
}

function ConflictStates() {
  const { open, history } = useConflicts();
  return (
    <>
      <Badge />
      <Exhibit name="ConflictInbox">
        <ConflictInbox />
      </Exhibit>
      {[...open, ...history].map(({ id, status, row_key }) => (
        <Exhibit key={id} name={`ConflictResolver, ${status}: ${JSON.stringify(row_key)}`}>
          <div className="card">
            <ConflictResolver conflictId={id} />
          </div>
        </Exhibit>
      ))}
    </>
  );
}
