package workbench_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/platform/pg"
)

// TestFindKeepsNamesOutOfAddresses looks for a name, which is shown at once, and for a reference, which leads to a list with an address.
func TestFindKeepsNamesOutOfAddresses(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, stranger := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Sara Stranger", "licence-clerk", "cmp", "en")
	o.paid("Maria Évora", "RC-2026-000001")
	o.paid("João Lopes", "RC-2026-000002")
	page := clerk.page(200, "POST", "/workbench/find", url.Values{"q": {"evora"}})
	want(t, page, "RC-2026-000001", "Maria Évora", `value="evora"`)
	if strings.Contains(page, "RC-2026-000002") || strings.Contains(page, "q=evora") {
		t.Error("others are found, or the name stands in an address")
	}
	if to := clerk.post("/workbench/find", url.Values{"q": {" rc-2026-000002 "}}); to != "/workbench?q=rc-2026-000002&queue=found" {
		t.Errorf("a reference leads to %s", to)
	}
	want(t, clerk.page(200, "GET", "/workbench?q=rc-2026-000002&queue=found", nil), "João Lopes")
	want(t, stranger.page(200, "POST", "/workbench/find", url.Values{"q": {"evora"}}), "Nothing was found")
	want(t, stranger.page(200, "POST", "/workbench/find", url.Values{"q": {"RC-2026-000001"}}), "Nothing was found")
	if to := clerk.post("/workbench/find", url.Values{"q": {" "}}); to != "/workbench" {
		t.Errorf("nothing leads to %s", to)
	}
}

func TestListsAreGroupedSortedAndSaved(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	o.paid("Maria Évora", "RC-2026-000001")
	o.Travel(12 * 24 * time.Hour)
	o.paid("João Lopes", "RC-2026-000002")
	team := clerk.page(200, "GET", "/workbench?queue=team", nil)
	want(t, team, "data-group", "Long overdue", "All overdue", "Newest first")
	newest := clerk.page(200, "GET", "/workbench?queue=team&sort=newest", nil)
	if strings.Index(newest, "RC-2026-000002") > strings.Index(newest, "RC-2026-000001") || strings.Contains(newest, "data-group") {
		t.Error("the newest is not the first, or the list is grouped by urgency")
	}
	late := clerk.page(200, "GET", "/workbench?queue=team&due=late", nil)
	if !strings.Contains(late, "RC-2026-000001") || strings.Contains(late, "RC-2026-000002") {
		t.Error("what is overdue is not what is listed")
	}

	want(t, clerk.page(422, "POST", "/workbench/lists", url.Values{"filter": {"queue=team"}, "name": {" "}}), "Enter a name of up to 60 characters.", `href="#list-name"`)
	if to := clerk.post("/workbench/lists", url.Values{"filter": {"queue=team&due=late"}, "name": {"Late ones"}, "for": {"dgrni"}}); to != "/workbench?done=bench.saved&due=late&queue=team" {
		t.Errorf("saving leads to %s", to)
	}
	want(t, clerk.page(200, "GET", "/workbench", nil), "Saved lists", "Late ones", `href="/workbench?due=late&amp;queue=team"`)
	colleague := o.officer("Carlos Clerk", "registry-clerk", "dgrni", "en")
	lists := colleague.page(200, "GET", "/workbench/lists", nil)
	want(t, lists, "Late ones", "Put beside the queues")
	if strings.Contains(lists, "/remove") {
		t.Error("a colleague is offered to remove it")
	}
	id := regexp.MustCompile(`/workbench/lists/([0-9a-f-]{36})/pin`).FindStringSubmatch(lists)[1]
	colleague.page(404, "POST", "/workbench/lists/"+id+"/remove", url.Values{})
	colleague.post("/workbench/lists/"+id+"/pin", url.Values{"on": {"1"}})
	clerk.post("/workbench/lists/"+id+"/remove", url.Values{})
	want(t, clerk.page(200, "GET", "/workbench/lists", nil), "No list is saved yet")
}

// TestManyAtOnce ticks cases, gives them to oneself, sees what failed, and undoes it.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, colleague := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Carlos Clerk", "registry-clerk", "dgrni", "en")
	chief := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	a, b := o.paid("Maria Évora", "RC-2026-000001"), o.paid("João Lopes", "RC-2026-000002")
	want(t, clerk.page(422, "POST", "/workbench/bulk", url.Values{"filter": {"queue=team"}}), "Tick at least one case.", "RC-2026-000001", `href="#case-table"`)
	list := clerk.page(200, "GET", "/workbench?queue=team", nil)
	ticks := regexp.MustCompile(`name="select" value="([^"]+)"`).FindAllStringSubmatch(list, -1)
	if len(ticks) != 2 {
		t.Fatalf("%d cases can be ticked", len(ticks))
	}
	bulk := clerk.post("/workbench/bulk", url.Values{"select": {ticks[0][1], ticks[1][1]}})
	want(t, clerk.page(200, "GET", bulk, nil), "2 cases chosen", "Take them all", "cannot be undone")
	colleague.post("/workbench/cases/"+b.String()+"/claim", url.Values{"rev": {o.rev(b)}}) // meanwhile
	colleague.page(404, "GET", bulk, nil)
	want(t, clerk.page(422, "POST", bulk+"/start", url.Values{"kind": {"dance"}}), "Choose what is to be done.")
	clerk.post(bulk+"/start", url.Values{"kind": {"claim"}})
	want(t, clerk.page(200, "GET", bulk, nil), "In progress", "0 of 2", "hx-get")
	o.jobs()
	want(t, clerk.page(200, "GET", bulk, nil), "1 done, 1 not done.", "Somebody acted on it meanwhile.", "Undo", "Try again")
	clerk.page(409, "POST", bulk+"/start", url.Values{"kind": {"claim"}})
	clerk.post(bulk+"/undo", url.Values{})
	o.jobs()
	want(t, clerk.page(200, "GET", bulk, nil), "1 undone. 0 stayed as they are")
	if o.Case(a).Assignee.String() == clerk.by.Account.String() {
		t.Error("the case did not go back")
	}

	all := chief.post("/workbench/bulk", url.Values{"all": {"1"}, "filter": {"queue=team&service=birth-certificate"}})
	want(t, chief.page(200, "GET", all, nil), "2 cases chosen", "Give them to", "Clara Clerk")
	want(t, chief.page(422, "POST", all+"/start", url.Values{"kind": {"assign"}}), "Choose who is to have the cases.")
	chief.post(all+"/start", url.Values{"kind": {"assign"}, "to": {clerk.by.Account.String()}})
	o.jobs()
	want(t, chief.page(200, "GET", all, nil), "2 done, 0 not done.", "Give 2 cases to Clara Clerk")
	load := chief.page(200, "GET", "/workbench/load", nil)
	want(t, load, "Clara Clerk", "with="+clerk.by.Account.String())
	clerk.page(403, "GET", "/workbench/load", nil)
	want(t, chief.page(200, "GET", "/workbench?queue=team&with="+clerk.by.Account.String(), nil), "RC-2026-000001", "Clara Clerk")
}

// TestHandingOver takes a case from a colleague with a reason, and has the supervisor give it back.
func TestHandingOver(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, colleague := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Carlos Clerk", "registry-clerk", "dgrni", "en")
	chief := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	colleague.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	want(t, clerk.page(200, "GET", path, nil), "Take over from Carlos Clerk")
	want(t, clerk.page(422, "POST", path+"/give", url.Values{"rev": {o.rev(app)}, "form": {"take"}, "reason": {"x"}}), "Say why, in 5 to 500 characters.", `href="#take"`)
	clerk.post(path+"/give", url.Values{"rev": {o.rev(app)}, "form": {"take"}, "reason": {"Carlos is ill today"}})
	want(t, clerk.page(200, "GET", path, nil), "it is with you", "Carlos is ill today", "Clara Clerk took it over from Carlos Clerk")
	want(t, chief.page(422, "POST", path+"/give", url.Values{"rev": {o.rev(app)}, "form": {"give"}, "reason": {"Please look"}}), "Choose who is to have the cases.", "Please look")
	chief.post(path+"/give", url.Values{"rev": {o.rev(app)}, "form": {"give"}, "to": {colleague.by.Account.String()}, "reason": {"Please look"}})
	if o.Case(app).Assignee != colleague.by.Account {
		t.Error("the case was not given back")
	}
	clerk.page(403, "POST", path+"/give", url.Values{"rev": {o.rev(app)}, "form": {"give"}, "to": {clerk.by.Account.String()}})
}

// TestTwoOfficersOneMoment has one officer decide at the moment in which the supervisor gives the case to another: one of both happens, and the
// other is told who did what.
func TestTwoOfficersOneMoment(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, colleague := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Carlos Clerk", "registry-clerk", "dgrni", "en")
	chief := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	for n := range 4 {
		app := o.paid("Maria Évora", "RC-2026-00000"+string(rune('1'+n)))
		path := "/workbench/cases/" + app.String()
		clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
		seen := o.rev(app)
		var both sync.WaitGroup
		var decided, given *http.Response
		both.Go(func() {
			decided = clerk.do("POST", path+"/act/verify", url.Values{"rev": {seen}, "checklist": {"record-found", "details-match", "may-receive"}})
		})
		both.Go(func() {
			given = chief.do("POST", path+"/give", url.Values{"rev": {seen}, "form": {"give"}, "to": {colleague.by.Account.String()}})
		})
		both.Wait()
		i := o.Case(app)
		switch {
		case decided.StatusCode == http.StatusSeeOther && given.StatusCode == http.StatusConflict:
			if i.Role != "registrar" || i.Assignee == colleague.by.Account {
				t.Errorf("decided, but it stands at %s with %s", i.State, i.Assignee)
			}
		case decided.StatusCode == http.StatusConflict && given.StatusCode == http.StatusSeeOther:
			if i.Role != "registry-clerk" || i.Assignee != colleague.by.Account {
				t.Errorf("given, but it stands at %s with %s", i.State, i.Assignee)
			}
		default:
			t.Fatalf("deciding: %d, giving: %d", decided.StatusCode, given.StatusCode)
		}
		loser := decided
		if decided.StatusCode == http.StatusSeeOther {
			loser = given
		}
		want(t, read(t, loser), "Somebody acted on this case meanwhile")
		moves := 0
		o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM workflow.transition WHERE instance_id = $1 AND action = 'verify'`, app).Scan(&moves)
		})
		if won := decided.StatusCode == http.StatusSeeOther; moves != map[bool]int{true: 1}[won] {
			t.Errorf("%d decisions", moves)
		}
	}
}

func TestShortcuts(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	want(t, clerk.page(200, "GET", "/workbench/keys", nil), "They are off in this browser.", "<kbd")
	res := clerk.do("POST", "/workbench/keys", url.Values{"on": {"1"}})
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
		t.Errorf("switched on: %d, %v", res.StatusCode, res.Cookies())
	}
	if strings.Contains(clerk.page(200, "GET", "/workbench", nil), "data-keys") {
		t.Error("shortcuts are on where nobody has switched them on")
	}
}
