package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestElsewhere adds a service of another site, is refused with what was typed kept, changes it, withdraws it and undoes that.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	name := "Pilot licence " + unique()
	form := url.Values{
		"name.pt": {"Licença " + name}, "name.en": {name}, "summary.pt": {"Para voar"}, "summary.en": {"To fly"}, "agency": {"dgrni"},
		"url": {"http://flying.example.org"}, "languages": {"pt"}, "life_events": {"moving-abroad"},
	}
	v.Get("/console/elsewhere/new", http.StatusOK)
	refused := v.Post("/console/elsewhere/new", form, http.StatusUnprocessableEntity)
	if !strings.Contains(refused, name) || !strings.Contains(refused, "beginning with https://") || !strings.Contains(refused, `value="moving-abroad" checked`) {
		t.Errorf("refused:\n%s", hooktest.Text(refused))
	}
	form.Set("url", "https://flying.example.org/start")
	form.Del("agency")
	v.Post("/console/elsewhere/new", form, http.StatusUnprocessableEntity)
	form.Set("agency", "dgrni")
	form.Del("name.pt")
	v.Post("/console/elsewhere/new", form, http.StatusUnprocessableEntity)
	form.Set("name.pt", "Licença "+name)
	here, _, _ := strings.Cut(v.Post("/console/elsewhere/new", form, http.StatusSeeOther), "?")
	if s := v.Get("/console/elsewhere?sort=-site&q="+url.QueryEscape(name), http.StatusOK); !strings.Contains(s, here) || !strings.Contains(s, "flying.example.org") {
		t.Errorf("the list:\n%s", hooktest.Text(s))
	}
	if a := v.Send(http.MethodGet, "/console/elsewhere?format=csv", "", ""); !strings.Contains(a.Body, name) {
		t.Error("the file lacks it")
	}
	public := strings.TrimPrefix(here, "/console")
	v.Get(public, http.StatusOK)
	v.Get(here+"/edit", http.StatusOK)
	form.Set("summary.en", "To fly far")
	v.Post(here+"/edit", form, http.StatusSeeOther)
	if s := v.Get(public, http.StatusOK); !strings.Contains(s, "To fly far") {
		t.Error("the change does not show")
	}
	gone := v.Post(here+"/withdraw", nil, http.StatusSeeOther)
	if s := v.Get(gone, http.StatusOK); !strings.Contains(s, here+"/restore") || !strings.Contains(s, "You can show it again") {
		t.Errorf("withdrawn:\n%s", hooktest.Text(s))
	}
	v.Get(public, http.StatusNotFound)
	v.Post(here+"/restore", nil, http.StatusSeeOther)
	v.Get(public, http.StatusOK)
	v.Post(here+"/burn", nil, http.StatusNotFound)
	for _, lang := range []string{"pt", "ar", "hi"} {
		o := operator(t, lang)
		for _, path := range []string{"/console/elsewhere", "/console/elsewhere/new", here, here + "/edit"} {
			o.Get(path, http.StatusOK)
		}
	}
}
