package field_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/field"
	"digit/internal/provider/orchestration"
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
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-" + strings.ToUpper(id.Token(4)), Service: "birth-certificate", Version: 1,
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

func TestForeignJurisdiction(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, by := range map[string]identity.Principal{
		"another agency": outside(r.Staff("Sara Stranger", "field-officer", "cmp", "")),
		"another island": outside(r.Staff("Simão Soares", "field-officer", "dgrni", "CV-SV")),
	} {
		device := id.New()
		r.enrol(by, device)
		in := r.report()
		in.Device = device
		if _, err := r.send(by, in); !errors.Is(err, orchestration.ErrForbidden) {
			t.Errorf("%s sends: %v", name, err)
		}
		err := r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.field.Begin(ctx, tx, by, field.BeginUpload{ID: id.New(), Device: device, Application: r.visit, Code: field.Photo, MediaType: "image/png", Size: 3, SHA256: make([]byte, 32)})
			return err
		})
		if !errors.Is(err, orchestration.ErrForbidden) {
			t.Errorf("%s uploads: %v", name, err)
		}
		r.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			b, err := r.field.TakeAlong(ctx, tx, by, device, 0)
			if len(b.Mine)+len(b.Free) > 0 {
				t.Errorf("%s takes along %+v", name, b)
			}
			return err
		})
	}
	clerk := r.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	if err := r.Try(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.field.Enrol(ctx, tx, clerk, id.New(), "x")
		return err
	}); !errors.Is(err, field.ErrForbidden) {
		t.Errorf("who stays inside: %v", err)
	}
	others := r.report()
	thief := outside(r.Staff("Tomé Thief", "field-officer", "dgrni", ""))
	if _, err := r.send(thief, others); !errors.Is(err, field.ErrOthers) {
		t.Errorf("from another's device: %v", err)
	}
}

// picture is a PNG of some size.
func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (r *round) piece(upload uuid.UUID, at int64, content []byte) (u field.Upload, err error) {
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = r.field.Append(ctx, tx, r.officer, r.device, upload, at, content)
		return err
	})
	return u, err
}

func (r *round) begin(upload uuid.UUID, content []byte) (u field.Upload, err error) {
	sum := sha256.Sum256(content)
	err = r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = r.field.Begin(ctx, tx, r.officer, field.BeginUpload{
			ID: upload, Device: r.device, Application: r.visit, Code: field.Photo, MediaType: "image/png", Size: int64(len(content)), SHA256: sum[:],
		})
		return err
	})
	return u, err
}

func (r *round) finish(upload uuid.UUID) (u field.Upload) {
	r.T.Helper()
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		content, damaged, err := r.field.Content(ctx, tx, r.officer, upload)
		if err != nil || damaged {
			r.T.Fatalf("damaged %v, %v", damaged, err)
		}
		file, err := r.Documents.Inspect(ctx, "photo.png", "image/png", bytes.NewReader(content))
		if err != nil {
			return err
		}
		u, err = r.field.Finish(ctx, tx, r.officer, upload, file)
		return err
	})
	return u
}

func TestUploadGoesOn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	content, upload := picture(t), id.New()
	half := int64(len(content) / 2)
	if u, err := r.begin(upload, content); err != nil || u.Received != 0 {
		t.Fatalf("%+v, %v", u, err)
	}
	in := r.report()
	in.Report.Files = []field.Attached{{Upload: upload, Code: field.Photo}}
	if _, err := r.send(r.officer, in); !errors.Is(err, field.ErrUnfinished) {
		t.Errorf("a report before its photo: %v", err)
	}
	for range 2 { // the answer to the first did not arrive
		if u, err := r.piece(upload, 0, content[:half]); err != nil || u.Received != half {
			t.Fatalf("%+v, %v", u, err)
		}
	}
	if _, err := r.piece(upload, half+1, content[half+1:]); !errors.Is(err, document.ErrOffset) {
		t.Errorf("a gap: %v", err)
	}
	if _, err := r.piece(upload, half, append(content[half:], 1)); !errors.Is(err, field.ErrUpload) {
		t.Errorf("more than was announced: %v", err)
	}
	u, err := r.begin(upload, content) // after it was killed
	if err != nil || u.Received != half {
		t.Fatalf("%+v, %v", u, err)
	}
	if u, err = r.piece(upload, u.Received, content[half:]); err != nil || !u.Whole() || u.Document != uuid.Nil {
		t.Fatalf("%+v, %v", u, err)
	}
	first := r.finish(upload)
	if first.Document == uuid.Nil {
		t.Fatal("no document")
	}
	if again, err := r.begin(upload, content); err != nil || again.Document != first.Document {
		t.Errorf("announced again: %+v, %v", again, err)
	}
	if o, err := r.send(r.officer, in); err != nil || o.Status != field.Done {
		t.Fatalf("%+v, %v", o, err)
	}
	r.reseal(1)
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, _, list, err := r.field.Reports(ctx, tx, r.officer, r.visit)
		if err != nil {
			return err
		}
		if len(list) != 1 || list[0].Files[upload].ID != first.Document {
			t.Errorf("reports = %+v", list)
		}
		var out bytes.Buffer
		file, err := r.field.ReadFile(ctx, tx, r.officer, r.visit, upload, &out)
		if err != nil || file.MediaType != "image/png" || out.Len() == 0 {
			t.Errorf("file %+v of %d bytes, %v", file, out.Len(), err)
		}
		if _, err := r.field.ReadFile(ctx, tx, r.officer, r.visit, id.New(), &out); !errors.Is(err, field.ErrNoUpload) {
			t.Errorf("no file: %v", err)
		}
		var left int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM document.piece`).Scan(&left); err != nil || left > 0 {
			t.Errorf("%d pieces are left, %v", left, err)
		}
		return nil
	})
}

// reseal renews what is sealed for the person of the visit, as a change of keys does.
func (r *round) reseal(want int) {
	r.T.Helper()
	n := 0
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, c := range r.field.Columns() {
			rows, err := c.Page(ctx, tx, encryption.Span{Person: r.Case(r.visit).Person, Limit: 10})
			if err != nil {
				return err
			}
			for _, row := range rows {
				if n++; len(row.Heads[0]) != 6 {
					r.T.Errorf("head of %d bytes", len(row.Heads[0]))
				}
				if err := row.Renew(ctx, tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if n < want {
		r.T.Errorf("%d sealed values", n)
	}
}

func TestDamagedUpload(t *testing.T) {
	t.Parallel()
	r := setup(t)
	content, upload := picture(t), id.New()
	if _, err := r.begin(upload, content); err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Clone(content)
	wrong[len(wrong)-1] ^= 1
	if _, err := r.piece(upload, 0, wrong); err != nil {
		t.Fatal(err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, damaged, err := r.field.Content(ctx, tx, r.officer, upload)
		if !damaged {
			t.Error("what is not what was announced is taken")
		}
		return err
	})
	if u, err := r.begin(upload, content); err != nil || u.Received != 0 {
		t.Errorf("anew: %+v, %v", u, err)
	}
	r.In(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Discard(ctx, tx, r.officer, upload) })
	if _, err := r.piece(upload, 0, content); !errors.Is(err, field.ErrNoUpload) {
		t.Errorf("after it was discarded: %v", err)
	}
	for name, in := range map[string]field.BeginUpload{
		"empty":     {Size: 0, MediaType: "image/png", Code: field.Photo},
		"too large": {Size: field.MaxUpload + 1, MediaType: "image/png", Code: field.Photo},
		"a program": {Size: 10, MediaType: "text/html", Code: field.Photo},
		"of what":   {Size: 10, MediaType: "image/png"},
	} {
		in.ID, in.Device, in.Application, in.SHA256 = id.New(), r.device, r.visit, make([]byte, 32)
		err := r.Try(r.officer.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.field.Begin(ctx, tx, r.officer, in)
			return err
		})
		if !errors.Is(err, field.ErrUpload) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	r := setup(t)
	upload := id.New()
	if _, err := r.begin(upload, picture(t)); err != nil {
		t.Fatal(err)
	}
	r.field.Register(r.Jobs)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, field.SweepArgs{}) })
	r.Work()
	if _, err := r.piece(upload, 0, []byte{1}); err != nil {
		t.Fatalf("a young one: %v", err)
	}
	r.Travel(31 * 24 * time.Hour)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, field.SweepArgs{}) })
	r.Work()
	if _, err := r.piece(upload, 1, []byte{1}); !errors.Is(err, field.ErrNoUpload) {
		t.Errorf("an old one: %v", err)
	}
}

func TestWipe(t *testing.T) {
	t.Parallel()
	r := setup(t)
	admin := r.Staff("Alda Admin", "administrator", "", "")
	admin.Grants[0].Permissions = append(admin.Grants[0].Permissions, field.Manage)
	if _, err := r.bundle(); err != nil {
		t.Fatal(err)
	}
	status := func() (s string) {
		r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			s, err = r.field.Status(ctx, tx, r.device)
			return err
		})
		return s
	}
	wipe := func(by identity.Principal) error {
		return r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Wipe(ctx, tx, by, r.device) })
	}
	if err := wipe(r.officer); !errors.Is(err, field.ErrForbidden) {
		t.Errorf("an officer wipes: %v", err)
	}
	if status() != field.Active {
		t.Errorf("status %s", status())
	}
	if err := wipe(admin); err != nil {
		t.Fatal(err)
	}
	if err := wipe(admin); !errors.Is(err, field.ErrNoDevice) {
		t.Errorf("twice: %v", err)
	}
	if status() != field.Asked {
		t.Errorf("status %s", status())
	}
	if _, err := r.bundle(); !errors.Is(err, field.ErrWipe) {
		t.Errorf("it still takes along: %v", err)
	}
	if _, err := r.send(r.officer, r.report()); !errors.Is(err, field.ErrWipe) {
		t.Errorf("it still sends: %v", err)
	}
	for range 2 {
		r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Gone(ctx, tx, r.device) })
	}
	r.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		p, err := r.field.Devices(ctx, tx, admin, "", uuid.Nil, page.Request{})
		if err != nil {
			return err
		}
		if len(p.Rows) != 1 || p.Rows[0].Status != field.Wiped || p.Rows[0].Owner != "João Lopes" || p.Rows[0].AskedBy != admin.Account || p.Rows[0].GoneAt == nil {
			t.Errorf("devices = %+v", p.Rows)
		}
		if d, err := r.field.Device(ctx, tx, admin, r.device); err != nil || d.Name != "Chromium, Android" {
			t.Errorf("device = %+v, %v", d, err)
		}
		_, err = r.field.Device(ctx, tx, admin, id.New())
		if !errors.Is(err, field.ErrNoDevice) {
			t.Errorf("no device: %v", err)
		}
		return nil
	})
	second := id.New()
	r.enrol(r.officer, second)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Gone(ctx, tx, second) })
	r.device = second
	if _, err := r.bundle(); !errors.Is(err, field.ErrDevice) {
		t.Errorf("a device that was signed out of: %v", err)
	}
	r.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		first, err := r.field.Devices(ctx, tx, admin, "", r.officer.Account, page.Request{Size: 1})
		if err != nil || len(first.Rows) != 1 || first.Next == "" {
			t.Fatalf("first page %+v, %v", first, err)
		}
		next, err := r.field.Devices(ctx, tx, admin, "", r.officer.Account, page.Request{Size: 1, After: first.Next})
		if err != nil || len(next.Rows) != 1 || next.Rows[0].ID == first.Rows[0].ID {
			t.Errorf("second page %+v, %v", next, err)
		}
		return nil
	})
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
