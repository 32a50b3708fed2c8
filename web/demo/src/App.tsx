import { useEffect, useRef } from 'react';
import { Announcer } from './parts/Announcer.tsx';
import { Footer } from './parts/Footer.tsx';
import { Header } from './parts/Header.tsx';
import { ShellNotice } from './parts/ShellNotice.tsx';
import { StorageNotice } from './parts/StorageNotice.tsx';
import { useRoute } from './router.ts';
import { Branches } from './screens/Branches.tsx';
import { Nowhere } from './screens/Nowhere.tsx';
import { Repositories } from './screens/Repositories.tsx';

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const shown = route.screen === 'branches' ? route.repoId : route.screen;
  const first = useRef(shown);
  useEffect(() => {
    if (first.current === shown) return;
    first.current = '';
    // Whoever navigates by keyboard or ear arrives at the new view's heading.
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [shown]);
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <Header />
      <StorageNotice />
      <main id="main" ref={main} tabIndex={-1}>
        {route.screen === 'repositories' && <Repositories />}
        {route.screen === 'branches' && <Branches key={route.repoId} repoId={route.repoId} />}
        {route.screen === 'nowhere' && <Nowhere />}
      </main>
      <Footer />
      <ShellNotice />
      <Announcer />
    </>
  );
}
