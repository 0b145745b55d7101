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

  // A form is sent once: a second press within three seconds is dropped.
  doc.addEventListener('submit', (ev) => {
    const form = ev.target;
    const now = Date.now();
    if (form.method !== 'post') return;
    if (now - (Number(form.dataset.sent) || 0) < 3000) ev.preventDefault();
    else form.dataset.sent = String(now);
  });
  addEventListener('pageshow', () => doc.querySelectorAll('form[data-sent]').forEach((f) => delete f.dataset.sent));

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
    } else {
      const target = doc.querySelector('[data-key="' + CSS.escape(ev.key) + '"]');
      if (!target) return;
      if (target.matches('input')) target.focus(); else target.click();
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
