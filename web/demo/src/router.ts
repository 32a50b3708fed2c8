import { useMemo, useSyncExternalStore } from 'react';

/** The address is the state of the view: reloading or sharing it shows the same. */
export type Route =
  | { readonly screen: 'repositories' }
  | { readonly screen: 'branches'; readonly repoId: string }
  | { readonly screen: 'branch'; readonly repoId: string; readonly branchName: string }
  | { readonly screen: Place }
  | { readonly screen: 'nowhere' };

const places = ['stale', 'conflicts', 'status', 'playground', 'console', 'gallery'] as const;
type Place = (typeof places)[number];

const moved = 'twinstore:moved';

export function pathOf(route: Route): string {
  switch (route.screen) {
    case 'repositories':
    case 'nowhere':
      return '/';
    case 'branches':
      return `/repositories/${encodeURIComponent(route.repoId)}`;
    case 'branch': {
      const repository = pathOf({ screen: 'branches', repoId: route.repoId });
      return `${repository}/branches/${encodeURIComponent(route.branchName)}`;
    }
    default:
      return `/${route.screen}`;
  }
}

export function parsePath(pathname: string): Route {
  if (pathname === '/' || pathname === '/index.html') return { screen: 'repositories' };
  const [, first, ...rest] = pathname.split('/');
  const place = places.find((name) => name === first);
  if (place !== undefined && rest.length === 0) return { screen: place };
  if (first !== 'repositories') return { screen: 'nowhere' };
  try {
    return repositoryRoute(rest.map(decodeURIComponent));
  } catch {
    return { screen: 'nowhere' };
  }
}

function repositoryRoute([repoId, word, branchName, ...rest]: readonly string[]): Route {
  if (!repoId || rest.length > 0) return { screen: 'nowhere' };
  if (word === undefined) return { screen: 'branches', repoId };
  if (word !== 'branches' || !branchName) return { screen: 'nowhere' };
  return { screen: 'branch', repoId, branchName };
}

export function goTo(path: string): void {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  dispatchEvent(new Event(moved));
}

function subscribe(onChange: () => void): () => void {
  addEventListener('popstate', onChange);
  addEventListener(moved, onChange);
  return () => {
    removeEventListener('popstate', onChange);
    removeEventListener(moved, onChange);
  };
}

export function useRoute(): Route {
  const pathname = useSyncExternalStore(subscribe, () => location.pathname);
  return useMemo(() => parsePath(pathname), [pathname]);
}

/** One parameter of the address; setting it replaces the entry, so that Back leaves the view. */
export function useParameter(name: string): [string, (value: string) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const value = new URLSearchParams(search).get(name) ?? '';
  const set = (next: string) => {
    const parameters = new URLSearchParams(location.search);
    if (next === '') parameters.delete(name);
    else parameters.set(name, next);
    const text = parameters.toString();
    history.replaceState(null, '', location.pathname + (text === '' ? '' : `?${text}`));
    dispatchEvent(new Event(moved));
  };
  return [value, set];
}
