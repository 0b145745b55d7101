package migrate_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestThreeProcessesAtOnce(t *testing.T) {
	t.Parallel()
	ownerURL, appURL := pgtest.Scratch(t)
	var group errgroup.Group
	for range 3 {
		group.Go(func() error { return migrate.Up(t.Context(), ownerURL) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	all, err := migrate.Status(t.Context(), appURL) // the application may look
	if err != nil {
		t.Fatal(err)
	}
	if all[0].Module != "platform" || all[len(all)-1].Module != "river" {
		t.Errorf("modules %+v", all)
	}
	for _, s := range all {
		if !s.Current() || s.Have == 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestStatusOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	_, appURL := pgtest.Scratch(t)
	all, err := migrate.Status(t.Context(), appURL)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Have != 0 || s.Current() {
			t.Errorf("%+v", s)
		}
	}
}

// TestEveryModuleGoesDownAndUpAgain proves the way back of each module's migrations.
func TestEveryModuleGoesDownAndUpAgain(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
	all, err := migrate.Status(t.Context(), ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(all) - 2; i >= 0; i-- { // the last is the queue; the platform goes last, all others lean on it
		if err := migrate.Down(t.Context(), ownerURL, all[i].Module); err != nil {
			t.Fatal(err)
		}
		if n := count(t, ownerURL, `SELECT count(*) FROM pg_namespace WHERE nspname = $1`, all[i].Module); n != 0 {
			t.Errorf("schema %s is still there", all[i].Module)
		}
	}
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
}

func TestForce(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
	if err := migrate.Force(t.Context(), ownerURL, "platform", 0); err != nil {
		t.Fatal(err)
	}
	all, err := migrate.Status(t.Context(), ownerURL)
	if err != nil || all[0].Have != 0 || all[0].Dirty {
		t.Fatalf("%+v, %v", all[0], err)
	}
	if err := migrate.Up(t.Context(), ownerURL); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("the first file ran over its own work: %v", err)
	}
	if err := migrate.Force(t.Context(), ownerURL, "platform", all[0].Want); err != nil {
		t.Fatal(err)
	}
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Error(err)
	}
}

// TestRolesHaveNoPassword: whoever sets the database up gives them one, so that none is known beforehand.
func TestRolesHaveNoPassword(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var roles, known int
	err = conn.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE rolpassword IS NOT NULL OR rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
		FROM pg_authid WHERE rolname IN ('digit_owner', 'digit_app')`).Scan(&roles, &known)
	if err != nil || roles != 2 || known != 0 {
		t.Errorf("of %d roles %d have a password or may too much: %v", roles, known, err)
	}
}

func TestApplicationCannotChangeTheSchema(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.AppURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, statement := range []string{
		`CREATE TABLE platform.x (id int)`, `CREATE SCHEMA x`, `CREATE TABLE public.x (id int)`, `CREATE TEMP TABLE x (id int)`,
		`ALTER TABLE platform.event DISABLE ROW LEVEL SECURITY`, `SELECT platform.protect('platform.event')`,
		`SET ROLE digit_owner`, `DELETE FROM platform.tenant`, `UPDATE migrations.platform SET version = 0`, `DELETE FROM river.river_migration`,
	} {
		if _, err := conn.Exec(t.Context(), statement); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
}

func TestInitDBMayBeRepeated(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	var group errgroup.Group
	for range 3 {
		group.Go(func() error { return migrate.InitDB(t.Context(), pgtest.SuperURL(t), cfg.Database) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, pgtest.SuperURL(t), `SELECT count(*) FROM pg_roles WHERE rolname IN ('digit_owner', 'digit_app') AND rolcanlogin AND NOT (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)`); n != 2 {
		t.Errorf("%d of 2 roles are as they must be", n)
	}
}

func TestHashIsStable(t *testing.T) {
	t.Parallel()
	if a, b := migrate.Hash(), migrate.Hash(); a != b || len(a) != 64 {
		t.Errorf("%s, %s", a, b)
	}
}

func count(t *testing.T, url, query string, args ...any) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
