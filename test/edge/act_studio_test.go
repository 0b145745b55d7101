package edge

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var draftRevision = regexp.MustCompile(`name="rev" value="(\d+)"`)

// revise sends a form of a draft with the revision that its page shows, and returns where it leads.
func (c *client) revise(draft, path string, pairs ...string) string {
	c.t.Helper()
	m := draftRevision.FindStringSubmatch(c.get(draft + "/form").body)
	if m == nil {
		c.t.Fatalf("%s shows no revision", draft)
	}
	return c.must(draft+path, append([]string{"rev", m[1]}, pairs...)...)
}

// studiosActs are about services in the making and what becomes of them.
func (h *house) studiosActs(t *testing.T) {
	t.Helper()
	c, boss := h.staff(t, designer), h.staff(t, approver)
	must := func(path string, pairs ...string) string {
		to, _, _ := strings.Cut(c.must(path, pairs...), "?")
		return to
	}
	draft := must("/studio/new/blank", "name", "Licença de pesca", "agency", "dgrni", "language", "pt", "kind", "certificate", "fee", "250", "role", "registrar")
	must("/studio/library/trade-licence", "agency", "dgrni")
	must("/studio/new/version/birth-certificate")
	pack, err := os.ReadFile("../../internal/infra/servicespec/library/birth-certificate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(pack), "code: birth-certificate", "code: birth-again", 1)
	c.want(c.upload("/studio/new/file", []file{{"file", "birth.yaml", "application/yaml", []byte(other)}}), http.StatusSeeOther, "a file")

	h.formsActs(c, draft)
	h.toolsActs(c, draft)
	c.revise(draft, "/undo")
	c.revise(draft, "/redo")
	c.revise(draft, "/history/1/restore")
	propose := func() string {
		to, _, _ := strings.Cut(c.revise(draft, "/publish", "comment", "pronto"), "?")
		return to
	}
	proposal := propose()
	boss.must(proposal+"/refuse", "answer", "falta a base legal")
	c.must(propose() + "/withdraw")
	boss.must(propose() + "/approve")
	c.revise(draft, "/texts", "name.pt", "Licença de pesca artesanal", "summary.pt", "Peça a licença.", "number", "LDP-{yyyy}-{seq:6}")
	boss.must(propose() + "/approve")
	boss.must(draft+"/publish/rollback", "version", "1", "reason", "engano")
	c.must(draft + "/discard")
	c.must(draft + "/take-back")
}

// formsActs change the texts, the form and the translations of a draft.
func (h *house) formsActs(c *client, draft string) {
	c.revise(draft, "/texts", "name.pt", "Licença de caça e pesca", "summary.pt", "Peça a licença.", "number", "LDP-{yyyy}-{seq:6}")
	c.revise(draft, "/texts/roles", "role-registrar.pt", "Conservador")
	c.revise(draft, "/texts/languages", "first", "pt", "languages", "en")
	c.revise(draft, "/translations", "into", "en", "text:name", "Fishing licence")
	table := c.get(draft + "/translations/export?into=en").body
	filled := strings.Replace(table, "Fishing licence", "Licence to fish", 1)
	rev := draftRevision.FindStringSubmatch(c.get(draft + "/form").body)
	c.want(c.upload(draft+"/translations/import", []file{{"file", "t.csv", "text/csv", []byte(filled)}}, "rev", rev[1], "into", "en"), http.StatusSeeOther, "a table of translations")
	c.revise(draft, "/form/page/add", "page_title", "Mais uma")
	c.revise(draft, "/form/page?page=mais-uma", "page", "mais-uma", "title.pt", "Mais uma página")
	c.revise(draft, "/form/page/move", "code", "mais-uma", "to", "up")
	c.revise(draft, "/form/page/duplicate", "code", "mais-uma")
	c.revise(draft, "/form/page/remove", "code", "mais-uma-2")
	c.revise(draft, "/form/question/add", "page", "mais-uma", "new_label", "Onde", "new_kind", "text")
	c.revise(draft, "/form/question?page=mais-uma&question=onde", "page", "mais-uma", "question", "onde", "label.pt", "Onde pesca?", "code", "onde")
	c.revise(draft, "/form/question/duplicate", "page", "mais-uma", "code", "onde")
	c.revise(draft, "/form/question/move", "page", "mais-uma", "code", "onde", "to", "down")
	c.revise(draft, "/form/question/remove", "page", "mais-uma", "code", "onde")
}

// toolsActs change a draft by each of the tools, and leave it as it was but for its promise.
func (h *house) toolsActs(c *client, draft string) {
	for _, x := range []struct {
		at, key string
		form    []string
	}{
		{"/rules/rule", "extra_thing", []string{"rule_text.pt", "Outra coisa"}},
		{"/tables/table", "extra_thing", []string{"table_text.pt", "Outra coisa", "cols", "1", "rows", "1", "col.0", "today", "then.0", "1"}},
		{"/sources/lookup", "extra_thing", []string{"lookup_register", "barcos"}},
		{"/documents/document", "extra_thing", []string{"doc_name.pt", "Outra coisa"}},
		{"/fees/fee", "extra-thing", []string{"fee_name.pt", "Outra coisa", "fee_way", "fixed", "fee_amount", "1"}},
		{"/workflow/state", "extra-thing", []string{"state_name.pt", "Outra coisa", "state_kind", "work"}},
		{"/workflow/action", "extra-thing", []string{"act_name.pt", "Outra coisa", "act_from", "review", "act_to", "approved", "act_by", "staff"}},
		{"/workflow/reason", "extra-thing", []string{"reason_name.pt", "Outra coisa"}},
		{"/notices/notice", "submitted~2", []string{"notice_on", "submitted", "notice_channel", "email", "notice_subject.pt", "Outra coisa"}},
		{"/certificates/certificate", "extra-thing", []string{"cert_title.pt", "Outra coisa"}},
		{"/letters/letter", "extra-thing", []string{"letter_title.pt", "Outra coisa"}},
		{"/records/record", "extra-thing", []string{"record_mode", "update"}},
	} {
		name := x.at[strings.LastIndex(x.at, "/")+1:]
		c.revise(draft, x.at+"/add", "called", "Extra thing")
		c.revise(draft, x.at+"?"+name+"="+x.key, x.form...)
		c.revise(draft, x.at+"/act", "act", "drop:"+x.key)
	}
	c.revise(draft, "/workflow", "start", "review")
	c.revise(draft, "/workflow", "start", "payment", "roles.0.code", "registrar", "roles.0.name", "Conservador")
	c.revise(draft, "/sources", "places_where", "some", "places", "CV-PR")
	c.revise(draft, "/sources", "places_where", "all")
	c.revise(draft, "/rename", "kind", "question", "code", "details", "to", "particulars")
	c.revise(draft, "/rename", "kind", "question", "code", "particulars", "to", "details")
	c.revise(draft, "/targets", "target_days", "7")
}
