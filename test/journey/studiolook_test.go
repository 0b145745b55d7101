package journey_test

import (
	"os"
	"strings"
	"testing"

	"digit/test/browser"
)

// TestLook takes pictures (temporary).
func TestLook(t *testing.T) {
	p := shared.officer(t, "lena.cardoso@demo.example", browser.Options{JS: true, Width: desk, Lang: os.Getenv("LOOK_LANG")})
	p.Shot("01-empty")
	p.visit("/studio/new")
	p.Shot("02-new")
	p.visit("/studio/new/blank")
	p.Page.Fill("name", "Certidão de residência")
	p.Choose("English")
	p.Shot("03-blank")
	p.Eval(`document.querySelector("[name=kind][value=certificate]").click(), 1`)
	p.Fill("fee", "250")
	p.Fill("role", "registrar")
	p.Submit("name")
	p.Shot("04-overview")
	draft := p.path()
	draft, _, _ = strings.Cut(draft, "?")
	p.checked()
	for _, w := range []struct{ name, path string }{
		{"05-texts", "/texts"}, {"06-form", "/form"}, {"07-question", "/form?page=request&question=details"}, {"08-history", "/history"}, {"09-translations", "/translations"}, {"10-publish", "/publish"},
	} {
		if p.Status(p.house.url+draft+w.path) != 200 {
			t.Errorf("%s: no page", w.path)
			continue
		}
		p.Shot(w.name)
		p.checked()
	}
	m := shared.officer(t, "edna.brito@demo.example", browser.Options{JS: true, Width: phone, Lang: "ar"})
	for _, w := range []struct{ name, path string }{{"p1-drafts", "/studio"}, {"p2-overview", draft}, {"p3-form", draft + "/form"}, {"p4-question", draft + "/form?page=request&question=details"}, {"p5-texts", draft + "/texts"}, {"p6-translations", draft + "/translations"}, {"p7-publish", draft + "/publish"}} {
		if m.Status(m.house.url+w.path) != 200 {
			continue
		}
		m.Shot(w.name)
		m.checked()
	}
}
