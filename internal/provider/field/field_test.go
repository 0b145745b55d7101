package field_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/field"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// round is a house with an officer who goes out, a device of theirs, and a visit that they have.
type round struct {
	*orchestrationtest.House
	field   *field.Service
	officer identity.Principal
	device  uuid.UUID
	visit   uuid.UUID
}

func setup(t *testing.T) *round {
	t.Helper()
	h := orchestrationtest.New(t)
	r := &round{House: h, device: id.New(), field: field.New(field.Deps{
		Services: h.Catalog, Workflow: h.Workflow, Applications: h.Applications, Documents: h.Documents, People: h.Identity, Sealer: h.Encryption,
	})}
	r.officer = outside(h.Staff("João Lopes", "field-officer", "dgrni", ""))
	r.enrol(r.officer, r.device)
	r.visit = r.sent("Maria Évora")
	h.Claim(r.officer, r.visit)
	return r
}

// outside gives somebody the permission to work outside, which stands above the house of tests.
func outside(by identity.Principal) identity.Principal {
	by.Grants[0].Permissions = append(by.Grants[0].Permissions, field.Use)
	return by
}

func (r *round) enrol(by identity.Principal, device uuid.UUID) {
	r.T.Helper()
	r.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.field.Enrol(ctx, tx, by, device, "Chromium, Android")
		return err
	})
}

// sent is an application that a clerk has sent out to be looked at.
func (r *round) sent(name string) uuid.UUID {
	r.T.Helper()
	return r.sentIn(name, 1)
}

// sentIn is one of a version of the service.
func (r *round) sentIn(name string, version int) uuid.UUID {
	r.T.Helper()
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-" + strings.ToUpper(id.Token(4)), Service: "birth-certificate", Version: version,
		Person: id.New(), Name: name, Lang: "pt",
	}
	r.Send(req, orchestrationtest.Birth())
	for _, answer := range r.Responses() {
		if answer.Demand != nil && answer.RequestID == req.ID {
			r.Pay(answer.Demand.ID)
		}
	}
	clerk := r.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	if err := r.Act(clerk, req.ID, "send-to-field", "Ver o livro"); err != nil {
		r.T.Fatal(err)
	}
	r.Work()
	return req.ID
}

// report is what the officer found on the visit.
func (r *round) report() field.Operation {
	return field.Operation{
		ID: id.New(), Device: r.device, Application: r.visit, Action: "confirm-in-field", Rev: r.Case(r.visit).Rev, MadeAt: time.Now(),
		Report: field.Report{
			Comment: "Está no livro 12", Remark: "CANARIO: livro húmido", Checklist: map[string]field.Point{"book-consulted": {Answer: field.Yes, Remark: "folha 40"}},
			Position: &field.Position{Latitude: 14.93, Longitude: -23.51, Accuracy: 12},
		},
	}
}

// send sends a report as the edge does: what cannot be done is put on record.
func (r *round) send(by identity.Principal, in field.Operation) (o field.Outcome, err error) {
	r.T.Helper()
	err = r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		o, err = r.field.Apply(ctx, tx, by, in)
		return err
	})
	if err == nil || !field.Refusable(err) {
		return o, err
	}
	why := err
	err = r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		o, err = r.field.Refuse(ctx, tx, by, in, why)
		return err
	})
	return o, err
}

func (r *round) choose(op uuid.UUID, mine bool, rev int64) (o field.Outcome, err error) {
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		o, err = r.field.Choose(ctx, tx, r.officer, r.device, op, mine, rev)
		return err
	})
	return o, err
}

func (r *round) bundle() (b field.Bundle, err error) {
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		b, err = r.field.TakeAlong(ctx, tx, r.officer, r.device, 2)
		return err
	})
	return b, err
}

func TestTakeAlong(t *testing.T) {
	t.Parallel()
	r := setup(t)
	free := r.sent("João Lima")
	b, err := r.bundle()
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Mine) != 1 || b.Mine[0].Case != r.visit || len(b.Mine[0].Actions) != 2 || len(b.Mine[0].Pages) == 0 || b.Mine[0].Application.Name != "Maria Évora" || b.Mine[0].StateName["en"] != "Field verification" {
		t.Errorf("mine = %+v", b.Mine)
	}
	if len(b.Free) != 1 || b.Free[0].Case != free {
		t.Fatalf("free = %+v", b.Free)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return r.field.Claim(ctx, tx, r.officer, r.device, free, "", b.Free[0].Rev)
	})
	if b, err = r.bundle(); err != nil || len(b.Mine) != 2 || len(b.Free) != 0 {
		t.Errorf("after taking the free one: %d, %d, %v", len(b.Mine), len(b.Free), err)
	}
}

func TestReportIsTakenOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.report()
	for range 3 {
		o, err := r.send(r.officer, in)
		if err != nil || o.Status != field.Done || o.Operation != in.ID {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	if i := r.Case(r.visit); i.State != "approval" || i.Rev != in.Rev+1 {
		t.Errorf("the case is in %s at %d", i.State, i.Rev)
	}
	other := r.report()
	other.ID = in.ID
	other.Report.Comment = "Outra coisa"
	if o, err := r.send(r.officer, other); err != nil || o.Status != field.Done {
		t.Errorf("the same id with something else: %+v, %v", o, err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, _, list, err := r.field.Reports(ctx, tx, r.officer, r.visit)
		if err != nil {
			return err
		}
		if len(list) != 1 || list[0].Officer != "João Lopes" || list[0].Report.Comment != "Está no livro 12" || list[0].Report.Position.Accuracy != 12 {
			t.Errorf("reports = %+v", list)
		}
		var clear int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM field.operation WHERE position('CANARIO'::bytea IN payload) > 0`).Scan(&clear); err != nil || clear > 0 {
			t.Errorf("the report stands in the clear: %v", err)
		}
		return nil
	})
}

func TestTogether(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.report()
	results := make(chan error, 6)
	for range cap(results) {
		go func() {
			_, err := r.send(r.officer, in)
			results <- err
		}()
	}
	for range cap(results) {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if i := r.Case(r.visit); i.Rev != in.Rev+1 {
		t.Errorf("the case moved from %d to %d", in.Rev, i.Rev)
	}
}

func TestRefusedReport(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.report()
	in.Report.Checklist = map[string]field.Point{"book-consulted": {Answer: field.No}}
	for range 2 {
		o, err := r.send(r.officer, in)
		if err != nil || o.Status != field.Refused || !errors.Is(o.Why, workflow.ErrChecklist) || len(o.Why.Fields) != 1 || o.Why.Fields[0].Path != "checklist.book-consulted" {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	mended := r.report()
	if o, err := r.send(r.officer, mended); err != nil || o.Status != field.Done {
		t.Errorf("mended: %+v, %v", o, err)
	}
	if _, err := r.choose(in.ID, true, 1); !errors.Is(err, field.ErrChosen) {
		t.Errorf("choosing about a refusal: %v", err)
	}
}

// TestConflict has a supervisor put the case back while the officer is out.
func TestConflict(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.report()
	chief := r.Staff("Rui Registrar", "registrar", "dgrni", "")
	r.In(chief.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.Workflow.Release(ctx, tx, r.visit, "", chief, in.Rev)
		return err
	})
	o, err := r.send(r.officer, in)
	if err != nil || o.Status != field.Conflict || o.Now == nil || !o.Now.Still || o.Now.What != "release" || o.Now.State["en"] != "Field verification" {
		t.Fatalf("%+v, %+v, %v", o, o.Now, err)
	}
	if again, err := r.send(r.officer, in); err != nil || again.Status != field.Conflict {
		t.Fatalf("again: %+v, %v", again, err)
	}
	if _, err := r.choose(in.ID, true, in.Rev); !errors.Is(err, workflow.ErrMeanwhile) {
		t.Errorf("with a revision that is past: %v", err)
	}
	rev := o.Now.Rev
	for range 2 {
		if o, err = r.choose(in.ID, true, rev); err != nil || o.Status != field.Done {
			t.Fatalf("mine: %+v, %v", o, err)
		}
	}
	if i := r.Case(r.visit); i.State != "approval" {
		t.Errorf("the case is in %s", i.State)
	}
}

// TestConflictLetGo lets the office's version stand: the report stays on record and does nothing.
func TestConflictLetGo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.report()
	colleague := r.Staff("Ana Lima", "field-officer", "dgrni", "")
	chief := r.Staff("Rui Registrar", "registrar", "dgrni", "")
	r.In(chief.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.Workflow.Release(ctx, tx, r.visit, "", chief, in.Rev)
		return err
	})
	if err := r.Act(colleague, r.visit, "report-from-field", "Não está"); err != nil {
		t.Fatal(err)
	}
	o, err := r.send(r.officer, in)
	if err != nil || o.Status != field.Conflict || o.Now.Still || o.Now.Who != "Ana Lima" || o.Now.What != "report-from-field" || o.Now.Action["en"] == "" {
		t.Fatalf("%+v, %+v, %v", o, o.Now, err)
	}
	for range 2 {
		if o, err = r.choose(in.ID, false, 0); err != nil || o.Status != field.Kept {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	if i := r.Case(r.visit); i.State != "verification" {
		t.Errorf("the case is in %s", i.State)
	}
}

func TestNotFromADevice(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, change := range map[string]func(o *field.Operation){
		"an id of another kind": func(o *field.Operation) { o.ID = uuid.New() },
		"too long":              func(o *field.Operation) { o.Report.Comment = strings.Repeat("é", 4001) },
		"a remark too long":     func(o *field.Operation) { o.Report.Remark = strings.Repeat("é", 4001) },
		"nowhere":               func(o *field.Operation) { o.Report.Position.Latitude = 91 },
		"maybe":                 func(o *field.Operation) { o.Report.Checklist["book-consulted"] = field.Point{Answer: "maybe"} },
		"a hundred files":       func(o *field.Operation) { o.Report.Files = make([]field.Attached, 100) },
		"no device":             func(o *field.Operation) { o.Device = id.New() },
	} {
		in := r.report()
		change(&in)
		_, err := r.send(r.officer, in)
		if !errors.Is(err, field.ErrID) && !errors.Is(err, field.ErrReport) && !errors.Is(err, field.ErrDevice) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.choose(id.New(), true, 1); !errors.Is(err, field.ErrNoReport) {
		t.Errorf("no report: %v", err)
	}
}
