package journey_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"digit/test/browser"
)

// TestHouseholdAndMessages lets a mother apply for her daughter, who has no account, on a small telephone without scripts; write to the office
// about another application and read its answer; and take a copy of all her data home.
func TestHouseholdAndMessages(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	p.visit("/")
	request := applyForLicence(t, p, func() {})

	p.visit("/profile/household")
	p.See("Ainda não há ninguém")
	p.checked()
	p.visit("/profile/household/new")
	p.next()
	p.See("Escreva o nome completo.")
	p.checked()
	p.Fill("name", "Nina Gomes Varela")
	p.FillDate("born", "27", "3", "2019")
	p.Choose("Filho ou filha")
	p.next()
	p.See("O seu agregado foi guardado.")
	p.See("27 de março de 2019")
	p.checked()
	p.Shot("portal-household")
	p.visit("/services/birth-certificate/start")
	p.next()
	p.See("Para quem é este pedido?")
	p.checked()
	p.Choose("Nina Gomes Varela")
	p.next()
	p.Choose("O meu filho ou a minha filha")
	p.next()
	p.See("Preenchido com o que está no seu agregado.")
	if name, year := p.Value("full_name"), p.Value("birth_date.year"); name != "Nina Gomes Varela" || year != "2019" {
		t.Errorf("filled in with %q, born %q", name, year)
	}
	p.checked()

	p.reach("/requests/"+request, "Escrever ao serviço")
	p.checked()
	p.visit("/requests/" + request + "/messages")
	p.See("Ainda ninguém escreveu.")
	p.next()
	p.See("Escreva")
	p.Fill("words", "Falta algum documento?\nTenho a planta.")
	p.Upload("files", aPDF(t, "planta.pdf", "Planta da loja"))
	p.next()
	p.See("A sua mensagem foi enviada.")
	p.See("planta.pdf")
	p.checked()

	clerk := p.house.officer(t, "paulo.rocha@demo.example", browser.Options{Width: desk})
	clerk.reach("/workbench/cases/"+request, "mensagem nova")
	clerk.checked()
	clerk.visit("/workbench/cases/" + request + "/messages")
	clerk.See("Falta algum documento?")
	clerk.Fill("words", "Não, está tudo. A planta serve.")
	clerk.checked()
	clerk.next()
	clerk.See("Enviada, ainda não lida")
	clerk.Shot("workbench-messages")

	p.house.told(t, p.address, "/requests/"+request+"/messages")
	p.reach("/requests/"+request, "mensagem nova")
	p.visit("/requests/" + request + "/messages")
	p.See("Não, está tudo. A planta serve.")
	p.See("Lida em")
	p.checked()
	p.Shot("portal-messages")
	p.visit("/profile/data")
	p.checked()
	p.Shot("portal-data")
	p.visit("/profile/data/erase")
	p.See("Tem pedidos em aberto")
	p.checked()
	p.visit("/profile/preferences")
	p.checked()
	p.visit("/profile/data")
	p.Press("Preparar a minha cópia")
	p.reach("/profile/data", "A sua cópia está pronta")
	other := p.house.somebody(t, p.address, browser.Options{JS: true, Width: phone})
	other.visit("/profile/data")
	other.signIn()
	other.See("A sua cópia está pronta")
	body := other.download(p.house.url + "/profile/data/copy")
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	all := strings.Join(names, "\n")
	for _, want := range []string{"README.txt", "account.json", "applications.json", "wallet.json", "record.json", "planta.pdf"} {
		if !strings.Contains(all, want) {
			t.Errorf("the copy lacks %s:\n%s", want, all)
		}
	}
}
