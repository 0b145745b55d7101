package portal_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

func TestAgencies(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		v := hooktest.Visit(t, lang)
		v.Get("/agencies", http.StatusOK)
		v.Get("/agencies/dgrni", http.StatusOK)
	}
	v := hooktest.Visit(t, "en")
	tree := v.Get("/agencies", http.StatusOK)
	if ministry, office := strings.Index(tree, `href="/agencies/mj"`), strings.Index(tree, `href="/agencies/dgrni"`); ministry < 0 || office < ministry {
		t.Errorf("the registries are not below their ministry: %d, %d", ministry, office)
	}
	// Words are found without their accents, in either part of the text; a place leaves out who does not serve it.
	found := v.Get("/agencies?q=ministry+JUSTICE", http.StatusOK)
	if !strings.Contains(found, `href="/agencies/mj"`) || strings.Contains(found, `href="/agencies/ms"`) {
		t.Errorf("by words:\n%s", hooktest.Text(found))
	}
	if s := hooktest.Visit(t, "pt").Get("/agencies?q=camara", http.StatusOK); !strings.Contains(s, `href="/agencies/cmp"`) {
		t.Errorf("without accents:\n%s", hooktest.Text(s))
	}
	if s := v.Get("/agencies?place=CV-SV", http.StatusOK); strings.Contains(s, `href="/agencies/cmp"`) || !strings.Contains(s, `href="/agencies/dgrni"`) {
		t.Errorf("by place:\n%s", hooktest.Text(s))
	}
	if s := v.Get("/agencies?q=nobody+at+all", http.StatusOK); !strings.Contains(s, "No agency found") {
		t.Errorf("nothing found:\n%s", hooktest.Text(s))
	}
	v.Get("/agencies/none", http.StatusNotFound)
	if s := v.Get("/sitemap.xml", http.StatusOK); !strings.Contains(s, "/agencies/dgrni</loc>") {
		t.Error("not in the sitemap")
	}
	if s := v.Get("/services/birth-certificate", http.StatusOK); !strings.Contains(s, `href="/agencies/dgrni"`) {
		t.Error("the service does not lead to its agency")
	}
}

var linked = regexp.MustCompile(`(?s)<script type="application/ld\+json"[^>]*>(.*?)</script>`)

func TestAgencyPage(t *testing.T) {
	t.Parallel()
	page := hooktest.Visit(t, "en").Get("/agencies/dgrni", http.StatusOK)
	for _, want := range []string{`href="/agencies/mj"`, `href="/services/birth-certificate"`, "Praia Registry Office", "Avenida Amílcar Cabral", "openstreetmap.org", "tel:+2382600000"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	for _, name := range []string{"Ana Tavares", "Rui Barros"} {
		if strings.Contains(page, name) {
			t.Errorf("the page names %s, who works there", name)
		}
	}
	m := linked.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no linked data")
	}
	var got struct {
		Type     string                  `json:"@type"`
		Name     string                  `json:"name"`
		Parent   struct{ Name string }   `json:"parentOrganization"`
		Location []struct{ Name string } `json:"location"`
	}
	if err := json.Unmarshal([]byte(m[1]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "GovernmentOrganization" || got.Parent.Name != "Ministry of Justice" || len(got.Location) != 2 {
		t.Errorf("linked data: %+v", got)
	}
}
