package journey_test

import (
	"regexp"
	"testing"

	"digit/test/browser"
)

// numberOfCase is a case's number as people know it.
var numberOfCase = regexp.MustCompile(`\b[A-Z]{2,}-\d{4}-\d{6}\b`)

// TestOfficersDay takes a report of a street light from the list to its end with the keyboard alone: the help page, the list, the case, an act
// with its reason, what was done; then the case from right to left on the smallest telephone.
func TestOfficersDay(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	complain(t, p)
	reference := numberOfCase.FindString(p.Text())
	if reference == "" {
		t.Fatalf("no reference among %.400s", p.Text())
	}
	o := hand{shared.officer(t, "nuno.fortes@demo.example", browser.Options{JS: true, Width: desk})}
	enter := func(selector string) {
		t.Helper()
		o.to(selector)
		o.Key("\r")
	}
	o.visit("/workbench/keys")
	o.checked()
	enter("form[action='/workbench/keys'] button")
	o.See("Estão ligados neste navegador.")
	o.Shot("workbench-keys")

	o.reach("/workbench?queue=unclaimed&q="+reference, "Zenaida Semedo Cruz") // who reports
	o.checked()
	o.Key("j")
	o.Key("o")
	o.See("Ficar com o pedido")
	path := o.path()
	o.checked()
	o.Key("c")
	o.See("O pedido está agora consigo.")
	o.Key("a")
	enter("details:has(#dismiss-comment) > summary")
	o.write("#dismiss-comment", "O poste é de um particular.")
	o.checked()
	enter("form[action$='/act/dismiss'] button[type=submit]")
	o.See("O pedido avançou")
	o.checked()
	o.Shot("workbench-keyboard")
	o.visit("/workbench?queue=done")
	o.See(reference)
	o.checked()
	o.Key("?")
	o.See("Estão ligados neste navegador.")

	o.visit("/language/ar?next=" + path)
	o.Resize(320)
	o.Fits()
	o.checked()
	o.Shot("workbench-keyboard-ar")
}
