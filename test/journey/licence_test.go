package journey_test

import (
	"strconv"
	"testing"
	"time"

	"digit/test/browser"
)

// TestWithoutJavaScript asks for a trade licence on a small telephone whose scripts never arrive, pays with a card that
// is refused, and with another.
func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	p.visit("/")
	p.checked()
	request := applyForLicence(t, p, p.checked)
	p.visit("/requests/" + request)
	p.checked()

	payByCard(t, p, request, "4000 0000 0000 0002")
	p.reach("/requests/"+request+"/paid", "O pagamento não foi feito")
	p.See("O banco recusou o cartão.")
	p.checked()
	p.Press("Tentar pagar de novo")
	p.arrive("/sim/cards/pay/")
	p.Fill("number", "4242 4242 4242 4242")
	p.Submit("number")
	p.arrive("/requests/")
	p.reach("/requests/"+request, "Em análise")
	p.checked()
	p.house.told(t, p.address, "LC-")
}

// applyForLicence asks for the licence of a small office; look is called on every page.
func applyForLicence(t *testing.T, p *person, look func()) (request string) {
	t.Helper()
	p.visit("/services/trade-licence/start")
	look()
	p.register("Pedro Gomes Varela")
	look()
	p.next()
	p.Choose("Uma licença nova")
	look()
	p.next()
	p.Choose("Um empresário em nome individual")
	p.Fill("nif", "123456789")
	look()
	p.next()
	p.Fill("trade_name", "Papelaria Achada")
	p.Choose("Serviços (escritório, ginásio, salão, estúdio)")
	today := time.Now()
	p.FillDate("opening_date", strconv.Itoa(today.Day()), strconv.Itoa(int(today.Month())), strconv.Itoa(today.Year()))
	look()
	p.next()
	p.Fill("place", "CV-PR-01")
	p.Fill("address", "Achada de Santo António\nRua da Igreja 12\nao lado da farmácia")
	p.Fill("area", "24")
	p.Choose("Próprio")
	look()
	p.next()
	p.Upload("nif_proof.file", aJPEG(t, "nif.jpg"))
	p.Upload("title_deed.file", aPDF(t, "matriz.pdf", "Certidao matricial"))
	look()
	p.next()
	look()
	p.next()
	p.Choose("Declaro que os dados são verdadeiros e que cumpro os requisitos legais da atividade.")
	look()
	p.next()
	p.See("Verifique as suas respostas")
	look()
	p.Press("Enviar o pedido")
	p.See("Pedido enviado")
	look()
	return uuidPattern.FindString(p.URL())
}

// payByCard goes to the card page and back with a card of the simulator.
func payByCard(t *testing.T, p *person, request, card string) {
	t.Helper()
	p.reach("/requests/"+request, "Pagar agora")
	p.visit("/requests/" + request + "/pay")
	p.Press("Pagar agora")
	p.arrive("/sim/cards/pay/")
	p.Fill("number", card)
	p.Submit("number")
	p.arrive("/requests/")
}

// issueLicence is the work of the clerk and the manager of the city council.
func issueLicence(t *testing.T, h *house, request string) {
	t.Helper()
	clerk := h.officer(t, "maria.evora@demo.example", browser.Options{JS: true})
	clerk.reach("/workbench/cases/"+request, "Ficar com o pedido")
	clerk.Press("Ficar com o pedido")
	clerk.Choose("O NIF está ativo e coincide com o comprovativo")
	clerk.Choose("O direito ao espaço está provado")
	clerk.Press("Documentos em ordem, propor decisão")
	clerk.See("O pedido avançou")
	manager := h.officer(t, "paulo.rocha@demo.example", browser.Options{JS: true})
	manager.visit("/workbench/cases/" + request)
	manager.Press("Ficar com o pedido")
	manager.Press("Conceder a licença")
	manager.See("O pedido avançou")
}
