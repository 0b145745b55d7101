package studio_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// TestRename gives a question another code: the page shows beforehand what changes, one step changes all of it, and one undo takes
// it back.
func TestRename(t *testing.T) {
	t.Parallel()
	v := visit(t, "en", designer)
	draft := begin(t, v)
	form := draft + "/form"
	spot := "?page=request&question=details"
	post(t, v, form+spot, form+"/question"+spot, http.StatusSeeOther, "page", "request", "question", "details", "label.pt", "Diga, {full_name}, para quê", "kind", "longtext", "must", "no",
		"when", `full_name != "x"`)
	if s := v.Get(form+"?page=applicant&question=full_name", http.StatusOK); !strings.Contains(s, "/rename?code=full_name&amp;kind=question") {
		t.Error("the question does not lead to where its code is changed")
	}
	ask := draft + "/rename?kind=question&code=full_name"
	s := html.UnescapeString(hooktest.Text(v.Get(ask+"&to=applicant_name", http.StatusOK)))
	for _, want := range []string{"Diga, {applicant_name}, para quê", `applicant_name != "x"`, `full_name != "x"`, "Change the code everywhere"} {
		if !strings.Contains(s, want) {
			t.Errorf("what changes does not say %q:\n%s", want, s)
		}
	}
	for to, why := range map[string]string{"details": "This code is taken.", "No": "This cannot be a code here", "reference": "has a meaning of its own", "full_name_label": "has a meaning of its own"} {
		if s := hooktest.Text(v.Get(ask+"&to="+to, http.StatusUnprocessableEntity)); !strings.Contains(s, why) {
			t.Errorf("%s is not refused: %s", to, s)
		}
	}
	v.Get(draft+"/rename?kind=question&code=nothing", http.StatusNotFound)
	post(t, v, ask, draft+"/rename", http.StatusUnprocessableEntity, "kind", "question", "code", "full_name", "to", "details")
	to := post(t, v, ask, draft+"/rename", http.StatusSeeOther, "kind", "question", "code", "full_name", "to", "applicant_name")
	if !strings.Contains(to, "question=applicant_name") {
		t.Errorf("afterwards the reader is at %s", to)
	}
	if file := v.Get(draft+"/export", http.StatusOK); strings.Contains(file, "code: full_name") || !strings.Contains(file, `when: applicant_name != "x"`) || !strings.Contains(file, "from: applicant_name") {
		t.Errorf("the old code is in the file still:\n%s", file)
	}
	post(t, v, form, draft+"/undo", http.StatusSeeOther)
	if file := v.Get(draft+"/export", http.StatusOK); strings.Contains(file, "applicant_name") {
		t.Error("the undo left something of the new code")
	}
	for _, of := range []string{"kind=state&code=", "kind=action&code=", "kind=fee&code="} {
		v.Get(draft+"/rename?"+of+"nothing", http.StatusNotFound)
	}
}
