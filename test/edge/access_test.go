package edge

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg"
)

// TestPeopleSeeWhoLooked: the office and the post, what was opened and what for, in each language; by name only where
// the state has decided so.
func TestPeopleSeeWhoLooked(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	c := h.citizen(t, "Joana Lima")
	page := func(path string, lang string) string {
		t.Helper()
		c.lang = lang
		c.get("/language/" + lang + "?next=/")
		return spaces.ReplaceAllString(tags.ReplaceAllString(c.want(c.get(path), http.StatusOK, path).body, " "), " ")
	}
	if s := page("/profile/access", "en"); !strings.Contains(s, "Nobody else looked") {
		t.Errorf("before anybody looked: %s", s)
	}
	open := c.paid()
	officer := h.staff(t, clerk)
	here := "/workbench/cases/" + open.ID
	officer.want(officer.get(here), http.StatusOK, "the case")
	officer.want(officer.get(here+"/files/"+open.File), http.StatusOK, "the file")
	officer.claim(open)
	var reference string
	if err := h.one(t, `SELECT reference FROM request.request WHERE id = $1`, []any{open.ID}, &reference); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"en": {"Who looked at your data", "Opened your application " + reference, "took on your application " + reference, "Opened a document of yours", "To work on your case"},
		"pt": {"Quem viu os seus dados", "Abriu o seu pedido " + reference, "Para tratar o seu pedido"},
		"ar": {"من اطّلع على بياناتك", "فتح طلبك " + reference, "لمعالجة معاملتك"},
	} {
		s := page("/profile/access", lang)
		for _, sentence := range want {
			if !strings.Contains(s, sentence) {
				t.Errorf("%s: %q is not on the page: %s", lang, sentence, s)
			}
		}
		if strings.Contains(s, "Ana Tavares") {
			t.Errorf("%s: the officer is named", lang)
		}
	}
	if s := page("/profile/access", "en"); !strings.Contains(s, "Somebody at Directorate") && !strings.Contains(s, "Somebody at ") {
		t.Errorf("the office is not named: %s", s)
	}
	if s := page("/profile/access?kind=change", "en"); strings.Contains(s, "pened your application") || !strings.Contains(s, "took on your application") {
		t.Errorf("changes only: %s", s)
	}
	if s := page("/profile/access?to=2020-01-01", "en"); !strings.Contains(s, "Nobody else looked") {
		t.Errorf("before 2020: %s", s)
	}
	if s := page("/profile/access?from=yesterday", "en"); !strings.Contains(s, "Enter a day") {
		t.Errorf("a wrong day: %s", s)
	}
	file := c.want(c.get("/profile/access?format=csv"), http.StatusOK, "the file")
	if !strings.HasPrefix(file.body, "\ufeffWhen,What happened,What for\n") || !strings.Contains(file.body, "opened your application "+reference) {
		t.Errorf("the file: %s", file.body)
	}
	if s := text(h.citizen(t, "Outra Pessoa").get("/profile/access").body); strings.Contains(s, reference) {
		t.Errorf("somebody else sees it: %s", s)
	}

	err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
		set, err := h.Tenancy.Settings(ctx, tx)
		if err != nil {
			return err
		}
		set.StaffNamed = true
		return h.Tenancy.Change(ctx, tx, set)
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := page("/profile/access", "en"); !strings.Contains(s, "Ana Tavares, Somebody at") {
		t.Errorf("the officer is not named: %s", s)
	}
}
