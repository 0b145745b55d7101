package studio_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestOpinions has a state ask another agency, without a line of code, and says what is wrong with that in the check's words.
func TestOpinions(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v, "en")
	flow := draft + "/workflow"
	at := flow + "?state=review"
	page := v.Get(at, http.StatusOK)
	for _, want := range []string{"Opinions of other agencies", "Ask for another opinion", "Silence counts as consent", "What the agency sees"} {
		if !strings.Contains(hooktest.Text(page), want) {
			t.Errorf("the page of a state lacks %q", want)
		}
	}
	if !strings.Contains(page, `value="ipc"`) {
		t.Error("an agency that can be asked is not offered")
	}
	state := []string{"state_name.pt", "Em análise", "state_kind", "work", "state_role", "registrar"}
	to := post(t, v, at, flow+"/state?state=review", http.StatusSeeOther, append(state,
		"opinion_agency.0", "ipc", "opinion_name.0.pt", "Património", "opinion_question.0.pt", "Tem objeções?", "opinion_due.0", "5", "opinion_due.0.unit", "days", "opinion_late.0", "consent")...)
	page = v.Get(strings.Split(to, "#")[0], http.StatusOK)
	for _, want := range []string{`value="Património"`, "Say which answers the agency sees", `name="opinion_agency.1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, hooktest.Text(page))
		}
	}
	post(t, v, at, flow+"/state?state=review", http.StatusSeeOther, append(state,
		"opinion_agency.0", "ipc", "opinion_name.0.pt", "Património", "opinion_question.0.pt", "Tem objeções?", "opinion_shows.0", "full_name", "opinion_due.0", "5", "opinion_due.0.unit", "days", "opinion_late.0", "consent")...)
	page = v.Get(at, http.StatusOK)
	if strings.Contains(page, "Say which answers the agency sees") || !regexp.MustCompile(`value="full_name"[^>]* checked|checked[^>]* value="full_name"`).MatchString(page) {
		t.Error("what the agency sees is not kept")
	}
	translateOpinion(t, v, draft)
	post(t, v, at, flow+"/state?state=review", http.StatusUnprocessableEntity, append(state,
		"opinion_agency.0", "ipc", "opinion_name.0.pt", "Património", "opinion_due.0", "soon", "opinion_due.0.unit", "days")...)
	post(t, v, at, flow+"/state?state=review", http.StatusSeeOther, append(state, "opinion_agency.0", "ipc", "opinion_drop.0", "true")...)
	if strings.Contains(v.Get(at, http.StatusOK), `value="Património"`) {
		t.Error("the opinion is still asked for")
	}
}

// translateOpinion takes what an agency is asked to translators and back.
func translateOpinion(t *testing.T, v *hooktest.Visitor, draft string) {
	t.Helper()
	file := v.Send(http.MethodGet, draft+"/translations/xliff?into=en", "", "").Body
	asked := regexp.MustCompile(`name="workflow/states/review/opinions/[^/"]+/question"`)
	if n := len(asked.FindAllString(file, -1)); n != 1 || !strings.Contains(file, "Tem objeções?") {
		t.Fatalf("the file has %d questions of opinions:\n%s", n, file)
	}
	filled := regexp.MustCompile(`(<source>Tem objeções\?</source>)(?:\s*<target>[^<]*</target>)?`).ReplaceAllString(file, "$1<target>Do you object?</target>")
	page := draft + "/translations?into=en"
	body, kind := multipartOf(t, map[string]string{"rev": rev(t, v.Get(page, http.StatusOK)), "into": "en"}, "file", "t.xlf", filled)
	if a := v.Send(http.MethodPost, draft+"/translations/import?into=en", kind, body); a.Status != http.StatusSeeOther {
		t.Fatalf("the file is refused: %d\n%s", a.Status, hooktest.Text(a.Body))
	}
	if again := v.Send(http.MethodGet, draft+"/translations/xliff?into=en", "", "").Body; !strings.Contains(again, "<target>Do you object?</target>") {
		t.Errorf("the translation is not taken:\n%s", again)
	}
	if s := v.Get(draft+"/workflow?state=review", http.StatusOK); !strings.Contains(s, `value="Do you object?"`) && !strings.Contains(s, ">Do you object?<") {
		t.Error("the page of the state does not show the translation")
	}
}
