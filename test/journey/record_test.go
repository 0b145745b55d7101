package journey_test

import (
	"testing"

	"digit/test/browser"
)

// TestRecord follows what people and the administration see of the record: who looked at whose data, what proves it, and
// where that is kept outside. On a telephone and wide, in both directions of writing.
func TestRecord(t *testing.T) {
	t.Parallel()
	owner := shared.somebody(t, newPhone(t), browser.Options{JS: true})
	request := applyForLicence(t, owner, func() {})
	payByCard(t, owner, request, "4242 4242 4242 4242")
	issueLicence(t, shared, request)

	owner.visit("/profile")
	owner.Press("Quem viu os seus dados")
	owner.reach("/profile/access", "Abriu o seu pedido")
	owner.See("Para tratar o seu pedido")
	citizen := newClient(t, shared)
	citizen.signInAgain(owner.address)
	everywhere(t, citizen, func(p *person, name string) {
		p.visit("/profile/access")
		p.look("access" + name)
	})

	auditor := newClient(t, shared)
	auditor.signIn("tome.gomes@demo.example", "")
	everywhere(t, auditor, func(p *person, name string) {
		for part, path := range map[string]string{
			"entries": "/console/audit", "checkpoints": "/console/audit/checkpoints", "verify": "/console/audit/verify", "exports": "/console/audit/exports?kind=read",
		} {
			p.visit(path)
			p.look("record-" + part + name)
		}
		p.visit("/console/audit?action=orchestration.read")
		p.visit(p.entry())
		p.look("record-entry" + name)
	})
}

// everywhere opens a client's windows in a language of each direction, at the widths the pages are made for.
func everywhere(t *testing.T, c *client, see func(p *person, name string)) {
	t.Helper()
	for _, lang := range []string{"pt", "ar"} {
		for width, word := range map[int]string{phone: "phone", tablet: "tablet", desk: "desk"} {
			p := c.window(browser.Options{JS: true, Width: width, Lang: lang})
			p.Cookie(c.house.url, "lang", lang)
			see(p, "-"+lang+"-"+word)
		}
	}
}

// look wants the page in order, and takes its picture.
func (p *person) look(name string) {
	p.t.Helper()
	p.checked()
	p.Fits()
	p.Shot(name)
}

// entry is the address of the first entry of the record on the page.
func (p *person) entry() string {
	p.t.Helper()
	href, _ := p.Eval(`[...document.querySelectorAll("td a, th a")].map((a) => a.getAttribute("href")).find((h) => new RegExp("^/console/audit/[0-9a-f-]{36}$").test(h)) || ""`).(string)
	if href == "" {
		p.t.Fatalf("no entry on %s", p.path())
	}
	return href
}
