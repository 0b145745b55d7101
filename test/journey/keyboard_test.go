package journey_test

import (
	"testing"

	"digit/test/browser"
)

// hand is somebody who has a keyboard and nothing else.
type hand struct{ *person }

// to presses Tab until the focus is on what a selector matches; wherever it is on the way, it can be seen.
func (h hand) to(selector string) {
	h.t.Helper()
	for range 80 {
		h.Key("\t")
		state, ok := h.Eval(`((sel) => {
			const e = document.activeElement;
			if (!e || e === document.body) return "none";
			const ring = (o) => { const s = getComputedStyle(o); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none" };
			if (![e, e.nextElementSibling, e.closest("label"), e.parentElement].some((o) => o && ring(o))) return "unseen: " + e.outerHTML.slice(0, 200);
			return e.matches(sel) ? "there" : "other";
		})("` + selector + `")`).(string)
		switch {
		case ok && state == "there":
			return
		case state != "other" && state != "none":
			h.t.Errorf("the focus cannot be seen on %s: %s", h.path(), state)
		}
	}
	h.t.Fatalf("Tab does not reach %s on %s", selector, h.path())
}

// write types letter by letter.
func (h hand) write(selector, text string) {
	h.t.Helper()
	h.to(selector)
	h.Key(text)
}

// TestKeyboardOnly signs in and reports a broken street light with Tab, Space, Enter and letters.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	p := hand{shared.somebody(t, newPhone(t), browser.Options{JS: true})}
	p.visit("/services/streetlight-complaint")
	enter := func(selector string) {
		t.Helper()
		then := p.path()
		p.to(selector)
		p.Key("\r")
		p.gone(then)
	}
	const send = "main form .actions button[type=submit]"
	enter(`main a[href$='/start']`)
	p.write("[name=address]", p.address)
	enter(send)
	code := p.house.code(t, p.address, "")
	p.write("[name=code]", code)
	enter(send)
	p.write("[name=name]", "Odair Lopes Brito")
	enter(send)
	enter(send)
	p.to("[name=problem]")
	p.Key(" ")
	p.write("[name=lights]", "3")
	enter(send)
	p.write("[name=place]", "Nossa Senhora da G")
	p.write("[name=landmark]", "Em frente da padaria")
	enter(send)
	enter(send)
	p.See("Verifique as suas respostas")
	enter(`main form[action$='/submit'] button`)
	p.See("Pedido enviado")
}
