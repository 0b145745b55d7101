// Applications on the citizen's device: what is typed is kept there, encrypted with a key that scripts cannot read, until it has arrived;
// files go in pieces that go on where they were cut off. Every page works without this file. See docs/adr/0026-answers-on-the-device.md.
(() => {
  'use strict';
  const doc = document, SPACE = 'digit-form';
  const PIECE = 256 * 1024, SIDE = 2400, LARGE = 1536 * 1024, OLD = 30 * 86400000;
  const able = window.isSecureContext && window.indexedDB && window.crypto && crypto.subtle;
  let db, meta, here, form, initial, resting, keeping, asking, after, flushing, pumping;
  let taking = 0; // files that were chosen and are not kept yet
  let reached = true; // the office, when it was last asked: there can be a network that leads nowhere
  const offline = () => !navigator.onLine || !reached;
  const cancelled = new Set(), progress = new Map();
  const WORDS = {};
  const say = (key, args = {}) => Object.entries(args).reduce((s, [k, v]) => s.replaceAll('{' + k + '}', v), WORDS[key] || key);
  const el = (tag, attrs = {}, ...inside) => {
    const e = doc.createElement(tag);
    Object.entries(attrs).forEach(([k, v]) => { if (k === 'click') e.addEventListener('click', v); else e.setAttribute(k, v); });
    e.append(...inside);
    return e;
  };
  const button = (label, click, variant = 'secondary', hidden = '') => el('button', { type: 'button', class: 'ds-button', 'data-variant': variant, 'data-small': '', click },
    label, ...(hidden ? [el('span', { class: 'ds-sr-only' }, ' ' + hidden)] : []));

  // Ids sort by time (UUIDv7, RFC 9562).
  const newID = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    for (let t = Date.now(), i = 5; i >= 0; i--, t = Math.floor(t / 256)) b[i] = t % 256;
    b[6] = (b[6] & 15) | 112; b[8] = (b[8] & 63) | 128;
    return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('');
  };

  // The box: records by name, each encrypted by itself. "meta" stands in the clear: the key, and whose they are.
  const ask = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });
  const store = (mode) => db.transaction('box', mode, { durability: 'strict' }).objectStore('box');
  const write = async (work) => {
    const s = store('readwrite');
    const end = new Promise((done, fail) => { s.transaction.oncomplete = done; s.transaction.onabort = s.transaction.onerror = () => fail(s.transaction.error); });
    work(s);
    await end;
  };
  const bound = (name) => new TextEncoder().encode(name);
  const put = async (name, value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
    const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound(name) }, meta.key, plain);
    await write((s) => s.put({ iv, bytes }, name));
  };
  const bytes = async (name) => {
    const r = await ask(store('readonly').get(name));
    return r && crypto.subtle.decrypt({ name: 'AES-GCM', iv: r.iv, additionalData: bound(name) }, meta.key, r.bytes);
  };
  const get = async (name) => { const b = await bytes(name); return b && JSON.parse(new TextDecoder().decode(b)); };
  const all = async (prefix) => (await Promise.all((await ask(store('readonly').getAllKeys(IDBKeyRange.bound(prefix, prefix + '\uffff')))).map(get))).filter(Boolean);
  const drop = (...names) => write((s) => names.forEach((n) => s.delete(n)));
  const open = async () => {
    const r = indexedDB.open(SPACE, 1);
    r.onupgradeneeded = () => r.result.createObjectStore('box');
    db = await ask(r);
    db.onversionchange = () => { db.close(); db = null; };
    meta = await ask(store('readonly').get('meta'));
    if (!meta) {
      meta = { person: '', key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']) };
      await write((s) => s.put(meta, 'meta'));
    }
  };
  const wipe = async () => {
    db.close();
    await ask(indexedDB.deleteDatabase(SPACE)).catch(() => {});
    await open();
  };
  const belong = async (person) => {
    if (!person) return;
    if (meta.person && meta.person !== person) await wipe(); // another person's device now
    if (meta.person === person) return;
    meta.person = person;
    await write((s) => s.put(meta, 'meta'));
  };

  // Calls. A failure has a status; without a network it has none. Who is not signed in any more is led away, which is no answer.
  const call = async (path, options) => {
    let res;
    try { res = await fetch(path, { redirect: 'manual', ...options }); } catch { reached = false; throw Object.assign(new Error('network'), { status: 0 }); }
    reached = true;
    if (res.type === 'opaqueredirect') throw Object.assign(new Error(), { status: 401 });
    let said = {};
    try { said = await res.json(); } catch { /* a page, or what stands between us and the office */ }
    if (!res.ok) throw Object.assign(new Error(said.detail || said.title || say('failed')), { status: res.status, code: said.code });
    return said;
  };
  const postJSON = (path, value) => call(path, { method: 'POST', body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } });

  // Notes above the form; each replaces the one before of its kind.
  const note = (kind, text, ...more) => {
    const box = doc.querySelector('[data-device-notes]');
    if (!box) return;
    const before = box.querySelector('[data-note="' + kind + '"]');
    if (before) before.remove();
    if (text) box.append(el('div', { class: 'ds-alert flow', 'data-color': kind === 'sent' ? 'success' : 'warning', 'data-note': kind }, el('p', {}, text), ...more));
  };
  const signIn = () => note('sign', say('sign_in'), el('p', {}, el('a', { href: '/sign-in?next=' + encodeURIComponent(location.pathname) }, say('go_on'))));
  const status = (text) => {
    const p = form && form.querySelector('[data-autosave]');
    if (p) { p.textContent = text; p.hidden = !text; }
  };

  // What a form says, by the names of its inputs; files are not typed.
  const read = (f) => {
    const out = {};
    new FormData(f).forEach((v, k) => { if (typeof v === 'string') (out[k] = out[k] || []).push(v); });
    return out;
  };
  const same = (a, b) => JSON.stringify((a || []).filter(Boolean)) === JSON.stringify((b || []).filter(Boolean));
  const names = (...maps) => [...new Set(maps.flatMap(Object.keys))];
  const equal = (a, b) => names(a, b).every((n) => same(a[n], b[n]));
  const fill = (f, values) => {
    for (const e of f.elements) {
      if (!e.name || e.type === 'file' || e.type === 'hidden' || e.type === 'submit') continue;
      const v = values[e.name] || [];
      if (e.type === 'radio' || e.type === 'checkbox') e.checked = v.includes(e.value); else e.value = v[0] || '';
    }
  };
  const pathOf = (f) => new URL(f.getAttribute('action'), location.href).pathname; // a question may be called action
  const record = (values, base, first) => ({
    path: pathOf(form), action: form.getAttribute('action'), request: here.dataset.request, title: (doc.querySelector('#main h1') || { textContent: doc.title }).textContent.trim(),
    base, initial: first, values, at: Date.now(),
  });
  const keep = async (sent = false) => {
    clearTimeout(keeping);
    if (able && db && form) await put('page:' + pathOf(form), { ...record(read(form), here.dataset.rev, initial), sent });
  };

  // Saves a page. Answers changed elsewhere since are put together with what was typed; where both changed the same, the person chooses.
  const send = async (k) => {
    const body = new URLSearchParams();
    Object.entries(k.values).forEach(([name, list]) => list.forEach((v) => body.append(name, v)));
    body.set(here.dataset.later, here.dataset.itself);
    body.set('_base', k.base);
    return call(k.action, { method: 'POST', body });
  };
  const server = async (path) => {
    const res = await fetch(path).catch(() => { reached = false; throw Object.assign(new Error('network'), { status: 0 }); });
    const came = new URL(res.url).pathname;
    if (came.includes('/sign-in')) throw Object.assign(new Error(), { status: 401 });
    if (!res.ok || came !== path) throw Object.assign(new Error(say('late')), { status: res.ok ? 410 : res.status });
    const page = new DOMParser().parseFromString(await res.text(), 'text/html');
    const at = page.querySelector('form [data-device]');
    if (!at) throw Object.assign(new Error(say('late')), { status: 410 });
    return { page, rev: at.dataset.rev, values: read(at.closest('form')) };
  };
  const merge = (k, theirs) => {
    const values = {}, both = [];
    for (const n of names(k.initial, k.values, theirs)) {
      const mine = !same(k.values[n], k.initial[n]);
      if (mine && !same(theirs[n], k.initial[n]) && !same(theirs[n], k.values[n])) both.push(n);
      const v = mine ? k.values[n] : theirs[n];
      if (v) values[n] = v;
    }
    return { values, both };
  };
  const save = async () => {
    clearTimeout(resting);
    if (!form || asking) return;
    const at = form, k = record(read(form), here.dataset.rev, initial);
    try {
      const said = await send(k);
      if (form !== at) return;
      here.dataset.rev = said.rev;
      initial = k.values;
      if (!able || !db) { /* nothing was kept */ } else if (equal(read(form), k.values)) await drop('page:' + k.path); else await keep();
      ['sign', 'offline'].forEach((n) => note(n));
      status(at.querySelector('[data-autosave]').dataset.saved);
    } catch (e) {
      if (e.code === 'request.changed') { const s = await server(k.path).catch(() => null); if (s && form === at) await meet(k, s.values, s.rev); return; }
      if (e.status === 401) signIn();
      if (able && db) { status(say('kept')); if (!e.status) note('offline', say('offline')); }
    }
  };
  // meet puts what was kept together with what the page has now.
  const meet = async (k, theirs, rev) => {
    const { values, both } = merge(k, theirs);
    if (both.length) { choose(k, theirs, both, values, rev); return; }
    const changed = !equal(values, theirs);
    fill(form, values);
    initial = theirs; here.dataset.rev = rev;
    if (!able || !db) return;
    if (!changed) { await drop('page:' + k.path); return; }
    await keep();
    status(say('kept'));
    if (!offline()) await save();
  };
  const labelOf = (n) => {
    const e = [...form.elements].find((x) => x.name === n);
    const legend = e && (e.type === 'radio' || e.type === 'checkbox') && e.closest('fieldset');
    const text = legend ? legend.querySelector('legend') : e && form.querySelector('label[for="' + CSS.escape(e.id) + '"]');
    return text ? text.textContent.trim() : n;
  };
  const words = (n, values) => (values || []).filter(Boolean).map((v) => {
    for (const e of form.elements) {
      if (e.name !== n) continue;
      if (e.options) { const o = [...e.options].find((x) => x.value === v); if (o) return o.textContent.trim(); }
      if ((e.type === 'radio' || e.type === 'checkbox') && e.value === v && e.labels[0]) return e.labels[0].textContent.trim();
    }
    return v;
  }).join(', ') || say('empty');
  const choose = (k, theirs, both, values, rev) => {
    if (asking) asking.remove();
    const done = (mine) => async () => {
      asking.remove(); asking = null;
      fill(form, mine ? values : theirs);
      initial = theirs; here.dataset.rev = rev;
      if (mine) { await keep(); await save(); } else { await drop('page:' + k.path); status(say('taken')); }
      const first = form.querySelector('input:not([type=hidden]),textarea,select');
      if (first) first.focus();
    };
    asking = el('div', { class: 'ds-alert flow', 'data-color': 'warning', tabindex: '-1', role: 'group', 'aria-labelledby': 'device-conflict' },
      el('p', { id: 'device-conflict' }, el('strong', {}, say('conflict'))), el('p', {}, say('conflict_text')),
      ...both.map((n) => el('dl', { class: 'facts' }, el('div', {}, el('dt', {}, labelOf(n)), el('dd', {}, el('strong', {}, say('mine')), ' ', el('bdi', {}, words(n, k.values[n])), el('br'), el('strong', {}, say('theirs')), ' ', el('bdi', {}, words(n, theirs[n])))))),
      el('div', { class: 'actions' }, button(say('keep_mine'), done(true)), button(say('take_theirs'), done(false), 'tertiary')));
    doc.querySelector('[data-device-notes]').append(asking);
    asking.focus();
  };

  // What is kept of other pages goes when there is a network.
  const flush = async () => {
    if (!able || !db || !here || !here.dataset.person || flushing || !navigator.onLine) return;
    flushing = true;
    let sent = 0;
    try {
      for (const k of (await all('page:')).sort((a, b) => a.at - b.at)) {
        if (form && k.path === pathOf(form)) { if (!equal(read(form), initial)) await save(); continue; }
        if (k.sent && k.request === here.dataset.request && k.base !== here.dataset.rev) { await drop('page:' + k.path); continue; }
        if (await sendKept(k)) sent++;
      }
    } catch (e) { if (e.status === 401) signIn(); } finally { flushing = false; }
    if (!sent) return;
    note('sent', say('sent'));
    if (here.dataset.reload !== undefined) location.reload();
  };
  const sendKept = async (k) => {
    try {
      for (let tries = 0; tries < 3; tries++) {
        const now = await server(k.path), m = merge(k, now.values);
        if (equal(now.values, k.values) || (k.sent && now.rev !== k.base && !equal(now.values, k.initial))) { await drop('page:' + k.path); return false; } // it has arrived
        if (m.both.length) { note('page:' + k.path, say('elsewhere', { title: k.title }), el('p', {}, el('a', { href: k.path }, say('choose')))); return false; }
        k = { ...k, values: m.values, initial: now.values, base: now.rev };
        try {
          const said = await send(k);
          if (here.dataset.request === k.request && here.dataset.rev === k.base) here.dataset.rev = said.rev;
          await drop('page:' + k.path);
          note('page:' + k.path);
          return true;
        } catch (e) { if (e.code !== 'request.changed') throw e; }
      }
    } catch (e) {
      if (!e.status || e.status === 401 || e.status === 429 || e.status >= 500) throw e;
      if (k.sent) { await drop('page:' + k.path); return false; } // with the application, which is not to be answered any more
      note('page:' + k.path, say('late', { title: k.title }), button(say('delete'), async () => { await drop('page:' + k.path); note('page:' + k.path); }, 'tertiary', k.title));
    }
    return false;
  };

  // Files: kept on the device first, then sent in pieces.
  const reduce = async (file, accept) => {
    const plain = /^image\/(jpeg|png)$/.test(file.type);
    if (!file.type.startsWith('image/') || (plain && file.size <= LARGE) || !/image\/(\*|jpeg)/.test(accept)) return file;
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const by = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height)), c = el('canvas');
    c.width = Math.max(1, Math.round(bitmap.width * by)); c.height = Math.max(1, Math.round(bitmap.height * by));
    c.getContext('2d').drawImage(bitmap, 0, 0, c.width, c.height); // drawn anew, without what cameras write into pictures
    const blob = await new Promise((done) => { c.toBlob(done, 'image/jpeg', 0.85); });
    return plain && blob.size >= file.size ? file : new File([blob], file.name.replace(/\.[^.]*$/, '') + '.jpg', { type: 'image/jpeg' });
  };
  const attach = async (input) => {
    const chosen = [...input.files], at = { request: here.dataset.request, path: pathOf(form), at: input.name, input: input.id };
    input.value = '';
    taking++;
    try {
      for (const one of chosen) {
        const file = await reduce(one, input.accept).catch(() => one);
        const content = await file.arrayBuffer(), id = newID();
        const sum = [...new Uint8Array(await crypto.subtle.digest('SHA-256', content))].map((x) => x.toString(16).padStart(2, '0')).join('');
        await put('blob:' + id, content);
        await put('file:' + id, { ...at, id, name: file.name, type: file.type, size: content.byteLength, sum });
        await draw();
      }
    } catch { note('room', say('failed')); /* no room on the device, say */ } finally { taking--; }
    await pump();
  };
  const pending = async () => (db && form ? (await all('file:')).filter((f) => f.path === pathOf(form)) : []);
  const draw = async () => {
    if (!form) return;
    const list = await pending();
    form.querySelectorAll('input[type=file]').forEach((input) => {
      const mine = list.filter((f) => f.input === input.id);
      let box = form.querySelector('[data-sending="' + CSS.escape(input.id) + '"]');
      if (!mine.length) { if (box) box.remove(); return; }
      if (!box) { box = el('ul', { class: 'files', 'data-sending': input.id }); input.before(box); }
      const had = box.contains(doc.activeElement) && doc.activeElement.closest('li').dataset.file;
      box.replaceChildren(...mine.map(fileRow));
      if (had) { const b = box.querySelector('[data-file="' + had + '"] button'); if (b) b.focus(); }
    });
  };
  const state = (f) => f.refused || (progress.has(f.id) ? Math.floor(progress.get(f.id) * 100 / f.size) + ' %' : say(offline() ? 'goes_on' : 'queued'));
  const fileRow = (f) => el('li', { 'data-file': f.id },
    el('span', { class: 'grow' }, el('bdi', {}, f.name), ...(f.refused ? [] : [el('progress', { max: f.size, value: progress.get(f.id) || 0, 'aria-label': f.name })]),
      el('span', { class: 'block muted small', 'data-state': '' }, state(f))),
    button(say(f.refused ? 'delete' : 'cancel'), () => cancel(f), 'tertiary', f.name));
  const step = (f, n) => {
    progress.set(f.id, n);
    const row = doc.querySelector('[data-file="' + f.id + '"]');
    if (!row) return;
    row.querySelector('progress').value = n;
    row.querySelector('[data-state]').textContent = state(f);
  };
  const cancel = async (f) => {
    cancelled.add(f.id); progress.delete(f.id);
    await drop('file:' + f.id, 'blob:' + f.id);
    if (!f.refused) postJSON(f.request + '/uploads/' + f.id + '/cancel', {}).catch(() => {});
    await draw();
    const input = doc.getElementById(f.input);
    if (input) input.focus();
    await gone();
  };
  const pump = async () => {
    if (!able || !db || !here || !here.dataset.person || pumping) return;
    pumping = true;
    try {
      for (;;) {
        const f = (await all('file:')).find((x) => !x.refused);
        if (!f) break;
        await sendFile(f);
      }
      note('sign');
    } catch (e) {
      progress.clear();
      if (e.status === 401) signIn();
    } finally { pumping = false; }
    await draw();
    await gone();
  };
  const sendFile = async (f) => {
    const announce = () => postJSON(f.request + '/uploads', { id: f.id, at: f.at, name: f.name, type: f.type, size: f.size, sha256: f.sum });
    try {
      const content = await bytes('blob:' + f.id);
      let got = await announce();
      for (let broken = 0; !got.whole;) {
        if (cancelled.has(f.id)) return;
        step(f, got.received);
        try {
          got = got.received < f.size ? await call(f.request + '/uploads/' + f.id + '?at=' + got.received, {
            method: 'POST', body: content.slice(got.received, got.received + PIECE), headers: { 'Content-Type': 'application/octet-stream' },
          }) : await announce();
        } catch (e) {
          if ((e.code !== 'document.offset' && e.code !== 'document.broken') || ++broken > 3) throw e;
          got = await announce();
        }
      }
      if (cancelled.has(f.id)) return;
      await drop('file:' + f.id, 'blob:' + f.id);
      progress.delete(f.id);
      if (here.dataset.request === f.request && here.dataset.rev === got.was) here.dataset.rev = got.rev;
      await arrived(f);
    } catch (e) {
      if (cancelled.has(f.id)) return;
      if (!e.status || e.status === 401 || e.status === 429 || e.status >= 500) throw e;
      await put('file:' + f.id, { ...f, refused: e.message });
      await drop('blob:' + f.id);
      await draw();
    }
  };
  // arrived shows the file among those that were given, as the page has it now.
  const arrived = async (f) => {
    if (!form || pathOf(form) !== f.path) return;
    const s = await server(f.path).catch(() => null), now = doc.getElementById(f.input);
    const fresh = s && s.page.getElementById(f.input);
    if (fresh && now) {
      const focused = now === doc.activeElement;
      now.closest('.field').replaceWith(doc.importNode(fresh.closest('.field'), true));
      if (focused) doc.getElementById(f.input).focus();
    }
    await draw();
    status(say('arrived', { name: f.name }));
  };
  // gone goes on with what waited for files.
  const gone = async () => {
    if (!after || taking || (await pending()).some((f) => !f.refused)) return;
    const by = after.isConnected ? after : undefined;
    after = null;
    note('files');
    if (form) form.requestSubmit(by);
  };

  // Pages that were on the screen are shown again without a network, with what was typed.
  const show = async (path) => {
    const v = await get('view:' + path);
    if (!v) return false;
    if (location.pathname !== path) history.pushState({}, '', path);
    const main = doc.getElementById('main');
    main.innerHTML = v.html; // made by the office, and kept encrypted since
    doc.title = v.title;
    main.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true }));
    note('offline', say('offline'));
    const head = main.querySelector('h1');
    if (head) { head.tabIndex = -1; head.focus(); }
    return true;
  };
  const leave = async (submitter) => {
    await keep();
    const next = here.dataset.next;
    if ((!submitter || submitter.name === '') && next && await show(next)) return;
    note('offline', say(next && (!submitter || submitter.name === '') ? 'next_unknown' : 'offline'));
    doc.querySelector('[data-device-notes]').scrollIntoView();
  };
  const list = async () => {
    const box = doc.querySelector('[data-device-list]');
    if (!box) return;
    const pages = await all('page:'), files = await all('file:');
    box.hidden = !pages.length && !files.length;
    box.querySelector('ul').replaceChildren(...pages.map((k) => el('li', {}, el('a', { href: k.path }, k.title), ' – ' + say('not_sent'))), ...files.map((f) => el('li', {}, el('bdi', {}, f.name), ' – ' + (f.refused || say('not_sent')))));
  };

  const dress = async () => {
    const at = doc.querySelector('[data-device]');
    if (!at || at === here) return;
    if (form && here && here.dataset.path === at.dataset.path) { // the same page anew, with what hangs on the answers: nothing was saved
      at.dataset.rev = here.dataset.rev;
      here = at; form = at.closest('form');
      await keep(); await draw();
      return;
    }
    here = at; asking = null;
    form = here.dataset.path ? here.closest('form') : null;
    if (!form) return;
    initial = read(form);
    if (!able || !db) return;
    const path = pathOf(form), k = await get('page:' + path);
    if (k && ((k.sent && k.base !== here.dataset.rev && !equal(initial, k.initial)) || equal(k.values, initial))) await drop('page:' + path);
    else if (k) await meet(k, initial, here.dataset.rev);
    await draw();
  };
  const begin = async () => {
    const at = doc.querySelector('[data-device]');
    if (!at) return;
    doc.getElementById('device-words').content.querySelectorAll('[data-word]').forEach((w) => { WORDS[w.dataset.word] = w.textContent; });
    if (able) await open().catch(() => { db = null; }); // a browser that keeps nothing
    if (db) {
      await belong(at.dataset.person);
      const old = Date.now() - OLD;
      for (const k of await all('page:')) if (k.at < old) await drop('page:' + k.path);
      for (const v of await all('view:')) if (v.at < old) await drop('view:' + v.path);
      const f = at.dataset.path && at.closest('form');
      if (f) await put('view:' + pathOf(f), { path: pathOf(f), html: doc.getElementById('main').innerHTML, title: doc.title, at: Date.now() });
      if (!at.dataset.person && !(await show(location.pathname))) await list();
    }
    await dress();
    doc.documentElement.dataset.deviceReady = '';
    flush(); pump();
  };

  doc.addEventListener('input', (ev) => {
    if (!form || ev.target.form !== form || ev.target.type === 'file' || asking) return;
    status('');
    clearTimeout(resting); clearTimeout(keeping);
    keeping = setTimeout(async () => { await keep(); if (able && db && offline()) status(say('kept')); }, 300);
    resting = setTimeout(save, 4000);
  });
  doc.addEventListener('change', (ev) => {
    if (able && db && form && ev.target.form === form && ev.target.type === 'file' && ev.target.files.length && !ev.target.closest('[data-sign]')) attach(ev.target);
  });
  doc.addEventListener('submit', async (ev) => {
    if (ev.target.getAttribute('action') === '/sign-out' && db && !ev.target.dataset.sure) {
      ev.preventDefault(); ev.stopImmediatePropagation();
      const n = (await all('page:')).filter((k) => !k.sent).length + (await all('file:')).length;
      if (n && !confirm(say('leave', { n }))) return;
      ev.target.dataset.sure = '';
      ev.target.requestSubmit();
      return;
    }
    if (!form || ev.target !== form) return;
    const stop = () => { ev.preventDefault(); ev.stopImmediatePropagation(); };
    if (asking) { stop(); asking.focus(); return; }
    if (able && db && offline()) { stop(); leave(ev.submitter); return; }
    clearTimeout(resting);
    if ((taking || form.querySelector('[data-sending] progress')) && !(ev.submitter && ev.submitter.name === here.dataset.later)) {
      stop();
      after = ev.submitter;
      note('files', say('files_wait'));
      doc.querySelector('[data-device-notes]').scrollIntoView();
      pump();
      return;
    }
    keep(true);
  }, true);
  doc.addEventListener('click', (ev) => {
    const a = offline() && db && ev.target instanceof Element && ev.target.closest('#main a[href]');
    if (!a || a.origin !== location.origin || a.hash) return;
    ev.preventDefault();
    show(a.pathname).then((shown) => { if (!shown) note('offline', say('next_unknown')); });
  });
  addEventListener('popstate', () => { if (!offline()) location.reload(); else if (db) show(location.pathname); });
  doc.addEventListener('htmx:load', () => { if (here) dress(); });
  addEventListener('online', () => { reached = true; note('offline'); if (here && !here.dataset.person) location.reload(); else { flush(); pump(); } });
  addEventListener('offline', () => { if (form && db) { note('offline', say('offline')); draw(); } });
  setInterval(() => { flush(); pump(); }, 15000);
  begin();
})();
