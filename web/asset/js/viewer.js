// Turning and enlarging pictures of documents. Nothing is kept: the next look begins anew. Without this file a picture opens in a window of
// its own.
(() => {
  'use strict';
  const most = 4;

  const show = (box) => {
    const { img, stage, frame, at } = box;
    if (!img.naturalWidth) return;
    const odd = at.turn % 180 !== 0;
    const ratio = img.naturalHeight / img.naturalWidth;
    const across = Math.floor(frame.clientWidth * at.zoom); // of the picture as it is seen
    const down = odd ? across / ratio : across * ratio;
    stage.style.inlineSize = across + 'px';
    stage.style.blockSize = down + 'px';
    img.style.inlineSize = (odd ? down : across) + 'px';
    img.style.transform = 'translate(-50%, -50%) rotate(' + at.turn + 'deg)';
    box.said.textContent = box.said.dataset.text.replace('{zoom}', Math.round(at.zoom * 100)).replace('{turn}', ((at.turn % 360) + 360) % 360);
    frame.tabIndex = at.zoom > 1 ? 0 : -1; // what can be scrolled is reached by keyboard
  };

  const acts = {
    left: (at) => { at.turn -= 90; },
    right: (at) => { at.turn += 90; },
    larger: (at) => { at.zoom = Math.min(most, at.zoom * 1.5); },
    smaller: (at) => { at.zoom = Math.max(1, at.zoom / 1.5); },
    reset: (at) => { at.zoom = 1; at.turn = 0; },
  };
  const keys = { '+': 'larger', '=': 'larger', '-': 'smaller', '0': 'reset', '[': 'left', ']': 'right' };

  const set = (figure) => {
    const box = { img: figure.querySelector('img'), stage: figure.querySelector('[data-stage]'), frame: figure.querySelector('[data-frame]'), said: figure.querySelector('[data-said]'), at: { zoom: 1, turn: 0 } };
    const act = (name) => { acts[name](box.at); show(box); };
    figure.classList.add('viewer');
    figure.querySelector('[data-tools]').hidden = false;
    figure.addEventListener('click', (ev) => {
      const button = ev.target.closest('[data-view]');
      if (button) act(button.dataset.view);
    });
    figure.addEventListener('keydown', (ev) => {
      if (!keys[ev.key] || ev.ctrlKey || ev.metaKey || ev.altKey) return;
      act(keys[ev.key]);
      ev.preventDefault();
      ev.stopPropagation();
    });
    new ResizeObserver(() => show(box)).observe(box.frame.parentElement);
    if (box.img.complete) show(box); else box.img.addEventListener('load', () => show(box));
  };
  document.querySelectorAll('[data-viewer]').forEach(set);
})();
