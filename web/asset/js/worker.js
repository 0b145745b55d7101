// Kept by browsers beside the pages. It holds files that are nobody's data and two pages: the application of officers outside, and the
// one that stands in for others. What it is told to keep stands in KEEP, above. Everything else goes to the network as ever.
'use strict';
const CACHE = 'digit-' + KEEP.join('|');
const SHELL = '/field';
const OFFLINE = '/offline';

self.addEventListener('install', (ev) => {
  ev.waitUntil(caches.open(CACHE).then((c) => c.addAll([...KEEP, SHELL, OFFLINE])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (ev) => {
  ev.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((n) => n.startsWith('digit-') && n !== CACHE).map((n) => caches.delete(n))))
    .then(() => self.clients.claim()));
});

const kept = async (path) => (await (await caches.open(CACHE)).match(path)) || Response.error();

// The application is shown as it is on the network, and as it was kept without one. A new language or look is kept with it.
const shell = async (request) => {
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) (await caches.open(CACHE)).put(SHELL, fresh.clone());
    return fresh.ok ? fresh : kept(SHELL);
  } catch { return kept(SHELL); }
};

self.addEventListener('fetch', (ev) => {
  const url = new URL(ev.request.url);
  if (ev.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (ev.request.mode === 'navigate') {
    if (url.pathname === SHELL) ev.respondWith(shell(ev.request));
    else if (!self.navigator.onLine || url.pathname.startsWith('/requests/')) ev.respondWith(fetch(ev.request).catch(() => kept(OFFLINE)));
  } else if (KEEP.includes(url.pathname)) {
    ev.respondWith(caches.open(CACHE).then((c) => c.match(ev.request)).then((hit) => hit || fetch(ev.request)));
  }
});
