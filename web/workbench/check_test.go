package workbench_test

import (
	"net/url"
	"strings"
	"testing"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// TestCheckingAnswers says of answers whether they are right: what is wrong stands on the case and in the request for correction, until the
// citizen has corrected it.
func TestCheckingAnswers(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	want(t, clerk.page(200, "GET", path+"/check", nil), "Check the answers", `name="verdict.mother_name"`, "Ana Évora")
	wrong := clerk.page(422, "POST", path+"/check", url.Values{"verdict.mother_name": {"no"}, "reason.mother_name": {" "}})
	want(t, wrong, "Say what is wrong, in up to 300 characters.", `href="#reason.mother_name"`)
	clerk.page(422, "POST", path+"/check", url.Values{"verdict.nonsense": {"no"}, "reason.nonsense": {"x"}})
	if to := clerk.post(path+"/check", url.Values{"verdict.mother_name": {"no"}, "reason.mother_name": {"The register has Ana Maria"}, "verdict.full_name": {"yes"}}); to != path+"?done=bench.checked" {
		t.Errorf("saving leads to %s", to)
	}
	page := clerk.page(200, "GET", path, nil)
	want(t, page, "Checked answers", "Not right", "The register has Ana Maria", `value="mother_name" checked`)
	if err := o.Act(clerk.by, app, "ask-correction", "Full name, please", "mother_name"); err != nil {
		t.Fatal(err)
	}
	answers := orchestrationtest.Birth()
	answers["mother_name"] = "Ana Maria Évora"
	o.Travel(1000)
	o.Send(exchange.ServiceRequest{
		ID: app, Kind: exchange.Correct, Reference: "RC-2026-000001", Service: "birth-certificate", Version: 1, Person: o.Case(app).Person, Name: "Maria Évora", Lang: "pt",
	}, answers)
	if strings.Contains(clerk.page(200, "GET", path, nil), "The register has Ana Maria") {
		t.Error("what was said about an answer counts after it was corrected")
	}
}

// TestTwoApplicationsThatAreTheSame finds an application that was made twice, compares both and says so.
func TestTwoApplicationsThatAreTheSame(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, stranger := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Sara Stranger", "licence-clerk", "cmp", "en")
	first := o.paid("Maria Évora", "RC-2026-000001")
	second := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-000002", Service: "birth-certificate", Version: 1, Person: o.Case(first).Person, Name: "Maria Évora", Lang: "pt",
	}
	o.Send(second, orchestrationtest.Birth())
	path := "/workbench/cases/" + first.String()
	both := path + "/related/" + second.ID.String()
	want(t, clerk.page(200, "GET", path+"/related", nil), "RC-2026-000002", "same person", "most answers are the same", both)
	want(t, clerk.page(200, "GET", both, nil), "RC-2026-000001 and RC-2026-000002", "They are the same")
	want(t, clerk.page(422, "POST", both, url.Values{"same": {"1"}, "reason": {"x"}}), "Say why, in 5 to 500 characters.")
	clerk.post(both, url.Values{"same": {"1"}, "reason": {"Sent twice by mistake"}})
	want(t, clerk.page(200, "GET", path, nil), "this is the same as RC-2026-000002", "Sent twice by mistake")
	want(t, clerk.page(200, "GET", "/workbench/cases/"+second.ID.String(), nil), "this is the same as RC-2026-000001")
	clerk.post(both, url.Values{"same": {"0"}, "reason": {"Two different births"}})
	if strings.Contains(clerk.page(200, "GET", path, nil), "this is the same as") {
		t.Error("the last word does not count")
	}
	stranger.page(403, "GET", path+"/related", nil)
	stranger.page(403, "GET", both, nil)
	clerk.page(422, "GET", path+"/related/"+first.String(), nil)
}
