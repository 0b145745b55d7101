package studio_test

import (
	"net/http"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestSources looks at a register for a purpose and with consent, fills a question in from it, and offers the service in some areas.
func TestSources(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	form, sources := draft+"/form", draft+"/sources"
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "applicant", "new_label", "May we look", "new_kind", "yesno")
	post(t, v, form, form+"/question/add", http.StatusSeeOther, "page", "applicant", "new_label", "School number", "new_kind", "text")
	post(t, v, sources, sources+"/lookup/add", http.StatusSeeOther, "called", "Pupil")
	at := "?lookup=pupil"
	post(t, v, sources+at, sources+"/lookup"+at, http.StatusSeeOther, "lookup_register", "pupils", "lookup_purpose.pt", "Para ver as notas", "lookup_key", "school_number", "lookup_consent", "may_we_look",
		"fields.0.name", "School", "fields.0.as", "text")
	if s := hooktest.Text(v.Get(sources+at, http.StatusOK)); !strings.Contains(s, "Register pupils: Para ver as notas") {
		t.Errorf("the register is not listed:\n%s", s)
	}
	spot := "?page=request&question=details"
	if s := v.Get(form+spot, http.StatusOK); !strings.Contains(s, `value="lookup.pupil.school"`) {
		t.Error("a question cannot be filled in from the register")
	}
	post(t, v, form+spot, form+"/question"+spot, http.StatusSeeOther, "page", "request", "question", "details", "label.pt", "Escola", "must", "no", "prefill", "lookup.pupil.school")
	if s := hooktest.Text(v.Get(sources, http.StatusOK)); !strings.Contains(s, "Register pupil: school") {
		t.Errorf("what is filled in is not said:\n%s", s)
	}
	post(t, v, form+spot, form+"/question"+spot, http.StatusSeeOther, "page", "request", "question", "details", "label.pt", "Escola", "must", "no", "prefill", "wallet", "prefill_wallet", "residence.address")
	post(t, v, sources, sources, http.StatusUnprocessableEntity, "places_where", "some")
	post(t, v, sources, sources, http.StatusSeeOther, "places_where", "some", "places", "CV-PR")
	file := v.Get(draft+"/export", http.StatusOK)
	for _, want := range []string{"prefill: wallet.residence.address", "registry: pupils", "key: school_number", "consent: may_we_look", "places:", "CV-PR"} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q:\n%s", want, file)
		}
	}
	if s := hooktest.Text(v.Get(sources, http.StatusOK)); strings.Contains(s, "does not know") {
		t.Error("an area of the state is said to be unknown")
	}
}

// TestFindings asks staff something with an action, and sets an escalation by amounts and units.
func TestFindings(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	flow := draft + "/workflow"
	at := "?action=approve"
	page := v.Get(flow+at, http.StatusOK)
	pairs := []string{
		"act_name.pt", "Aprovar", "act_by", "staff", "act_kind", "none", "act_comment", "none", "act_style", "primary", "checklist.0.label", "", "files.0.label", "",
		"act_to", "approved", "act_from", firstFrom(page),
	}
	post(t, v, flow+at, flow+"/action"+at, http.StatusSeeOther, append(pairs, "findings.0.label", "Qual é o estado?", "findings.0.kind", "choice", "findings.0.options", "Bom; Mau", "findings.0.when", "nonsense >",
		"findings.1.label", "Quantas folhas?", "findings.1.kind", "number", "findings.1.must", "no")...)
	if s := hooktest.Text(v.Get(flow+at, http.StatusOK)); !strings.Contains(s, "The rule is not written right") {
		t.Errorf("the wrong condition is not said in its cell:\n%s", s)
	}
	post(t, v, flow+at, flow+"/action"+at, http.StatusSeeOther, append(pairs, "findings.0.label", "Qual é o estado?", "findings.0.kind", "choice", "findings.0.options", "Bom; Muito mau", "findings.0.code", "qual_e_o_estado",
		"findings.1.label", "Quantas folhas?", "findings.1.kind", "number", "findings.1.must", "no", "findings.1.when", `qual_e_o_estado == "bom"`)...)
	file := v.Get(draft+"/export", http.StatusOK)
	for _, want := range []string{"code: qual_e_o_estado", "code: bom", "code: mau", "Muito mau", `when: qual_e_o_estado == "bom"`, `required: "false"`} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q:\n%s", want, file)
		}
	}
}

// firstFrom is the first state that an action is said to lead from.
func firstFrom(page string) string {
	_, rest, _ := strings.Cut(page, `name="act_from" value="`)
	code, _, _ := strings.Cut(rest, `"`)
	return code
}
