package journey_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

// grieve makes a complaint to the city council over HTTP and returns the request's id.
func grieve(t *testing.T, c *client, category, detail, what string) (request string) {
	t.Helper()
	at, err := url.Parse(c.post("/services/grievance/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	request = uuidPattern.FindString(at.Path)
	here := "/requests/" + request
	c.post(here+"/pages/problem", url.Values{"category": {category}, "detail": {detail}, "danger": {"no"}, "description": {what}})
	c.post(here+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"Rua 5 de Julho, junto ao mercado"}})
	c.post(here+"/pages/contact", url.Values{"reporter_name": {"Ilda Moreira Lopes"}, "phone": {""}, "email": {""}})
	if a := c.post(here+"/submit", nil); !strings.HasSuffix(a.path, "/sent") {
		t.Fatalf("the complaint was not sent: %s\n%.1500s", a.path, tags.ReplaceAllString(a.body, " "))
	}
	return request
}

// day writes a day into a field for dates as a browser keeps it.
func (p *person) day(name string, at time.Time) {
	p.t.Helper()
	p.Eval(`document.getElementsByName("` + name + `")[0].value = "` + at.Format(time.DateOnly) + `"`)
}

// TestSupervisorsDay: an officer falls ill. Her head sees who has how much, says that she is away and who stands in, and gives her cases to the
// colleague in one go; two days later they have come to the head, who takes one over with a reason, sees why it is where it is, dismisses it, and
// looks at how long the steps took and for which reasons.
func TestSupervisorsDay(t *testing.T) {
	t.Parallel()
	h, err := startHouse(filepath.Join(filepath.Dir(shared.dir), "supervisor"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
	})
	citizen, admin, officer := newClient(t, h), newClient(t, h), newClient(t, h)
	citizen.signIn(newPhone(t), "Ilda Moreira Lopes")
	var cases []string
	for _, what := range []string{"O contentor está cheio há três dias.", "O lixo não foi recolhido.", "Há entulho no passeio.", "O contentor está partido."} {
		cases = append(cases, "/workbench/cases/"+grieve(t, citizen, "waste", "waste-bin", what))
	}
	head := h.officer(t, "isaura.monteiro@demo.example", browser.Options{JS: true, Width: desk})
	look := func(name string) {
		t.Helper()
		head.checked()
		head.Shot("supervisor-" + name)
	}
	officer.signIn("nadia.baptista@demo.example", "")
	head.reach("/workbench?queue=unclaimed", "RE-2026-000004")
	for _, at := range cases {
		officer.post(at+"/claim", url.Values{"rev": {hidden(t, officer.get(at).body, "rev")}})
	}
	head.visit("/workbench/load")
	head.See("Nádia Baptista")
	look("load")

	head.Press("Indicar quem está ausente e quem substitui")
	head.checked()
	head.Press("Registar uma ausência")
	head.Fill("who", "Nádia Baptista")
	head.Fill("stand_in", "Leonor Brito")
	head.day("from", time.Now())
	head.day("until", time.Now().AddDate(0, 0, 9))
	look("absence")
	head.next()
	head.See("A ausência está registada")
	head.See("Colegas ausentes")
	head.checked()
	head.visit("/workbench/load")
	head.See("substitui: Leonor Brito")
	look("away")

	head.Press("Nádia Baptista")
	head.See("RE-2026-000004")
	head.checked()
	head.Eval(`[...document.querySelectorAll("main input[name=select]")].slice(0, 3).forEach((b) => { b.checked = true })`)
	head.Press("Tratar os pedidos assinalados")
	head.Fill("to", "Leonor Brito")
	look("give")
	head.Press("Atribuir a este colega")
	head.reach(head.path(), "3 tratados, 0 por tratar")
	look("given")

	standIn := h.officer(t, "leonor.brito@demo.example", browser.Options{JS: true, Width: phone})
	standIn.visit(cases[0])
	if strings.Contains(standIn.Text(), "Ficar com o pedido de Nádia Baptista") {
		standIn.Unfold("Ficar com o pedido de Nádia Baptista")
	} else {
		standIn.visit(cases[3]) // three of four were given, the list's first ones
		standIn.Unfold("Ficar com o pedido de Nádia Baptista")
	}
	standIn.Fill("Porque fica com ele?", "A Nádia está doente.")
	standIn.checked()
	standIn.Press("Ficar com o pedido")
	standIn.See("está consigo")
	standIn.checked()

	admin.signIn("sofia.andrade@demo.example", "")
	admin.post("/console/clock", url.Values{"by": {"week"}})
	head.reach("/workbench?queue=unclaimed", "atraso")
	look("escalated")
	head.visit(cases[0])
	head.See("Porque está aqui")
	look("why")
	for _, at := range cases {
		head.visit(at)
		head.Press("Ficar com o pedido")
		head.See("está agora consigo")
		head.Unfold("Não tratar")
		head.Choose("Não é da Câmara")
		head.Fill("dismiss-comment", "É do condomínio, que já foi avisado.")
		head.Press("Não tratar")
		head.See("Feito.")
	}
	head.visit("/workbench/times")
	head.See("Por encaminhar")
	look("times")
	head.Press("Não é da Câmara")
	head.See("Os pedidos por trás dos números")
	head.See("RE-2026-000001")
	look("reason")
	head.visit("/workbench/times?service=grievance&state=received")
	head.See("Por colega")
	look("step")
	head.visit("/language/ar?next=/workbench/times")
	head.Resize(phone)
	look("times-ar-360")
	head.visit("/workbench/load")
	look("load-ar-360")
}
