package journey_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

// TestTimeTravel moves the clock of a demonstration of its own and sees what time brings: a code too old, a reminder, a
// promise not kept, a licence that has run out.
func TestTimeTravel(t *testing.T) {
	t.Parallel()
	h, err := startHouse(filepath.Join(filepath.Dir(shared.dir), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			h.keepLog(t.Output())
		}
	})
	admin := h.officer(t, "sofia.andrade@demo.example", browser.Options{JS: true})
	move := func(by string) {
		t.Helper()
		admin.visit("/console/clock")
		admin.Choose(by)
		admin.Press("Avançar o relógio")
		admin.See("O relógio avançou.")
	}
	admin.visit("/console/clock")
	admin.checked()

	owner := h.somebody(t, newPhone(t), browser.Options{JS: true})
	request := applyForLicence(t, owner, func() {})
	payByCard(t, owner, request, "4242 4242 4242 4242")
	issueLicence(t, h, request)
	owner.reach("/wallet", "Licença comercial")
	owner.Press("Licença comercial")
	owner.reach(owner.path(), "Descarregar PDF")
	code := codeOf(t, owner.download(owner.link("Descarregar PDF")))

	// A draft is left alone, a complaint waits for somebody, and a code stays unread.
	c := newClient(t, h)
	c.signIn(newPhone(t), "Arlindo Tavares Moniz")
	c.post("/services/birth-certificate/start", nil)
	late := h.somebody(t, newPhone(t), browser.Options{JS: true})
	complain(t, late)
	slow := h.somebody(t, newPhone(t), browser.Options{JS: true})
	slow.visit("/sign-in")
	slow.Fill("address", slow.address)
	slow.Submit("address")
	stale := h.code(t, slow.address, "")
	move("Uma hora")
	slow.Fill("code", stale)
	slow.Submit("code")
	slow.See("Há um problema")
	slow.checked()

	move("Uma semana")
	deadline := time.Now().Add(40 * time.Second)
	for !reminded(t, h, c.address) && time.Now().Before(deadline) {
		time.Sleep(time.Second)
	}
	if !reminded(t, h, c.address) {
		t.Error("nobody is reminded of the draft")
	}
	dispatcher := h.officer(t, "nuno.fortes@demo.example", browser.Options{JS: true})
	dispatcher.reach("/workbench?queue=unclaimed", "atrasado")
	dispatcher.checked()

	anybody := h.somebody(t, "", browser.Options{Width: phone})
	anybody.Open(code)
	anybody.See("O documento é verdadeiro e está válido.")
	for range 13 {
		move("Trinta dias")
	}
	anybody.Open(code)
	anybody.See("o prazo terminou")
	anybody.checked()
}

// reminded reports whether an address has been told that something waits for it.
func reminded(t *testing.T, h *house, address string) bool {
	t.Helper()
	return strings.Contains(h.messages(t, address), "espera")
}

// complain reports a broken street light.
func complain(t *testing.T, p *person) {
	t.Helper()
	p.visit("/services/streetlight-complaint/start")
	p.register("Zenaida Semedo Cruz")
	p.next()
	p.Choose("Está apagado")
	p.Fill("lights", "1")
	p.next()
	p.Fill("place", "CV-PR-01")
	p.Fill("landmark", "Junto à escola")
	p.next()
	p.next()
	p.Press("Enviar o pedido")
	p.See("Pedido enviado")
}
