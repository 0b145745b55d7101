package journey_test

import (
	"testing"
	"time"

	"digit/test/browser"
)

// TestPartners asks for the licence of a company with partners, one by one: as the words come, without scripts on a telephone
// and from right to left; and shows the officer the partners as a table and why the rules decided as they did.
func TestPartners(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: desk})
	screened(t, p)
	p.register("Pedro Gomes Varela")
	p.next()
	partners(t, p)
	request := finishLicence(t, p)
	clerk := shared.officer(t, "maria.evora@demo.example", browser.Options{JS: true, Width: desk})
	payByCard(t, p, request, "4242 4242 4242 4242")
	p.reach("/requests/"+request, "Em análise")
	clerk.reach("/workbench/cases/"+request, "Ficar com o pedido")
	clerk.Press("Ficar com o pedido")
	for _, said := range []string{"Rita Gomes", "223456789", "Sócios"} {
		clerk.See(said)
	}
	clerk.Unfold("Porque foi assim")
	clerk.See("O negócio é de uma sociedade")
	clerk.checked()
	clerk.Shot("workbench-why")
	clerk.Resize(phone)
	clerk.Shot("workbench-why-phone")

	still := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	still.visit("/services/trade-licence/start")
	still.register("Dulce Lima")
	still.next()
	partners(t, still)
	still.Shot("portal-after-rows")
	arabic := shared.somebody(t, still.address, browser.Options{JS: true, Width: phone, Lang: "ar"})
	arabic.visit("/services/trade-licence/check")
	arabic.checked()
	arabic.Click("input[name=in_praia][value=no]")
	arabic.Click("input[name=has_nif][value=yes]")
	arabic.next()
	arabic.See("البلدية")
	arabic.checked()
	arabic.Shot("portal-not-eligible-arabic")
}

// screened answers before signing in whether the service is for them: first that it is not.
func screened(t *testing.T, p *person) {
	t.Helper()
	p.visit("/services/trade-licence")
	p.Press("Veja em poucas perguntas se este serviço é para si")
	p.checked()
	p.Click("input[name=in_praia][value=no]")
	p.Click("input[name=has_nif][value=yes]")
	p.Press("Continuar")
	p.See("Não pode pedir este serviço")
	p.See("Peça a licença na câmara municipal")
	p.checked()
	p.Shot("portal-not-eligible")
	p.Press("Responder de novo")
	p.Click("input[name=in_praia][value=yes]")
	p.Click("input[name=has_nif][value=yes]")
	p.Press("Continuar")
	p.See("Pode pedir este serviço")
	p.checked()
	p.next()
}

// partners adds three partners of a company, changes one, and takes one out.
func partners(t *testing.T, p *person) {
	t.Helper()
	p.Choose("Uma licença nova")
	p.next()
	p.Choose("Uma sociedade")
	p.Fill("nif", "512345678")
	p.Press("Continuar") // the page comes again with what a company is asked besides
	p.See("Firma da sociedade")
	p.Fill("company_name", "Varela e Gomes, Lda.")
	p.See("Ainda não acrescentou nada.")
	p.checked()
	p.Press("Acrescentar")
	p.checked()
	p.Press("Continuar")
	p.See("Há um problema")
	p.checked()
	for i, partner := range [][3]string{{"Pedro Gomes Varela", "123456789", "60"}, {"Rita Gomes", "223456789", "50"}, {"Nilton Reis", "323456789", "5"}} {
		if i > 0 {
			p.Press("Acrescentar outro")
		}
		p.Fill("Nome do sócio", partner[0])
		p.Fill("NIF do sócio", partner[1])
		p.Fill("Parte na sociedade", partner[2])
		p.Press("Continuar")
		p.See(partner[0] + ", " + partner[2])
	}
	p.checked()
	p.Shot("portal-rows")
	p.Press("Remover Nilton Reis, 5")
	p.See("Retirar da lista?")
	p.checked()
	p.next()
	p.DontSee("Nilton Reis")
	p.Press("Continuar")
	p.See("As partes dos sócios somam mais de 100%.")
	p.checked()
	p.Press("Alterar Rita Gomes, 50")
	p.Fill("Parte na sociedade", "40")
	p.Shot("portal-row")
	p.Press("Continuar")
	p.See("Rita Gomes, 40")
	p.Press("Continuar")
	p.See("Nome do estabelecimento")
}

// finishLicence answers the rest and sends it.
func finishLicence(t *testing.T, p *person) (request string) {
	t.Helper()
	p.Fill("trade_name", "Papelaria Achada")
	p.Choose("Serviços (escritório, ginásio, salão, estúdio)")
	today := time.Now()
	p.FillDate("opening_date", today.Format("2"), today.Format("1"), today.Format("2006"))
	p.next()
	p.Fill("place", "CV-PR-01")
	p.Fill("address", "Achada de Santo António")
	p.Fill("area", "24")
	p.Choose("Próprio")
	p.next()
	p.Upload("nif_proof.file", aJPEG(t, "nif.jpg"))
	p.Upload("title_deed.file", aPDF(t, "matriz.pdf", "Certidao matricial"))
	p.Shot("portal-documents")
	p.Upload("company_register.file", aPDF(t, "registo.pdf", "Registo comercial"))
	p.next()
	p.next()
	p.Choose("Declaro que os dados são verdadeiros e que cumpro os requisitos legais da atividade.")
	p.next()
	p.See("Verifique as suas respostas")
	p.See("Rita Gomes")
	p.checked()
	p.Shot("portal-check-rows")
	p.Press("Enviar o pedido")
	p.See("Pedido enviado")
	return uuidPattern.FindString(p.URL())
}
