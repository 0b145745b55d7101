package workbench_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestUndoDecision sends a case back for correction, takes that back with what was typed still there, and is told why it cannot be once it has
// taken effect. A colleague sees that it waits.
func TestUndoDecision(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.Undoable(60)
	clerk, colleague := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Carlos Clerk", "registry-clerk", "dgrni", "pt")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	ask := func() string {
		t.Helper()
		return clerk.post(path+"/act/ask-correction", url.Values{
			"rev": {o.rev(app)}, "reasons": {"differs"}, "items": {"mother_name"}, "comment": {"Full name, please"},
		})
	}
	undo := regexp.MustCompile(`Undo \(until \d\d:\d\d\)`)
	page := clerk.page(200, "GET", ask(), nil)
	want(t, page, "Decided: Send back for correction", "Until then you can undo it", path+"/undo", "There is nothing to do now")
	if !undo.MatchString(page) || strings.Contains(page, "the citizen has been told") {
		t.Errorf("the page does not say until when it can be undone:\n%s", text(page))
	}
	want(t, clerk.page(200, "GET", "/workbench?queue=done", nil), "RC-2026-000001", "Takes effect at")
	if strings.Contains(clerk.page(200, "GET", "/workbench?queue=team", nil), "RC-2026-000001") {
		t.Error("what is decided stands among the work still")
	}
	other := colleague.page(200, "GET", path, nil)
	want(t, other, "Clara Clerk decidiu. Produz efeito às")
	if strings.Contains(other, path+"/undo") {
		t.Error("a colleague is offered to undo it")
	}
	colleague.page(403, "POST", path+"/undo", url.Values{"rev": {o.rev(app)}})
	want(t, colleague.page(409, "POST", path+"/claim", url.Values{"rev": {o.rev(app)}}), "à espera de produzir efeito")

	seen := o.rev(app)
	want(t, clerk.page(200, "GET", path+"/since?rev="+seen, nil), `hx-get="`+path+"/since?rev="+seen)
	page = clerk.page(200, "GET", clerk.post(path+"/undo", url.Values{"rev": {o.rev(app)}}), nil)
	want(t, clerk.page(200, "GET", path+"/since?rev="+seen, nil), "This case has changed meanwhile", `href="`+path+`"`)
	want(t, page, "Undone. Nobody outside has heard", "Full name, please", "Undone: Send back for correction")
	if !regexp.MustCompile(`value="differs"[^>]* checked`).MatchString(page) {
		t.Error("the reason chosen is not chosen any more")
	}
	if !regexp.MustCompile(`value="mother_name"[^>]* checked`).MatchString(page) {
		t.Error("the question chosen is not chosen any more")
	}

	ask()
	o.Travel(2 * time.Minute)
	o.jobs()
	want(t, clerk.page(409, "POST", path+"/undo", url.Values{"rev": {o.rev(app)}}), "cannot be undone any more")
	want(t, clerk.page(200, "GET", path, nil), "the clock stands still until the citizen answers")
}

// TestUndoManyDecisions approves two cases at once and takes that back on the page of results.
func TestUndoManyDecisions(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.Undoable(60)
	clerk, registrar := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Rui Registrar", "registrar", "dgrni", "en")
	var ticks []string
	for _, reference := range []string{"RC-2026-000001", "RC-2026-000002"} {
		app := o.paid("Maria Évora", reference)
		if err := o.Act(clerk.by, app, "verify", ""); err != nil {
			t.Fatal(err)
		}
		ticks = append(ticks, app.String()+"."+o.rev(app)+".")
	}
	path := registrar.post("/workbench/bulk", url.Values{"select": ticks})
	registrar.post(path+"/start", url.Values{"kind": {"act"}, "action": {"approve"}})
	o.jobs()
	page := registrar.page(200, "GET", path, nil)
	want(t, page, "2 decisions wait to take effect", "Undo (until ", path+"/undo")
	registrar.post(path+"/undo", url.Values{})
	o.jobs()
	want(t, registrar.page(200, "GET", path, nil), "2")
	want(t, registrar.page(200, "GET", "/workbench?queue=unclaimed", nil), "RC-2026-000001", "RC-2026-000002")

	path = registrar.post("/workbench/bulk", url.Values{"select": {ticks[0]}, "all": {"1"}, "filter": {"queue=unclaimed"}})
	registrar.post(path+"/start", url.Values{"kind": {"act"}, "action": {"approve"}})
	o.jobs()
	o.Travel(2 * time.Minute)
	o.jobs()
	page = registrar.page(200, "GET", path, nil)
	want(t, page, "it cannot be undone")
	if strings.Contains(page, path+"/undo") {
		t.Error("what has taken effect is offered to be undone")
	}
}
