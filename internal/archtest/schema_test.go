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
	const head = `CREATE SCHEMA IF NOT EXISTS desk; GRANT USAGE ON SCHEMA desk TO digit_app; `
	for name, c := range map[string]struct{ sql, want string }{
		"a": {`CREATE TABLE desk.a (` + tenant + good + `SELECT platform.protect('desk.a'); GRANT SELECT ON desk.a TO digit_app; COMMENT ON TABLE desk.a IS 'good'`, ""},
		"b": {`CREATE TABLE desk.b (id uuid PRIMARY KEY)`, "desk.b: has no tenant_id"},
		"c": {`CREATE TABLE desk.c (tenant_id uuid NOT NULL, id uuid NOT NULL, ` + good, "desk.c: tenant_id must be"},
		"d": {`CREATE TABLE desk.d (` + tenant + good + `ALTER TABLE desk.d ENABLE ROW LEVEL SECURITY`, "desk.d: row level security must be enabled and forced"},
		"e": {`CREATE TABLE desk.e (` + tenant + good + `SELECT platform.protect('desk.e'); CREATE POLICY open ON desk.e USING (true)`, "desk.e: must have exactly the standard policy"},
		"f": {`CREATE TABLE desk.f (` + tenant + good + `ALTER TABLE desk.f ENABLE ROW LEVEL SECURITY; ALTER TABLE desk.f FORCE ROW LEVEL SECURITY;
			CREATE POLICY tenant_isolation ON desk.f USING (tenant_id IS NOT NULL)`, "desk.f: must have exactly the standard policy"},
		"g": {`CREATE TABLE desk.g (` + tenant + `PRIMARY KEY (id, tenant_id))`, "desk.g: the primary key must begin with tenant_id"},
		"h": {`CREATE TABLE desk.h (` + tenant + `code text, ` + good + `CREATE INDEX h_code_idx ON desk.h (code)`, "desk.h desk.h_code_idx: an index must begin"},
		"i": {`CREATE TABLE desk.i (` + tenant + good + `CREATE TABLE IF NOT EXISTS desk.a (` + tenant + good + `
			ALTER TABLE platform.event ADD CONSTRAINT across FOREIGN KEY (tenant_id, id) REFERENCES desk.i`, "platform.event across: a foreign key may not cross"},
		"j": {`CREATE TABLE desk.j (` + tenant + `parent uuid, UNIQUE (id), ` + good + `ALTER TABLE desk.j ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES desk.j (id)`, "desk.j up: a foreign key must begin with tenant_id"},
		"k": {`CREATE TABLE desk.k (` + tenant + `parent uuid, ` + good + `ALTER TABLE desk.k ADD CONSTRAINT up FOREIGN KEY (tenant_id, parent) REFERENCES desk.k`, "desk.k up: a foreign key needs an index"},
		"l": {`CREATE TABLE desk.l (` + tenant + `price double precision, ` + good, "desk.l.price: a column type"},
		"m": {`CREATE TABLE desk.m (` + tenant + `at timestamp, ` + good, "desk.m.at: a column type"},
		"n": {`CREATE TABLE desk.n (` + tenant + `body json, ` + good, "desk.n.body: a column type"},
		"o": {`CREATE TABLE desk.o (` + tenant + `n bigserial, ` + good, "desk.o.n: serial"},
		"p": {`CREATE TABLE desk.p (` + tenant + good, "desk.p: has no COMMENT"},
		"q": {`CREATE TABLE desk.q (` + tenant + good, "desk.q: digit_app may not read it"},
		"r": {`CREATE VIEW desk.r AS SELECT 1 AS one`, "desk.r: a view must be security_invoker"},
		"s": {`CREATE MATERIALIZED VIEW desk.s AS SELECT 1 AS one`, "desk.s: a materialized view"},
		"t": {`CREATE FUNCTION desk.t() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`, "desk.t(): a security definer function"},
		"u": {`CREATE SCHEMA stray; CREATE TABLE stray.u (id int)`, "stray: a schema of no module"},
	} {
		run(t, ownerURL, head+c.sql)
		got := strings.Join(check(t, ownerURL), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got\n%s\nwant %q", name, got, c.want)
		}
		run(t, ownerURL, `DROP SCHEMA desk CASCADE; DROP SCHEMA IF EXISTS stray CASCADE`)
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
