// The application of officers outside. What it holds stands in the browser's database, encrypted with a key that scripts cannot read,
// and goes to the office whenever there is a network. See docs/field.md.
(() => {
  'use strict';
  const doc = document;
  const root = doc.getElementById('field');
  if (!root) return;
  const $ = (sel, at = root) => at.querySelector(sel);
  const WORDS = {};
  $('#field-words').content.querySelectorAll('[data-word]').forEach((w) => { WORDS[w.dataset.word] = w.textContent; });
  const say = (key, args = {}) => Object.entries(args).reduce((s, [k, v]) => s.replaceAll('{' + k + '}', v), WORDS[key] || key);
  const LIST = $('#field-list'), VISIT = $('#field-visit'), PAGE = $('[data-page]', VISIT), NOTES = $('#field-notes');
  const PIECE = 256 * 1024, DAY = 86400000, SIDE = 1600;

  const el = (tag, attrs = {}, ...inside) => {
    const e = doc.createElement(tag);
    Object.entries(attrs).forEach(([k, v]) => { if (k === 'click') e.addEventListener('click', v); else e.setAttribute(k, v); });
    e.append(...inside.filter((x) => x !== null && x !== undefined && x !== ''));
    return e;
  };
  const button = (label, click, variant = 'secondary') => el('button', { type: 'button', class: 'ds-button', 'data-variant': variant, 'data-small': '', click }, label);
  const tag = (text, kind) => el('span', { class: 'ds-tag', 'data-color': kind }, text);
  const isolated = (text) => el('bdi', {}, text);

  // Ids sort by time (UUIDv7, RFC 9562).
  const newID = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    for (let t = Date.now(), i = 5; i >= 0; i--, t = Math.floor(t / 256)) b[i] = t % 256;
    b[6] = (b[6] & 15) | 112; b[8] = (b[8] & 63) | 128;
    return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('');
  };

  // The box: records by name, each encrypted by itself. "meta" stands in the clear: the key, the device, whose it is, when it last heard.
  let db, meta;
  const ask = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });
  const store = (mode) => db.transaction('box', mode, { durability: 'strict' }).objectStore('box');
  const finished = (s) => new Promise((done, fail) => { s.transaction.oncomplete = () => done(); s.transaction.onabort = s.transaction.onerror = () => fail(s.transaction.error); });
  const raw = async (name, value) => { const s = store('readwrite'); s.put(value, name); await finished(s); };
  const put = async (name, value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
    const at = new TextEncoder().encode(name);
    await raw(name, { iv, bytes: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: at }, meta.key, plain) });
  };
  const bytes = async (name) => {
    const r = await ask(store('readonly').get(name));
    return r && crypto.subtle.decrypt({ name: 'AES-GCM', iv: r.iv, additionalData: new TextEncoder().encode(name) }, meta.key, r.bytes);
  };
  const get = async (name) => { const b = await bytes(name); return b && JSON.parse(new TextDecoder().decode(b)); };
  const drop = async (...names) => { const s = store('readwrite'); names.forEach((n) => s.delete(n)); await finished(s); };
  const all = async (prefix) => {
    const names = await ask(store('readonly').getAllKeys(IDBKeyRange.bound(prefix, prefix + '\uffff')));
    return Promise.all(names.map(get));
  };
  const keep = () => raw('meta', meta);

  const open = async () => {
    const r = indexedDB.open('digit-field', 1);
    r.onupgradeneeded = () => r.result.createObjectStore('box');
    db = await ask(r);
    meta = await ask(store('readonly').get('meta'));
    if (meta) return;
    meta = { device: newID(), heard: 0, account: '', key: await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']) };
    await keep();
  };
  const wipe = async () => {
    db.close();
    await new Promise((done) => { const r = indexedDB.deleteDatabase('digit-field'); r.onsuccess = r.onerror = r.onblocked = done; });
    await open();
  };

  // Calls. A failure has a status; without a network it has none.
  const call = async (path, body, kind) => {
    let res;
    try {
      res = await fetch('/field/api' + path, body === undefined ? { headers: { Accept: 'application/json' } } : {
        method: 'POST', body: body instanceof Blob ? body : JSON.stringify(body), headers: { 'Content-Type': kind || 'application/json' },
      });
    } catch { throw Object.assign(new Error('network'), { status: 0 }); }
    let said = {};
    try { said = await res.json(); } catch { /* what stands between us and the office answers in its own way */ }
    if (!res.ok) throw Object.assign(new Error(said.title || say('failed')), { status: res.status, code: said.code, errors: said.errors });
    return said;
  };
  const gone = (device) => call('/devices/' + device + '/gone', {}).catch(() => {});

  // Notes above the list; each replaces the one before of its kind.
  const note = (kind, text, ...more) => {
    const before = $('[data-note="' + kind + '"]', NOTES);
    if (before) before.remove();
    if (text) NOTES.append(el('div', { class: 'ds-alert', 'data-color': kind === 'done' ? 'success' : 'warning', 'data-note': kind }, el('p', {}, text), ...more));
  };
  const unsentOps = async () => (await all('op:')).filter((o) => o.status !== 'conflict' && o.status !== 'refused');

  let busy = false, reached = true;
  const sync = async () => {
    if (busy) return;
    busy = true;
    try { await round(); reached = true; } catch (e) {
      reached = !!e.status;
      if (e.code === 'field.wipe') { const was = meta.device; await wipe(); await gone(was); note('wiped', say('wiped')); }
      else if (e.code === 'field.device') { meta.device = newID(); meta.account = ''; await keep(); }
      else if (e.status === 401) note('sign', say('sign_in'), el('a', { href: '/staff/sign-in?next=/field' }, say('go_on')));
      else if (e.status) note('failed', e.message);
    } finally { busy = false; }
    await list();
  };
  const round = async () => {
    const { status } = await call('/devices/' + meta.device);
    if (status === 'asked' || status === 'wiped') throw Object.assign(new Error(), { code: 'field.wipe', status: 403 });
    const who = await call('/devices', { id: meta.device });
    if (meta.account && meta.account !== who.account) { await others(); return; }
    if (!meta.account && navigator.storage && navigator.storage.persist) navigator.storage.persist();
    meta.account = who.account;
    ['sign', 'failed', 'others'].forEach((k) => note(k));
    for (const op of await all('op:')) if (op.status === 'waiting' || op.status === 'sending') await send(op);
    const b = await call('/bundle?device=' + meta.device + '&unsent=' + (await unsentOps()).length);
    const held = await all('visit:');
    for (const v of b.mine) await put('visit:' + v.key, v);
    const mine = new Set(b.mine.map((v) => v.key));
    const drafts = new Set((await all('draft:')).map((d) => d.key));
    await drop(...held.filter((v) => !mine.has(v.key) && !drafts.has(v.key)).map((v) => 'visit:' + v.key));
    await put('free', b.free);
    meta.heard = Date.now();
    await keep();
  };
  const others = async () => {
    const n = (await unsentOps()).length;
    note('others', say('others', { n }), button(say('delete'), async () => {
      if (confirm(say('wipe_sure'))) { const was = meta.device; await wipe(); await gone(was); note('others'); sync(); }
    }, 'warning'));
  };

  // One report: its files first, each from where it was cut off; then itself. Its id is the same however often it is sent.
  const send = async (op) => {
    op.status = 'sending';
    await put('op:' + op.id, op);
    await list();
    try {
      for (const f of op.report.files) await upload(op, f);
      await settle(op, await call('/operations', { id: op.id, device: meta.device, case: op.case, branch: op.branch, action: op.action, rev: op.rev, at: op.at, report: { ...op.report, files: op.report.files.map((f) => ({ upload: f.upload, code: f.code })) } }));
    } catch (e) {
      const fatal = (e.status === 403 || e.status === 404 || e.status === 422) && e.code !== 'field.wipe' && e.code !== 'field.device';
      op.status = fatal ? 'refused' : 'waiting';
      if (fatal) op.why = e.errors ? e.errors.map((x) => x.detail) : [e.message];
      await put('op:' + op.id, op);
      if (!fatal) throw e;
    }
  };
  const upload = async (op, f) => {
    const content = await bytes('blob:' + f.upload);
    if (!content) return; // it arrived, and its report did not
    const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', content))].map((x) => x.toString(16).padStart(2, '0')).join('');
    let got = await call('/uploads', { id: f.upload, device: meta.device, case: op.case, code: f.code, type: f.type, size: content.byteLength, sha256: hash });
    while (!got.whole) {
      const piece = new Blob([content.slice(got.received, got.received + PIECE)]);
      got = await call('/uploads/' + f.upload + '?device=' + meta.device + '&at=' + got.received, piece, 'application/octet-stream');
    }
  };
  const settle = async (op, o) => {
    const blobs = op.report.files.map((f) => 'blob:' + f.upload);
    if (o.status === 'done' || o.status === 'kept') {
      await drop('op:' + op.id, 'visit:' + op.key, ...blobs);
      note('done', say(o.status === 'done' ? 'sent' : 'let_go', { reference: op.reference }));
      return;
    }
    op.status = o.status; op.why = o.why; op.now = o.now;
    await put('op:' + op.id, op);
  };

  // The list.
  const fill = (section, items, empty) => {
    const to = section.matches('[data-list]') ? section : $('[data-list]', section);
    to.replaceChildren(...(items.length || !empty ? items : [el('p', { class: 'muted' }, empty)]));
  };
  const card = (v, ...inside) => el('article', { class: 'panel flow' }, el('h3', {}, v.service + ' – ', isolated(v.reference)), ...inside);
  const about = (v) => el('p', {}, v.area, v.due ? el('br') : '', v.due ? say('due', { date: v.due }) : '');
  const list = async () => {
    const ops = await all('op:'), visits = await all('visit:'), drafts = await all('draft:'), free = (await get('free')) || [];
    const done = new Set(ops.map((o) => o.key));
    const waiting = ops.filter((o) => o.status === 'waiting' || o.status === 'sending').length;
    $('#field-net').textContent = say(navigator.onLine && reached ? 'online' : 'offline') + ' ' +
      (meta.heard ? say('sync_last', { at: new Date(meta.heard).toLocaleString(root.dataset.lang) }) : say('sync_never')) + ' ' + (waiting ? say('unsent', { n: waiting }) : ops.length ? '' : say('none_unsent'));
    $('#field-out').hidden = !ops.length;
    fill($('#field-out'), ops.map(reportCard));
    fill($('#field-mine'), visits.filter((v) => !done.has(v.key)).map((v) => card(v, about(v),
      drafts.some((d) => d.key === v.key) ? el('p', {}, tag(say('begin'), 'info')) : '', el('p', {}, el('a', { href: '#' + v.key }, say('open', { reference: v.reference }))))), say('empty'));
    fill($('#field-free'), free.filter((v) => !done.has(v.key)).map((v) => card(v, about(v), button(say('take', { reference: v.reference }), () => take(v)))), say('empty_free'));
    if (navigator.storage && navigator.storage.estimate) {
      const { usage, quota } = await navigator.storage.estimate();
      $('#field-room').textContent = say('held', { used: Math.ceil(usage / 1048576), room: Math.floor(quota / 1048576) });
      note('quota', usage > quota * 0.8 ? say('quota') : '');
    }
  };
  const take = async (v) => {
    try { await call('/visits/' + v.case + '/claim', { device: meta.device, branch: v.branch, rev: v.rev }); } catch (e) { note('failed', e.status ? e.message : say('offline')); return; }
    await sync();
  };
  const reportCard = (op) => {
    const state = { waiting: ['not_sent', 'warning'], sending: ['being_sent', 'info'], refused: ['refused', 'danger'], conflict: ['conflict', 'warning'] }[op.status];
    const c = card(op, el('p', {}, tag(say(state[0]), state[1])), el('p', {}, say('yours', { action: op.name })));
    if (op.status === 'refused') {
      c.append(el('ul', {}, ...(op.why || []).map((w) => el('li', {}, w))), el('div', { class: 'actions' },
        button(say('mend'), () => mend(op)), button(say('delete'), async () => { if (confirm(say('delete_sure'))) { await forget(op); list(); } }, 'tertiary')));
    }
    if (op.status === 'conflict') c.append(...conflict(op));
    return c;
  };
  const conflict = (op) => {
    const n = op.now || {};
    const what = say(n.did ? 'conflict_moved' : 'conflict_' + (n.what === 'claim' ? 'claim' : 'release'), { who: n.who || say('asked'), action: n.did, at: n.at || '' });
    const choose = (mine) => async () => {
      if (!mine && !confirm(say('let_go_sure'))) return;
      try { await settle(op, await call('/operations/' + op.id + '/choose', { device: meta.device, mine, rev: n.rev || 0 })); } catch (e) {
        note('failed', e.status ? e.message : say('offline'));
        if (e.status === 409) await send({ ...op }).catch(() => {});
      }
      await list(); sync();
    };
    return [
      el('dl', { class: 'facts' }, el('dt', {}, say('conflict_yours')), el('dd', {}, op.name + (op.report.comment ? ': ' + op.report.comment : '')),
        el('dt', {}, say('asked')), el('dd', {}, what), el('dt', {}, say('state')), el('dd', {}, n.state || '')),
      el('div', { class: 'actions' }, n.still ? button(say('keep_mine'), choose(true)) : '', button(say('conflict_again'), choose(false), 'tertiary')),
    ];
  };
  const forget = (op) => drop('op:' + op.id, ...op.report.files.map((f) => 'blob:' + f.upload));
  const mend = async (op) => {
    await put('draft:' + op.key, op.draft);
    if (!(await get('visit:' + op.key))) { note('failed', say('check_first')); return; }
    await drop('op:' + op.id);
    location.hash = op.key;
  };

  // A visit: what is typed is kept as it is typed.
  let visit, draft, resting;
  const save = async () => {
    if (!visit) return;
    const form = $('form', PAGE), values = {};
    new FormData(form).forEach((v, k) => { if (typeof v === 'string') (values[k] = values[k] || []).push(v); });
    draft.values = values;
    await put('draft:' + visit.key, draft);
    $('[data-kept]', PAGE).textContent = say('finished');
  };
  const restore = (form) => {
    for (const e of form.elements) {
      const v = draft.values[e.name];
      if (!e.name || e.type === 'file') continue;
      if (e.type === 'radio' || e.type === 'checkbox') e.checked = !!v && v.includes(e.value);
      else if (v) e.value = v[0];
    }
  };
  const showVisit = async (key) => {
    visit = await get('visit:' + key);
    if (!visit || (await all('op:')).some((o) => o.key === key)) { visit = null; location.hash = ''; return; }
    draft = (await get('draft:' + key)) || { key, rev: visit.rev, values: {}, files: [], position: null };
    PAGE.innerHTML = visit.page; // made by the office, which says everything there is on this page
    const form = $('form', PAGE);
    restore(form);
    parts(form); photos(); place();
    form.addEventListener('input', () => { parts(form); clearTimeout(resting); resting = setTimeout(save, 300); });
    form.addEventListener('change', (ev) => { if (ev.target.dataset.keep) attach(ev.target); });
    form.addEventListener('submit', (ev) => { ev.preventDefault(); finish(form); });
    const pad = $('[data-sign]', PAGE);
    if (pad) ['pointerup', 'click'].forEach((kind) => pad.addEventListener(kind, () => setTimeout(() => signed(pad), 300)));
    LIST.hidden = true; VISIT.hidden = false;
    PAGE.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true })); // the house's script dresses the new part
    $('h1', PAGE).focus();
  };
  const parts = (form) => {
    const chosen = new FormData(form).get('action');
    form.querySelectorAll('[data-for]').forEach((p) => { p.hidden = p.dataset.for !== chosen; });
  };
  const photos = () => $('[data-photos]', PAGE).replaceChildren(...draft.files.map((f) => el('li', {},
    f.look ? el('img', { src: f.look, alt: say('photo') }) : el('span', {}, f.name || f.code),
    button(say('remove'), async () => { draft.files = draft.files.filter((x) => x !== f); await drop('blob:' + f.upload); await save(); photos(); }, 'tertiary'))));
  const place = () => { if (draft.position) $('[data-position]', PAGE).textContent = say('position_kept', { n: Math.round(draft.position.accuracy) }); };

  // Pictures are drawn anew, which leaves out what cameras write into them: where, when, with what.
  const redraw = async (file) => {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const draw = (side) => {
      const by = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const c = el('canvas');
      c.width = Math.max(1, Math.round(bitmap.width * by)); c.height = Math.max(1, Math.round(bitmap.height * by));
      c.getContext('2d').drawImage(bitmap, 0, 0, c.width, c.height);
      return c;
    };
    const blob = await new Promise((done) => { draw(SIDE).toBlob(done, 'image/jpeg', 0.85); });
    return { blob, look: draw(160).toDataURL('image/jpeg', 0.7) };
  };
  const attach = async (input) => {
    for (const file of [...input.files]) {
      const f = { upload: newID(), code: input.dataset.keep, name: file.name, type: file.type };
      let blob = file;
      try {
        if (file.type.startsWith('image/')) { ({ blob, look: f.look } = await redraw(file)); f.type = 'image/jpeg'; }
        await put('blob:' + f.upload, await blob.arrayBuffer());
      } catch { alert(say('failed')); continue; }
      draft.files.push(f);
    }
    input.value = '';
    await save(); photos();
  };
  const signed = async (pad) => {
    const file = $('input[type=file]', pad).files[0];
    const old = draft.files.filter((f) => f.code === 'signature');
    draft.files = draft.files.filter((f) => f.code !== 'signature');
    if (old.length) await drop(...old.map((f) => 'blob:' + f.upload));
    if (file) {
      const f = { upload: newID(), code: 'signature', name: file.name, type: 'image/png', look: $('canvas', pad).toDataURL('image/png') };
      await put('blob:' + f.upload, await file.arrayBuffer());
      draft.files.push(f);
    }
    await save(); photos();
  };
  const locate = () => navigator.geolocation.getCurrentPosition(async (p) => {
    draft.position = { lat: p.coords.latitude, lng: p.coords.longitude, accuracy: p.coords.accuracy, at: new Date(p.timestamp).toISOString() };
    await save(); place();
  }, () => { $('[data-position]', PAGE).textContent = say('position_failed'); }, { enableHighAccuracy: true, timeout: 20000 });

  const missing = (a, v) => {
    if (!a) return [['action', say('result_missing')]];
    const out = a.checklist.filter((c) => (v['check.' + c] || [])[0] !== 'yes').map((c) => ['check.' + c, say('check_first')]);
    if (a.reasons && !v[a.code + ':reasons']) out.push([a.code + ':reasons', say('reason_missing')]);
    if (a.correction && !v[a.code + ':items']) out.push([a.code + ':items', say('correction_missing')]);
    if (a.comment && !(v.comment || [''])[0].trim()) out.push(['comment', say('comment_missing')]);
    return out;
  };
  const finish = async (form) => {
    clearTimeout(resting);
    await save();
    const v = draft.values, a = visit.actions.find((x) => x.code === (v.action || [])[0]);
    const wrong = missing(a, v), box = $('[data-problems]', form);
    box.hidden = !wrong.length;
    if (wrong.length) {
      box.replaceChildren(el('div', { class: 'ds-error-summary', 'data-color': 'danger' }, el('ul', {}, ...wrong.map(([name, text]) => {
        const field = form.elements[name], first = field && (field.length && !field.options ? field[0] : field);
        return el('li', {}, el('a', { href: '#', click: (ev) => { ev.preventDefault(); if (first) first.focus(); } }, text));
      }))));
      box.focus();
      return;
    }
    const report = { checklist: {}, answers: {}, reasons: v[a.code + ':reasons'] || [], items: v[a.code + ':items'] || [], comment: (v.comment || [''])[0], remark: (v.inside || [''])[0], present: (v.present || [''])[0], files: draft.files.map(({ upload, code, type }) => ({ upload, code, type })) };
    for (const [name, values] of Object.entries(v)) {
      if (name.startsWith('check.')) report.checklist[name.slice(6)] = { answer: values[0], remark: (v['remark.' + name] || [''])[0] };
      if (name.startsWith('remark.check.') && values[0]) report.checklist[name.slice(13)] = { answer: (v[name.slice(7)] || [''])[0], remark: values[0] };
      if (name.startsWith(a.code + '.')) report.answers[name.slice(a.code.length + 1)] = values;
    }
    if (draft.position) report.position = draft.position;
    const op = { id: newID(), key: visit.key, case: visit.case, branch: visit.branch, rev: draft.rev, action: a.code, name: a.name, reference: visit.reference, service: visit.service, at: new Date().toISOString(), status: 'waiting', report, draft };
    await put('op:' + op.id, op);
    await drop('draft:' + visit.key);
    visit = null;
    location.hash = '';
    sync();
  };

  const leave = async () => {
    const n = (await all('op:')).length;
    if (!confirm(n ? say('wipe_unsent', { n }) : say('wipe_sure'))) return;
    const was = meta.device;
    await wipe();
    await gone(was);
    const form = el('form', { method: 'post', action: '/sign-out' });
    doc.body.append(form);
    form.submit();
  };
  root.addEventListener('click', (ev) => {
    const b = ev.target instanceof Element && ev.target.closest('[data-act]');
    if (b) ({ sync, leave, position: locate })[b.dataset.act]();
  });
  const route = async () => {
    const key = location.hash.slice(1);
    if (key) { await showVisit(key); return; }
    visit = null;
    VISIT.hidden = true; LIST.hidden = false;
    PAGE.replaceChildren();
    await list();
  };

  const begin = async () => {
    if (!window.isSecureContext || !window.indexedDB) { LIST.hidden = false; note('failed', say('unsupported')); return; }
    if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js').catch(() => {});
    await open();
    if (meta.heard && Date.now() - meta.heard > Number(root.dataset.days) * DAY) { const was = meta.device; await wipe(); gone(was); note('old', say('old', { n: root.dataset.days })); }
    addEventListener('hashchange', route);
    addEventListener('online', sync);
    addEventListener('offline', list);
    setInterval(sync, 30000);
    await route();
    root.dataset.ready = '';
    await sync();
  };
  begin();
})();
