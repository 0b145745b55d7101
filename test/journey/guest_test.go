package journey_test

import (
	"regexp"
	"testing"

	"digit/test/browser"
)

// anyReference is a reference of whichever service.
var anyReference = regexp.MustCompile(`[A-Z]{2,4}-\d{4}-\d{6}`)

// TestGuest applies without an account and without JavaScript, and finds the application again in another browser.
func TestGuest(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	p.visit("/services/streetlight-complaint/guest")
	p.checked()
	p.Shot("guest-begin")
	p.next()
	p.Choose("Está apagado")
	p.Fill("lights", "2")
	p.next()
	p.Fill("place", "CV-PR-01")
	p.Fill("landmark", "em frente da padaria")
	p.next()
	p.next()
	request := uuidPattern.FindString(p.URL())
	p.See("Verifique as suas respostas")
	p.checked()
	p.Press("Continuar")
	p.checked()
	p.Shot("guest-contact")
	p.Fill("name", "Gina Gomes")
	p.Fill("address", p.address)
	before := newest(p.house.messages(t, p.address))
	p.next()
	p.checked()
	code := p.house.code(t, p.address, before)
	p.Fill("typed", code)
	p.next()
	p.See("Verifique as suas respostas")
	p.Press("Enviar o pedido")
	p.arrive("/sent")
	p.See("Guarde a referência")
	p.checked()
	p.Shot("guest-sent")
	reference := anyReference.FindString(p.Text())

	again := shared.somebody(t, p.address, browser.Options{Width: desk})
	again.visit("/find-application")
	again.checked()
	again.Fill("reference", reference)
	again.Fill("address", p.address)
	again.next()
	again.checked()
	again.Fill("typed", p.house.code(t, p.address, code))
	again.next()
	again.arrive("/requests/" + request)
	again.See(reference)
	again.checked()
}
