package workbench_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/agency"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
)

// The house of the benchmark: 200 services of 20 agencies, of whose applications one in ten is open; in each agency clerks and registrars.
const (
	manyServices = 200
	manyAgencies = 20
)

// services publishes as many services as a state has, each a copy of one of the library's.
func (o *office) services() {
	o.T.Helper()
	for n := range manyAgencies {
		o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return o.Agency.Put(ctx, tx, identity.Principal{}, agency.Agency{Code: fmt.Sprintf("agency-%02d", n), Name: i18n.Text{"en": fmt.Sprintf("Agency %d", n)}})
		})
	}
	for n := range manyServices {
		pack := *library.Pack("birth-certificate")
		pack.Code, pack.Agency = fmt.Sprintf("service-%03d", n), fmt.Sprintf("agency-%02d", n%manyAgencies)
		o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			if _, err := o.Catalog.Publish(ctx, tx, identity.Principal{}, pack); err != nil {
				return err
			}
			return o.Exchange.PutRoute(ctx, tx, exchange.Route{Service: pack.Code, Agency: pack.Agency, Endpoint: exchange.Local})
		})
	}
}

// fill puts applications and their cases into the tables, those numbered after from up to to.
func (o *office) fill(from, to int) {
	o.T.Helper()
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `WITH made AS MATERIALIZED (
			SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS person, 'B-2026-' || lpad(n::text, 8, '0') AS reference,
				'service-' || lpad((n % 200)::text, 3, '0') AS service, 'agency-' || lpad((n % 20)::text, 2, '0') AS agency, (n / 200) % 10 = 0 AS open,
				CASE (n / 2000) % 2 WHEN 0 THEN 'registry-clerk' ELSE 'registrar' END AS role,
				(ARRAY['CV-PR-NSG', 'CV-SV-NSL'])[1 + n % 2] AS boundary, now() - (n % 40) * interval '1 day' AS received,
				now() + ((n * 7919) % 40000 - 16000) * interval '1 minute' AS due, (n / 4000) % 3 = 0 AS held
			FROM generate_series($1::bigint, $2::bigint) n
		), cases AS (
			INSERT INTO workflow.instance (id, reference, service, version, person_id, agency, boundary, boundary_path, state, kind, role, assignee, claimed_at, rev, started_at,
				entered_at, state_due_at, ended_at, outcome)
			SELECT id, reference, service, 1, person, agency, boundary, ARRAY['CV', left(boundary, 5), boundary],
				CASE WHEN NOT open THEN 'issued' WHEN role = 'registrar' THEN 'approval' ELSE 'verification' END, CASE WHEN open THEN 'work' ELSE 'end' END,
				CASE WHEN open THEN role ELSE '' END, CASE WHEN open AND held THEN md5('officer' || n % 400)::uuid END, CASE WHEN open AND held THEN received END, 3, received, received, due,
				CASE WHEN NOT open THEN received + interval '3 days' END, CASE WHEN open THEN '' ELSE 'approved' END FROM made
		)
		INSERT INTO orchestration.application (id, reference, service, version, agency, boundary, person_id, name, lang, answers, asked, submitted_at, received_at, receipt, certificate,
			outcome, decided_at, named)
		SELECT id, reference, service, 1, agency, boundary, person, '\x00', 'pt', '\x00', '{}', received, received, '', '', CASE WHEN open THEN '' ELSE 'approved' END,
			CASE WHEN NOT open THEN received + interval '3 days' END, true FROM made`, from+1, to)
		return err
	})
}

// settle has the tables' statistics and visibility as they are in a house that runs.
func (o *office) settle() {
	o.T.Helper()
	super, err := pgx.Connect(o.T.Context(), pgtest.SuperURL(o.T))
	if err != nil {
		o.T.Fatal(err)
	}
	defer super.Close(o.T.Context())
	for _, table := range []string{"workflow.instance", "orchestration.application"} {
		if _, err := super.Exec(o.T.Context(), "VACUUM ANALYZE "+table); err != nil {
			o.T.Fatal(err)
		}
	}
}

// named gives the applicants on the officer's first pages, in each of the orders that are measured, names that can be read; those of
// others are never opened.
func (o *office) named(p *officer) {
	o.T.Helper()
	for _, f := range []workflow.InboxFilter{{}, {Sort: workflow.SortNewest}, {Service: "service-007"}, {Text: "B-2026-00004007"}} {
		f.Queue = workflow.QueueTeam
		o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			list, err := o.Workflow.Inbox(ctx, tx, p.by, f, page.Request{Size: 100})
			if err != nil {
				return err
			}
			for _, i := range list.Rows {
				sealed, err := o.Encryption.Seal(ctx, tx, i.Person, encryption.Place{Table: orchestration.Subject, Column: "name", Row: i.ID}, []byte("Maria "+id.Token(5)))
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `UPDATE orchestration.application SET name = $2 WHERE id = $1`, i.ID, sealed); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// took asks for a page many times and returns how long it took, shortest first.
func (p *officer) took(b *testing.B, path string, times int) []time.Duration {
	b.Helper()
	var all []time.Duration
	for n := range times + 20 {
		start := time.Now()
		if res := p.do(http.MethodGet, path, nil); res.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d", path, res.StatusCode)
		}
		if n >= 20 { // connections, keys and plans are warm by then
			all = append(all, time.Since(start))
		}
	}
	slices.Sort(all)
	return all
}

// BenchmarkInboxAtSize asks over HTTP for the first page of the team's queue with its counts, of an officer of one of 20 agencies: of 10,000
// applications, then of 1,000,000. It runs once, whatever b.N.
func BenchmarkInboxAtSize(b *testing.B) {
	o := setup(b)
	o.services()
	clerk := o.officerWith("Clara Clerk", "registry-clerk", "agency-07", "en")
	chief := o.officerWith("Rui Registrar", "registrar", "agency-07", "en")
	report := func(size string) map[string]time.Duration {
		medians := map[string]time.Duration{}
		for name, ask := range map[string]struct {
			by   *officer
			path string
		}{
			"clerk": {clerk, "/workbench?queue=team"}, "supervisor": {chief, "/workbench?queue=team"},
			"newest": {clerk, "/workbench?queue=team&sort=newest"}, "service": {clerk, "/workbench?queue=team&service=service-007"},
			"reference": {clerk, "/workbench?queue=found&q=B-2026-00004007"},
		} {
			all := ask.by.took(b, ask.path, 300)
			p50, p99 := all[len(all)/2], all[len(all)*99/100]
			medians[name] = p50
			b.Logf("%s %s: p50 %.1f ms, p99 %.1f ms", size, name, ms(p50), ms(p99))
			b.ReportMetric(ms(p99), name+"-p99-ms/"+size)
		}
		return medians
	}
	o.fill(0, 10_000)
	o.settle()
	o.named(clerk)
	o.named(chief)
	small := report("10k")
	for from := 10_000; from < 1_000_000; from += 45_000 {
		o.fill(from, from+45_000)
	}
	o.settle()
	o.named(clerk)
	o.named(chief)
	large := report("1M")
	for name := range small {
		b.ReportMetric(float64(large[name])/float64(small[name]), name+"-ratio")
	}
	fmt.Println(o.plan(b)) // the log of a benchmark ends after ten lines
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// plan is how the database finds a page of one role's pile.
func (o *office) plan(b *testing.B) (plan string) {
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY ON) SELECT w.id, w.due_key FROM workflow.instance w
			WHERE w.agency = 'agency-07' AND w.role = 'registry-clerk' AND w.kind IN ('work', 'field') AND (w.due_key, w.id) > (now() - interval '1 year', $1::uuid)
			ORDER BY w.due_key, w.id LIMIT 26`, uuid.Nil)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan = strings.Join(lines, "\n")
		return err
	})
	return plan
}

// officerWith is officer, in a role that is made where it is not there.
func (o *office) officerWith(name, role, agency, lang string) *officer {
	o.T.Helper()
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return o.people.PutRole(ctx, tx, identity.Role{
			Code: role, Name: i18n.Text{"en": role}, Permissions: policy.ForRole(role, workflow.Policy, orchestration.Policy, bench.Policy),
		})
	})
	return o.officer(name, role, agency, lang)
}
