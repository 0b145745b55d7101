// Package edge asks the whole running platform what happens at its edges: who may open what, what wrong input, lost
// connections, replays and impatient people lead to. It speaks HTTP as browsers and other systems do.
package edge

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/simulator"
)

func TestMain(m *testing.M) {
	if settings := os.Getenv(asChild); settings != "" {
		os.Exit(child(settings))
	}
	pgtest.Main(m)
}

var update = flag.Bool("update", false, "write the golden files anew")

// house is the platform, running, with the demonstration state in it.
type house struct {
	*app.App
	URL   string
	Log   *logbook
	super string // the superuser's address of its database

	badges badges
	asked  trail
}

// shared is the house that the tests of this package have in common.
var shared struct {
	sync.Once
	house *house
	err   error
}

// open returns the shared house. Tests live in it side by side as people do: each with its own citizens and cases.
func open(t *testing.T) *house {
	t.Helper()
	shared.Do(func() {
		var stop func() error
		dir, err := os.MkdirTemp("", "digit-edge-")
		if err != nil {
			shared.err = err
			return
		}
		shared.house, stop, shared.err = run(app.Config{
			Data: dir, DatabaseURL: pgtest.AppURL(t), OwnerURL: pgtest.OwnerURL(t),
		}, pgtest.SuperURL(t))
		pgtest.OnExit(func() error { return errors.Join(stop(), os.RemoveAll(dir)) })
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.house
}

// own builds a house on a database of this test alone, for tests that shake it.
func own(t *testing.T, with app.Config) *house {
	t.Helper()
	owner, user := pgtest.Scratch(t)
	with.Data, with.DatabaseURL, with.OwnerURL = t.TempDir(), user, owner
	h, stop, err := run(with, pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func run(c app.Config, super string) (*house, func() error, error) {
	book := &logbook{}
	c.Listen, c.Demo, c.Version, c.LogTo, c.LogLevel = "localhost:0", true, "test", book, "debug"
	a, err := app.Open(context.Background(), c)
	if err != nil {
		return nil, func() error { return nil }, err
	}
	if err := decideAtOnce(super); err != nil {
		return nil, func() error { return nil }, errors.Join(err, a.Close(context.Background()))
	}
	h := &house{App: a, URL: a.URL(), Log: book, super: super}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return h, func() error {
		cancel()
		return <-ended
	}, nil
}

// rest has the house do nothing more by itself, such as making the key of a tenant's first checkpoint, so that what changes from now on
// was done by those who ask.
func (h *house) rest(t *testing.T) {
	t.Helper()
	if err := h.Client.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// decideAtOnce has no decision of the demonstration wait before it takes effect: tests look at what comes of it.
func decideAtOnce(super string) error {
	conn, err := pgx.Connect(context.Background(), super)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), `UPDATE tenancy.setting SET undo_seconds = 0`)
	return err
}

// logbook keeps what the platform logs.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes a line.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// why is what the platform logged about a request that failed.
func (h *house) why(a answer) string {
	for line := range strings.Lines(h.Log.String()) {
		if strings.Contains(line, a.header.Get("X-Request-Id")) && (strings.Contains(line, "msg=failed") || strings.Contains(line, "msg=panic") || strings.Contains(line, "msg=unavailable")) {
			return line
		}
	}
	return text(a.body)
}

// tenant returns a tenant's id by its slug.
func (h *house) tenant(t *testing.T, slug string) uuid.UUID {
	t.Helper()
	row, err := h.DB.TenantBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return row.ID
}

// as runs work in a tenant as the system.
func (h *house) as(t *testing.T, tenant uuid.UUID, work func(ctx context.Context, tx *pg.Tx) error) error {
	t.Helper()
	return h.DB.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, work)
}

// look opens a connection that sees past row security.
func (h *house) look(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), h.super)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// count answers a question to the database that is a number.
func (h *house) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.super)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var n int
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// refresh makes everybody who is signed in have proved just now who they are, and for as long as the tests last.
func (h *house) refresh(t *testing.T) { h.age(t, "-1 day") }

// age makes it so long ago that everybody who is signed in proved who they are.
func (h *house) age(t *testing.T, since string) {
	t.Helper()
	pool := h.look(t)
	if _, err := pool.Exec(t.Context(), `UPDATE identity.session SET authenticated_at = now() - $1::interval`, since); err != nil {
		t.Fatal(err)
	}
}

// messages returns what arrived at an address in a tenant's simulated phones, the newest first.
func (h *house) messages(t *testing.T, tenant uuid.UUID, address string) []simulator.Message {
	t.Helper()
	var found page.Page[simulator.Message]
	err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = h.Simulator.Messages(ctx, tx, simulator.MessageFilter{Address: address}, page.Request{Size: 100})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found.Rows
}

const patience = 60 * time.Second

// eventually waits until ask says yes: the platform's jobs have their own time.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ask() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// golden compares lines with a file of testdata, or writes it.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for _, line := range lines {
		if !slices.Contains(want, line) {
			t.Errorf("%s: new:  %s", name, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("%s: gone: %s", name, line)
		}
	}
	if !t.Failed() && got != string(b) {
		t.Errorf("%s: the order changed", name)
	}
}

// next numbers things that must differ between tests.
var next = func() func() int {
	var mu sync.Mutex
	n := 0
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		n++
		return n
	}
}()

// phone returns a mobile number that nobody has.
func phone() string { return fmt.Sprintf("+238991%04d", next()) }
