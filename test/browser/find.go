package browser

// finder looks for an element by what people read, marks it with data-found and brings it to the middle. Names are
// compared as readers who hear the page get them: the whole label, exact first, then how it begins.
const finder = `((kind, words) => {
  const norm = (s) => (s || "").replace(/[\s\u00a0]+/g, " ").trim();
  const want = norm(words);
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const best = (list, name) => {
    const named = list.filter((e) => !e.disabled).map((e) => [e, norm(name(e))]);
    const hit = named.find(([, n]) => n === want) || named.find(([, n]) => n.startsWith(want)) || (want.length > 3 && named.find(([, n]) => n.includes(want)));
    return hit ? hit[0] : null;
  };
  const all = (sel) => [...document.querySelectorAll(sel)].filter(shown);
  const label = (e) => e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join(" ");
  let e = null, at = null;
  const spoken = (b) => b.getAttribute("aria-label") || (b.tagName === "INPUT" ? b.value : b.innerText);
  if (kind === "css") e = all(words)[0];
  else if (kind === "button") {
    e = best(all("main button, main a[href], main [role=button], main input[type=submit]"), spoken)
      || best(all("button, a[href], [role=button], input[type=submit]"), spoken);
  }
  else if (kind === "summary") e = best(all("summary"), (s) => s.textContent);
  else if (kind === "choice") {
    e = best([...document.querySelectorAll("input[type=radio],input[type=checkbox]")].filter((i) => shown(i) || [...i.labels].some(shown)), label)
      || [...document.querySelectorAll("input[type=radio],input[type=checkbox]")].find((i) => i.value === words);
    if (e && !shown(e)) at = [...e.labels].find(shown);
  } else {
    const fields = [...document.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=submit]),textarea,select")].filter((i) => shown(i) || i.type === "file");
    e = fields.find((i) => i.name === words || i.id === words) || best(fields, label);
  }
  if (!e) return null;
  document.querySelectorAll("[data-found]").forEach((o) => o.removeAttribute("data-found"));
  e.setAttribute("data-found", "");
  at = at || e;
  at.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = at.getClientRects()[0] || at.getBoundingClientRect();
  let type = e.type || "";
  if (e.checked) type = "checked";
  if (kind === "summary" && e.parentElement.open) type = "open";
  const link = e.closest("a[href]"), live = e.closest("[hx-get],[hx-post],[hx-boost]");
  const goes = !live && (link ? !link.getAttribute("href").startsWith("#") && !link.hasAttribute("download") && !link.target : e.type === "submit" && !!e.form);
  return { Goes: goes, X: box.left + box.width / 2, Y: box.top + box.height / 2, Tag: e.tagName, Type: type };
})`

// chooser sets the list marked by finder to the option with these words or this value.
const chooser = `((words) => {
  const e = document.querySelector("[data-found]");
  const norm = (s) => s.replace(/[\s\u00a0]+/g, " ").trim();
  const o = [...e.options].find((o) => norm(o.textContent) === norm(words)) || [...e.options].find((o) => o.value === words);
  if (!o) return false;
  e.value = o.value;
  e.dispatchEvent(new Event("input", { bubbles: true }));
  e.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
})`
