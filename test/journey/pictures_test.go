package journey_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"digit/test/browser"
)

// picture is a page that docs/pictures.md shows: who looks at it, in which language, how wide, and where.
type picture struct {
	name, who, lang string
	width           int
	path            string
}

// TestPictures takes the pictures of pages that no journey takes, of a state in which people have been at work for some days; scripts/pictures.sh
// asks for them.
func TestPictures(t *testing.T) {
	t.Parallel()
	if os.Getenv("DIGIT_SHOTS") == "" {
		t.Skip("no directory for pictures")
	}
	h, err := startHouse(filepath.Join(filepath.Dir(shared.dir), "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
	})
	people := map[string]*client{"nobody": newClient(t, h)}
	for who, address := range map[string]string{
		"head": "isaura.monteiro@demo.example", "officer": "nadia.baptista@demo.example", "admin": "sofia.andrade@demo.example", "analyst": "helena.pires@demo.example",
	} {
		people[who] = newClient(t, h)
		people[who].signIn(address, "")
	}
	last := atWork(t, h, people)
	for _, p := range []picture{
		{"home-hindi", "nobody", "hi", phone, "/"},
		{"services", "nobody", "pt", desk, "/services"},
		{"profile", "citizen", "pt", desk, "/profile"},
		{"preferences-arabic", "citizen", "ar", phone, "/profile/preferences"},
		{"security", "citizen", "pt", desk, "/profile/security"},
		{"requests-hindi", "citizen", "hi", phone, "/requests"},
		{"inbox-arabic", "officer", "ar", phone, "/workbench?queue=team"},
		{"inbox-hindi", "officer", "hi", desk, "/workbench?queue=team"},
		{"check", "officer", "pt", desk, last + "/check"},
		{"related", "officer", "pt", desk, last + "/related"},
		{"insight-hindi", "analyst", "hi", desk, "/insight"},
		{"languages", "admin", "pt", desk, "/console/languages"},
		{"language-texts", "admin", "pt", desk, "/console/languages/ar"},
		{"people", "admin", "pt", desk, "/console/people"},
		{"chart", "admin", "pt", desk, "/console/agencies/cmp/chart"},
		{"audit", "admin", "pt", desk, "/console/audit"},
		{"calendar", "admin", "pt", desk, "/console/calendar"},
		{"health-arabic", "admin", "ar", desk, "/console/health"},
		{"phone-conversation", "nobody", "pt", phone, "/simulator/phones?channel=sms&number=" + url.QueryEscape(people["citizen"].address)},
		{"simulator", "nobody", "en", desk, "/simulator"},
	} {
		c := people[p.who]
		c.get("/language/" + p.lang + "?next=/verify")
		w := c.window(browser.Options{JS: true, Width: p.width})
		w.visit(p.path)
		w.Fits()
		w.Shot("picture-" + p.name)
	}
}

// atWork has citizens complain over some weeks, and the office deal with most of it; it returns where the last complaint stands, which is like
// another one.
func atWork(t *testing.T, h *house, people map[string]*client) (last string) {
	t.Helper()
	for n, name := range []string{"Ilda Moreira Lopes", "Armindo Vaz Semedo", "Celeste Rocha Tavares"} {
		c := newClient(t, h)
		c.signIn(newPhone(t), name)
		people["citizen"] = c
		for _, about := range [][3]string{
			{"waste", "waste-bin", "O contentor está cheio há três dias e o lixo espalha-se pelo passeio."},
			{"roads", "road-hole", "Há um buraco grande na estrada, em frente da escola."},
			{"noise", "noise-bar", "O bar toca música até de madrugada, todos os dias."},
		} {
			last = "/workbench/cases/" + grieve(t, c, about[0], about[1], about[2])
			for deadline := time.Now().Add(15 * time.Second); people["officer"].get(last).status != 200; time.Sleep(200 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the complaint does not reach the office")
				}
			}
			if n == 2 && about[0] != "waste" {
				continue // these wait for somebody
			}
			officer := people["officer"]
			officer.post(last+"/claim", url.Values{"rev": {hidden(t, officer.get(last).body, "rev")}})
			switch about[0] {
			case "noise":
				officer.post(last+"/act/dismiss", url.Values{"rev": {hidden(t, officer.get(last).body, "rev")}, "reasons": {[]string{"not-ours", "twice"}[n%2]}, "comment": {"A polícia trata do ruído de noite."}})
			case "roads":
				officer.post(last+"/act/route", url.Values{"rev": {hidden(t, officer.get(last).body, "rev")}, "comment": {""}})
			}
		}
		people["admin"].post("/console/clock", url.Values{"by": {"day"}})
	}
	c := people["citizen"]
	for _, text := range []string{"Olá", "1", "2"} {
		c.post("/simulator/phones", url.Values{"channel": {"sms"}, "number": {c.address}, "text": {text}})
		time.Sleep(2 * time.Second)
	}
	return last
}
