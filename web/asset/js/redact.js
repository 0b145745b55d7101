// Drawing black boxes over a picture, with a pointer or with keys. The server paints them: what is sent is only where they are.
(() => {
  'use strict';
  const whole = 1000;
  const least = 10;
  const frame = document.querySelector('[data-redact]');
  if (!frame) return;
  const field = document.getElementById('boxes-sent');
  const said = document.querySelector('[data-redact-said]');
  const boxes = [];
  const clamp = (n, from, to) => Math.min(to, Math.max(from, Math.round(n)));

  const keep = () => {
    field.value = JSON.stringify(boxes.map(({ x, y, w, h }) => ({ x, y, w, h })));
    said.textContent = said.dataset.text.replace('{n}', String(boxes.length));
  };
  const place = (box) => {
    const s = box.el.style;
    s.left = box.x / 10 + '%'; s.top = box.y / 10 + '%'; s.width = box.w / 10 + '%'; s.height = box.h / 10 + '%';
    box.el.setAttribute('aria-label', frame.dataset.box.replace('{n}', String(boxes.indexOf(box) + 1)).replace('{x}', String(box.x / 10)).replace('{y}', String(box.y / 10)));
  };
  const remove = (box) => {
    boxes.splice(boxes.indexOf(box), 1);
    box.el.remove();
    boxes.forEach(place);
    keep();
    const next = boxes.length ? boxes[boxes.length - 1].el : document.querySelector('[data-redact-add]');
    next.focus();
  };
  const add = (x, y, w, h) => {
    const el = document.createElement('button');
    el.type = 'button';
    el.className = 'black';
    const box = { el, x, y, w, h };
    boxes.push(box);
    frame.append(el);
    place(box);
    keep();
    el.addEventListener('keydown', (ev) => {
      const step = ev.altKey ? 1 : 10;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[ev.key];
      if (ev.key === 'Delete' || ev.key === 'Backspace') remove(box);
      else if (way && ev.shiftKey) {
        box.w = clamp(box.w + way[0] * step, least, whole - box.x);
        box.h = clamp(box.h + way[1] * step, least, whole - box.y);
      } else if (way) {
        box.x = clamp(box.x + way[0] * step, 0, whole - box.w);
        box.y = clamp(box.y + way[1] * step, 0, whole - box.h);
      } else return;
      ev.preventDefault();
      if (boxes.includes(box)) { place(box); keep(); }
    });
    el.addEventListener('dblclick', () => remove(box));
    return box;
  };

  let drawing = null;
  const at = (ev) => {
    const r = frame.getBoundingClientRect();
    return [clamp(((ev.clientX - r.left) / r.width) * whole, 0, whole), clamp(((ev.clientY - r.top) / r.height) * whole, 0, whole)];
  };
  frame.addEventListener('pointerdown', (ev) => {
    if (ev.button !== 0 || ev.target.closest('.black')) return;
    ev.preventDefault();
    const [x, y] = at(ev);
    drawing = { from: [x, y], box: null, id: ev.pointerId };
    frame.setPointerCapture(ev.pointerId);
  });
  frame.addEventListener('pointermove', (ev) => {
    if (!drawing) return;
    const [x, y] = at(ev);
    const [fx, fy] = drawing.from;
    const w = Math.abs(x - fx);
    const h = Math.abs(y - fy);
    if (w < least || h < least) return;
    if (!drawing.box) drawing.box = add(Math.min(x, fx), Math.min(y, fy), w, h);
    Object.assign(drawing.box, { x: Math.min(x, fx), y: Math.min(y, fy), w, h });
    place(drawing.box);
    keep();
  });
  const end = () => { if (drawing && drawing.box) drawing.box.el.focus(); drawing = null; };
  frame.addEventListener('pointerup', end);
  frame.addEventListener('pointercancel', end);
  document.querySelector('[data-redact-add]').addEventListener('click', () => add(400, 450, 200, 100).el.focus());
  document.querySelectorAll('[data-redact-tools]').forEach((el) => { el.hidden = false; });
  try { (JSON.parse(field.value || '[]')).forEach((b) => add(b.x, b.y, b.w, b.h)); } catch { keep(); }
})();
