package orchestration_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const day = 24 * time.Hour

func birthRequest() exchange.ServiceRequest {
	return exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-000001", Service: "birth-certificate", Version: 1, Person: id.New(),
		Name: "Maria Évora", Lang: "pt",
	}
}

func kinds(responses []exchange.ServiceResponse) (list []string) {
	for _, r := range responses {
		list = append(list, r.Kind)
	}
	return list
}

// TestBirthCertificate walks from the request to the certificate, the register entry and the decision.
func TestBirthCertificate(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "CV-PR")
	registrar := h.Staff("Rui Registrar", "registrar", "dgrni", "")
	req := birthRequest()

	h.Send(req, orchestrationtest.Birth())
	got := h.Responses()
	if diff := cmp.Diff([]string{exchange.Received, exchange.DemandMade}, kinds(got)); diff != "" {
		t.Fatalf("after the request (-want +got):\n%s", diff)
	}
	if got[0].State != "payment" || got[0].Promised == nil || got[0].StateName["ar"] == "" || got[0].Text["pt"] == "" {
		t.Errorf("received = %+v: want state, promise and texts in all languages", got[0])
	}
	if d := got[1].Demand; d == nil || d.Amount.Minor != 25000 || d.Amount.Currency != "CVE" {
		t.Fatalf("demand = %+v, want 250.00 CVE", got[1].Demand)
	}

	h.Pay(got[1].Demand.ID)
	got = h.Responses()
	if diff := cmp.Diff([]string{exchange.Paid, exchange.Moved}, kinds(got)); diff != "" {
		t.Fatalf("after the payment (-want +got):\n%s", diff)
	}
	if got[0].Receipt == "" || got[1].State != "verification" {
		t.Errorf("paid = %+v, moved = %+v", got[0], got[1])
	}

	if err := h.Act(clerk, req.ID, "verify", "Assento 1234"); err != nil {
		t.Fatal(err)
	}
	if err := h.Act(registrar, req.ID, "approve", ""); err != nil {
		t.Fatal(err)
	}
	h.Work()
	got = h.Responses()
	if diff := cmp.Diff([]string{exchange.Moved, exchange.Certificate, exchange.Decided}, kinds(got)); diff != "" {
		t.Fatalf("after the approval (-want +got):\n%s", diff)
	}
	if got[0].Note != "Assento 1234" || got[1].Certificate == "" || got[2].Outcome != "approved" {
		t.Errorf("responses = %+v", got)
	}
	checkIssued(t, h, req, got[1].CertificateID)

	var decided exchange.CaseDecided
	for _, ev := range h.Heard() {
		if d, ok := ev.(exchange.CaseDecided); ok {
			decided = d
		}
	}
	if decided.ID != req.ID || decided.Outcome != "approved" || !decided.Kept || decided.Boundary != "CV-PR-NSG" {
		t.Errorf("decided event = %+v", decided)
	}
}

func checkIssued(t *testing.T, h *orchestrationtest.House, req exchange.ServiceRequest, credential uuid.UUID) {
	t.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := h.Certificate.Credential(ctx, tx, credential)
		if err != nil {
			return err
		}
		shown := map[string]string{}
		for _, cl := range c.Claims {
			shown[cl.Name] = cl.Shown
		}
		want := map[string]string{
			"certificate_number": req.Reference, "full_name": "Maria Évora", "birth_date": "27 de março de 1985",
			"birth_place": "Nossa Senhora da Graça", "parents": "Ana Évora", "purpose": "Escola ou universidade",
		}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		if c.Status != certificate.Valid || c.ExpiresAt == nil {
			t.Errorf("credential = %+v, want valid for some time", c)
		}
		e, err := h.Registry.Find(ctx, tx, "birth-certificates", req.Reference)
		if err != nil {
			return err
		}
		if e.Holder != req.Person || e.Data["full_name"] != "Maria Évora" {
			t.Errorf("register entry = %+v", e)
		}
		return nil
	})
}

// TestReceiveAgain delivers every message twice: the second has no effect.
func TestReceiveAgain(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	req := birthRequest()
	req.SubmittedAt = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	h.Send(req, orchestrationtest.Birth())
	h.Send(req, orchestrationtest.Birth())
	if got := kinds(h.Responses()); len(got) != 2 {
		t.Errorf("responses = %v, want received and demand once", got)
	}
}

// TestRefused sends answers that no form would have let pass.
func TestRefused(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	wrong := orchestrationtest.Birth()
	wrong["birth_date"] = "2085-03-27"
	wrong["is_admin"] = true
	req := birthRequest()
	h.Send(req, wrong)
	got := h.Responses()
	if diff := cmp.Diff([]string{exchange.Refused}, kinds(got)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	var paths []string
	for _, f := range got[0].Fields {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"birth_date", "is_admin"}, paths); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if err := h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Workflow.Instance(ctx, tx, req.ID)
		return err
	}); !errors.Is(err, workflow.ErrUnknown) {
		t.Errorf("a refused request left a case: %v", err)
	}
	h.Send(req, orchestrationtest.Birth()) // mended: it is taken in under the same id
	if got := kinds(h.Responses()); len(got) != 2 || got[0] != exchange.Received {
		t.Errorf("after mending: %v", got)
	}
}

// TestWithdrawnService refuses requests for a service that was withdrawn after the citizen had begun.
func TestWithdrawnService(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	admin := h.Staff("Ada Admin", "agency-admin", "dgrni", "")
	h.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return h.Catalog.Withdraw(ctx, tx, admin, "birth-certificate", "reform")
	})
	h.Send(birthRequest(), orchestrationtest.Birth())
	got := h.Responses()
	if len(got) != 1 || got[0].Kind != exchange.Refused || got[0].Fields[0].Code != "catalog.withdrawn" {
		t.Errorf("responses = %+v, want refused as withdrawn", got)
	}
}

// TestNothingToPay goes past the payment at once: an infant's first certificate is free.
func TestNothingToPay(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	free := orchestrationtest.Birth()
	h.In(pg.System(), func(_ context.Context, tx *pg.Tx) error {
		free["birth_date"] = tx.Now.AddDate(0, -2, 0).Format(time.DateOnly)
		return nil
	})
	free["first_copy"] = true
	req := birthRequest()
	h.Send(req, free)
	got := h.Responses()
	if diff := cmp.Diff([]string{exchange.Received, exchange.Moved}, kinds(got)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got[1].State != "verification" {
		t.Errorf("state = %s, want verification", got[1].State)
	}
}

// verified sends, pays and brings a case to the clerk.
func verified(h *orchestrationtest.House) exchange.ServiceRequest {
	h.T.Helper()
	req := birthRequest()
	req.Reference = "RC-2026-" + id.Token(4)
	h.Send(req, orchestrationtest.Birth())
	for _, r := range h.Responses() {
		if r.Demand != nil {
			h.Pay(r.Demand.ID)
		}
	}
	h.Responses()
	return req
}

// TestCorrection sends a case back, changes what was asked and more, and compares.
func TestCorrection(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	req := verified(h)
	for _, items := range [][]string{nil, {"no_such_question"}} {
		if err := h.Act(clerk, req.ID, "ask-correction", "Nome da mãe?", items...); !errors.Is(err, orchestration.ErrItems) {
			t.Fatalf("correction of %v: %v, want ErrItems", items, err)
		}
	}
	if err := h.Act(clerk, req.ID, "ask-correction", "Nome da mãe?", "mother_name"); err != nil {
		t.Fatal(err)
	}
	h.Work()
	got := h.Responses()
	if len(got) != 1 || got[0].Kind != exchange.Correction || got[0].Note != "Nome da mãe?" || !cmp.Equal(got[0].Items, []string{"mother_name"}) {
		t.Fatalf("responses = %+v, want one correction", got)
	}
	paused := h.Case(req.ID)
	h.Travel(14 * day)

	answers := orchestrationtest.Birth()
	answers["mother_name"], answers["full_name"] = "Ana Lopes Évora", "Somebody Else"
	req.Kind = exchange.Correct
	h.Send(req, answers)
	got = h.Responses()
	if len(got) != 1 || got[0].State != "verification" || !got[0].Promised.After(*paused.TotalDueAt) {
		t.Fatalf("responses = %+v, want moved to verification with a later promise", got)
	}
	if back := h.Case(req.ID); back.Assignee != uuid.Nil && back.Assignee != clerk.Account {
		t.Errorf("assignee = %s", back.Assignee)
	}
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		app, err := h.Applications.Application(ctx, tx, req.ID, clerk)
		if err != nil {
			return err
		}
		svc, _, err := h.Applications.Spec(ctx, tx, app)
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]string{"mother_name"}, app.Changed(svc)); diff != "" {
			t.Errorf("changed (-want +got): only what was asked may change\n%s", diff)
		}
		if app.Previous["mother_name"] != "Ana Évora" || app.Answers["full_name"] != "Maria Évora" {
			t.Errorf("previous %v, answers %v", app.Previous["mother_name"], app.Answers["full_name"])
		}
		return nil
	})
}

// TestWithdraw ends a case at the citizen's wish, and the open demand with it.
func TestWithdraw(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	req := birthRequest()
	h.Send(req, orchestrationtest.Birth())
	demand := h.Responses()[1].Demand.ID
	req.Kind = exchange.Withdraw
	h.Send(req, servicespec.Answers{})
	got := h.Responses()
	if len(got) != 1 || got[0].Kind != exchange.Decided || got[0].Outcome != "withdrawn" {
		t.Fatalf("responses = %+v, want decided as withdrawn", got)
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		d, err := h.Payment.Demand(ctx, tx, demand)
		if err == nil && d.Status != "cancelled" {
			t.Errorf("demand is %s, want cancelled", d.Status)
		}
		return err
	})
}

// TestSomebodyElse sends a withdrawal and a correction for an application that is another person's.
func TestSomebodyElse(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	req := verified(h)
	for _, kind := range []string{exchange.Withdraw, exchange.Correct, exchange.Apply} {
		forged := req
		forged.Kind, forged.Person, forged.SubmittedAt, forged.Answers = kind, id.New(), clock.Now(), []byte(`{}`)
		err := h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return h.Applications.Receive(ctx, tx, forged) })
		if !errors.Is(err, orchestration.ErrUnknown) {
			t.Errorf("%s: %v, want ErrUnknown", kind, err)
		}
	}
	if i := h.Case(req.ID); i.State != "verification" {
		t.Errorf("the case moved to %s", i.State)
	}
}

// TestTimers lets time pass: the promise is broken once, and an unpaid request ends by itself.
func TestTimers(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	late := verified(h)
	unpaid := birthRequest()
	unpaid.Reference = "RC-2026-000002"
	h.Send(unpaid, orchestrationtest.Birth())
	h.Responses()
	h.Travel(30 * day)
	h.Travel(30 * day)
	var overdue []uuid.UUID
	for _, ev := range h.Heard() {
		if o, ok := ev.(exchange.CaseOverdue); ok {
			overdue = append(overdue, o.ID)
		}
	}
	if diff := cmp.Diff([]uuid.UUID{late.ID}, overdue); diff != "" {
		t.Errorf("overdue once, and never while the clock stands (-want +got):\n%s", diff)
	}
	if i := h.Case(late.ID); !i.Overdue || !i.Warned {
		t.Errorf("case = %+v, want warned and overdue", i)
	}
	if i := h.Case(unpaid.ID); i.Outcome != "withdrawn" {
		t.Errorf("unpaid case is in %s, want withdrawn by the timer", i.State)
	}
	if got := h.Responses(); len(got) != 1 || got[0].Kind != exchange.Decided {
		t.Errorf("responses = %v, want one decision", kinds(got))
	}
}

// TestOtherAgency refuses who belongs elsewhere, in reading and in acting, and records who read.
func TestOtherAgency(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	req := verified(h)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "CV-PR")
	for name, by := range map[string]struct{ role, agency, boundary string }{
		"another agency": {"registry-clerk", "cmp", ""},
		"another area":   {"registry-clerk", "dgrni", "CV-SV"},
		"another role":   {"analyst", "dgrni", ""},
	} {
		p := h.Staff(name, by.role, by.agency, by.boundary)
		err := h.Try(p.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Applications.Application(ctx, tx, req.ID, p)
			return err
		})
		if !errors.Is(err, orchestration.ErrForbidden) {
			t.Errorf("%s reads: %v, want ErrForbidden", name, err)
		}
		err = h.Try(p.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Applications.Act(ctx, tx, orchestration.Act{Application: req.ID, Action: "verify", By: p, Rev: h.Case(req.ID).Rev})
			return err
		})
		if !errors.Is(err, workflow.ErrRole) {
			t.Errorf("%s acts: %v, want ErrRole", name, err)
		}
	}
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Applications.Application(ctx, tx, req.ID, clerk)
		return err
	})
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM audit.entry WHERE action = 'orchestration.read' AND object_id = $1 AND person_id = $2 AND actor_id = $3`,
			req.ID, req.Person, clerk.Account).Scan(&n)
		if err == nil && n != 1 {
			t.Errorf("%d readings on record, want 1", n)
		}
		return err
	})
}

// TestSealed looks past the application: nothing a person said stands in its tables in the clear.
func TestSealed(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	req := verified(h)
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		var row string
		if err := tx.QueryRow(ctx, `SELECT a::text || encode(a.answers, 'escape') || encode(a.name, 'escape') FROM orchestration.application a WHERE id = $1`, req.ID).Scan(&row); err != nil {
			return err
		}
		// Words that no hexadecimal digits of a sealed value can spell by chance.
		for _, secret := range []string{"Maria", "Ana", "+2389912345", "1985-03-27"} {
			if strings.Contains(row, secret) {
				t.Errorf("the row holds %q in the clear", secret)
			}
		}
		return h.Encryption.Forget(ctx, tx, req.Person)
	})
	if err := h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Applications.Ground(ctx, tx, req.ID)
		return err
	}); err == nil {
		t.Error("answers are readable after the person was forgotten")
	}
}
