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
	const head = `CREATE SCHEMA IF NOT EXISTS channel; GRANT USAGE ON SCHEMA planning TO digit_app; `
	for name, c := range map[string]struct{ sql, want string }{
		"a": {`CREATE TABLE channel.a (` + tenant + good + `SELECT platform.protect('channel.a'); GRANT SELECT ON channel.a TO digit_app; COMMENT ON TABLE channel.a IS 'good'`, ""},
		"b": {`CREATE TABLE channel.b (id uuid PRIMARY KEY)`, "channel.b: has no tenant_id"},
		"c": {`CREATE TABLE channel.c (tenant_id uuid NOT NULL, id uuid NOT NULL, ` + good, "channel.c: tenant_id must be"},
		"d": {`CREATE TABLE channel.d (` + tenant + good + `ALTER TABLE channel.d ENABLE ROW LEVEL SECURITY`, "channel.d: row level security must be enabled and forced"},
		"e": {`CREATE TABLE channel.e (` + tenant + good + `SELECT platform.protect('channel.e'); CREATE POLICY open ON channel.e USING (true)`, "channel.e: must have exactly the standard policy"},
		"f": {`CREATE TABLE channel.f (` + tenant + good + `ALTER TABLE channel.f ENABLE ROW LEVEL SECURITY; ALTER TABLE channel.f FORCE ROW LEVEL SECURITY;
			CREATE POLICY tenant_isolation ON channel.f USING (tenant_id IS NOT NULL)`, "channel.f: must have exactly the standard policy"},
		"g": {`CREATE TABLE channel.g (` + tenant + `PRIMARY KEY (id, tenant_id))`, "channel.g: the primary key must begin with tenant_id"},
		"h": {`CREATE TABLE channel.h (` + tenant + `code text, ` + good + `CREATE INDEX h_code_idx ON channel.h (code)`, "channel.h channel.h_code_idx: an index must begin"},
		"i": {`CREATE TABLE channel.i (` + tenant + good + `CREATE TABLE IF NOT EXISTS channel.a (` + tenant + good + `
			ALTER TABLE platform.event ADD CONSTRAINT across FOREIGN KEY (tenant_id, id) REFERENCES channel.i`, "platform.event across: a foreign key may not cross"},
		"j": {`CREATE TABLE channel.j (` + tenant + `parent uuid, UNIQUE (id), ` + good + `ALTER TABLE channel.j ADD CONSTRAINT up FOREIGN KEY (parent) REFERENCES channel.j (id)`, "channel.j up: a foreign key must begin with tenant_id"},
		"k": {`CREATE TABLE channel.k (` + tenant + `parent uuid, ` + good + `ALTER TABLE channel.k ADD CONSTRAINT up FOREIGN KEY (tenant_id, parent) REFERENCES channel.k`, "channel.k up: a foreign key needs an index"},
		"l": {`CREATE TABLE channel.l (` + tenant + `price double precision, ` + good, "channel.l.price: a column type"},
		"m": {`CREATE TABLE channel.m (` + tenant + `at timestamp, ` + good, "channel.m.at: a column type"},
		"n": {`CREATE TABLE channel.n (` + tenant + `body json, ` + good, "channel.n.body: a column type"},
		"o": {`CREATE TABLE channel.o (` + tenant + `n bigserial, ` + good, "channel.o.n: serial"},
		"p": {`CREATE TABLE channel.p (` + tenant + good, "channel.p: has no COMMENT"},
		"q": {`CREATE TABLE planning.q (` + tenant + good, "planning.q: digit_app may not read it"},
		"r": {`CREATE VIEW channel.r AS SELECT 1 AS one`, "channel.r: a view must be security_invoker"},
		"s": {`CREATE MATERIALIZED VIEW channel.s AS SELECT 1 AS one`, "channel.s: a materialized view"},
		"t": {`CREATE FUNCTION channel.t() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`, "channel.t(): a security definer function"},
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
