import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Store } from '../../client/index.js';
import { useStore, useSyncStatus } from '../../react/index.js';
import { syncWords } from '../../ui/syncWords.js';
import { ConflictsTab } from './ConflictsTab.js';
import { LogTab } from './LogTab.js';
import { OutboxTab } from './OutboxTab.js';
import { QueriesTab } from './QueriesTab.js';
import { SqlTab } from './SqlTab.js';
import { StorageTab } from './StorageTab.js';
import { TablesTab } from './TablesTab.js';

export interface PanelProps {
  readonly onClose: () => void;
  readonly otherDevice?: () => Store | Promise<Store>;
}

const tabs = [
  'Tables',
  'SQL',
  'Live queries',
  'Outbox',
  'Sync log',
  'Conflicts',
  'Storage',
] as const;
type TabName = (typeof tabs)[number];

/** The panel at the foot of the page. It takes the focus, and gives it back when it goes. */
export default function Panel({ onClose, otherDevice }: PanelProps): ReactNode {
  const [tab, setTab] = useState<TabName>('Tables');
  const panel = useRef<HTMLElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <aside ref={panel} className="panel" aria-label="Twinstore devtools" onKeyDown={onKeyDown}>
      <header>
        <TabList tab={tab} setTab={setTab} id={id} />
        <Exchange />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="body" id={id} role="tabpanel" aria-label={tab}>
        {tab === 'Tables' && <TablesTab />}
        {tab === 'SQL' && <SqlTab />}
        {tab === 'Live queries' && <QueriesTab />}
        {tab === 'Outbox' && <OutboxTab />}
        {tab === 'Sync log' && <LogTab />}
        {tab === 'Conflicts' && (
          <ConflictsTab {...(otherDevice === undefined ? {} : { otherDevice })} />
        )}
        {tab === 'Storage' && <StorageTab />}
      </div>
    </aside>
  );
}

/** Left and right move between tabs, as in any tab list (ARIA APG). */
function TabList(props: { tab: TabName; setTab: (tab: TabName) => void; id: string }): ReactNode {
  const { tab, setTab, id } = props;
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (tabs.indexOf(tab) + step + tabs.length) % tabs.length;
    setTab(tabs[next] ?? tab);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div ref={list} className="tabs" role="tablist" aria-label="Parts" onKeyDown={move}>
      {tabs.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls={id}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => setTab(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** The state of the exchange, and the plug. */
function Exchange(): ReactNode {
  const store = useStore();
  const status = useSyncStatus();
  if (status.state === 'disabled') return <span className="state">local only</span>;
  const isPaused = status.state === 'paused';
  return (
    <>
      <span className="state">{syncWords(status, Date.now()).text}</span>
      <button type="button" onClick={() => (isPaused ? store.sync.resume() : store.sync.pause())}>
        {isPaused ? 'Go online' : 'Go offline'}
      </button>
    </>
  );
}
