package journey_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

// until asks again and again until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what + ": not within 20 seconds")
		}
	}
}

// TestAnswersOnTheDevice types without a network, goes on to a page that was open before, is answered differently elsewhere meanwhile, and
// is killed while a photograph is on its way: everything arrives, once.
func TestAnswersOnTheDevice(t *testing.T) {
	t.Parallel()
	citizen := newClient(t, shared)
	citizen.signIn(newPhone(t), "Zélia Moura Pinto")
	at, err := url.Parse(citizen.post("/services/streetlight-complaint/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	here := "/requests/" + uuidPattern.FindString(at.Path)
	citizen.post(here+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"no"}, "lights": {"3"}})
	citizen.post(here+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"Perto da praça"}, "pole_number": {""}})
	citizen.get("/language/pt?next=/verify")

	wire, profile := newLine(t, shared), t.TempDir()
	open := func() (*person, func()) {
		b, kill := browser.Own(t, profile)
		p := &person{Page: b.Page(t, browser.Options{JS: true, Width: phone, Lang: "pt"}), t: t, house: shared}
		house, err := url.Parse(shared.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range citizen.http.Jar.Cookies(house) {
			p.Cookie(wire.URL, k.Name, k.Value)
		}
		return p, kill
	}
	ready := func(p *person, page string) {
		t.Helper()
		p.Open(wire.URL + here + page)
		until(t, "the script is ready", func() bool { return p.Eval(`"deviceReady" in document.documentElement.dataset`) == true })
	}
	p, kill := open()
	ready(p, "/pages/contact")
	ready(p, "/pages/place")
	p.Offline(true)
	p.Fill("landmark", "Junto à escola")
	p.See("Guardado neste dispositivo. Ainda não enviado.")
	p.checked()
	p.Shot("device-offline-360")
	p.Eval(`(document.querySelector("#main form.form").requestSubmit(), true)`)
	until(t, "the next page is there", func() bool { return p.Eval(`!!document.getElementsByName("reporter_name").length`) == true })
	p.See("Não há rede.")
	p.Fill("reporter_name", "Zélia Moura")
	p.See("Guardado neste dispositivo. Ainda não enviado.")
	p.checked()

	citizen.post(here+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"Junto ao mercado"}, "pole_number": {""}})
	p.Offline(false)
	p.See("também foi alterada noutro lado")
	until(t, "the name arrives", func() bool { return strings.Contains(citizen.get(here+"/pages/contact").body, "Zélia Moura") })
	p.checked()
	p.Press("Escolher as respostas a conservar")
	p.See("Respondido de outra forma noutro lado")
	p.See("Junto ao mercado")
	p.checked()
	p.Shot("device-conflict-360")
	p.Press("Conservar o que escrevi aqui")
	until(t, "what was typed arrives", func() bool { return strings.Contains(citizen.get(here+"/pages/place").body, "Junto à escola") })

	wire.hold.Store(1)
	p.Upload("photo", noise(t))
	select {
	case <-wire.stuck:
	case <-time.After(15 * time.Second):
		t.Fatalf("no piece of the photograph is on its way:\n%s", p.Text())
	}
	p.Shot("device-upload-360")
	kill()
	wire.hold.Store(-1)
	p, _ = open()
	ready(p, "/pages/place")
	p.See("foto.jpg")
	link := `href="` + here + "/files/photo/"
	until(t, "the photograph arrives", func() bool { return strings.Count(citizen.get(here+"/pages/place").body, link) > 0 })
	until(t, "nothing is on its way any more", func() bool { return p.Eval(`document.querySelectorAll("[data-sending]").length`) == float64(0) })
	if page := citizen.get(here + "/pages/place"); page.status != http.StatusOK || strings.Count(page.body, `/remove?page=place"`) != 1 {
		t.Errorf("the photograph is there %d times", strings.Count(page.body, `/remove?page=place"`))
	}
	p.checked()
	p.Shot("device-arrived-360")
}
