import { storageWords, useStoreInfo } from 'twinstore/ui';
import { intro } from '../intro.ts';
import { goTo } from '../router.ts';
import { DevtoolsButton } from './DevtoolsSwitch.tsx';
import { Link } from './Link.tsx';

export function Footer() {
  const { info } = useStoreInfo();
  return (
    <footer className="footer">
      <p>{info === null ? ' ' : storageWords(info)}</p>
      <p className="footer-versions">
        <button type="button" className="link" onClick={explain}>
          What is this?
        </button>
        <Link to="/console">SQL console</Link>
        <DevtoolsButton />
        <Link to="/gallery">Gallery of components</Link>
        <span>Twinstore {__APP_VERSION__}</span>
        <span>commit {__APP_COMMIT__}</span>
        <span>SQLite {info?.sqliteVersion ?? '…'}</span>
      </p>
    </footer>
  );
}

function explain(): void {
  intro.show();
  goTo('/');
}
