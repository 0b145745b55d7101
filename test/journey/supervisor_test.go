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
	citizen, admin := newClient(t, h), newClient(t, h)
	citizen.signIn(newPhone(t), "Ilda Moreira Lopes")
	for _, what := range []string{"O contentor está cheio há três dias.", "O lixo não foi recolhido.", "Há entulho no passeio.", "O contentor está partido."} {
		grieve(t, citizen, "waste", "waste-bin", what)
	}
	head := h.officer(t, "isaura.monteiro@demo.example", browser.Options{JS: true, Width: desk})
	look := func(name string) {
		t.Helper()
		head.checked()
		head.Shot("supervisor-" + name)
	}
	head.reach("/workbench?queue=team", "Leonor Brito")
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
	head.See("Nádia Baptista")
	head.Eval(`document.querySelectorAll("main input[name=select]").forEach((b) => { b.checked = true })`)
	head.Press("Tratar os pedidos assinalados")
	head.Fill("to", "Leonor Brito")
	look("give")
	head.Press("Atribuir a este colega")
	head.reach(head.path(), "feitos, 0 por fazer")
	look("given")

	admin.signIn("sofia.andrade@demo.example", "")
	admin.post("/console/clock", url.Values{"by": {"week"}})
	head.reach("/workbench?queue=unclaimed", "Por encaminhar")
	look("escalated")
}
