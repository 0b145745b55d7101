package profile_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// desk plays what stands around the profile: who sends notices, who keeps records, who knows addresses.
type desk struct {
	mu   sync.Mutex
	told []notification.Message
	kept []profile.Kept
	done []string // drop, close, forget
}

func (d *desk) Send(_ context.Context, _ *pg.Tx, m notification.Message) (uuid.UUID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.told, func(t notification.Message) bool { return t.Once == m.Once }) {
		d.told = append(d.told, m)
	}
	return id.New(), nil
}

func (d *desk) Carries(context.Context, *pg.Tx, string) (bool, error) { return true, nil }

func (d *desk) Contacts(context.Context, *pg.Tx, uuid.UUID) ([]identity.Contact, error) {
	return []identity.Contact{{ID: uuid.UUID{1}, Channel: "sms", Address: "+2389912345", Verified: true}, {ID: uuid.UUID{2}, Channel: "email", Address: "not@proved.example"}}, nil
}

func (d *desk) Guests(context.Context, *pg.Tx, uuid.UUID) ([]uuid.UUID, error) { return nil, nil }

func (d *desk) Kept(context.Context, *pg.Tx, uuid.UUID) ([]profile.Kept, error) { return d.kept, nil }

func (d *desk) Drop(context.Context, *pg.Tx, uuid.UUID) error { return d.note("drop") }

func (d *desk) Close(context.Context, *pg.Tx, uuid.UUID) error { return d.note("close") }

func (d *desk) Forget(context.Context, *pg.Tx, uuid.UUID) error { return d.note("forget") }

func (d *desk) note(what string) error {
	d.done = append(d.done, what)
	return nil
}

// stage is a profile of somebody with documents, notices and jobs.
type stage struct {
	*bundle
	*desk
	t     *testing.T
	me    uuid.UUID
	files *document.Service
	jobs  *job.Registry
}

func setStage(t *testing.T) *stage {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(fstest.MapFS{"en.json": {Data: []byte(`{"export.readme.title": "A copy of your data"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	keys := encryption.New(encryption.Deps{Root: root})
	s := &stage{bundle: &bundle{db: pgtest.New(t), accounts: &accounts{}}, desk: &desk{}, t: t, me: id.New(), jobs: job.NewRegistry()}
	s.tenant = pgtest.DemoTenant(t, s.db)
	s.files = document.New(document.Deps{Encryption: keys})
	s.service = profile.New(profile.Deps{
		Encryption: keys, Tenancy: settings{}, Accounts: s.accounts, Documents: s.files, Notices: s.desk, Contacts: s.desk, Keeper: s.desk, Texts: func(context.Context, *pg.Tx) (*i18n.Catalog, error) { return texts, nil },
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example.org", nil },
	})
	s.service.Register(s.jobs)
	s.must(s.as(s.me, func(ctx context.Context, tx *pg.Tx) error { return s.service.Ensure(ctx, tx, s.me, "Dulce", "en") }))
	return s
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) work() {
	s.t.Helper()
	pgtest.Work(s.t, s.db, s.jobs)
}

func (s *stage) travel(by time.Duration) {
	s.t.Helper()
	s.must(s.db.AdvanceClock(s.t.Context(), s.tenant, by))
	s.work()
}

// TestExport: the copy is made once, holds what the sources tell and the documents, says what it could not hold, and goes after a week.
func TestExport(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	var paper document.File
	s.must(s.as(s.me, func(ctx context.Context, tx *pg.Tx) (err error) {
		paper, err = s.files.Store(ctx, tx, document.Store{Name: "a.pdf", Person: s.me, Purpose: "test"}, bytes.NewReader(documenttest.PDF("")))
		return err
	}))
	asked := 0
	s.service.AddSource(func(_ context.Context, tx *pg.Tx, person uuid.UUID) (profile.Portion, error) {
		asked++
		if tx.Actor.ID != s.me || person != s.me || tx.Actor.Kind != "person" {
			t.Errorf("asked as %+v", tx.Actor)
		}
		return profile.Portion{Name: "account", Data: map[string]string{"name": "Dulce"}, Files: []profile.PortionFile{
			{Path: "../BC-1/a:paper.pdf", Document: paper.ID}, {Path: "BC-1/gone.pdf", Document: id.New()},
		}}, nil
	})
	export := func() (e profile.Export, err error) {
		err = s.as(s.me, func(ctx context.Context, tx *pg.Tx) error {
			e, err = s.service.Export(ctx, tx, s.me)
			return err
		})
		return e, err
	}
	if _, err := export(); !errors.Is(err, profile.ErrNoExport) {
		t.Errorf("before: %v", err)
	}
	ask := func() error {
		return s.as(s.me, func(ctx context.Context, tx *pg.Tx) error { return s.service.AskExport(ctx, tx, s.me, "en") })
	}
	s.must(ask())
	s.must(ask())
	s.work()
	s.must(ask())
	s.work()
	e, err := export()
	if err != nil || e.Status != "ready" || asked != 1 {
		t.Fatalf("%+v, %v, asked %d times", e, err, asked)
	}
	if len(s.told) != 1 || s.told[0].Purpose != "profile.export" {
		t.Errorf("told %+v", s.told)
	}
	if err := s.as(id.New(), func(ctx context.Context, tx *pg.Tx) error { _, err := s.service.Export(ctx, tx, s.me); return err }); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("somebody else: %v", err)
	}
	var out bytes.Buffer
	s.must(s.as(s.me, func(ctx context.Context, tx *pg.Tx) error { return s.files.Read(ctx, tx, e.Document, &out) }))
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	s.must(err)
	holds := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		s.must(err)
		b, err := io.ReadAll(r)
		s.must(err)
		holds[f.Name] = string(b)
	}
	if len(holds) != 3 || !strings.Contains(holds["account.json"], `"name": "Dulce"`) || !strings.HasPrefix(holds["files/BC-1/a-paper.pdf"], "%PDF") ||
		!strings.Contains(holds["README.txt"], "A copy of your data") || !strings.Contains(holds["README.txt"], "BC-1/gone.pdf") {
		t.Errorf("the copy holds %q", holds)
	}
	s.travel(8 * 24 * time.Hour)
	if e, err := export(); err != nil || e.Status != "expired" || e.Document != uuid.Nil {
		t.Errorf("after a week %+v, %v", e, err)
	}
	s.must(ask())
	s.work()
	if e, err := export(); err != nil || e.Status != "ready" || asked != 2 {
		t.Errorf("asked again %+v, %v", e, err)
	}
}

// TestErasure: open requests stand in the way, it can be undone for two weeks, then the account goes, and the key with the last record that the
// law keeps.
func TestErasure(t *testing.T) {
	t.Parallel()
	s := setStage(t)
	do := func(act func(context.Context, *pg.Tx, uuid.UUID) error) error {
		return s.as(s.me, func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, s.me) })
	}
	status := func() (e profile.Erasure) {
		t.Helper()
		s.must(s.as(s.me, func(ctx context.Context, tx *pg.Tx) (err error) {
			e, err = s.service.Erasure(ctx, tx, s.me)
			return err
		}))
		return e
	}
	s.kept = []profile.Kept{{Reference: "BC-1", Why: profile.KeptOpen}}
	if err := do(s.service.AskErasure); !errors.Is(err, profile.ErrOpen) {
		t.Errorf("with an open request: %v", err)
	}
	if err := do(s.service.UndoErasure); !errors.Is(err, profile.ErrErasure) {
		t.Errorf("nothing to undo: %v", err)
	}
	s.kept = nil
	s.must(do(s.service.AskErasure))
	s.must(do(s.service.AskErasure))
	s.travel(13 * 24 * time.Hour)
	s.must(do(s.service.UndoErasure))
	s.travel(30 * 24 * time.Hour)
	if e := status(); e.Status != "undone" || len(s.done) != 0 || len(s.told) != 1 {
		t.Errorf("undone: %+v, done %v, told %d", e, s.done, len(s.told))
	}
	s.must(do(s.service.AskErasure))
	s.kept = []profile.Kept{{Reference: "BC-2", Why: profile.KeptOpen}}
	s.travel(15 * 24 * time.Hour)
	if e := status(); e.Status != "blocked" || len(s.done) != 0 || s.told[len(s.told)-1].Purpose != "profile.erasure_blocked" {
		t.Errorf("a request was begun since: %+v, done %v", e, s.done)
	}
	var soon, later time.Time
	s.must(do(func(_ context.Context, tx *pg.Tx, _ uuid.UUID) error {
		soon, later = tx.Now.AddDate(0, 1, 0), tx.Now.AddDate(5, 0, 0)
		return nil
	}))
	s.kept = []profile.Kept{{Reference: "BC-1", Why: profile.KeptDecision, Until: &later}, {Reference: "BC-2", Why: profile.KeptPayment, Until: &soon}}
	s.must(do(s.service.AskErasure))
	s.travel(15 * 24 * time.Hour)
	if e := status(); e.Status != "closed" || e.KeptUntil == nil || !e.KeptUntil.Equal(later) || !slices.Equal(s.done, []string{"drop", "close"}) {
		t.Errorf("closed: %+v, done %v", e, s.done)
	}
	s.travel(365 * 24 * time.Hour)
	if !slices.Equal(s.done, []string{"drop", "close"}) {
		t.Errorf("too early: %v", s.done)
	}
	s.travel(5 * 365 * 24 * time.Hour)
	if e := status(); e.Status != "erased" || !slices.Equal(s.done, []string{"drop", "close", "forget"}) {
		t.Errorf("erased: %+v, done %v", e, s.done)
	}
	if err := s.as(id.New(), func(ctx context.Context, tx *pg.Tx) error { return s.service.AskErasure(ctx, tx, s.me) }); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("somebody else: %v", err)
	}
}
