package journey_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digit/test/browser"
)

// line is what connects a device with the house: it can be cut, and can hold back what goes over it.
type line struct {
	*httptest.Server
	cut   atomic.Bool
	hold  atomic.Int32 // how many pieces of files still get through; below zero all do
	stuck chan struct{}
	ended chan struct{}
}

func newLine(t *testing.T, h *house) *line {
	t.Helper()
	to, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{stuck: make(chan struct{}, 10), ended: make(chan struct{})}
	l.hold.Store(-1)
	proxy := &httputil.ReverseProxy{Transport: local(), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.cut.Load() {
			panic(http.ErrAbortHandler) // which closes the connection
		}
		if strings.Contains(r.URL.Path, "/uploads/") && l.hold.Load() >= 0 && l.hold.Add(-1) < 0 {
			l.hold.Store(0)
			l.stuck <- struct{}{}
			select {
			case <-l.ended:
			case <-r.Context().Done():
			}
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	l.URL = strings.Replace(l.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(func() {
		close(l.ended)
		l.CloseClientConnections()
		l.Close()
	})
	return l
}

// noise is a photo that does not get small.
func noise(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 1200, 900))
	for i := range img.Pix {
		img.Pix[i] = byte(rand.Uint32())
	}
	img.Set(0, 0, color.White)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return write(t, "foto.jpg", out.Bytes())
}

// onSite reports a street light and has it assigned and taken by the technician, who says that they are there.
func onSite(t *testing.T, citizen, dispatcher, technician *client) (request string) {
	t.Helper()
	at, err := url.Parse(citizen.post("/services/streetlight-complaint/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	request = uuidPattern.FindString(at.Path)
	here := "/requests/" + request
	citizen.post(here+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"yes"}, "lights": {"3"}})
	citizen.post(here+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {"Junto à escola"}, "pole_number": {""}})
	citizen.post(here+"/pages/contact", url.Values{"reporter_name": {"Vera Lima"}, "phone": {""}, "email": {""}})
	citizen.post(here+"/submit", nil)
	work := "/workbench/cases/" + request
	for deadline := time.Now().Add(15 * time.Second); dispatcher.get(work).status != http.StatusOK; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the report does not arrive")
		}
	}
	act := func(c *client, what string, form url.Values) {
		t.Helper()
		form.Set("rev", hidden(t, c.get(work).body, "rev"))
		c.post(work+what, form)
	}
	act(dispatcher, "/claim", url.Values{})
	act(dispatcher, "/act/assign", url.Values{"comment": {""}})
	act(technician, "/claim", url.Values{})
	act(technician, "/act/start-work", url.Values{})
	return request
}

// TestFieldVisit takes two visits along on a phone, loses the network, reports on both with a photo, is killed while the photo is on its
// way, and comes back: everything has arrived once, and what the office changed meanwhile is shown.
func TestFieldVisit(t *testing.T) {
	t.Parallel()
	citizen, dispatcher, technician := newClient(t, shared), newClient(t, shared), newClient(t, shared)
	citizen.signIn(newPhone(t), "Vera Lima")
	dispatcher.signIn("nuno.fortes@demo.example", "")
	technician.signIn("djon.mendes@demo.example", "")
	first, second := onSite(t, citizen, dispatcher, technician), onSite(t, citizen, dispatcher, technician)
	notSent(t, citizen)
	technician.get("/language/pt?next=/verify")

	wire, profile := newLine(t, shared), t.TempDir()
	phoneOf := func() (*person, func()) {
		b, kill := browser.Own(t, profile)
		p := &person{Page: b.Page(t, browser.Options{JS: true, Width: phone, Lang: "pt", Errors: true}), t: t, house: shared}
		at, err := url.Parse(shared.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range technician.http.Jar.Cookies(at) {
			p.Cookie(wire.URL, k.Name, k.Value)
		}
		return p, kill
	}
	p, kill := phoneOf()
	p.Open(wire.URL + "/field")
	p.See("Abrir " + reference(t, technician, first))
	p.See("Abrir " + reference(t, technician, second))
	p.Eval(`navigator.serviceWorker.ready.then(() => true)`)
	p.checked()
	p.Shot("field-list-360")

	wire.cut.Store(true)
	wire.CloseClientConnections()
	p.Open(wire.URL + "/field")
	p.See("Abrir " + reference(t, technician, first))
	p.report(t, first, noise(t), true)
	p.report(t, second, "", false)
	p.See("Sem rede.")
	p.See("Ainda não enviado")
	p.See("Relatórios por enviar: 2.")
	p.checked()
	p.Shot("field-unsent-360")

	work := "/workbench/cases/" + second // the office puts the second one back meanwhile
	dispatcher.post(work+"/release", url.Values{"rev": {hidden(t, dispatcher.get(work).body, "rev")}})

	wire.hold.Store(1)
	wire.cut.Store(false)
	p.Press("Sincronizar agora")
	select {
	case <-wire.stuck:
	case <-time.After(15 * time.Second):
		t.Fatalf("no piece of the photo is on its way:\n%s", p.Text())
	}
	kill()

	wire.hold.Store(-1)
	p, _ = phoneOf()
	p.Open(wire.URL + "/field")
	p.See("Entretanto o serviço alterou isto")
	p.See("devolveu o processo")
	p.checked()
	p.Shot("field-conflict-360")
	p.Press("Enviar o meu mesmo assim")
	p.See("Está tudo enviado.")
	for request, photos := range map[string]int{first: 1, second: 0} {
		page := technician.get("/workbench/cases/" + request + "/visits").body
		if n := strings.Count(page, "/visits/files/"); n != photos {
			t.Errorf("%d photos of %s arrived, want %d", n, request, photos)
		}
		if n := strings.Count(tags.ReplaceAllString(page, " "), "Poste trocado"); n != 1 {
			t.Errorf("the report of %s stands there %d times", request, n)
		}
	}
	technician.get("/language/ar?next=/verify")
	office := technician.window(browser.Options{JS: true, Width: phone})
	office.visit("/workbench/cases/" + first + "/visits")
	office.See("Poste trocado")
	office.checked()
	office.Shot("field-reports-arabic-360")
	at, _ := url.Parse(shared.url)
	for _, k := range technician.http.Jar.Cookies(at) {
		p.Cookie(wire.URL, k.Name, k.Value)
	}
	p.Open(wire.URL + "/field")
	p.See("زياراتي")
	p.checked()
	p.Shot("field-list-arabic-360")
}

var lightReference = regexp.MustCompile(`<bdi>([A-Z]+-[0-9A-Z-]+)</bdi>`)

// reference is the number of a case.
func reference(t *testing.T, c *client, request string) string {
	t.Helper()
	m := lightReference.FindStringSubmatch(c.get("/workbench/cases/" + request).body)
	if m == nil {
		t.Fatal("the case has no reference")
	}
	return m[1]
}

// report fills in what was found on a visit and finishes it.
func (p *person) report(t *testing.T, request, photo string, look bool) {
	t.Helper()
	p.Eval(`(location.hash = "` + request + `", true)`)
	p.See("O que encontra")
	if look {
		p.checked()
		p.Shot("field-visit-360")
	}
	p.Eval(`(document.querySelectorAll("[name^='check.'][value=yes]").forEach((r) => r.click()), document.querySelector("[name=action][value=resolve]").click(), true)`)
	if photo != "" {
		p.Upload("field-photo", photo)
		for deadline := time.Now().Add(15 * time.Second); p.Eval(`document.querySelectorAll("[data-photos] li").length`) != float64(1); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the photo does not stand there")
			}
		}
	}
	p.Eval(`(document.querySelector("[data-page] [name=comment]").value = "Poste trocado", true)`)
	p.Eval(`(document.querySelector("[data-page] form").requestSubmit(), true)`)
	p.See("As minhas visitas")
}

// notSent loses the network with a form filled in: it says that it was not sent, and keeps what was typed until there is one again.
func notSent(t *testing.T, c *client) {
	t.Helper()
	at, err := url.Parse(c.post("/services/streetlight-complaint/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	p := c.window(browser.Options{JS: true, Width: phone})
	p.visit("/requests/" + uuidPattern.FindString(at.Path) + "/pages/problem")
	p.Fill("lights", "7")
	p.Offline(true)
	p.Eval(`(document.querySelector("main form").requestSubmit(), true)`)
	p.See("Guardado neste dispositivo. Ainda não enviado.")
	if v := p.Value("lights"); v != "7" {
		t.Errorf("what was typed is %q now", v)
	}
	p.checked()
	p.Offline(false)
	p.DontSee("Ainda não enviado")
}
