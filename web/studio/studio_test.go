package studio_test

import (
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/servicespec"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

// designer is the designer of the registry's agency, approver who approves there, state who designs for the whole state.
const (
	designer = "lena.cardoso@demo.example"
	approver = "mario.fonseca@demo.example"
	state    = "edna.brito@demo.example"
)

func visit(t *testing.T, lang, address string) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, lang)
	v.SignIn(address, true)
	return v
}

// begin begins a paid certificate of a name that no other test gives, and returns the draft's address.
func begin(t *testing.T, v *hooktest.Visitor, languages ...string) string {
	t.Helper()
	to := v.Post("/studio/new/blank", url.Values{
		"name": {"Certidão " + id.New().String()[24:]}, "agency": {"dgrni"}, "language": {"pt"}, "others": languages, "kind": {"certificate"}, "fee": {"250,00"}, "role": {"registrar"},
	}, http.StatusSeeOther)
	draft, _, _ := strings.Cut(to, "?")
	return draft
}

var revision = regexp.MustCompile(`name="rev" value="(\d+)"`)

// rev is the revision that the forms of a page were made of.
func rev(t *testing.T, page string) string {
	t.Helper()
	m := revision.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form with a revision:\n%s", hooktest.Text(page))
	}
	return m[1]
}

// post sends a form of a page of the draft, with the revision that the page shows.
func post(t *testing.T, v *hooktest.Visitor, page, action string, status int, pairs ...string) string {
	t.Helper()
	form := url.Values{"rev": {rev(t, v.Get(page, http.StatusOK))}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.Post(action, form, status)
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		v := visit(t, lang, designer)
		draft := begin(t, v, "en", "ar")
		for _, path := range []string{
			"/studio", "/studio?q=nothing", "/studio?sort=service", "/studio/discarded", "/studio/library", "/studio/library/trade-licence", "/studio/new", "/studio/new/blank",
			"/studio/new/version", "/studio/new/file", "/studio/proposals", "/studio/proposals?state=waiting", draft, draft + "/texts", draft + "/form", draft + "/form?page=request&at=page",
			draft + "/form?page=request&question=details", draft + "/form?page=applicant&question=full_name&size=wide&lang=en", draft + "/translations", draft + "/translations?into=ar&show=all",
			draft + "/publish", draft + "/history", draft + "/presence?part=form", draft + "/discard",
		} {
			if s := v.Get(path, http.StatusOK); strings.Contains(s, "studio.") && keyLeak.MatchString(s) {
				t.Errorf("%s (%s) shows a key for words: %s", path, lang, keyLeak.FindString(s))
			}
		}
	}
}

var keyLeak = regexp.MustCompile(`>\s*studio\.[a-z_.]+\s*<`)

// TestForm adds, moves, doubles and takes away pages and questions by the buttons of the page.
func TestForm(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	form := draft + "/form"
	to := post(t, v, form, form+"/page/add", http.StatusSeeOther, "page_title", "Where do you live?")
	if !strings.Contains(to, "page=where-do-you-live") {
		t.Errorf("the new page is at %s", to)
	}
	if s := hooktest.Text(v.Get(form+"?page=where-do-you-live", http.StatusOK)); strings.Contains(s, "cannot be a code") {
		t.Error("the code of the new page is none")
	}
	page := form + "?page=where-do-you-live"
	for _, kind := range servicespec.Kinds() {
		to = post(t, v, page, form+"/question/add", http.StatusSeeOther, "page", "where-do-you-live", "new_label", "About "+kind, "new_kind", kind)
		to, _, _ = strings.Cut(to, "#")
		s := v.Get(to, http.StatusOK)
		if keyLeak.MatchString(s) {
			t.Errorf("%s shows a key: %s", kind, keyLeak.FindString(s))
		}
		at, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		saved := post(t, v, to, form+"/question?"+at.RawQuery, http.StatusSeeOther, "page", "where-do-you-live", "question", at.Query().Get("question"),
			"label.pt", "Sobre "+kind, "kind", kind, "must", "no", "when", "", "code", at.Query().Get("question"), "to_page", "where-do-you-live")
		if s := v.Get(strings.Split(saved, "#")[0], http.StatusOK); !strings.Contains(s, "Sobre "+kind) {
			t.Errorf("%s was not saved", kind)
		}
	}
	order := func() string {
		var out []string
		for _, m := range regexp.MustCompile(`data-move="([a-z_0-9-]+)"`).FindAllStringSubmatch(v.Get(form+"?page=applicant", http.StatusOK), -1) {
			out = append(out, m[1])
		}
		return strings.Join(out, " ")
	}
	if got := order(); got != "applicant request where-do-you-live full_name" {
		t.Errorf("at first: %s", got)
	}
	post(t, v, form, form+"/page/move", http.StatusSeeOther, "code", "where-do-you-live", "to", "up")
	post(t, v, form, form+"/page/move", http.StatusSeeOther, "code", "request", "to", "applicant")
	post(t, v, form, form+"/page/duplicate", http.StatusSeeOther, "code", "applicant")
	if got := order(); got != "request applicant applicant-2 where-do-you-live full_name" {
		t.Errorf("moved and doubled: %s", got)
	}
	post(t, v, form, form+"/question/duplicate", http.StatusSeeOther, "page", "applicant", "code", "full_name")
	post(t, v, form, form+"/question/move", http.StatusSeeOther, "page", "applicant", "code", "full_name", "to", "down")
	post(t, v, form, form+"/page/remove", http.StatusSeeOther, "code", "applicant-2")
	if got := order(); got != "request applicant where-do-you-live full_name_3 full_name" && got != "request applicant where-do-you-live full_name_2 full_name" {
		t.Errorf("at the end: %s", got)
	}
	post(t, v, form, form+"/question/remove", http.StatusUnprocessableEntity, "page", "applicant", "code", "gone")
	post(t, v, form, form+"/page/add", http.StatusUnprocessableEntity, "page_title", " ")
}

// TestOptions edits the answers to choose from, and the questions of a group.
func TestOptions(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	form := draft + "/form"
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "request", "new_label", "For whom", "new_kind", "choice")
	spot := "?page=request&question=for_whom"
	save := func(status int, pairs ...string) string {
		return post(t, v, form+spot, form+"/question"+spot, status, append([]string{"page", "request", "question", "for_whom", "label.pt", "Para quem", "option_lang", "pt", "code", "for_whom"}, pairs...)...)
	}
	save(http.StatusSeeOther, "option.0.label", "Para mim", "option.0.code", "")
	save(http.StatusSeeOther, "option.0.label", "Para mim", "option.0.code", "me", "option.1.label", "Para outra pessoa", "option.1.code", "")
	save(http.StatusSeeOther, "option.0.label", "Para mim", "option.0.code", "me", "option.1.label", "Para outra pessoa", "option.1.code", "other", "_option", "down.0")
	s := html.UnescapeString(v.Get(form+spot, http.StatusOK))
	if a, b := strings.Index(s, `value="other"`), strings.Index(s, `value="me"`); a < 0 || b < a {
		t.Errorf("the answers are not in their new order")
	}
	save(http.StatusUnprocessableEntity, "max_length", "many")
	if s := save(http.StatusUnprocessableEntity, "min", "x", "max", "3"); !strings.Contains(s, "Enter a number") {
		t.Errorf("what is no number is not said:\n%s", hooktest.Text(s))
	}
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "request", "new_label", "Members", "new_kind", "group")
	to := post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "request", "question", "members", "new_label", "Age", "new_kind", "number")
	if !strings.Contains(to, "field=age") {
		t.Errorf("the question of the rows is at %s", to)
	}
	if s := v.Get(strings.Split(to, "#")[0], http.StatusOK); !strings.Contains(s, "In each row of") {
		t.Error("the rows' questions are not shown")
	}
}

// TestTogether has two people change the same question: the second is told, keeps what he typed, and can put it in its place.
func TestTogether(t *testing.T) {
	t.Parallel()
	ana, rui := visit(t, "en", designer), visit(t, "en", state)
	draft := begin(t, ana)
	spot := "?page=request&question=details"
	before := rev(t, rui.Get(draft+"/form"+spot, http.StatusOK))
	save := func(v *hooktest.Visitor, rev, words string, status int) string {
		return v.Post(draft+"/form/question"+spot, url.Values{"rev": {rev}, "page": {"request"}, "question": {"details"}, "label.pt": {words}, "code": {"details"}}, status)
	}
	save(ana, before, "Para que serve?", http.StatusSeeOther)
	s := save(rui, before, "Qual o motivo?", http.StatusConflict)
	text := hooktest.Text(s)
	if !strings.Contains(text, "Lena Cardoso changed this meanwhile") || !strings.Contains(text, "Para que serve?") || !strings.Contains(s, `value="Qual o motivo?"`) {
		t.Errorf("he is not told, or what he typed is lost:\n%s", text)
	}
	save(rui, rev(t, s), "Qual o motivo?", http.StatusSeeOther)
	if s := hooktest.Text(ana.Get(draft+"/form", http.StatusOK)); !strings.Contains(s, "Edna Brito is at: Form") {
		t.Errorf("she does not see him:\n%s", s)
	}
	// Another part goes through, although the page is old.
	ana.Post(draft+"/form/page?page=applicant", url.Values{"rev": {before}, "page": {"applicant"}, "title.pt": {"Quem?"}}, http.StatusSeeOther)
	ana.Post(draft+"/undo", url.Values{"rev": {rev(t, ana.Get(draft, http.StatusOK))}, "back": {draft + "/form"}}, http.StatusSeeOther)
	ana.Post(draft+"/redo", url.Values{"rev": {rev(t, ana.Get(draft, http.StatusOK))}, "back": {"https://elsewhere.example"}}, http.StatusSeeOther)
	ana.Post(draft+"/undo", url.Values{"rev": {"1"}}, http.StatusConflict)
	ana.Post(draft+"/history/1/restore", url.Values{}, http.StatusSeeOther)
	a := ana.Send(http.MethodPost, draft+"/texts", "application/x-www-form-urlencoded", url.Values{"rev": {rev(t, ana.Get(draft+"/texts", http.StatusOK))}, "name.pt": {"Outro nome"}, "summary.pt": {"x"}, "number": {"X-{seq:6}"}}.Encode(), "X-Autosave", "true")
	if a.Status != http.StatusNoContent || a.Header.Get("X-Revision") == "" {
		t.Errorf("saved while typing: %d", a.Status)
	}
}

// multipartOf writes a form with a file.
func multipartOf(t *testing.T, fields map[string]string, name, file, content string) (body, kind string) {
	t.Helper()
	var out strings.Builder
	w := multipart.NewWriter(&out)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile(name, file)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.String(), w.FormDataContentType()
}

// TestPublish proposes, refuses, approves and rolls back; the designer cannot approve.
func TestPublish(t *testing.T) {
	t.Parallel()
	v, boss := visit(t, "en", designer), visit(t, "en", approver)
	draft := begin(t, v)
	if s := post(t, v, draft+"/publish", draft+"/publish", http.StatusUnprocessableEntity, "on.day", "31", "on.month", "2", "on.year", "2030"); !strings.Contains(s, "Enter a day that exists") {
		t.Error("a day that is none is not said")
	}
	propose := func() string {
		to := post(t, v, draft+"/publish", draft+"/publish", http.StatusSeeOther, "comment", "first")
		to, _, _ = strings.Cut(to, "?")
		return to
	}
	proposal := propose()
	v.Get(proposal, http.StatusOK)
	v.Post(proposal+"/approve", url.Values{}, http.StatusForbidden)
	boss.Post(proposal+"/refuse", url.Values{"answer": {""}}, http.StatusUnprocessableEntity)
	boss.Post(proposal+"/refuse", url.Values{"answer": {"Say what it is for"}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(proposal, http.StatusOK)); !strings.Contains(s, "Say what it is for") {
		t.Error("the reason is not shown")
	}
	proposal = propose()
	v.Post(proposal+"/withdraw", url.Values{}, http.StatusSeeOther)
	proposal = propose()
	boss.Post(proposal+"/approve", url.Values{}, http.StatusSeeOther)
	boss.Post(proposal+"/approve", url.Values{}, http.StatusUnprocessableEntity)
	post(t, v, draft+"/form?page=applicant", draft+"/form/page?page=applicant", http.StatusSeeOther, "page", "applicant", "title.pt", "Quem é?")
	if s := hooktest.Text(v.Get(draft+"/publish", http.StatusOK)); !strings.Contains(s, "Quem é?") {
		t.Errorf("what changes is not shown:\n%s", s)
	}
	boss.Post(propose()+"/approve", url.Values{}, http.StatusSeeOther)
	boss.Get(draft+"/publish", http.StatusOK)
	boss.Post(draft+"/publish/rollback", url.Values{"version": {"1"}, "reason": {""}}, http.StatusUnprocessableEntity)
	to := boss.Post(draft+"/publish/rollback", url.Values{"version": {"1"}, "reason": {"a mistake"}}, http.StatusSeeOther)
	if s := hooktest.Text(boss.Get(to, http.StatusOK)); !strings.Contains(s, "Return to an earlier version") || !strings.Contains(s, "Version 3") {
		t.Errorf("rolled back:\n%s", s)
	}
	boss.Post(draft+"/form/page", url.Values{}, http.StatusForbidden)
}

// TestTranslations fills in what is missing, by hand and by file, and marks what is outdated.
func TestTranslations(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v, "en")
	page := draft + "/translations?into=en"
	s := v.Get(page, http.StatusOK)
	field := regexp.MustCompile(`name="(text:[^"]+)"`).FindStringSubmatch(s)
	if field == nil {
		t.Fatalf("nothing to translate:\n%s", hooktest.Text(s))
	}
	post(t, v, page, draft+"/translations?into=en", http.StatusSeeOther, "into", "en", field[1], "Certificate")
	if s := v.Get(draft+"/translations?into=en&show=all", http.StatusOK); !strings.Contains(s, ">Certificate</textarea>") {
		t.Error("the translation was not saved")
	}
	table := v.Send(http.MethodGet, draft+"/translations/export?into=en", "", "")
	if !strings.HasPrefix(table.Body, "\ufeffkey,pt,en\n") {
		t.Fatalf("the table begins %q", table.Body[:40])
	}
	filled := strings.ReplaceAll(table.Body, "Certificate", "Attestation")
	body, kind := multipartOf(t, map[string]string{"rev": rev(t, v.Get(page, http.StatusOK)), "into": "en"}, "file", "t.csv", filled)
	if a := v.Send(http.MethodPost, draft+"/translations/import?into=en", kind, body); a.Status != http.StatusSeeOther {
		t.Fatalf("the table is not taken: %d\n%s", a.Status, hooktest.Text(a.Body))
	}
	if s := v.Get(draft+"/translations?into=en&show=all", http.StatusOK); !strings.Contains(s, "Attestation") {
		t.Error("the table was not taken over")
	}
}
