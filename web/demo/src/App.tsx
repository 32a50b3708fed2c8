import { lazy, Suspense, useEffect, useRef } from 'react';
import { Announcer } from './parts/Announcer.tsx';
import { DevtoolsSwitch } from './parts/DevtoolsSwitch.tsx';
import { Footer } from './parts/Footer.tsx';
import { Header } from './parts/Header.tsx';
import { OfflineBanner } from './parts/OfflineBanner.tsx';
import { ShellNotice } from './parts/ShellNotice.tsx';
import { Skeleton } from './parts/Skeleton.tsx';
import { StorageNotice } from './parts/StorageNotice.tsx';
import { pathOf, type Route, useRoute } from './router.ts';
import { Branch } from './screens/Branch.tsx';
import { Branches } from './screens/Branches.tsx';
import { Conflicts } from './screens/Conflicts.tsx';
import { Nowhere } from './screens/Nowhere.tsx';
import { Repositories } from './screens/Repositories.tsx';
import { Stale } from './screens/Stale.tsx';
import { Sync } from './screens/Sync.tsx';

// These bring an engine of their own, or are seldom opened.
const Playground = lazy(() => import('./playground/Playground.tsx'));
const Console = lazy(() => import('./screens/Console.tsx'));
const Gallery = lazy(() => import('./gallery/Gallery.tsx'));

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const shown = pathOf(route);
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
      <OfflineBanner />
      <StorageNotice />
      <main id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<Skeleton rows={6} />}>
          <Screen key={shown} route={route} />
        </Suspense>
      </main>
      <Footer />
      <ShellNotice />
      <Announcer />
      <DevtoolsSwitch />
    </>
  );
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'repositories':
      return <Repositories />;
    case 'branches':
      return <Branches repoId={route.repoId} />;
    case 'branch':
      return <Branch repoId={route.repoId} branchName={route.branchName} />;
    case 'stale':
      return <Stale />;
    case 'conflicts':
      return <Conflicts />;
    case 'status':
      return <Sync />;
    case 'playground':
      return <Playground />;
    case 'console':
      return <Console />;
    case 'gallery':
      return <Gallery />;
    case 'nowhere':
      return <Nowhere />;
  }
}
