/// <reference lib="webworker" />
// Serves the crew's screen without reach. The list and its version are put in at build time (vite.config.ts), so that
// one version is always whole: page, code, styles, fonts and map come from the same build.
declare const __PRECACHE__: { version: string; paths: string[] };

(() => {
  const worker = globalThis as unknown as ServiceWorkerGlobalScope;
  const { version, paths } = __PRECACHE__;
  const PREFIX = 'ronde-crew-';
  const cacheName = PREFIX + version;
  const SHELL = '/crew';

  const install = async (): Promise<void> => {
    const cache = await caches.open(cacheName);
    await cache.addAll(paths.map((path) => new Request(path, { cache: path === SHELL ? 'reload' : 'default' })));
  };
  const forgetOlder = async (): Promise<void> => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name.startsWith(PREFIX) && name !== cacheName).map((name) => caches.delete(name)),
    );
  };
  const answer = async (request: Request): Promise<Response> => {
    const cache = await caches.open(cacheName);
    const kept = await cache.match(request.mode === 'navigate' ? SHELL : request, { ignoreSearch: true });
    return kept ?? fetch(request);
  };

  worker.addEventListener('install', (event) => event.waitUntil(install()));
  worker.addEventListener('activate', (event) => event.waitUntil(forgetOlder().then(() => worker.clients.claim())));
  worker.addEventListener('message', (event) => {
    if ((event.data as { type?: string } | null)?.type === 'activate') event.waitUntil(worker.skipWaiting());
  });
  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    const isOurs =
      url.origin === worker.location.origin && request.method === 'GET' && !url.pathname.startsWith('/v1/');
    if (isOurs && (request.mode === 'navigate' || paths.includes(url.pathname))) event.respondWith(answer(request));
  });
})();
