package studio_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestXLIFF takes the texts to translators and back: a text that was changed meanwhile is refused in a sentence, with the whole file,
// unless the others are wanted all the same.
func TestXLIFF(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v, "en")
	page := draft + "/translations?into=en"
	file := v.Send(http.MethodGet, draft+"/translations/xliff?into=en", "", "").Body
	if !strings.Contains(file, `srcLang="pt" trgLang="en"`) || !strings.Contains(file, `name="form/pages/applicant/title"`) {
		t.Fatalf("the file is\n%s", file)
	}
	filled := strings.ReplaceAll(regexp.MustCompile(`<target>[^<]*</target>`).ReplaceAllString(file, ""), "</source>", "</source><target>In English</target>")
	send := func(content string, more ...string) hooktest.Answer {
		fields := map[string]string{"rev": rev(t, v.Get(page, http.StatusOK)), "into": "en"}
		for _, name := range more {
			fields[name] = "yes"
		}
		body, kind := multipartOf(t, fields, "file", "t.xlf", content)
		return v.Send(http.MethodPost, draft+"/translations/import?into=en", kind, body)
	}
	post(t, v, draft+"/form?page=applicant", draft+"/form/page?page=applicant", http.StatusSeeOther, "page", "applicant", "title.pt", "Quem é?")
	if a := send(filled); a.Status != http.StatusUnprocessableEntity || !strings.Contains(hooktest.Text(a.Body), "but it says “Quem é?” now.") {
		t.Errorf("a changed text is not refused: %d\n%s", a.Status, hooktest.Text(a.Body))
	}
	if s := v.Get(draft+"/translations?into=en&show=all", http.StatusOK); strings.Contains(s, "In English") {
		t.Error("a refused file was taken in part")
	}
	if a := send(filled, "rest"); a.Status != http.StatusSeeOther {
		t.Fatalf("the others are not taken: %d\n%s", a.Status, hooktest.Text(a.Body))
	}
	again := v.Send(http.MethodGet, draft+"/translations/xliff?into=en", "", "").Body
	if n, all := strings.Count(again, "<target>In English</target>"), strings.Count(again, "<unit "); n != all-1 {
		t.Errorf("%d of %d texts were taken", n, all)
	}
	post(t, v, draft+"/form?page=request", draft+"/form/page?page=request", http.StatusSeeOther, "page", "request", "title.pt", "O que pede?", "title.en", "In English")
	// Both titles that were changed are translated from other words.
	if stale := v.Send(http.MethodGet, draft+"/translations/xliff?into=en", "", "").Body; strings.Count(stale, `subState="digit:stale"`) != 2 {
		t.Errorf("what was translated from other words is not marked:\n%s", stale)
	}
	for content, why := range map[string]string{"<a/>": "This is no file of translations", strings.Replace(file, `trgLang="en"`, `trgLang="ar"`, 1): "The file is of other languages."} {
		if a := send(content); a.Status != http.StatusUnprocessableEntity || !strings.Contains(hooktest.Text(a.Body), why) {
			t.Errorf("%d, not %q", a.Status, why)
		}
	}
}
