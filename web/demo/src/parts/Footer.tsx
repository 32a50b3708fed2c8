import type { StoreInfo } from 'twinstore';
import { useStoreInfo } from '../hooks/useStoreInfo.ts';

export function Footer() {
  const { info } = useStoreInfo();
  return (
    <footer className="footer">
      <p>{info === null ? ' ' : storageWords(info)}</p>
      <p className="footer-versions">
        <span>Twinstore {__APP_VERSION__}</span>
        <span>commit {__APP_COMMIT__}</span>
        <span>SQLite {info?.sqliteVersion ?? '…'}</span>
      </p>
    </footer>
  );
}

function storageWords(info: StoreInfo): string {
  if (info.durability === 'memory') return 'Kept in memory until this window closes.';
  const kept = "Saved on this device, in the browser's private file system.";
  return info.persisted ? kept : `${kept} The browser may clear it when the disk is full.`;
}
