package audit_test

import (
	"context"
	"testing"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// fill writes n entries in transactions of a thousand.
func (b *bundle) fill(tb testing.TB, n int) {
	tb.Helper()
	for n > 0 {
		b.in(tb, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			for range min(n, 1000) {
				if err := audit.Record(ctx, tx, example()); err != nil {
					return err
				}
			}
			return nil
		})
		n -= 1000
	}
}

func example() audit.Entry {
	return audit.Entry{
		Action: "workflow.move", Object: "workflow.instance", ObjectID: id.New(), Person: id.New(), Reason: "staff",
		Detail: map[string]any{"action": "verify", "from": "verification", "to": "decision", "service": "birth-certificate"},
	}
}

// BenchmarkRecord is what an act pays for its entry, inside a transaction that is there anyway: hashes and one insert.
// Bare is the limit: an insert of a row with as many bytes and an index on its key, in the same transaction.
func BenchmarkRecord(b *testing.B) {
	u := setup(b)
	b.Run("entry", func(b *testing.B) {
		u.in(b, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			for b.Loop() {
				if err := audit.Record(ctx, tx, example()); err != nil {
					return err
				}
			}
			return nil
		})
	})
	b.Run("bare", func(b *testing.B) {
		u.in(b, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			for b.Loop() {
				if _, err := tx.Exec(ctx, `INSERT INTO platform.event (id, name, subject, time, actor, data) VALUES ($1, 'workflow.move', $2, now(), '{"kind": "staff"}', $3)`,
					id.New(), id.New().String(), `{"action": "verify", "from": "verification", "to": "decision", "service": "birth-certificate"}`); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// BenchmarkSequence makes 10,000 entries part of the log and signs for them.
func BenchmarkSequence(b *testing.B) {
	u := setup(b)
	for b.Loop() {
		b.StopTimer()
		u.fill(b, 10_000)
		b.StartTimer()
		u.sequence(b)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/entry")
}

// BenchmarkVerify walks a log of 100,000 entries.
func BenchmarkVerify(b *testing.B) {
	u := setup(b)
	for range 5 {
		u.fill(b, 20_000)
		u.sequence(b)
	}
	for b.Loop() {
		if r := u.verify(b); !r.Whole() || r.Rows != 100_000 {
			b.Fatalf("%d rows: %+v", r.Rows, r.Findings)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100_000, "µs/entry")
}

// BenchmarkProve proves one entry among 100,000.
func BenchmarkProve(b *testing.B) {
	u := setup(b)
	for range 5 {
		u.fill(b, 20_000)
		u.sequence(b)
	}
	row := u.entries(b, audit.Filter{})[50]
	for b.Loop() {
		u.prove(b, row.ID)
	}
}
