package audit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// witnessed is a second host that takes checkpoints.
type witnessed struct {
	mu     sync.Mutex
	got    []string
	status int
}

func (w *witnessed) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, _ := io.ReadAll(r.Body)
	w.got = append(w.got, r.Method+" "+r.Header.Get("Content-Type")+"\n"+string(b))
	rw.WriteHeader(w.status)
}

func (b *bundle) sinks(t testing.TB) (list []audit.SinkState) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = b.service.Sinks(ctx, tx)
		return err
	})
	return list
}

func (b *bundle) push(t testing.TB) {
	t.Helper()
	if err := b.service.Push(context.Background(), b.db, b.tenant); err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointsGoOutside(t *testing.T) {
	t.Parallel()
	second := &witnessed{status: http.StatusOK}
	server := httptest.NewServer(second)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	b := setup(t, audit.Sink{Kind: audit.SinkFile, Address: folder}, audit.Sink{Kind: audit.SinkHTTPS, Address: server.URL + "/log"},
		audit.Sink{Kind: audit.SinkFile, Address: "/nowhere", Tenant: "another"})
	b.push(t) // there is nothing to send yet
	var mine uuid.UUID
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) (err error) {
		mine, err = b.service.AddSink(ctx, tx, audit.SinkEmail, " auditor@example.org ")
		return err
	})
	b.record(t, 2)
	b.push(t)
	b.push(t) // everybody has it
	first := b.latest(t)
	b.record(t, 2)
	b.push(t)
	latest := b.latest(t)

	kept, err := os.ReadFile(filepath.Join(folder, b.slug+".checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := audit.ParseCheckpoints(string(kept))
	if err != nil || len(all) != 2 || all[0].Note != first.Note || all[1].Note != latest.Note {
		t.Errorf("the file has %v, %v", all, err)
	}
	keys, err := filepath.Glob(filepath.Join(folder, b.slug+"-*.pem"))
	if err != nil || len(keys) != 1 {
		t.Errorf("keys %v, %v", keys, err)
	}
	if len(second.got) != 2 || second.got[1] != "POST text/plain; charset=utf-8\n"+latest.Note {
		t.Errorf("the second host got %q", second.got)
	}
	if len(b.mail.sent) != 1 || !strings.HasPrefix(b.mail.sent[0], "auditor@example.org\n"+first.Note) || !strings.Contains(b.mail.sent[0], "BEGIN PUBLIC KEY") {
		t.Errorf("mails %q", b.mail.sent) // the second one waits for tomorrow
	}
	for _, s := range b.sinks(t) {
		if s.Failure != "" || s.Arrived.IsZero() || strings.Contains(s.Label(), "auditor") {
			t.Errorf("%+v", s)
		}
	}
	if r := b.verify(t, all...); !r.Whole() || r.Checkpoints != 4 {
		t.Errorf("%+v", r)
	}
	b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.service.Checkpoints(ctx, tx, page.Request{})
		if len(p.Rows) != 2 || len(p.Rows[0].Deliveries) != 2 || len(p.Rows[1].Deliveries) != 3 {
			t.Errorf("%+v", p.Rows)
		}
		return err
	})
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveSink(ctx, tx, mine) })
	if len(b.sinks(t)) != 2 {
		t.Error("the place is still there")
	}
}

// TestAddressesOfPlacesAreSealed: an auditor's address is somebody's.
func TestAddressesOfPlacesAreSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.AddSink(ctx, tx, audit.SinkEmail, "joana.canario@example.org")
		return err
	})
	b.record(t, 1)
	b.push(t)
	b.in(t, pg.Scope{Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM audit.sink s WHERE s::text LIKE '%canario%') + (SELECT count(*) FROM audit.delivery d WHERE d::text LIKE '%canario%')
			+ (SELECT count(*) FROM audit.entry e WHERE e::text LIKE '%canario%')`).Scan(&n)
		if n != 0 {
			t.Errorf("%d rows have the address in clear", n)
		}
		return err
	})
}

// TestWhatDoesNotArriveIsNoted: the reason is told, and the next try makes it up.
func TestWhatDoesNotArriveIsNoted(t *testing.T) {
	t.Parallel()
	second := &witnessed{status: http.StatusServiceUnavailable}
	server := httptest.NewServer(second)
	t.Cleanup(server.Close)
	gone := httptest.NewServer(second)
	gone.Close()
	folder := filepath.Join(t.TempDir(), "later")
	b := setup(t, audit.Sink{Kind: audit.SinkFile, Address: folder}, audit.Sink{Kind: audit.SinkHTTPS, Address: server.URL}, audit.Sink{Kind: audit.SinkHTTPS, Address: gone.URL},
		audit.Sink{Kind: audit.SinkEmail, Address: "a@example.org"})
	b.mail.fault = errors.New("no provider")
	b.record(t, 1)
	b.push(t)
	for i, want := range []string{"unwritable", "refused", "unreachable", "mail"} {
		if s := b.sinks(t)[i]; s.Failure != want || !s.Arrived.IsZero() || s.Tried.IsZero() {
			t.Errorf("place %d: %+v, want %s", i, s, want)
		}
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	second.status, b.mail.fault = http.StatusAccepted, nil
	b.push(t)
	for i, want := range []string{"", "", "unreachable", ""} {
		if s := b.sinks(t)[i]; s.Failure != want || s.Arrived.IsZero() != (want != "") {
			t.Errorf("place %d: %+v, want %q", i, s, want)
		}
	}
}

func TestFinishLeavesNothingInside(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := setup(t, audit.Sink{Kind: audit.SinkFile, Address: folder})
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	if err := b.service.Finish(t.Context(), b.db, b.tenant); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(folder, b.slug+".checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := audit.ParseCheckpoints(string(kept))
	if err != nil || len(all) != 1 || all[0].Size != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	b.tamper(t, "DELETE FROM audit.sequence WHERE tenant_id = @tenant", "DELETE FROM audit.entry WHERE tenant_id = @tenant", "DELETE FROM audit.checkpoint WHERE tenant_id = @tenant")
	if r := b.verify(t, all...); r.Whole() {
		t.Error("that all of it is gone is not found")
	}
}

func TestPlacesAreChecked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"file:/mnt/record": "file /mnt/record ", "cv=file:/mnt//x/": "file /mnt/x cv", "https://witness.example/log?of=cv": "https https://witness.example/log?of=cv ",
		"mailto:audit@example.org": "email audit@example.org ", "cv=https://witness.example": "https https://witness.example cv", "http://localhost:9/": "https http://localhost:9/ ",
	} {
		s, err := audit.ParseSink(text)
		if got := s.Kind + " " + s.Address + " " + s.Tenant; err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "file:relative", "http://witness.example/", "https://", "https://user:word@host/", "mailto:nobody", "mailto:A B <a@b.example>", "ftp://x.example", "https://x.example/#y"} {
		if s, err := audit.ParseSink(text); !errors.Is(err, audit.ErrSink) {
			t.Errorf("%q is taken: %+v, %v", text, s, err)
		}
	}
	b := setup(t)
	for _, c := range []struct{ kind, address, code string }{
		{audit.SinkFile, "/etc", "audit.sink.kind"}, {"x", "", "audit.sink.kind"}, {audit.SinkEmail, "x", "audit.sink.email"}, {audit.SinkHTTPS, "http://10.0.0.1/", "audit.sink.https"},
	} {
		err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddSink(ctx, tx, c.kind, c.address)
			return err
		})
		if f := fault.Of(err); !errors.Is(err, audit.ErrSink) || len(f.Fields) != 1 || f.Fields[0].Code != c.code {
			t.Errorf("%s %s: %v", c.kind, c.address, err)
		}
	}
	person := pg.Actor{ID: id.New(), Kind: "person"}
	for what, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"add": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddSink(ctx, tx, "email", "a@b.example")
			return err
		},
		"remove": func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveSink(ctx, tx, id.New()) },
		"push":   b.service.PushNow,
		"verify": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartVerification(ctx, tx, false)
			return err
		},
		"export": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AskExport(ctx, tx, audit.Filter{})
			return err
		},
	} {
		if err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: person}, do); !errors.Is(err, audit.ErrForbidden) {
			t.Errorf("people may %s: %v", what, err)
		}
	}
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveSink(ctx, tx, id.New()) })
	if !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("removing nothing: %v", err)
	}
}

func TestPushByTheJob(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := setup(t, audit.Sink{Kind: audit.SinkFile, Address: folder})
	b.record(t, 1)
	b.in(t, pg.Scope{}, b.service.PushNow)
	pgtest.Work(t, b.db, b.jobs)
	if s := b.sinks(t); len(s) != 1 || s[0].Arrived.IsZero() {
		t.Errorf("%+v", s)
	}
}

func TestExports(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 3)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a", Reason: "=1+1"})
	})
	var all, some uuid.UUID
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) (err error) {
		if all, err = b.service.AskExport(ctx, tx, audit.Filter{}); err != nil {
			return err
		}
		some, err = b.service.AskExport(ctx, tx, audit.Filter{Action: "a.b", From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
		return err
	})
	pgtest.Work(t, b.db, b.jobs)
	b.in(t, pg.Scope{ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.service.Exports(ctx, tx)
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		for export, rows := range map[uuid.UUID]int64{all: 5, some: 1} { // what was recorded of asking is among them
			e, err := b.service.Export(ctx, tx, export)
			if err != nil || e.State != "ready" || e.Rows < rows || e.Finished == nil {
				t.Fatalf("%+v, %v", e, err)
			}
			text := string(b.files.files[e.File])
			if n := strings.Count(text, "\r\n") + strings.Count(text, "\n"); !strings.HasPrefix(text, "\ufeffat,recorded_at,kind,action") || int64(n) != e.Rows+1 || !strings.Contains(text, ",'=1+1,") {
				t.Errorf("%d lines: %s", n, text)
			}
		}
		return nil
	})
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{ID: id.New(), Kind: "staff"}}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.Export(ctx, tx, all)
		return err
	})
	if !errors.Is(err, audit.ErrNotFound) {
		t.Errorf("somebody else's file: %v", err)
	}
	if n := len(b.entries(t, audit.Filter{Action: "audit.exported", Kind: audit.KindRead})); n != 2 {
		t.Errorf("%d exports on record", n)
	}
}
