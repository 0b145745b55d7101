package document_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/document/inspect"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// scanner plays one: it says what it is told to say and keeps what it heard.
type scanner struct {
	mu      sync.Mutex
	finding string
	err     error
	heard   [][]byte
}

func (s *scanner) Scan(_ context.Context, r io.Reader) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return "", s.err
	}
	b, err := io.ReadAll(r)
	s.heard = append(s.heard, b)
	return s.finding, err
}

// setupWith is setup with something that looks through uploads.
func setupWith(t *testing.T, d document.Deps) (*bundle, *job.Registry) {
	t.Helper()
	b := setup(t)
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	d.Encryption = encryption.New(encryption.Deps{Root: root})
	b.Service = document.New(d)
	jobs := job.NewRegistry()
	b.Register(jobs)
	return b, jobs
}

func (b *bundle) take(name string, content []byte, in document.Store) (f document.File, err error) {
	u, err := b.Inspect(b.t.Context(), name, "", bytes.NewReader(content))
	if err != nil {
		return f, err
	}
	in.Person = b.person
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.Take(ctx, tx, in, u)
		return err
	})
	return f, err
}

func TestTake(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plain := documenttest.PDF("", "("+strings.Repeat("CANARIO ", 50_000)+")")
	f, err := b.take("../bi.pdf", plain, document.Store{Purpose: "test"})
	if err != nil || f.Name != "bi.pdf" || f.MediaType != "application/pdf" || f.Scan != document.NotScanned || f.Size != int64(len(plain)) {
		t.Fatalf("%+v, %v", f, err)
	}
	if got, err := b.read(f.ID); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("it came back as %d bytes, %v", len(got), err)
	}
	if n := b.count(`SELECT count(*) FROM document.chunk WHERE position('CANARIO'::bytea IN content) > 0`); n != 0 {
		t.Error("it lies in clear")
	}
	for name, c := range map[string]struct {
		file    string
		content []byte
		in      document.Store
		want    error
	}{
		"nothing":                     {"bi.pdf", nil, document.Store{}, document.ErrEmpty},
		"not of the accepted types":   {"foto.png", documenttest.PNG(4, 4), document.Store{Accept: []string{"application/pdf"}}, document.ErrType},
		"not of the usual types":      {"nota.txt", []byte("bom dia"), document.Store{}, document.ErrType},
		"larger than the question is": {"bi.pdf", plain, document.Store{MaxSize: int64(len(plain)) - 1}, document.ErrTooLarge},
		"larger when drawn anew":      {"foto.png", documenttest.PNG(200, 200), document.Store{MaxSize: 100}, document.ErrTooLarge},
		"too large for anybody":       {"nota.txt", bytes.Repeat([]byte("a"), document.MaxUpload+1), document.Store{}, document.ErrTooLarge},
		"a name that lies":            {"bi.pdf", documenttest.PNG(4, 4), document.Store{}, inspect.ErrName},
		"a PDF that acts":             {"bi.pdf", documenttest.PDF("/AA << /WC << /S /JavaScript /JS (x) >> >>"), document.Store{}, inspect.ErrActive},
	} {
		if _, err := b.take(c.file, c.content, c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := b.count(`SELECT count(*) FROM document.file`); n != 1 {
		t.Errorf("%d files, want the one that was taken", n)
	}
	if _, err := b.Inspect(t.Context(), "bi.pdf", "", iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut off on its way: %v", err)
	}
}

// TestScan: while the scanner has not spoken nobody reads the file, and when it found something nobody ever will.
func TestScan(t *testing.T) {
	t.Parallel()
	s := &scanner{err: fault.Unavailable("document.scanner_away")}
	b, jobs := setupWith(t, document.Deps{Scanner: s})
	content := documenttest.PDF("", "("+strings.Repeat("x", 3*piece)+")")
	take := func(name string) document.File {
		t.Helper()
		f, err := b.take(name, content, document.Store{Purpose: "test"})
		if err != nil || f.Scan != document.Waiting {
			t.Fatalf("%+v, %v", f, err)
		}
		return f
	}
	scan := func(f document.File) document.Scan {
		t.Helper()
		var found map[uuid.UUID]document.Scan
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			found, err = b.Scans(ctx, tx, f.ID, uuid.New())
			return err
		})
		if len(found) != 1 {
			t.Errorf("%v", found)
		}
		return found[f.ID]
	}
	first := take("primeiro.pdf")
	pgtest.Work(t, b.db, jobs)
	if _, err := b.read(first.ID); !errors.Is(err, document.ErrWaiting) || scan(first) != document.Waiting {
		t.Errorf("the scanner is away: %v, %s", err, scan(first))
	}

	s.err = nil
	second := take("segundo.pdf")
	pgtest.Work(t, b.db, jobs)
	if got, err := b.read(second.ID); err != nil || !bytes.Equal(got, content) || scan(second) != document.Clean {
		t.Errorf("the scanner found nothing: %v, %s", err, scan(second))
	}
	if len(s.heard) == 0 || !bytes.Equal(s.heard[0], content) {
		t.Error("the scanner heard something else")
	}

	s.finding = "Eicar-Test"
	third := take("terceiro.pdf")
	pgtest.Work(t, b.db, jobs)
	if _, err := b.read(third.ID); !errors.Is(err, document.ErrInfected) || scan(third) != document.Infected {
		t.Errorf("the scanner found something: %v, %s", err, scan(third))
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		f, err := b.File(ctx, tx, third.ID)
		if err == nil && (f.Finding != "Eicar-Test" || f.Name != "terceiro.pdf") {
			t.Errorf("%+v", f)
		}
		return err
	})
	if n := b.count(`SELECT count(*) FROM document.chunk WHERE file_id = $1`, third.ID); n != 0 {
		t.Errorf("%d pieces of it are still there", n)
	}
	for action, want := range map[string]int{"document.clean": 1, "document.infected": 1, "document.store": 3} {
		if n := b.count(`SELECT count(*) FROM audit.entry WHERE action = $1`, action); n != want {
			t.Errorf("%s is on record %d times, want %d", action, n, want)
		}
	}

	gone := take("quarto.pdf")
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Delete(ctx, tx, gone.ID) })
	pgtest.Work(t, b.db, jobs)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if found, err := b.Scans(ctx, tx, gone.ID); err != nil || len(found) != 0 {
			t.Errorf("removed meanwhile: %v, %v", found, err)
		}
		found, err := b.Scans(ctx, tx)
		if len(found) != 0 {
			t.Errorf("of no files: %v", found)
		}
		return err
	})
	if err := b.in(pgtest.Tenant(t, b.db), func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.Scans(ctx, tx, second.ID)
		if len(found) != 0 {
			t.Error("another tenant learns of it")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// TestInspectionTakesTurns: many files at once are looked into a few at a time, and who gives up waits no longer.
func TestInspectionTakesTurns(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	enter, leave := make(chan struct{}, 20), make(chan struct{})
	b, _ := setupWith(t, document.Deps{Inspector: func(_ context.Context, q inspect.Query) (inspect.Result, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		enter <- struct{}{}
		<-leave
		return inspect.Result{Name: q.Name, MediaType: "text/plain", Content: q.Content}, nil
	}})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := b.Inspect(t.Context(), "a.txt", "", strings.NewReader("x")); err != nil {
				t.Error(err)
			}
		})
	}
	<-enter
	<-enter
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Inspect(impatient, "a.txt", "", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("giving up: %v", err)
	}
	close(leave)
	all.Wait()
	if most.Load() != 2 {
		t.Errorf("%d at once, want 2", most.Load())
	}
}
