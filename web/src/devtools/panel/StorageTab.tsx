import { type ReactNode, useEffect, useState } from 'react';
import type { StoreInfo } from '../../client/index.js';
import { useStore } from '../../react/index.js';
import { useInspection } from './useInspection.js';

interface Use {
  readonly usage?: number | undefined;
  readonly quota?: number | undefined;
  readonly isPersisted: boolean;
}

/** Where the data is, how large, and how far each scope is. */
export function StorageTab(): ReactNode {
  const store = useStore();
  const inspection = useInspection();
  const [info, setInfo] = useState<StoreInfo | null>(null);
  const [use, setUse] = useState<Use | null>(null);
  useEffect(() => {
    let isWanted = true;
    store.ready().then(
      (said) => isWanted && setInfo(said),
      () => undefined,
    );
    storageUse().then((said) => isWanted && setUse(said));
    return () => {
      isWanted = false;
    };
  }, [store]);
  const persist = async () => {
    await navigator.storage.persist();
    setUse(await storageUse());
  };
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Store', store.name],
    ['Kept in', info?.durability ?? '…'],
    ['This tab', info?.role ?? '…'],
    ['Opened in', info === null ? '…' : `${info.openMs.toFixed(0)} ms`],
    ['Used by this origin', use?.usage === undefined ? 'not known' : bytes(use.usage)],
    ['Allowed', use?.quota === undefined ? 'not known' : bytes(use.quota)],
    ['May be cleared', use?.isPersisted === true ? 'no' : 'yes, when the disk is full'],
    ['Server', inspection?.sync?.url ?? 'none'],
    ['Versions', info && `Twinstore ${info.version}, SQLite ${info.sqliteVersion}`],
  ];
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {use?.isPersisted === false && (
        <button type="button" onClick={() => void persist()}>
          Ask the browser to keep it
        </button>
      )}
      <Scopes scopes={inspection?.sync?.scopes ?? []} />
    </>
  );
}

function Scopes({ scopes }: { scopes: readonly { scope: string; rev: number }[] }): ReactNode {
  if (scopes.length === 0) return null;
  return (
    <ul>
      {scopes.map(({ scope, rev }) => (
        <li key={scope}>
          scope <code>{scope}</code> at rev {rev}
        </li>
      ))}
    </ul>
  );
}

async function storageUse(): Promise<Use> {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return { usage, quota, isPersisted: await navigator.storage.persisted() };
  } catch {
    return { isPersisted: false };
  }
}

function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const at = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${(count / 1_000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}
