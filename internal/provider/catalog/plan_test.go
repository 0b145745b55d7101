package catalog_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// statement returns a statement as it reaches the database.
func statement(tb testing.TB, name string) string {
	tb.Helper()
	for _, file := range []string{"service", "word"} {
		source, err := os.ReadFile("internal/catalogdb/" + file + ".sql.go")
		if err != nil {
			tb.Fatal(err)
		}
		if m := regexp.MustCompile("(?s)-- name: " + name + " :\\w+\n(.*?)`").FindSubmatch(source); m != nil {
			return string(m[1])
		}
	}
	tb.Fatalf("no statement %s", name)
	return ""
}

// plan returns how the database answers a statement, run with these values.
func plan(tb testing.TB, db *pg.DB, tenant uuid.UUID, name string, args ...any) string {
	tb.Helper()
	var lines []string
	if err := db.InTx(tb.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, "EXPLAIN (ANALYZE, BUFFERS, SUMMARY) "+statement(tb, name), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	}); err != nil {
		tb.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// searchArgs are the values of SearchServices for services that have all the words, in the order of the statement.
func searchArgs(lang string, words ...string) []any {
	var numbers []int32
	var langs, highs []string
	for i, w := range words {
		numbers, langs, highs = append(numbers, int32(i+1)), append(langs, lang), append(highs, w+"\U0010FFFF")
	}
	return []any{numbers, langs, words, highs, 0, len(words), false, 0, "", "", 26}
}

// TestSearchIsAnsweredByIndexes looks at the plans under row security: the words are ranges of the tokens' index, the corrections
// equalities of the spellings', the list walks the titles' in its order.
func TestSearchIsAnsweredByIndexes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	for _, tt := range []struct {
		statement string
		args      []any
		want      string
	}{
		{"SearchServices", searchArgs("pt", "certidao", "nascimento"), `token_pkey on token t[^\n]*\n\s+Index Cond: [^\n]*lang = [^\n]*token >= [^\n]*token < `},
		{"ListSpelt", []any{"pt", 200, []string{"certida", "certid"}}, `spelling_pkey on spelling s[^\n]*\n\s+Index Cond: [^\n]*key = ANY`},
		{"ListServices", []any{"pt", false, "", "", 26}, `title_title_idx on title t[^\n]*\n\s+Index Cond: [^\n]*lang = [^\n]*ROW\(title, service\) > ROW`},
	} {
		var got string
		if err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			// with three services reading and sorting the whole table is cheaper: not here
			if _, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off`); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, "EXPLAIN "+statement(t, tt.statement), tt.args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					return err
				}
				got += line + "\n"
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(tt.want).MatchString(got) {
			t.Errorf("%s is not answered by its index:\n%s", tt.statement, got)
		}
	}
}
