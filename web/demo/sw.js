// The service worker: keeps the app's own files, so that the page opens without a network. Data is
// not its business: that is in the store. Version and files are written in by the build.
const cacheName = 'twinstore-shell-__VERSION__';
const files = ['__FILES__'];
const views = /^\/($|(repositories\/.*|stale|conflicts|status|playground|console|gallery)$)/;

addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })));
  };
  event.waitUntil(keep());
});

addEventListener('activate', (event) => {
  const takeOver = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('twinstore-shell-') && name !== cacheName) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(takeOver());
});

// The page asks for it once its user agrees to the newer version.
addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  const isView = request.mode === 'navigate' && views.test(url.pathname);
  const file = isView ? '/' : url.pathname;
  if (!files.includes(file)) return;
  const answer = async () => {
    const cache = await caches.open(cacheName);
    return (await cache.match(file)) ?? fetch(request);
  };
  event.respondWith(answer());
});
