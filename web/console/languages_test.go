package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/platform/sheet"
	"digit/web/hook/hooktest"
)

// hand hands a file in and returns where the answer leads, or what it says.
func hand(t *testing.T, v *hooktest.Visitor, path, name, content string, status int, fields ...string) string {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a := v.Send(http.MethodPost, path, w.FormDataContentType(), body.String())
	if a.Status != status {
		t.Fatalf("%s: %d, want %d\n%s", path, a.Status, status, hooktest.Text(a.Body))
	}
	if status == http.StatusSeeOther {
		return a.Header.Get("Location")
	}
	return hooktest.Text(a.Body)
}

// TestLanguagePages opens each page of the languages in all of them.
func TestLanguagePages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar", "hi"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			v := operator(t, lang)
			for _, path := range []string{
				"", "/new", "/hi", "/hi?show=gaps", "/hi?q=portal&from=pt", "/hi?show=own", "/hi/parts", "/hi/parts?sort=-language_gaps", "/hi/files", "/hi/history", "/ar/texts/service.days", "/ar/texts/service.days?from=hi",
			} {
				v.Get("/console/languages"+path, http.StatusOK)
			}
			v.Get("/console/languages/xx", http.StatusNotFound)
			v.Get("/console/languages/ar/texts/no.such.key", http.StatusNotFound)
		})
	}
}

// TestReword gives a text other words: with a mistake, as a preview, for good, and back.
func TestReword(t *testing.T) {
	t.Parallel()
	v, reader := operator(t, "en"), hooktest.Visit(t, "ar")
	path := "/console/languages/ar/texts/verify.title"
	before := reader.Get("/verify", http.StatusOK)
	if s := v.Post(path, url.Values{"text.other": {"تحقق {name}"}}, http.StatusUnprocessableEntity); !strings.Contains(s, "Take {name} out") || !strings.Contains(s, "تحقق {name}") {
		t.Error("a placeholder too many is not told, or what was typed is lost")
	}
	words := "تحقق من ورقة " + unique()
	if s := v.Post(path, url.Values{"text.other": {words}, "act": {"preview"}}, http.StatusOK); strings.Count(s, words) != 2 {
		t.Error("no preview")
	}
	if reader.Get("/verify", http.StatusOK) != before {
		t.Error("a preview changes the page")
	}
	v.Post(path, url.Values{"text.other": {words}}, http.StatusSeeOther)
	if s := reader.Get("/verify", http.StatusOK); !strings.Contains(s, words) {
		t.Error("the page does not say the new words")
	}
	s := v.Get(path, http.StatusOK)
	act := regexp.MustCompile(`/console/languages/ar/history/[0-9a-f-]+`).FindString(s)
	if act == "" || !strings.Contains(s, "Sofia Andrade") || !strings.Contains(s, "Own words") {
		t.Fatalf("the history does not say who:\n%s", hooktest.Text(s))
	}
	undone := v.Post(act+"/undo", nil, http.StatusSeeOther)
	if s := reader.Get("/verify", http.StatusOK); strings.Contains(s, words) {
		t.Error("not undone")
	}
	v.Post(undone+"/undo", nil, http.StatusSeeOther)
	v.Post(path+"/reset", nil, http.StatusSeeOther)
	if s := reader.Get("/verify", http.StatusOK); strings.Contains(s, words) {
		t.Error("the product's words are not back")
	}
	v.Get("/console/languages/ar/history", http.StatusOK)
}

// TestNewLanguage adds a language, takes it in from a file, offers it, and takes it away again. It runs before the others do: files that
// they take out and in have a column for each language that is offered.
func TestNewLanguage(t *testing.T) {
	v, reader := operator(t, "en"), hooktest.Visit(t, "ur")
	if s := v.Post("/console/languages/new", url.Values{"code": {"urdu!"}, "language_name": {""}}, http.StatusUnprocessableEntity); !strings.Contains(s, "urdu!") {
		t.Error("what was typed is lost")
	}
	v.Post("/console/languages/new", url.Values{"code": {"ur"}, "language_name": {"اردو"}}, http.StatusSeeOther)
	here := "/console/languages/ur"
	if s := reader.Get("/", http.StatusOK); strings.Contains(s, "اردو") || strings.Contains(s, `lang="ur"`) {
		t.Error("people see a language that they are not offered")
	}
	csv := v.Send(http.MethodGet, here+"/files/csv?show=gaps", "", "")
	if !strings.HasPrefix(csv.Body, "\ufeffkey,form,en,ur\n") || !strings.Contains(csv.Body, "service.days,one,") {
		t.Fatalf("%d\n%.300s", csv.Status, csv.Body)
	}
	if a := v.Send(http.MethodGet, here+"/files/xlf", "", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, `name="verify.title#other"`) {
		t.Errorf("XLIFF: %d\n%.300s", a.Status, a.Body)
	}
	if a := v.Send(http.MethodGet, here+"/files/xlsx?from=pt", "", ""); a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "PK") {
		t.Errorf("spreadsheet: %d", a.Status)
	}
	for content, why := range map[string]string{"": "Choose a spreadsheet", "a,b\n": "Choose a spreadsheet", "key,form,en,fr\n": "other languages", "key,form,en,ur\n": "no translations"} {
		if s := hand(t, v, here+"/files", "x.csv", content, http.StatusUnprocessableEntity); !strings.Contains(s, why) {
			t.Errorf("%q: not told that %s", content, why)
		}
	}
	rows := "key,form,en,ur\nsite.nav.services,other,Services,خدمات\nservice.days,other,{n} working days,{n} دن\nverify.title,other,Something else,تصدیق\n"
	act := hand(t, v, here+"/files", "x.csv", rows, http.StatusSeeOther)
	s := hooktest.Text(v.Get(act, http.StatusOK))
	for _, want := range []string{"1 text changes", "خدمات", "The plural form “One” is missing", "The source says something else by now"} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
	v.Post(act+"/apply", nil, http.StatusSeeOther)
	v.Get(act+"?outcome=refused", http.StatusOK)
	var file bytes.Buffer
	if err := sheet.Write(&file, false, sheet.Table{Name: "ur", Rows: [][]string{{"key", "form", "en", "ur"}, {"site.nav.services", "other", "Services", "سروسز"}}}); err != nil {
		t.Fatal(err)
	}
	v.Post(hand(t, v, here+"/files", "x.xlsx", file.String(), http.StatusSeeOther)+"/discard", nil, http.StatusSeeOther)
	units := `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="ur"><file id="f"><unit id="1" name="site.footer.help#other"><segment><source>Help</source><target>مدد</target></segment></unit></file></xliff>`
	v.Get(hand(t, v, here+"/files", "x.xlf", units, http.StatusSeeOther), http.StatusOK)

	v.Post(here+"/show", nil, http.StatusSeeOther)
	if s := reader.Get("/", http.StatusOK); !strings.Contains(s, `<html lang="ur" dir="rtl"`) || !strings.Contains(s, "خدمات") || !strings.Contains(s, "Verificar") {
		t.Errorf("the page does not speak Urdu, with Portuguese in the gaps:\n%s", hooktest.Text(s))
	}
	if s := v.Get("/console/settings", http.StatusOK); !strings.Contains(s, "اردو") {
		t.Error("the settings do not know the language")
	}
	v.Post(here+"/remove", nil, http.StatusConflict)
	v.Post(here+"/hide", nil, http.StatusSeeOther)
	v.Get(here+"/remove", http.StatusOK)
	v.Post(here+"/remove", nil, http.StatusSeeOther)
	v.Get(here, http.StatusNotFound)
}
