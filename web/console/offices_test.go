package console_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/platform/sheet"
	"digit/web/hook/hooktest"
)

// TestAgencyTree moves an agency below others, and is refused a circle with what was typed kept.
func TestAgencyTree(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	park, trees := "park-"+unique(), "trees-"+unique()
	v.Post("/console/agencies/new", url.Values{"code": {park}, "name.pt": {"Parques"}, "name.en": {"Parks"}, "parent": {"cmp"}}, http.StatusSeeOther)
	v.Post("/console/agencies/new", url.Values{"code": {trees}, "name.pt": {"Árvores"}, "name.en": {"Trees"}, "parent": {park}}, http.StatusSeeOther)
	page := v.Get("/console/agencies/"+park, http.StatusOK)
	if !strings.Contains(page, `href="/console/agencies/cmp"`) || !strings.Contains(page, `href="/console/agencies/`+trees+`"`) {
		t.Errorf("neither what is above nor below:\n%s", hooktest.Text(page))
	}
	if s := v.Get("/console/agencies", http.StatusOK); !strings.Contains(s, `data-level="2"`) {
		t.Error("the list does not show what is below what")
	}
	form := url.Values{"name.pt": {"Parques e jardins"}, "parent": {trees}}
	if s := v.Post("/console/agencies/"+park+"/edit", form, http.StatusUnprocessableEntity); !strings.Contains(s, "below itself") || !strings.Contains(s, "Parques e jardins") {
		t.Errorf("a circle:\n%s", hooktest.Text(s))
	}
	head := hooktest.Visit(t, "en") // may change his agency, not move it
	head.SignIn("rui.barros@demo.example", true)
	if s := head.Get("/console/agencies/dgrni/edit", http.StatusOK); strings.Contains(s, `name="parent"`) {
		t.Error("an agency's administrator is asked where it stands")
	}
}

// TestAbsence enters an absence that counts at once, sees it where people look for it, and ends it.
func TestAbsence(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	people := map[string]string{}
	museum := "gallery-" + unique()
	v.Post("/console/agencies/new", url.Values{"code": {museum}, "name.pt": {"Galeria"}, "name.en": {"Gallery"}}, http.StatusSeeOther)
	here := "/console/agencies/" + museum
	v.Post(here+"/positions/new", url.Values{"code": {"keeper"}, "title.pt": {"Guarda"}, "title.en": {"Keeper"}, "seats": {"2"}, "roles": {"auditor"}}, http.StatusSeeOther)
	for _, name := range []string{"Vera Away", "Ivo Instead"} {
		to := v.Post("/console/people/new", url.Values{"name": {name}, "email": {"x" + unique() + "@demo.example"}, "lang": {"pt"}}, http.StatusSeeOther)
		people[name] = strings.TrimPrefix(strings.Split(to, "?")[0], "/console/people/")
		v.Post(here+"/staff/new", url.Values{"account": {people[name]}}, http.StatusSeeOther)
	}
	v.Post(here+"/positions/keeper/hold", url.Values{"account": {people["Vera Away"]}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(here+"/chart", http.StatusOK)); !strings.Contains(s, "1 seat vacant") || !strings.Contains(s, "Vera Away") {
		t.Errorf("the chart:\n%s", s)
	}
	form := url.Values{"account": {people["Vera Away"]}, "stand_in": {people["Vera Away"]}, "from": {"2020-01-01"}, "until": {"2099-12-31"}}
	if s := v.Post(here+"/absences/new", form, http.StatusUnprocessableEntity); !strings.Contains(s, "Choose somebody else") {
		t.Errorf("standing in for herself:\n%s", hooktest.Text(s))
	}
	v.Post(here+"/absences/new", url.Values{"account": {people["Vera Away"]}, "from": {"soon"}, "until": {""}}, http.StatusUnprocessableEntity)
	form.Set("stand_in", people["Ivo Instead"])
	list := v.Get(v.Post(here+"/absences/new", form, http.StatusSeeOther), http.StatusOK)
	if !strings.Contains(list, "Away now") {
		t.Errorf("the list:\n%s", hooktest.Text(list))
	}
	if s := hooktest.Text(v.Get(here+"/chart", http.StatusOK)); !strings.Contains(s, "Ivo Instead stands in") {
		t.Errorf("the chart:\n%s", s)
	}
	if s := hooktest.Text(v.Get("/console/people/"+people["Ivo Instead"], http.StatusOK)); !strings.Contains(s, "Stands in for") || !strings.Contains(s, "Standing in") {
		t.Errorf("who stands in:\n%s", s)
	}
	absence := regexp.MustCompile(`href="(` + here + `/absences/[0-9a-f-]{36})"`).FindStringSubmatch(list)[1]
	v.Get(absence, http.StatusOK)
	v.Post(absence+"/end", nil, http.StatusSeeOther)
	v.Get(absence, http.StatusNotFound)
	if s := hooktest.Text(v.Get("/console/people/"+people["Ivo Instead"], http.StatusOK)); strings.Contains(s, "Standing in") {
		t.Errorf("afterwards:\n%s", s)
	}
}

// TestOwnAbsence: a clerk asks, the clerk's head confirms, the clerk is back early.
func TestOwnAbsence(t *testing.T) {
	t.Parallel()
	clerk, head := hooktest.Visit(t, "en"), hooktest.Visit(t, "en")
	clerk.SignIn("carlos.semedo@demo.example", true)
	head.SignIn("rui.barros@demo.example", true)
	for _, lang := range []string{"pt", "ar"} {
		reader := hooktest.Visit(t, lang)
		reader.SignIn("tome.gomes@demo.example", true)
		reader.Get("/staff/absences", http.StatusOK)
		reader.Get("/staff/absences/new", http.StatusNotFound) // works nowhere
	}
	if s := clerk.Post("/staff/absences/new", url.Values{"agency": {"dgrni"}, "from": {"2098-01-10"}, "until": {"2098-01-02"}}, http.StatusUnprocessableEntity); !strings.Contains(s, "2098-01-10") {
		t.Error("what was typed is lost")
	}
	page := clerk.Get(clerk.Post("/staff/absences/new", url.Values{"agency": {"dgrni"}, "from": {"2098-01-02"}, "until": {"2098-01-10"}}, http.StatusSeeOther), http.StatusOK)
	m := regexp.MustCompile(`(/staff/absences/[0-9a-f-]{36})/end`).FindStringSubmatch(page)
	if m == nil || !strings.Contains(page, "To confirm") {
		t.Fatalf("asked:\n%s", hooktest.Text(page))
	}
	clerk.Post(m[1]+"/confirm", nil, http.StatusForbidden)
	if s := head.Get("/staff/absences", http.StatusOK); !strings.Contains(s, m[1]+"/confirm") {
		t.Fatalf("the head is not asked:\n%s", hooktest.Text(s))
	}
	head.Post(m[1]+"/confirm", nil, http.StatusSeeOther)
	if s := hooktest.Text(clerk.Get("/staff/absences", http.StatusOK)); !strings.Contains(s, "Confirmed") {
		t.Errorf("confirmed:\n%s", s)
	}
	clerk.Get(m[1]+"/end", http.StatusOK)
	clerk.Post(m[1]+"/end", nil, http.StatusSeeOther)
	if s := clerk.Get("/staff/absences", http.StatusOK); strings.Contains(s, m[1]) {
		t.Errorf("ended:\n%s", hooktest.Text(s))
	}
}

// spreadsheet is a form with a file, as a browser sends it.
func spreadsheet(t *testing.T, kind string, content []byte) (mediaType, body string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	err := w.WriteField("kind", kind)
	if err == nil && content != nil {
		var part io.Writer
		if part, err = w.CreateFormFile("file", "table.xlsx"); err == nil {
			_, err = part.Write(content)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.String()
}

// TestSpreadsheet takes tables out and in again in each language, where nothing changes, and is told what is wrong with a file.
func TestSpreadsheet(t *testing.T) {
	t.Parallel()
	here := "/console/agencies/dgrni"
	for _, lang := range []string{"pt", "en", "ar"} {
		v := operator(t, lang)
		v.Get(here+"/imports", http.StatusOK)
		for _, kind := range []string{"offices", "positions", "staff"} {
			a := v.Send(http.MethodGet, here+"/exports/"+kind, "", "")
			if a.Status != http.StatusOK || a.Header.Get("Content-Type") != sheet.MediaType {
				t.Fatalf("%s: %d %s", kind, a.Status, a.Header.Get("Content-Type"))
			}
			if b := v.Send(http.MethodGet, here+"/exports/"+kind+"?empty=yes", "", ""); b.Status != http.StatusOK || len(b.Body) < 1000 {
				t.Errorf("%s: no template: %d", kind, b.Status)
			}
			mediaType, body := spreadsheet(t, kind, []byte(a.Body))
			checked := v.Send(http.MethodPost, here+"/imports", mediaType, body, "Origin", v.Base)
			if checked.Status != http.StatusSeeOther {
				t.Fatalf("%s in %s: %d\n%s", kind, lang, checked.Status, hooktest.Text(checked.Body))
			}
			page := v.Get(checked.Header.Get("Location"), http.StatusOK)
			if n := strings.Count(page, "<tr data-row"); n < 2 || strings.Contains(page, "/apply") {
				t.Errorf("%s in %s: %d rows, of which some would change something:\n%s", kind, lang, n, hooktest.Text(page))
			}
			v.Post(strings.Split(checked.Header.Get("Location"), "?")[0]+"/discard", nil, http.StatusSeeOther)
		}
	}
	v := operator(t, "en")
	for _, c := range []struct {
		kind    string
		content []byte
		want    string
	}{
		{"", []byte("x"), "Choose what the rows are"},
		{"offices", nil, "cannot be read as a spreadsheet"},
		{"offices", []byte("code;name\n"), "cannot be read as a spreadsheet"},
		{"offices", table(t, [][]string{{"Colour"}, {"red"}}), "Begin with the template"},
		{"offices", table(t, [][]string{{"Code"}}), "no rows below"},
	} {
		mediaType, body := spreadsheet(t, c.kind, c.content)
		a := v.Send(http.MethodPost, here+"/imports", mediaType, body, "Origin", v.Base)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, c.want) {
			t.Errorf("%q: %d, want %q\n%s", c.content, a.Status, c.want, hooktest.Text(a.Body))
		}
	}
	officer := hooktest.Visit(t, "en")
	officer.SignIn("tome.gomes@demo.example", true) // an auditor reads, and takes nothing in or out
	officer.Get(here+"/imports", http.StatusForbidden)
	officer.Get(here+"/exports/staff", http.StatusForbidden)
	v.Get(here+"/exports/secrets", http.StatusNotFound)
}

func table(t *testing.T, rows [][]string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.Write(&out, false, sheet.Table{Name: "x", Rows: rows}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
