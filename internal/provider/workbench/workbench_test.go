package workbench_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func setup(t *testing.T) (*orchestrationtest.House, *workbench.Service) {
	h := orchestrationtest.New(t)
	return h, workbench.New(workbench.Deps{
		Services: h.Catalog, Workflow: h.Workflow, Applications: h.Applications, People: h.Identity, Payments: h.Payment, Sealer: h.Encryption,
		Documents: h.Documents,
	})
}

// paid sends and pays a request for a birth certificate and returns its id.
func paid(h *orchestrationtest.House, name string) uuid.UUID {
	h.T.Helper()
	app := unpaid(h, name)
	for _, r := range h.Responses() {
		if r.Demand != nil {
			h.Pay(r.Demand.ID)
		}
	}
	return app
}

// unpaid sends one that waits for its fee.
func unpaid(h *orchestrationtest.House, name string) uuid.UUID {
	h.T.Helper()
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-" + strings.ToUpper(id.Token(4)), Service: "birth-certificate", Version: 1,
		Person: id.New(), Name: name, Lang: "pt",
	}
	h.Send(req, orchestrationtest.Birth())
	return req.ID
}

func TestInboxAndCounts(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	first := paid(h, "Maria Évora")
	h.Travel(8 * 24 * time.Hour) // the first is overdue by now, by more than three working days
	second := paid(h, "João Lopes")
	h.Claim(clerk, second)
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		p, err := bench.Inbox(ctx, tx, clerk, workbench.Filter{Queue: workflow.QueueTeam}, page.Request{})
		if err != nil {
			return err
		}
		type row struct{ Name, Service, State, Severity, Assignee string }
		var got []row
		for _, r := range p.Rows {
			got = append(got, row{r.Name, r.ServiceName["en"], r.StateName["en"], r.Severity, r.AssigneeName})
		}
		want := []row{
			{"Maria Évora", "Birth certificate", "Verification in the register", workbench.SeverityCritical, ""},
			{"João Lopes", "Birth certificate", "Verification in the register", p.Rows[1].Severity, "Clara Clerk"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("team (-want +got):\n%s", diff)
		}
		critical, err := bench.Inbox(ctx, tx, clerk, workbench.Filter{Queue: workflow.QueueTeam, Severity: workbench.SeverityCritical}, page.Request{})
		if err != nil {
			return err
		}
		if len(critical.Rows) != 1 || critical.Rows[0].ID != first {
			t.Errorf("critical = %+v, want the first alone", critical.Rows)
		}
		c, err := bench.Counts(ctx, tx, clerk)
		if err != nil {
			return err
		}
		if c.Team != 2 || c.Mine != 1 || c.Unclaimed != 1 || c.Overdue != 1 || c.MineOverdue != 0 || len(c.ByState) != 1 || c.ByState[0].StateName["pt"] == "" {
			t.Errorf("counts = %+v", c)
		}
		return nil
	})
	for _, f := range []workbench.Filter{{Queue: "theirs"}, {Severity: "dreadful"}} {
		err := h.Try(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := bench.Inbox(ctx, tx, clerk, f, page.Request{})
			return err
		})
		if !errors.Is(err, workbench.ErrFilter) {
			t.Errorf("filter %+v: %v, want ErrFilter", f, err)
		}
	}
}

func TestCasePage(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "CV-PR")
	colleague := h.Staff("Carlos Clerk", "registry-clerk", "dgrni", "")
	stranger := h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	app := paid(h, "Maria Évora")

	open := func(by identity.Principal) (c workbench.Case, err error) {
		err = h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
			c, err = bench.Case(ctx, tx, by, app)
			return err
		})
		return c, err
	}
	if _, err := open(stranger); !errors.Is(err, orchestration.ErrForbidden) {
		t.Errorf("another agency opens the case: %v", err)
	}
	c, err := open(clerk)
	if err != nil {
		t.Fatal(err)
	}
	if c.Application.Name != "Maria Évora" || c.Demand == nil || c.Demand.Amount.Minor != 25000 || c.Receipt == nil || len(c.Pages) == 0 {
		t.Errorf("case = %+v, want applicant, demand, receipt and answers", c)
	}
	if !c.Choice.CanClaim || len(c.Choice.Actions) != 0 || len(c.Choice.Later) != 3 {
		t.Errorf("choice before taking = %d actions, %d later", len(c.Choice.Actions), len(c.Choice.Later))
	}
	if len(c.History) != 2 || c.History[1].ActionName["en"] != "Payment received" {
		t.Errorf("history = %+v", c.History)
	}
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := bench.Claim(ctx, tx, clerk, app, "", c.Application.Case.Rev)
		return err
	})
	if c, err = open(colleague); err != nil || c.AssigneeName != "Clara Clerk" || c.Choice.CanClaim || c.Choice.CanRelease || len(c.Choice.Actions) != 0 {
		t.Errorf("what a colleague has: %v, %+v", err, c.Choice)
	}
	if c, err = open(clerk); err != nil || len(c.Choice.Actions) != 3 || !c.Choice.CanRelease {
		t.Errorf("what one has: %v, %+v", err, c.Choice)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	stranger := h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	analyst := h.Staff("Anna Analyst", "analyst", "dgrni", "")
	analyst.Grants[0].Permissions = nil
	app := paid(h, "Maria Évora")
	note := func(by identity.Principal, text string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := bench.Note(ctx, tx, by, app, text)
			return err
		})
	}
	if err := note(clerk, " Book 12, page 40 "); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		by   identity.Principal
		text string
		want error
	}{
		"nothing":        {clerk, " ", workbench.ErrNote},
		"too long":       {clerk, strings.Repeat("é", 4001), workbench.ErrNote},
		"another agency": {stranger, "hello", orchestration.ErrForbidden},
		"no staff":       {analyst, "hello", workbench.ErrForbidden},
	} {
		if err := note(tt.by, tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	h.Work()
	for _, r := range h.Responses() {
		if strings.Contains(r.Note, "Book") {
			t.Error("a note between colleagues went to the citizen")
		}
	}
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := bench.Case(ctx, tx, clerk, app)
		if err != nil {
			return err
		}
		if len(c.Notes) != 1 || c.Notes[0].Text != "Book 12, page 40" || c.Notes[0].AuthorName != "Clara Clerk" {
			t.Errorf("notes = %+v", c.Notes)
		}
		var clear int
		err = tx.QueryRow(ctx, `SELECT count(*) FROM workbench.note WHERE position('Book'::bytea IN text) > 0`).Scan(&clear)
		if clear > 0 {
			t.Error("the note stands in the clear")
		}
		return err
	})
}

// TestCorrectionShows shows staff what a correction changed, beside the old answer.
func TestCorrectionShows(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	app := paid(h, "Maria Évora")
	if err := h.Act(clerk, app, "ask-correction", "Nome do pai?", "father_name"); err != nil {
		t.Fatal(err)
	}
	h.Work()
	answers := orchestrationtest.Birth()
	answers["father_name"] = "José Évora"
	send(h, app, answers)
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := bench.Case(ctx, tx, clerk, app)
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]string{"father_name"}, c.Changed); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		if last := c.History[len(c.History)-2]; last.Comment != "Nome do pai?" || last.ActorName != "Clara Clerk" {
			t.Errorf("history = %+v", last)
		}
		return nil
	})
}

func send(h *orchestrationtest.House, app uuid.UUID, answers servicespec.Answers) {
	i := h.Case(app)
	h.Send(exchange.ServiceRequest{
		ID: app, Kind: exchange.Correct, Reference: i.Reference, Service: i.Service, Version: i.Version, Person: i.Person, Name: "Maria Évora", Lang: "pt",
	}, answers)
}
