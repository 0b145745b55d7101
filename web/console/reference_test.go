package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// says fails for each text that a page does not have.
func says(t *testing.T, v *hooktest.Visitor, page string, texts ...string) {
	t.Helper()
	body := v.Get(page, http.StatusOK)
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s does not say %q", page, text)
		}
	}
}

// TestCodeLists adds a list with codes, takes them out as a file and in again, closes one and removes one.
func TestCodeLists(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	list := "boats-" + unique()
	here := "/console/reference/lists/" + list
	v.Post("/console/reference/lists/new", url.Values{"code": {list}}, http.StatusUnprocessableEntity)
	v.Post("/console/reference/lists/new", url.Values{"code": {list}, "name.pt": {"Barcos"}, "name.en": {"Boats"}}, http.StatusSeeOther)
	v.Post("/console/reference/lists/new", url.Values{"code": {list}, "name.pt": {"Outra"}}, http.StatusUnprocessableEntity)
	says(t, v, "/console/reference?q=boats", "Boats", "No published service")
	raft := url.Values{"code": {"raft"}, "name.pt": {"Jangada"}, "name.en": {"Raft"}, "attributes": {"fee: 500\nof: sea\nsign: \"12\""}}
	v.Post(here+"/codes/new", raft, http.StatusSeeOther)
	v.Post(here+"/codes/new", raft, http.StatusUnprocessableEntity)
	for field, bad := range map[string]url.Values{
		"code": {"code": {"a b"}, "name.pt": {"x"}}, "attributes": {"code": {"x"}, "name.pt": {"x"}, "attributes": {"fee"}}, "place": {"code": {"x"}, "name.pt": {"x"}, "place": {"first"}},
	} {
		if body := v.Post(here+"/codes/new", bad, http.StatusUnprocessableEntity); !strings.Contains(body, "There is a problem") {
			t.Errorf("%s: nothing is said", field)
		}
	}
	v.Post(here+"/codes/new", url.Values{"code": {"yacht"}, "name.pt": {"Iate"}, "place": {"1"}}, http.StatusSeeOther)
	says(t, v, here+"/codes/raft", "fee: 500", "sign: &#34;12&#34;", `value="2"`)
	v.Post(here+"/codes/yacht", url.Values{"name.pt": {"Iate"}, "closed": {"yes"}}, http.StatusSeeOther)
	says(t, v, here+"?state=closed", "Iate")

	file := v.Get(here+"/codes.csv", http.StatusOK)
	v.Get(here+"/import", http.StatusOK)
	file += "canoe,,,,,,\n"
	wrong := v.Post(here+"/import", url.Values{"rows": {file}, "try": {"yes"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(wrong, "Row 4") {
		t.Error("the row at fault is not named")
	}
	file = "code,pt,attribute:fee\ncanoe,Canoa,20\nraft,Jangada,600\n"
	if tried := v.Post(here+"/import", url.Values{"rows": {file}, "try": {"yes"}}, http.StatusOK); !strings.Contains(tried, "New: 1. Changed: 1. As they are: 0.") || !strings.Contains(tried, "canoe,Canoa,20") {
		t.Errorf("%s", hooktest.Text(tried))
	}
	says(t, v, here+"/codes/raft", "sign")
	v.Post(here+"/import", url.Values{"rows": {file}}, http.StatusSeeOther)
	says(t, v, here+"?sort=rank", "Canoa", "fee: 20", "fee: 600", "of: sea")
	v.Get(here+"/codes/canoe/remove", http.StatusOK)
	v.Post(here+"/codes/canoe/remove", nil, http.StatusSeeOther)
	v.Get(here+"/codes/canoe", http.StatusNotFound)
	v.Get("/console/reference/lists/nothing", http.StatusNotFound)
}

func TestAreas(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	says(t, v, "/console/reference/areas?in=CV", "CV-S", "CV-B")
	says(t, v, "/console/reference/areas?q=praia&sort=area", "CV-PR")
	code := "CV-" + unique()
	area := url.Values{"code": {code}, "name.pt": {"Ilhéu"}, "level": {"islet"}, "parent": {"CV"}}
	v.Post("/console/reference/areas/new?in=CV", area, http.StatusSeeOther)
	v.Post("/console/reference/areas/new", area, http.StatusUnprocessableEntity)
	v.Post("/console/reference/areas/new", url.Values{"code": {"x"}}, http.StatusUnprocessableEntity)
	area.Set("closed", "yes")
	v.Post("/console/reference/areas/"+code, area, http.StatusSeeOther)
	says(t, v, "/console/reference/areas?q="+code, "Closed")
	says(t, v, "/console/reference/areas/"+code, "checked")
	area.Set("parent", code)
	v.Post("/console/reference/areas/"+code, area, http.StatusUnprocessableEntity) // in itself
	tried := v.Post("/console/reference/areas/import", url.Values{"rows": {v.Get("/console/reference/areas.csv", http.StatusOK)}, "try": {"yes"}}, http.StatusOK)
	if !strings.Contains(tried, "New: 0. Changed: 0.") {
		t.Errorf("out and in again: %s", hooktest.Text(tried)[:600])
	}
	v.Post("/console/reference/areas/import", url.Values{"rows": {"code,parent,level,pt\nZZ-1,nowhere,x,X\n"}}, http.StatusUnprocessableEntity)
	v.Get("/console/reference/areas?in=nowhere", http.StatusNotFound)
}

func TestNumberFormats(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	code := "boats-" + unique()
	v.Post("/console/reference/numbers/new", url.Values{"code": {code}, "pattern": {"B-{yyyy}"}}, http.StatusUnprocessableEntity)
	v.Post("/console/reference/numbers/new", url.Values{"code": {code}, "pattern": {"B-{seq:4}"}}, http.StatusSeeOther)
	v.Post("/console/reference/numbers/new", url.Values{"code": {code}, "pattern": {"B-{seq:4}"}}, http.StatusUnprocessableEntity)
	says(t, v, "/console/reference/numbers?q="+code, "B-0001")
	v.Post("/console/reference/numbers/"+code, url.Values{"pattern": {"B-{seq:4}"}, "next": {"20"}}, http.StatusSeeOther)
	says(t, v, "/console/reference/numbers/"+code, "B-0020")
	v.Post("/console/reference/numbers/"+code, url.Values{"pattern": {"B-{seq:4}"}, "next": {"19"}}, http.StatusUnprocessableEntity)
	v.Get("/console/reference/numbers/nothing", http.StatusNotFound)
}
