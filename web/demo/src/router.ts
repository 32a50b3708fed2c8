import { useMemo, useSyncExternalStore } from 'react';

/** The address is the state of the view: reloading or sharing it shows the same. */
export type Route =
  | { readonly screen: 'repositories' }
  | { readonly screen: 'branches'; readonly repoId: string }
  | { readonly screen: 'nowhere' };

const moved = 'twinstore:moved';

export function pathOf(route: Route): string {
  return route.screen === 'branches' ? `/repositories/${encodeURIComponent(route.repoId)}` : '/';
}

export function parsePath(pathname: string): Route {
  if (pathname === '/' || pathname === '/index.html') return { screen: 'repositories' };
  const [, first, id, ...rest] = pathname.split('/');
  if (first !== 'repositories' || !id || rest.length > 0) return { screen: 'nowhere' };
  try {
    return { screen: 'branches', repoId: decodeURIComponent(id) };
  } catch {
    return { screen: 'nowhere' };
  }
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
