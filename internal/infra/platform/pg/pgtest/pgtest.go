// Package pgtest gives tests a real PostgreSQL. A test package gets a database of its own, cloned from a template
// that is migrated once per set of migrations; its tests share it in parallel and are kept apart as tenants are in
// life: each takes a fresh tenant. Only pools of the application's role are handed out, since a superuser would
// see every row and prove nothing.
//
// The server is named by DIGIT_TEST_SERVER, the URL of a superuser on a server for tests alone; `make test` sets it, and
// where it is not set each test package starts a server of its own, which takes some seconds. A package that uses
// pgtest has
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// which drops the clone at the end. Clones of processes that were killed are dropped by the next that comes.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/cluster"
)

// Env is the environment variable that names the test server.
const Env = "DIGIT_TEST_SERVER"

const setUpTimeout = 3 * time.Minute

// process is what the tests of one package share.
var process struct {
	sync.Mutex
	main    bool
	server  *url.URL         // of DIGIT_TEST_SERVER or of cluster
	cluster *cluster.Cluster // started here, or nil
	dir     string           // the folder of cluster
	clone   *clone
	err     error
	exits   []func() error
}

// bench is what one DB of New has on the side.
type bench struct {
	queue   string
	tenants []uuid.UUID
}

var benches sync.Map // *pg.DB → *bench

// Main runs a package's tests and drops its database.
func Main(m *testing.M) {
	process.main = true
	code := m.Run()
	var err error
	for _, f := range slices.Backward(process.exits) {
		err = errors.Join(err, f())
	}
	if process.clone != nil {
		err = process.clone.drop()
	}
	if err = errors.Join(err, stopServer()); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// OnExit has Main call f after the last test, before the database is dropped: for what a package's tests share. The last
// one given is called first.
func OnExit(f func() error) {
	process.Lock()
	defer process.Unlock()
	process.exits = append(process.exits, f)
}

// New opens a pool of the application's role on the package's database. Jobs enqueued through it wait in a queue of its own
// for Work. It is closed when the test ends.
func New(t testing.TB) *pg.DB {
	t.Helper()
	return Open(t, AppURL(t))
}

// Open is New on another database, one of Scratch for instance.
func Open(t testing.TB, appURL string) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), appURL, pg.Options{MaxConns: 6, Log: slog.New(slog.DiscardHandler), AppName: "digit test"})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	b := &bench{queue: "test_" + strings.ReplaceAll(id.New().String(), "-", "")}
	queue, err := job.NewClient(db, job.NewRegistry(), job.Options{InsertOnly: true, Test: &job.TestOptions{Queue: b.queue}})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	db.Use(queue, nil)
	benches.Store(db, b)
	t.Cleanup(func() {
		benches.Delete(db)
		db.Close()
	})
	return db
}

// AppURL is the application role's address of the package's database.
func AppURL(t testing.TB) string { t.Helper(); return packageClone(t).url(migrate.AppRole) }

// OwnerURL is the owner's address of the package's database, for tests of the schema itself.
func OwnerURL(t testing.TB) string { t.Helper(); return packageClone(t).url(migrate.OwnerRole) }

// Tenant makes a fresh production tenant.
func Tenant(t testing.TB, db *pg.DB) uuid.UUID { t.Helper(); return tenant(t, db, "production") }

// DemoTenant makes a fresh tenant whose clock can be moved.
func DemoTenant(t testing.TB, db *pg.DB) uuid.UUID { t.Helper(); return tenant(t, db, "demo") }

func tenant(t testing.TB, db *pg.DB, kind string) uuid.UUID {
	t.Helper()
	row := pg.TenantRow{ID: id.New(), Kind: kind}
	row.Slug = "t" + strings.ReplaceAll(row.ID.String(), "-", "")
	if err := db.CreateTenant(t.Context(), row); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	if b, ok := benches.Load(db); ok {
		b := b.(*bench)
		process.Lock()
		b.tenants = append(b.tenants, row.ID)
		process.Unlock()
	}
	return row.ID
}

// Scratch makes a database for one test alone and returns the owner's and the application's address. It is empty
// but for its roles; migrate.Up fills it. It is dropped when the test ends.
func Scratch(t testing.TB) (ownerURL, appURL string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setUpTimeout)
	defer cancel()
	process.Lock()
	server := serverURL(ctx, t)
	process.Unlock()
	c, err := newClone(ctx, server, "")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := c.drop(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return c.url(migrate.OwnerRole), c.url(migrate.AppRole)
}

// SuperURL is the superuser's address of the package's database, for what only an operator does: killing a connection,
// looking past row security.
func SuperURL(t testing.TB) string { t.Helper(); return packageClone(t).url("") }

// SuperOf is the superuser's address of the database that an address of Scratch names.
func SuperOf(t testing.TB, address string) string {
	t.Helper()
	process.Lock()
	defer process.Unlock()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return urlOf(serverURL(t.Context(), t), "", strings.TrimPrefix(u.Path, "/"))
}

// packageClone makes the package's database when its first test asks for it.
func packageClone(t testing.TB) *clone {
	t.Helper()
	process.Lock()
	defer process.Unlock()
	if process.clone == nil && process.err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), setUpTimeout)
		defer cancel()
		server := serverURL(ctx, t)
		var template string
		if template, process.err = ensureTemplate(ctx, server); process.err == nil {
			process.clone, process.err = newClone(ctx, server, template)
		}
	}
	if process.err != nil {
		t.Fatalf("pgtest: %v", process.err)
	}
	return process.clone
}
