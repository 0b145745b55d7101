package archtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// shared are the tables without row security, each with its reason.
var shared = map[string]string{
	"platform.tenant":      "the directory, read before a tenant is known",
	"platform.domain":      "the directory, read before a tenant is known",
	"encryption.root_key":  "the keysets that wrap all tenants' keysets",
	"encryption.root_copy": "those keysets, each wrapped by another or by a keystore",
}

// standardPolicy is what PostgreSQL says of the policy that platform.protect makes.
const standardPolicy = "(tenant_id = ( SELECT platform.current_tenant() AS current_tenant))"

// ourTables selects the tables (partitions too) of our schemas as oid, name.
const ourTables = `our AS (
	SELECT c.oid, c.relnamespace, n.nspname AS schema, n.nspname || '.' || c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, c.relkind,
		n.nspname || '.' || c.relname = ANY($1) AS shared,
		(SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS tenant_att
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND n.nspname <> ALL($2))`

// foreignSchemas are not ours to judge.
var foreignSchemas = []string{"pg_catalog", "information_schema", "pg_toast", "river", "migrations"}

// rule is a query that returns what breaks it.
type rule struct{ why, query string }

var schemaRules = []rule{
	{
		"has no tenant_id and is not on the list of shared tables (internal/archtest/schema.go)",
		`SELECT name FROM our WHERE tenant_att IS NULL AND NOT shared`,
	},
	{
		"tenant_id must be NOT NULL DEFAULT platform.current_tenant()",
		`SELECT name FROM our JOIN pg_attribute a ON a.attrelid = our.oid AND a.attnum = our.tenant_att
			LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE NOT shared AND (NOT a.attnotnull OR a.atttypid <> 'uuid'::regtype OR pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM 'platform.current_tenant()')`,
	},
	{
		"row level security must be enabled and forced",
		`SELECT name FROM our WHERE NOT shared AND tenant_att IS NOT NULL AND NOT (relrowsecurity AND relforcerowsecurity)`,
	},
	{
		"must have exactly the standard policy: SELECT platform.protect(…)",
		`SELECT name FROM our WHERE NOT shared AND tenant_att IS NOT NULL AND (SELECT coalesce(array_agg(
				(polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))::text), '{}')
			FROM pg_policy WHERE polrelid = our.oid) <> ARRAY[('tenant_isolation', '*', true, '{0}', '` + standardPolicy + `', '` + standardPolicy + `')::text]`,
	},
	{
		"the primary key must begin with tenant_id",
		`SELECT name FROM our WHERE NOT shared AND tenant_att IS NOT NULL
			AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = our.oid AND k.contype = 'p' AND k.conkey[1] = our.tenant_att)`,
	},
	{
		"an index must begin with tenant_id or be unique on id",
		`SELECT name || ' ' || i.indexrelid::regclass FROM our JOIN pg_index i ON i.indrelid = our.oid
			WHERE NOT shared AND tenant_att IS NOT NULL AND i.indkey[0] <> tenant_att
			AND NOT (i.indisunique AND i.indnkeyatts = 1 AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = our.oid AND a.attnum = i.indkey[0] AND a.attname = 'id'))`,
	},
	{
		"a foreign key may not cross schemas",
		`SELECT name || ' ' || k.conname FROM our JOIN pg_constraint k ON k.conrelid = our.oid AND k.contype = 'f'
			JOIN pg_class f ON f.oid = k.confrelid WHERE f.relnamespace <> our.relnamespace`,
	},
	{
		"a foreign key must begin with tenant_id, or it could point into another tenant",
		`SELECT name || ' ' || k.conname FROM our JOIN pg_constraint k ON k.conrelid = our.oid AND k.contype = 'f'
			WHERE NOT shared AND tenant_att IS NOT NULL AND k.conkey[1] <> tenant_att`,
	},
	{
		"a foreign key needs an index that begins with its columns",
		`SELECT name || ' ' || k.conname FROM our JOIN pg_constraint k ON k.conrelid = our.oid AND k.contype = 'f'
			WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = our.oid AND i.indpred IS NULL
				AND (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] @> k.conkey)`,
	},
	{
		"a column type that is not used here (float, json, timestamp without zone, money, time with zone)",
		`SELECT name || '.' || a.attname FROM our JOIN pg_attribute a ON a.attrelid = our.oid AND a.attnum > 0 AND NOT a.attisdropped
			WHERE a.atttypid IN ('float4'::regtype, 'float8'::regtype, 'json'::regtype, 'timestamp'::regtype, 'money'::regtype, 'timetz'::regtype,
				'float8[]'::regtype, 'json[]'::regtype, 'timestamp[]'::regtype)`,
	},
	{
		"serial: sequences skip; use an id made in Go or a counter row",
		`SELECT name || '.' || a.attname FROM our JOIN pg_attribute a ON a.attrelid = our.oid JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'`,
	},
	{
		"has no COMMENT",
		`SELECT name FROM our WHERE coalesce(obj_description(oid, 'pg_class'), '') = ''`,
	},
	{
		"digit_app may not read it: grant usage and default privileges at the head of the module's first migration",
		`SELECT name FROM our WHERE NOT has_table_privilege('digit_app', oid, 'SELECT') OR NOT has_schema_privilege('digit_app', relnamespace, 'USAGE')`,
	},
	{
		"a view must be security_invoker, or its owner's rights would count",
		`SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname <> ALL($2) AND n.nspname <> ALL($1) AND c.relkind = 'v' AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']`,
	},
	{
		"a materialized view has no row level security",
		`SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> ALL($2) AND n.nspname <> ALL($1) AND c.relkind = 'm'`,
	},
	{
		"a security definer function must fix its search_path",
		`SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname <> ALL($2) AND n.nspname <> ALL($1) AND p.prosecdef AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c(setting) WHERE c.setting LIKE 'search_path=%')`,
	},
}

// CheckSchema returns the rules that the tables of a migrated database break, one sentence each.
func CheckSchema(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	var allowed []string
	for name := range shared {
		allowed = append(allowed, name)
	}
	slices.Sort(allowed)
	ask := func(query string) ([]string, error) {
		rows, err := conn.Query(ctx, `WITH `+ourTables+` `+query, allowed, foreignSchemas)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	var broken []string
	for _, r := range schemaRules {
		names, err := ask(r.query)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.why, err)
		}
		for _, name := range names {
			broken = append(broken, name+": "+r.why)
		}
	}
	schemas, err := ask(`SELECT DISTINCT schema FROM our`)
	if err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		if schema != "platform" && !isModule(schema) {
			broken = append(broken, schema+": a schema of no module")
		}
	}
	slices.Sort(broken)
	return broken, nil
}
