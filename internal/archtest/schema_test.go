package archtest_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"digit/internal/archtest"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, broken := range check(t, pgtest.OwnerURL(t)) {
		t.Error(broken)
	}
}

func TestBrokenTablesAreFound(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), ownerURL); err != nil {
		t.Fatal(err)
	}
	const tenant = `tenant_id uuid NOT NULL DEFAULT platform.current_tenant(), id uuid NOT NULL, `
	const good = ` PRIMARY KEY (tenant_id, id)); `
	const head = `CREATE SCHEMA IF NOT EXISTS planning; GRANT USAGE ON SCHEMA planning TO digit_app; `
	for name, c := range map[string]struct{ sql, want string }{
		"a": {`CREATE TABLE planning.a (` + tenant + good + `SELECT platform.protect('planning.a'); GRANT SELECT ON planning.a TO digit_app; COMMENT ON TABLE planning.a IS 'good'`, ""},
		"b": {`CREATE TABLE planning.b (id uuid PRIMARY KEY)`, "planning.b: has no tenant_id"},
		"c": {`CREATE TABLE planning.c (tenant_id uuid NOT NULL, id uuid NOT NULL, ` + good, "planning.c: tenant_id must be"},
		"d": {`CREATE TABLE planning.d (` + tenant + good + `ALTER TABLE planning.d ENABLE ROW LEVEL SECURITY`, "planning.d: row level security must be enabled and forced"},
		"e": {`CREATE TABLE planning.e (` + tenant + good + `SELECT platform.protect('planning.e'); CREATE POLICY open ON planning.e USING (true)`, "planning.e: must have exactly the standard policy"},
		"f": {`CREATE TABLE planning.f (` + tenant + good + `ALTER TABLE planning.f ENABLE ROW LEVEL SECURITY; ALTER TABLE planning.f FORCE ROW LEVEL SECURITY;
			CREATE POLICY tenant_isolation ON planning.f USING (tenant_id IS NOT NULL)`, "planning.f: must have exactly the standard policy"},
		"g": {`CREATE TABLE planning.g (` + tenant + `PRIMARY KEY (id, tenant_id))`, "planning.g: the primary key must begin with tenant_id"},
		"h": {`CREATE TABLE planning.h (` + tenant + `code text, ` + good + `CREATE INDEX h_code_idx ON planning.h (code)`, "planning.h planning.h_code_idx: an index must begin"},
		"i": {`CREATE TABLE planning.i (` + tenant + good + `CREATE TABLE IF NOT EXISTS planning.a (` + tenant + good + `
			ALTER TABLE platform.event ADD CONSTRAINT across FOREIGN KEY (tenant_id, id) REFERENCES planning.i`, "platform.event across: a foreign key may not cross"},
		"j": {`CREATE TABLE planning.j (` + tenant + `parent uuid, UNIQUE (id), ` + good + `ALTER TABLE planning.j ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES planning.j (id)`, "planning.j up: a foreign key must begin with tenant_id"},
		"k": {`CREATE TABLE planning.k (` + tenant + `parent uuid, ` + good + `ALTER TABLE planning.k ADD CONSTRAINT up FOREIGN KEY (tenant_id, parent) REFERENCES planning.k`, "planning.k up: a foreign key needs an index"},
		"l": {`CREATE TABLE planning.l (` + tenant + `price double precision, ` + good, "planning.l.price: a column type"},
		"m": {`CREATE TABLE planning.m (` + tenant + `at timestamp, ` + good, "planning.m.at: a column type"},
		"n": {`CREATE TABLE planning.n (` + tenant + `body json, ` + good, "planning.n.body: a column type"},
		"o": {`CREATE TABLE planning.o (` + tenant + `n bigserial, ` + good, "planning.o.n: serial"},
		"p": {`CREATE TABLE planning.p (` + tenant + good, "planning.p: has no COMMENT"},
		"q": {`CREATE TABLE planning.q (` + tenant + good, "planning.q: digit_app may not read it"},
		"r": {`CREATE VIEW planning.r AS SELECT 1 AS one`, "planning.r: a view must be security_invoker"},
		"s": {`CREATE MATERIALIZED VIEW planning.s AS SELECT 1 AS one`, "planning.s: a materialized view"},
		"t": {`CREATE FUNCTION planning.t() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`, "planning.t(): a security definer function"},
		"u": {`CREATE SCHEMA stray; CREATE TABLE stray.u (id int)`, "stray: a schema of no module"},
	} {
		run(t, ownerURL, head+c.sql)
		got := strings.Join(check(t, ownerURL), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant %q", name, got, c.want)
		}
		run(t, ownerURL, `DROP SCHEMA planning CASCADE; DROP SCHEMA IF EXISTS stray CASCADE`)
	}
}

func check(t *testing.T, url string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	broken, err := archtest.CheckSchema(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return broken
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
