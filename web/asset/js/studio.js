// Conveniences of the Studio: saving while somebody types, dragging, keys for moving. Every page works without this file.
(() => {
  'use strict';
  const doc = document;
  const closest = (ev, sel) => (ev.target instanceof Element ? ev.target.closest(sel) : null);
  const say = (text) => { const out = doc.getElementById('said'); if (out) out.textContent = text; };

  // Properties are saved a moment after the last change. What was refused stays on the page, and the button with it.
  const waiting = new WeakMap();
  const save = async (box) => {
    const form = box.querySelector('form');
    const said = box.querySelector('[data-said]');
    if (!form || form.dataset.sent) return;
    said.textContent = box.dataset.saving;
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { 'X-Autosave': 'true' } });
      const rev = answer.headers.get('X-Revision');
      if (!answer.ok || !rev) throw new Error(String(answer.status));
      doc.querySelectorAll('input[name=rev]').forEach((i) => { i.value = rev; });
      said.textContent = box.dataset.saved;
    } catch {
      said.textContent = box.dataset.failed;
    }
  };
  doc.addEventListener('change', (ev) => {
    const box = closest(ev, '[data-autosave]');
    if (!box || closest(ev, 'input[type=file], [data-submit]')) return;
    clearTimeout(waiting.get(box));
    waiting.set(box, setTimeout(save, 400, box));
  });

  // Alt and an arrow move what has the focus; the buttons of the list do the same.
  doc.addEventListener('keydown', (ev) => {
    if (!ev.altKey || (ev.key !== 'ArrowUp' && ev.key !== 'ArrowDown')) return;
    const item = closest(ev, '[data-move]');
    const button = item && item.querySelector(ev.key === 'ArrowUp' ? '[data-up]' : '[data-down]');
    if (!button) return;
    ev.preventDefault();
    if (button.disabled) say(item.dataset.edge || ''); else button.click();
  });

  // Dragging an item onto another moves it there: the form of the list is sent with where it goes.
  let dragged = null;
  doc.addEventListener('dragstart', (ev) => {
    const item = closest(ev, '[data-move]');
    if (!item) return;
    dragged = item;
    ev.dataTransfer.effectAllowed = 'move';
    ev.dataTransfer.setData('text/plain', item.dataset.move);
    item.classList.add('is-dragged');
  });
  const over = (ev) => {
    const item = closest(ev, '[data-move]');
    return dragged && item && item !== dragged && item.parentElement === dragged.parentElement ? item : null;
  };
  doc.addEventListener('dragover', (ev) => { if (over(ev)) ev.preventDefault(); });
  doc.addEventListener('drop', (ev) => {
    const item = over(ev);
    if (!item) return;
    ev.preventDefault();
    const list = item.closest('[data-moves]');
    const form = list && doc.getElementById(list.dataset.moves);
    if (!form) return;
    form.elements.code.value = dragged.dataset.move;
    form.elements.to.value = item.dataset.move;
    form.requestSubmit();
  });
  doc.addEventListener('dragend', () => { if (dragged) dragged.classList.remove('is-dragged'); dragged = null; });
  doc.querySelectorAll('[data-move]').forEach((item) => { item.draggable = true; });

  // A condition changes in its place: its buttons, and what decides what stands beside it, ask for the page as it would be and
  // take the condition out of it.
  const reshape = (box, name, value) => {
    const form = box.closest('form');
    const at = `#${CSS.escape(box.id)}`;
    if (window.htmx) {
      window.htmx.ajax('POST', form.action, { source: box, target: at, select: at, values: { [name]: value } });
      return;
    }
    const button = doc.createElement('button');
    button.name = name;
    button.value = value;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  };
  doc.addEventListener('change', (ev) => {
    const box = closest(ev, '.condition');
    if (!box || !closest(ev, '[data-refresh]')) return;
    ev.stopPropagation();
    reshape(box, box.id.replace('condition-', '') + '.do', 'refresh');
  }, true);
  doc.addEventListener('click', (ev) => {
    const button = closest(ev, '.condition button[name]');
    if (!button) return;
    ev.preventDefault();
    reshape(button.closest('.condition'), button.name, button.value);
  });

  // What was just moved is said, and has the focus again.
  const moved = doc.querySelector('[data-moved]');
  if (moved) {
    const focus = moved.querySelector('a, button');
    if (focus) focus.focus();
    say(moved.dataset.moved);
  }
})();
