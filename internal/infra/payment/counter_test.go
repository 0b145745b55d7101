package payment_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// collect takes money for a demand at a till.
func (b *bundle) collect(in payment.Collect) (c payment.Collection, err error) {
	if in.ID == uuid.Nil {
		in.ID = id.New()
	}
	in.Place = "cmp/balcao"
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.Collect(ctx, tx, in)
		return err
	})
	return c, err
}

func (b *bundle) openTill(float int64) uuid.UUID {
	b.t.Helper()
	till := id.New()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.OpenTill(ctx, tx, till, cve(float)) })
	return till
}

func (b *bundle) closeTill(till uuid.UUID, counted, float int64) (e payment.Entries) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err = b.CloseTill(ctx, tx, till, cve(counted), cve(float))
		return err
	})
	return e
}

func (b *bundle) till(till uuid.UUID) (e payment.Entries) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err = b.TillBalance(ctx, tx, till)
		return err
	})
	return e
}

func (b *bundle) back(c payment.Collection, as payment.CollectionStatus) error {
	return b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Return(ctx, tx, c.ID, as, "no funds")
		return err
	})
}

func TestCash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, till := b.raise(), b.openTill(100_000)
	_, err := b.collect(payment.Collect{Demand: d.ID, Till: till, Means: payment.Cash, Tendered: cve(199_900)})
	want(t, err, payment.ErrCounter)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Path != "tendered" {
		t.Errorf("too little: %+v", f)
	}
	in := payment.Collect{ID: id.New(), Demand: d.ID, Till: till, Means: payment.Cash, Tendered: cve(250_000)}
	first, err := b.collect(in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.collect(in)
	if err != nil || again.Receipt != first.Receipt || first.Receipt == "" || first.Change() != cve(50_000) || b.events("payment.demand.paid.v1") != 1 {
		t.Errorf("twice: %+v, then %+v, %v", first, again, err)
	}
	in.Means = payment.Card
	_, err = b.collect(in)
	want(t, err, payment.ErrCollected)
	_, err = b.collect(payment.Collect{Demand: d.ID, Till: till, Means: payment.Cash, Tendered: cve(250_000)})
	want(t, err, payment.ErrAlreadyPaid)
	if e := b.till(till); e[payment.AccountCash] != 300_000 || e[payment.AccountRevenue] != -200_000 || e.Sum() != 0 {
		t.Errorf("the till holds %v", e)
	}
	if err := b.back(first, payment.Reversed); err != nil {
		t.Fatal(err)
	}
	if got := b.demand(d.ID); got.Status != payment.DemandOpen || got.PaidAt != nil {
		t.Errorf("given back: %+v", got)
	}
	if err := b.back(first, payment.Reversed); err != nil || b.events("payment.demand.reopened.v1") != 1 {
		t.Errorf("given back twice: %v", err)
	}
	second, err := b.collect(payment.Collect{Demand: d.ID, Till: till, Means: payment.Card, Detail: payment.Detail{Slip: " 4711 "}})
	if err != nil || second.Receipt == first.Receipt || second.Detail.Slip != "4711" {
		t.Errorf("paid again: %+v, %v", second, err)
	}
	e := b.closeTill(till, 99_900, 100_000)
	if e[payment.AccountDifference] != 100 || e[payment.AccountTransit] != 200_000 || e[payment.AccountSafe] != 99_900 {
		t.Errorf("closed by %v", e)
	}
	want(t, b.back(second, payment.Reversed), payment.ErrTillClosed)
}

func TestChequeBounces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, till := b.raise(), b.openTill(0)
	_, err := b.collect(payment.Collect{Demand: d.ID, Till: till, Means: payment.Cheque})
	want(t, err, payment.ErrCounter)
	c, err := b.collect(payment.Collect{Demand: d.ID, Till: till, Means: payment.Cheque, Detail: payment.Detail{Cheque: "000123", Bank: "Banco do Plateau"}})
	if err != nil {
		t.Fatal(err)
	}
	honour := func() error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Clear(ctx, tx, c.ID) })
	}
	want(t, honour(), payment.ErrNotBanked)
	b.closeTill(till, 0, 0)
	for range 2 {
		if err := honour(); err != nil {
			t.Fatal(err)
		}
	}
	if e := b.till(till); e[payment.AccountBank] != 200_000 || e[payment.AccountTransit] != 0 {
		t.Errorf("cleared: %v", e)
	}
	for range 2 {
		if err := b.back(c, payment.Bounced); err != nil {
			t.Fatal(err)
		}
	}
	if e := b.till(till); e[payment.AccountBank] != 0 || e[payment.AccountRevenue] != 0 || e.Sum() != 0 {
		t.Errorf("bounced: %v", e)
	}
	want(t, honour(), payment.ErrNotCheque)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.Receipt(ctx, tx, d.ID); err == nil {
			t.Error("a cancelled receipt is shown")
		}
		list, err := b.Collections(ctx, tx, payment.CollectionFilter{Place: "cmp/balcao", Means: payment.Cheque, Status: payment.Bounced}, page.Request{})
		if len(list.Rows) != 1 || list.Rows[0].Detail.Bank != "Banco do Plateau" || list.Rows[0].Receipt != c.Receipt {
			t.Errorf("bounced cheques: %+v", list.Rows)
		}
		return err
	})
}

// TestUnbalanced is refused by the database itself when the transaction ends.
func TestUnbalanced(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `WITH p AS (INSERT INTO payment.posting (id, kind, till_id, subject_id, currency, by_id, at)
			VALUES ($1, 'take', $1, $1, 'CVE', $1, now()) RETURNING id) INSERT INTO payment.entry (posting_id, account, amount_minor) SELECT id, 'cash', 5 FROM p`, id.New())
		return err
	})
	if pg.Constraint(err) != "entry_balanced" {
		t.Errorf("half a posting: %v", err)
	}
}

// TestLedgerBalances lets counters do what they do in any order: whatever is booked adds up to nothing, a drawer holds its float and
// what was taken, and is empty once it is closed.
func TestLedgerBalances(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rapid.Check(t, func(t *rapid.T) {
		float := rapid.Int64Range(0, 500_000).Draw(t, "float")
		till := b.openTill(float)
		cash, sum := float, int64(0)
		var taken []payment.Collection
		for range rapid.IntRange(0, 3).Draw(t, "payments") {
			means := rapid.SampledFrom([]string{payment.Cash, payment.Cheque, payment.Card}).Draw(t, "means")
			extra := rapid.Int64Range(0, 100_000).Draw(t, "extra")
			c, err := b.collect(payment.Collect{
				Demand: b.raise().ID, Till: till, Means: means, Tendered: cve(200_000 + extra), Detail: payment.Detail{Cheque: "1", Bank: "B", Slip: "2"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 3).Draw(t, "void") == 0 {
				if err := b.back(c, payment.Reversed); err != nil {
					t.Fatal(err)
				}
				continue
			}
			sum += 200_000
			if taken = append(taken, c); means == payment.Cash {
				cash += 200_000
			}
		}
		e := b.till(till)
		if e.Sum() != 0 || e[payment.AccountCash] != cash || e[payment.AccountRevenue] != -sum {
			t.Fatalf("open: %v, want cash %d of %d", e, cash, sum)
		}
		counted := max(0, cash+rapid.Int64Range(-1000, 1000).Draw(t, "difference"))
		for range 2 {
			b.closeTill(till, counted, float)
		}
		e = b.till(till)
		if e.Sum() != 0 || e[payment.AccountCash] != 0 || e[payment.AccountCheque] != 0 || e[payment.AccountCard] != 0 || e[payment.AccountDifference] != cash-counted {
			t.Fatalf("closed: %v, counted %d of %d", e, counted, cash)
		}
		for _, c := range taken {
			if c.Means == payment.Cheque && rapid.Bool().Draw(t, "bounces") {
				if err := b.back(c, payment.Bounced); err != nil {
					t.Fatal(err)
				}
				sum -= 200_000
			}
		}
		if e = b.till(till); e.Sum() != 0 || e[payment.AccountRevenue] != -sum {
			t.Fatalf("after the bank: %v, want revenue %d", e, sum)
		}
	})
}
