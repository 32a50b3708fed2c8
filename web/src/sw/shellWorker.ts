/**
 * The service worker: keeps an app's own files, so that its page opens without a network. Version
 * and files are written in by build.ts; the page's side is index.ts.
 */
declare const self: ServiceWorkerGlobalScope;
// The build writes these three over.
const version = '__VERSION__';
const files = new Set(['__FILES__']);
const views = /__VIEWS__/;

const prefix = `twinstore-shell ${self.registration.scope} `;
const cacheName = prefix + version;

self.addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(cacheName);
    // Not what an HTTP cache has: those could be files of another version.
    await cache.addAll([...files].map((file) => new Request(file, { cache: 'reload' })));
  };
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => {
  const takeOver = async () => {
    const older = (await caches.keys()).filter((name) => name.startsWith(prefix));
    // The oldest first. Tabs that are open may still ask for files of the version before.
    const kept = new Set([cacheName, ...older.filter((name) => name !== cacheName).slice(-1)]);
    for (const name of older) if (!kept.has(name)) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

// The page asks for it once its user agrees to the newer version.
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const root = new URL(self.registration.scope).pathname;
  const isView = request.mode === 'navigate' && views.test(pathname);
  const answer = async () => {
    const cache = await caches.open(cacheName);
    const kept = files.has(pathname) ? await cache.match(pathname) : undefined;
    if (kept) return kept;
    if (isView) return (await cache.match(root)) ?? fetch(request);
    // A part of the version before, for a tab that still runs it.
    return (await caches.match(pathname)) ?? fetch(request);
  };
  const isPart = ['script', 'style', 'worker'].includes(request.destination);
  if (files.has(pathname) || isView || isPart) event.respondWith(answer());
});
