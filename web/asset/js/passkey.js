// Passkeys (WebAuthn). A form with data-passkey asks the browser for one, puts what it answers into its hidden fields and
// is sent like any other. Without this file, or in a browser that knows no passkeys, such forms are not there, and the
// page's other ways do.
(() => {
  'use strict';
  const forms = [...document.querySelectorAll('form[data-passkey]')];
  if (!window.PublicKeyCredential || !navigator.credentials || forms.length === 0) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : undefined);
  const listed = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  // The server writes bytes as base64url, the browser wants and gives bytes.
  const asked = (o) => ({
    ...o,
    challenge: bytes(o.challenge),
    ...(o.user && { user: { ...o.user, id: bytes(o.user.id) } }),
    ...(o.allowCredentials && { allowCredentials: listed(o.allowCredentials) }),
    ...(o.excludeCredentials && { excludeCredentials: listed(o.excludeCredentials) }),
  });
  const answer = (c) => {
    const r = c.response;
    return JSON.stringify({
      id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined,
      clientExtensionResults: c.getClientExtensionResults(),
      response: {
        clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), authenticatorData: text(r.authenticatorData),
        signature: text(r.signature), userHandle: text(r.userHandle), transports: r.getTransports ? r.getTransports() : undefined,
      },
    });
  };

  // What waits in the background for the reader to choose a passkey from a field's suggestions is given up when they
  // press the button.
  let waiting = null;
  const stop = () => { if (waiting) waiting.abort(); waiting = null; };

  const ask = async (form, more) => {
    const res = await fetch(form.dataset.options, { method: 'POST', headers: { Accept: 'application/json' } });
    const got = await res.json();
    if (!res.ok) throw new Error(got.title);
    const publicKey = asked(got.publicKey);
    const credential = form.dataset.passkey === 'create' ? await navigator.credentials.create({ publicKey, ...more }) : await navigator.credentials.get({ publicKey, ...more });
    form.elements.ceremony.value = got.ceremony;
    form.elements.credential.value = answer(credential);
    form.submit();
  };

  const say = (form, words) => { const at = form.querySelector('[role=status]'); if (at) at.textContent = words; };

  forms.forEach((form) => {
    form.hidden = false;
    form.addEventListener('submit', (ev) => {
      ev.preventDefault();
      stop();
      say(form, form.dataset.waiting);
      // A reader who changes their mind, and a browser that finds no passkey, look the same from here.
      ask(form).catch((err) => say(form, err.name === 'Error' && err.message ? err.message : form.dataset.failed));
    });
  });
  document.querySelectorAll('[data-without-passkeys]').forEach((e) => { e.hidden = true; });
  document.querySelectorAll('[data-with-passkeys]').forEach((e) => { e.hidden = false; });

  const suggest = async (form) => {
    if (!PublicKeyCredential.isConditionalMediationAvailable || !(await PublicKeyCredential.isConditionalMediationAvailable())) return;
    const again = setInterval(() => { stop(); wait(form); }, 4 * 60 * 1000); // before the challenge is too old
    const wait = async () => {
      waiting = new AbortController();
      try {
        await ask(form, { mediation: 'conditional', signal: waiting.signal });
      } catch (err) {
        if (err.name !== 'AbortError') clearInterval(again);
      }
    };
    wait();
  };
  const suggested = forms.find((f) => f.hasAttribute('data-suggest'));
  if (suggested) suggest(suggested);
})();
