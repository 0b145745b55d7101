package edge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// query is a statement of a module as it is run, with the names of its parameters by number.
type query struct {
	name, sql string
	many      bool
	params    []string
	tables    []string // which it names, in order
}

var (
	named     = regexp.MustCompile(`(?m)^-- name: (\w+) :\w+`)
	statement = regexp.MustCompile("(?s)const (\\w+) = `-- name: (\\w+) :(\\w+)\n(.*?)`")
	tableName = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|ONLY)\s+([a-z_]+\.[a-z_]+)`)
	upper     = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// queries reads every statement of db/queries, in the form in which it reaches the database.
func queries(t *testing.T) (all []query) {
	t.Helper()
	want := 0
	walk(t, "../../db/queries", ".sql", func(path, text string) { want += len(named.FindAllString(text, -1)) })
	walk(t, "../../internal", ".sql.go", func(path, text string) {
		module := strings.TrimSuffix(filepath.Base(filepath.Dir(path)), "db")
		for _, m := range statement.FindAllStringSubmatch(text, -1) {
			q := query{name: module + "." + m[2], many: m[3] == "many", sql: m[4]}
			call := regexp.MustCompile(`(?s)db\.(?:Query|QueryRow|Exec)\(ctx, ` + m[1] + `((?:,\s*[\w.]+)*),?\s*\)`).FindStringSubmatch(text)
			if call == nil {
				t.Fatalf("%s is not run in %s", m[1], path)
			}
			for _, arg := range strings.FieldsFunc(call[1], func(r rune) bool { return strings.ContainsRune(", \n\t", r) }) {
				arg = arg[strings.LastIndex(arg, ".")+1:]
				arg = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(arg, "IDs", "Ids"), "ID", "Id"), "_")
				q.params = append(q.params, strings.ToLower(upper.ReplaceAllString(arg, "${1}_${2}")))
			}
			for _, name := range tableName.FindAllStringSubmatch(q.sql, -1) {
				q.tables = append(q.tables, name[1])
			}
			all = append(all, q)
		}
	})
	if len(all) != want {
		t.Fatalf("%d statements are generated of %d", len(all), want)
	}
	return all
}

func walk(t *testing.T, root, suffix string, visit func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		b, err := os.ReadFile(path)
		visit(path, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// effect is how many rows a statement found with anything in them, or changed; whatever it did is taken back.
func effect(ctx context.Context, tx pgx.Tx, q query, args []any) (n int64, err error) {
	step, err := tx.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, step.Rollback(ctx)) }()
	rows, err := step.Query(ctx, q.name, args...)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return 0, err
		}
		if nothing, ok := ofNone[q.name]; ok && values[len(values)-1] == nothing {
			continue
		}
		if slices.ContainsFunc(values, something) {
			n++
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if !rows.CommandTag().Select() {
		n = rows.CommandTag().RowsAffected()
	}
	return n, nil
}

// ofNone is what stands last in a row of a statement that answers where there is nothing too, and then says so.
var ofNone = map[string]any{
	"desk.NextTicket":          int32(1), // the first of a day: nobody has come
	"orchestration.CountNamed": int64(0), // beside the word that was asked about
	"workflow.CountLists":      int64(0), // beside the list's number
}

// something reports whether a value tells more than that there is nothing.
func something(v any) bool {
	r := reflect.ValueOf(v)
	switch {
	case v == nil, r.IsZero(), (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0:
		return false
	}
	if n, ok := v.(pgtype.Numeric); ok {
		return n.Int != nil && n.Int.Sign() != 0
	}
	return true
}

var errTakeBack = errors.New("take it back")

// in prepares a statement in a tenant, as the platform's own role, and takes everything back that is done with it.
func (h *house) in(t *testing.T, tenant uuid.UUID, q query, work func(ctx context.Context, tx *pg.Tx, types []uint32) error) {
	t.Helper()
	err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
		prepared, err := tx.Prepare(ctx, q.name, q.sql)
		if err != nil {
			return err
		}
		if len(prepared.ParamOIDs) != len(q.params) {
			return fmt.Errorf("takes %d values, and is given %v", len(prepared.ParamOIDs), q.params)
		}
		if err := work(ctx, tx, prepared.ParamOIDs); err != nil {
			return err
		}
		return errTakeBack
	})
	if !errors.Is(err, errTakeBack) {
		t.Errorf("%s: %v", q.name, err)
	}
}

// tries are the values with which a statement is run: those with which it finds or changes something in the tenant whose they are, up to
// three, and otherwise all.
func (h *house) tries(t *testing.T, tenant uuid.UUID, q query, all map[string][]map[string]string) (list [][]any, found bool) {
	t.Helper()
	rows := []map[string]string{{}}
	if len(q.tables) > 0 && len(all[q.tables[0]]) > 0 {
		rows = all[q.tables[0]]
	}
	var hits [][]any
	seen := map[string]bool{}
	h.in(t, tenant, q, func(ctx context.Context, tx *pg.Tx, types []uint32) error {
		for _, g := range guesses(q) {
			for _, row := range rows {
				args := q.fill(types, row, all, g)
				if seen[fmt.Sprint(args)] {
					continue
				}
				seen[fmt.Sprint(args)] = true
				n, err := effect(ctx, tx, q, args)
				switch refusal := new(pgconn.PgError); {
				case err != nil && !errors.As(err, &refusal):
					return err
				case err == nil && n > 0:
					hits = append(hits, args)
				default:
					list = append(list, args)
				}
				if len(hits) == 3 {
					return nil
				}
			}
		}
		return nil
	})
	if len(hits) > 0 {
		return hits, true
	}
	return list, false
}

// ofEvery are the statements that answer in a tenant of which there is nothing yet, and why that tells nothing about another.
var ofEvery = map[string]string{
	"audit.ListEntries":          "that the tenant was made is on its own record",
	"audit.GetWindowEnd":         "that the tenant was made is on its own record",
	"audit.CountWaiting":         "that the tenant was made is on its own record",
	"audit.ListUnsequenced":      "that the tenant was made is on its own record",
	"audit.GetSlug":              "what tenants are called is in the addresses of their sites",
	"certificate.CountLiving":    "where there is none it says the time that it was asked about",
	"encryption.InsertFirstRoot": "the root key is the installation's",
	"tenancy.GetSetting":         "every tenant has settings",
	"tenancy.PutSetting":         "every tenant has settings",
	"tenancy.SetWordingVersion":  "every tenant has settings",
	"encryption.GetTenantKey":    "every tenant has keys",
}

var made = regexp.MustCompile(`(?s)^\s*INSERT INTO ([a-z_]+\.[a-z_]+)`)

// TestQueriesElsewhere runs every statement of every module with ids and values of one tenant inside another, as the role that the
// platform has. With them it finds or changes something where they belong; in the other it must find nothing and change nothing.
// What it makes there, it makes there.
func TestQueriesElsewhere(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	h.fill(t, h.stage(t))
	h.rest(t)
	here := h.tenant(t, "cv")
	there, err := h.Tenancy.Create(t.Context(), h.DB, tenancy.NewTenant{Slug: "elsewhere", Kind: "sandbox", Settings: realSettings})
	if err != nil {
		t.Fatal(err)
	}
	all, asked, answered := queries(t), 0, 0
	values := h.harvest(t, here)
	for _, q := range all {
		list, found := h.tries(t, here, q, values)
		if !made.MatchString(q.sql) {
			asked++
		}
		if found && !made.MatchString(q.sql) {
			answered++
		}
		if !found {
			t.Logf("%s finds nothing at home with %v", q.name, q.params)
		}
		h.in(t, there, q, func(ctx context.Context, tx *pg.Tx, _ []uint32) error {
			for _, args := range list {
				if err := elsewhere(ctx, tx, q, args); err != nil {
					return fmt.Errorf("%w, with %v", err, args)
				}
			}
			return nil
		})
	}
	if t.Logf("%d of %d statements that make nothing find or change something at home", answered, asked); answered*4 < asked*3 {
		t.Error("these are too few to tell")
	}
}

// elsewhere runs a statement where its values do not belong.
func elsewhere(ctx context.Context, tx *pg.Tx, q query, args []any) error {
	n, err := effect(ctx, tx, q, args)
	if refusal := new(pgconn.PgError); errors.As(err, &refusal) && refusal.Code != uniqueViolation {
		return nil // it refers to what is not there, or the values are none for it
	}
	if err != nil || n == 0 || ofEvery[q.name] != "" {
		return err
	}
	m := made.FindStringSubmatch(q.sql)
	if m == nil {
		return fmt.Errorf("%d rows", n)
	}
	var before, after int64
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+m[1]).Scan(&before); err != nil {
		return err
	}
	step, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	if _, err := step.Exec(ctx, q.name, args...); err != nil {
		return err
	}
	if err := step.QueryRow(ctx, "SELECT count(*) FROM "+m[1]).Scan(&after); err != nil {
		return err
	}
	if after-before != n {
		return fmt.Errorf("%d rows, of which %d are the tenant's own", n, after-before)
	}
	return step.Rollback(ctx)
}

// uniqueViolation would tell that another tenant has a value: an index without the tenant in it.
const uniqueViolation = "23505" // https://www.postgresql.org/docs/15/errcodes-appendix.html
