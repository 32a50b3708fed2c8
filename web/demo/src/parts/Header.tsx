import { SyncStatusBadge } from 'twinstore/ui';
import { Link } from './Link.tsx';
import { Navigation } from './Navigation.tsx';
import { OfflineSwitch } from './OfflineSwitch.tsx';
import { ThemeButton } from './ThemeButton.tsx';

export function Header() {
  return (
    <header className="header">
      <div className="header-row">
        <Link className="brand" to="/" label="Twinstore">
          <svg className="brand-mark" viewBox="0 0 28 28" aria-hidden="true">
            <rect className="brand-back" x="2" y="2" width="16" height="16" rx="4.5" />
            <rect className="brand-front" x="10" y="10" width="16" height="16" rx="4.5" />
          </svg>
          <span>Twinstore</span>
        </Link>
        <Navigation />
        <Link className="header-state" to="/status">
          <SyncStatusBadge compact />
        </Link>
        <div className="header-controls">
          <OfflineSwitch />
          <ThemeButton />
        </div>
      </div>
    </header>
  );
}
