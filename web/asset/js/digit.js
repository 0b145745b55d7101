// Small conveniences. Every page works without this file.
(() => {
  'use strict';
  const doc = document;
  doc.documentElement.classList.add('js');

  const closest = (ev, sel) => (ev.target instanceof Element ? ev.target.closest(sel) : null);

  // The error summary takes the focus, and its links put the reader on the label of the field, not below it.
  const start = (root) => {
    const box = root.querySelector('[data-focus]');
    if (box) box.focus();
    root.querySelectorAll('[data-count]').forEach(count);
    root.querySelectorAll('[data-sign]').forEach(sign);
    if (navigator.geolocation) root.querySelectorAll('[data-locate]').forEach((b) => { b.hidden = false; });
  };
  doc.addEventListener('click', (ev) => {
    const link = closest(ev, '[data-summary] a[href^="#"]');
    const field = link && doc.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    ev.preventDefault();
    const group = field.closest('fieldset') || field.closest('.field');
    (group || field).scrollIntoView();
    field.focus({ preventScroll: true });
  });

  // Menus made of <details> close on Escape and on a click elsewhere; one is open at a time.
  const menus = () => doc.querySelectorAll('details[data-menu][open]');
  doc.addEventListener('click', (ev) => {
    const inside = closest(ev, 'details[data-menu]');
    menus().forEach((m) => { if (m !== inside) m.open = false; });
  });
  doc.addEventListener('keydown', (ev) => {
    if (ev.key !== 'Escape') return;
    menus().forEach((m) => { m.open = false; m.querySelector('summary').focus(); });
  });

  // Whoever is signed in finds a page that says so where there is no network.
  addEventListener('load', () => {
    if (navigator.serviceWorker && doc.querySelector('form[action="/sign-out"]')) navigator.serviceWorker.register('/worker.js').catch(() => {});
  });

  // Without a network nothing is sent, and what was typed stays where it is.
  doc.addEventListener('submit', (ev) => {
    if (navigator.onLine || ev.defaultPrevented || !doc.body.dataset.unsent) return;
    ev.preventDefault();
    ev.stopImmediatePropagation();
    doc.querySelectorAll('[data-unsent-note]').forEach((n) => n.remove());
    const note = doc.createElement('p');
    note.className = 'ds-alert'; note.dataset.color = 'warning'; note.dataset.unsentNote = ''; note.tabIndex = -1;
    note.setAttribute('role', 'alert');
    note.textContent = doc.body.dataset.unsent;
    ev.target.append(note);
    note.focus();
  });
  addEventListener('online', () => doc.querySelectorAll('[data-unsent-note]').forEach((n) => n.remove()));

  // A form is sent once: a second press within three seconds is dropped.
  doc.addEventListener('submit', (ev) => {
    const form = ev.target;
    const now = Date.now();
    if (form.method !== 'post') return;
    if (now - (Number(form.dataset.sent) || 0) < 3000) ev.preventDefault();
    else form.dataset.sent = String(now);
  });
  addEventListener('pageshow', () => doc.querySelectorAll('form[data-sent]').forEach((f) => delete f.dataset.sent));

  // What the device keeps of a person's applications goes when they sign out.
  doc.addEventListener('submit', (ev) => {
    const form = ev.target;
    if (ev.defaultPrevented || form.getAttribute('action') !== '/sign-out' || !window.indexedDB) return;
    ev.preventDefault();
    let left = false;
    const leave = () => { if (!left) { left = true; form.submit(); } };
    const gone = indexedDB.deleteDatabase('digit-form');
    gone.onsuccess = gone.onerror = leave;
    setTimeout(leave, 3000); // another window holds it
  });

  // Characters left, said politely once the reader pauses.
  const timers = new WeakMap();
  function count(area) {
    const out = doc.getElementById(area.dataset.count);
    if (!out) return;
    const left = Number(area.dataset.max) - area.value.length;
    const text = (left < 0 ? out.dataset.over : out.dataset.under).replace('{left}', String(Math.abs(left)));
    out.classList.toggle('is-over', left < 0);
    clearTimeout(timers.get(area));
    timers.set(area, setTimeout(() => { out.textContent = text; }, 400));
  }
  doc.addEventListener('input', (ev) => { const a = closest(ev, '[data-count]'); if (a) count(a); });

  // A drawn signature: what is drawn becomes the file that the form sends. The typed name counts without it.
  function sign(box) {
    const pad = box.querySelector('canvas');
    const file = box.querySelector('input[type=file]');
    const pen = pad.getContext('2d');
    let drawing = false;
    const clear = () => { pen.fillStyle = '#fff'; pen.fillRect(0, 0, pad.width, pad.height); file.value = ''; };
    const at = (ev) => {
      const r = pad.getBoundingClientRect();
      return [(ev.clientX - r.left) * pad.width / r.width, (ev.clientY - r.top) * pad.height / r.height];
    };
    const keep = () => {
      if (!drawing) return;
      drawing = false;
      pad.toBlob((png) => {
        const list = new DataTransfer();
        list.items.add(new File([png], 'signature.png', { type: 'image/png' }));
        file.files = list.files;
      }, 'image/png');
    };
    pad.addEventListener('pointerdown', (ev) => {
      drawing = true;
      pad.setPointerCapture(ev.pointerId);
      pen.lineWidth = 3; pen.lineCap = pen.lineJoin = 'round'; pen.strokeStyle = '#000';
      pen.beginPath(); pen.moveTo(...at(ev)); pen.lineTo(...at(ev)); pen.stroke();
    });
    pad.addEventListener('pointermove', (ev) => { if (drawing) { pen.lineTo(...at(ev)); pen.stroke(); } });
    pad.addEventListener('pointerup', keep);
    pad.addEventListener('pointercancel', keep);
    box.querySelector('button').addEventListener('click', clear);
    clear();
    box.hidden = false;
  }

  // Where the reader is, only when they ask for it to be filled in.
  doc.addEventListener('click', (ev) => {
    const button = closest(ev, '[data-locate]');
    if (!button) return;
    const inputs = button.dataset.locate.split(' ').map((id) => doc.getElementById(id));
    navigator.geolocation.getCurrentPosition((p) => {
      [p.coords.latitude, p.coords.longitude].forEach((x, i) => { inputs[i].value = x.toFixed(5); });
    }, () => {
      const said = button.parentElement.querySelector('[data-located]');
      said.textContent = button.dataset.refused;
      said.hidden = false;
    }, { enableHighAccuracy: true, timeout: 15000 });
  });

  // "None of these" goes with no other box.
  doc.addEventListener('change', (ev) => {
    const box = closest(ev, '.options input[type=checkbox]');
    if (!box || !box.checked) return;
    box.closest('.options').querySelectorAll('input[type=checkbox]').forEach((other) => {
      if (other !== box && (box.hasAttribute('data-alone') || other.hasAttribute('data-alone'))) other.checked = false;
    });
  });

  doc.addEventListener('click', (ev) => { if (closest(ev, '[data-print]')) print(); });
  doc.addEventListener('change', (ev) => {
    const control = closest(ev, '[data-submit]');
    if (control && control.form) control.form.requestSubmit();
    const all = closest(ev, '[data-all]');
    if (all) all.closest('table').querySelectorAll('tbody input[type=checkbox]').forEach((c) => { c.checked = all.checked; });
  });

  // Keys of the workbench: only where the person has switched them on, never while typing.
  doc.addEventListener('keydown', (ev) => {
    if (!doc.body.hasAttribute('data-keys') || ev.ctrlKey || ev.metaKey || ev.altKey) return;
    if (closest(ev, 'input,textarea,select,[contenteditable]')) return;
    const rows = [...doc.querySelectorAll('[data-row] a')];
    const at = rows.findIndex((r) => r === doc.activeElement);
    if (ev.key === 'j' || ev.key === 'k') {
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + (ev.key === 'j' ? 1 : -1)))];
      if (next) next.focus();
    } else if (ev.key === 'x' || ev.key === 'o') {
      if (at < 0) return;
      if (ev.key === 'o') rows[at].click();
      else { const box = rows[at].closest('tr').querySelector('input[type=checkbox]'); if (box) box.checked = !box.checked; }
    } else {
      const target = doc.querySelector('[data-key="' + CSS.escape(ev.key) + '"]');
      if (!target) return;
      if (target.matches('input,textarea')) target.focus(); else target.click();
    }
    ev.preventDefault();
  });

  // What was held up while somebody proved who they are is sent by itself; going back to the page sends nothing again.
  const resume = () => {
    const form = doc.querySelector('form[data-resume]');
    const [way] = performance.getEntriesByType('navigation');
    if (form && (!way || way.type !== 'back_forward')) form.requestSubmit();
  };

  doc.addEventListener('htmx:load', (ev) => start(ev.target));
  if (doc.readyState === 'loading') doc.addEventListener('DOMContentLoaded', () => { start(doc); resume(); }); else { start(doc); resume(); }
})();
