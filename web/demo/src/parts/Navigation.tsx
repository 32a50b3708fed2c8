import { useSyncStatus } from 'twinstore/react';
import { pathOf, type Route, useRoute } from '../router.ts';
import { Link } from './Link.tsx';

const items = [
  { screen: 'repositories', words: 'Repositories', shape: 'M3 3.5h10M3 8h10M3 12.5h10' },
  { screen: 'stale', words: 'Stale', shape: 'M8 2.2 14 8 8 13.8 2 8ZM8 5.6v3M8 10.6h.01' },
  {
    screen: 'conflicts',
    words: 'Conflicts',
    shape:
      'M2.5 4h4.2c2 0 2.6 8 4.6 8H13.5M2.5 12h4.2c.8 0 1.4-1.2 1.8-2.6M11 4h2.5M11.8 2.3 13.5 4l-1.7 1.7M11.8 10.3l1.7 1.7-1.7 1.7',
  },
  {
    screen: 'status',
    words: 'Sync',
    shape:
      'M13 6.5A5.3 5.3 0 0 0 3.4 5M3 9.5A5.3 5.3 0 0 0 12.6 11M3 2.6V5.2h2.6M13 13.4v-2.6h-2.6',
  },
  { screen: 'playground', words: 'Playground', shape: 'M2.5 3.5h4.6v9H2.5ZM8.9 3.5h4.6v9H8.9Z' },
  { screen: 'console', words: 'SQL', shape: 'M3 4.5 6.5 8 3 11.5M8 12h5' },
] as const;

const within: Readonly<Partial<Record<Route['screen'], string>>> = {
  branches: 'repositories',
  branch: 'repositories',
};

/** The places of the app: a row in the header, and on a narrow screen a bar at the thumb. */
export function Navigation() {
  const { screen } = useRoute();
  const conflicts = useSyncStatus((status) => status.conflicts);
  const here = within[screen] ?? screen;
  return (
    <nav className="navigation" aria-label="Main">
      {items.map((item) => (
        <Link
          key={item.screen}
          to={pathOf({ screen: item.screen })}
          className="navigation-item"
          isCurrent={here === item.screen}
        >
          <svg className="navigation-shape" viewBox="0 0 16 16" aria-hidden="true">
            <path d={item.shape} />
          </svg>
          {item.words}
          {item.screen === 'conflicts' && conflicts > 0 && (
            <span className="navigation-count">
              {conflicts.toLocaleString('en')}
              <span className="visually-hidden"> open</span>
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
