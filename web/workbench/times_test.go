package workbench_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestTimesAndReasons has a supervisor look from how long steps take down to the officers and the cases behind it: nothing is told of fewer acts
// than five, what is narrowed can be widened, and the file holds what the page does.
func TestTimesAndReasons(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, chief := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Rui Registrar", "registrar", "dgrni", "en")
	other := o.officer("Lina Licence", "registrar", "cmp", "en")
	want(t, chief.page(200, "GET", "/workbench/times", nil), "Nothing was done in this period", "No reason was given in this period")
	reject := func(reference, reason string) {
		t.Helper()
		app := o.paid("Maria Évora", reference)
		path := "/workbench/cases/" + app.String()
		clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
		o.Travel(24 * time.Hour)
		clerk.post(path+"/act/verify", url.Values{"rev": {o.rev(app)}, "checklist": {"record-found", "details-match", "may-receive"}})
		o.jobs()
		chief.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
		chief.post(path+"/act/reject", url.Values{"rev": {o.rev(app)}, "reasons": {reason}, "comment": {"We looked twice"}})
		o.jobs()
	}
	reject("RC-2026-000001", "not-found")
	few := chief.page(200, "GET", "/workbench/times", nil)
	want(t, few, "Verification in the register", "Fewer than 5 times", "1 of 1", "Download the figures")
	for _, reference := range []string{"RC-2026-000002", "RC-2026-000003", "RC-2026-000004"} {
		reject(reference, "not-found")
	}
	reject("RC-2026-000005", "differs")

	all := chief.page(200, "GET", "/workbench/times?days=90", nil)
	want(t, all, "4 of 5", "80%", "20%", "service=birth-certificate&amp;state=")
	if strings.Contains(all, "By colleague") || strings.Contains(all, "RC-2026-000001") {
		t.Error("officers are compared over several steps, or cases are listed before somebody asks for them")
	}
	step := chief.page(200, "GET", "/workbench/times?days=90&service=birth-certificate&state=verification", nil)
	want(t, step, "By colleague", "Clara Clerk", "RC-2026-000001", "Remove this filter", "with="+clerk.by.Account.String())
	reason := chief.page(200, "GET", "/workbench/times?days=90&service=birth-certificate&action=reject&reason=differs", nil)
	want(t, reason, "RC-2026-000005", "Rui Registrar")
	if strings.Contains(reason, "RC-2026-000001") {
		t.Error("cases with other reasons are listed")
	}
	csv := chief.page(200, "GET", "/workbench/times/export.csv?days=90&service=birth-certificate", nil)
	want(t, csv, "Clara Clerk,5,", ",4,80", ",1,20")
	clerk.page(403, "GET", "/workbench/times", nil)
	clerk.page(403, "GET", "/workbench/times/export.csv", nil)
	if theirs := other.page(200, "GET", "/workbench/times?days=90", nil); strings.Contains(theirs, "Verification") {
		t.Error("another agency's supervisor sees the figures")
	}
	chief.page(422, "GET", "/workbench/times?state=verification&after=nonsense", nil)
}
