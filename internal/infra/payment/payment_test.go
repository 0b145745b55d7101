package payment_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/webhook"
)

func TestPay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	if d.Number != "FAT-2026-000001" || d.Amount != cve(200_000) || len(b.demand(d.ID).Lines) != 2 {
		t.Errorf("demand: %+v", d)
	}
	c := b.begin(d.ID)
	if again := b.begin(d.ID); again.ID != c.ID || again.RedirectURL != c.RedirectURL || b.provider.orders != 1 {
		t.Errorf("pressed twice: %+v and %+v, %d orders", c, again, b.provider.orders)
	}
	if c.Status != payment.Pending || c.Ref == "" {
		t.Errorf("begun: %+v", c)
	}
	order := b.provider.charges[c.Ref]
	if order["webhook_url"] != "https://cv.example/hooks/payment/sandbox" || order["description"] != "FAT-2026-000001 · LIC-2026-000007" {
		t.Errorf("order: %v", order)
	}
	b.paid(c)
	if c, d := b.charge(c.ID), b.demand(d.ID); c.Status != payment.Succeeded || d.Status != payment.DemandPaidUp || d.PaidAt == nil {
		t.Errorf("paid: %+v %+v", c, d)
	}
	pgtest.Work(t, b.db, b.jobs)
	pgtest.Work(t, b.db, b.jobs)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		r, err := b.Receipt(ctx, tx, d.ID)
		if r.Number != "REC-2026-000001" || r.Amount != d.Amount || !bytes.HasPrefix(b.shelf.files[r.Document], []byte("%PDF-")) {
			t.Errorf("receipt: %+v", r)
		}
		_, started := b.StartCharge(ctx, tx, d.ID, "https://cv.example")
		want(t, started, payment.ErrAlreadyPaid)
		return err
	})
	if len(b.shelf.names) != 1 || b.shelf.names[0] != "REC-2026-000001.pdf" {
		t.Errorf("kept: %v", b.shelf.names)
	}
	if b.events("payment.demand.raised.v1") != 1 || b.events("payment.demand.paid.v1") != 1 {
		t.Error("events are missing or doubled")
	}
	_, err := b.Begin(context.Background(), b.db, b.scope("system", uuid.Nil), c.ID)
	want(t, err, payment.ErrOver)
}

// TestSameNoticeAtOnce is the storm: one event arrives eight times in the same moment.
func TestSameNoticeAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	n := b.provider.notice("evt_1", "charge.paid", c, c.Amount)
	took := storm(t, b, func(int) notice { return n })
	if took != 1 || b.count("payment.payment") != 1 || b.count("payment.receipt") != 1 || b.count("payment.webhook") != 1 {
		t.Errorf("taken %d times, %d payments, %d receipts", took, b.count("payment.payment"), b.count("payment.receipt"))
	}
	want(t, b.receive(n), payment.ErrReplayed)
}

// TestManyNoticesAtOnce has the provider tell of one payment under eight event ids.
func TestManyNoticesAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	took := storm(t, b, func(i int) notice { return b.provider.notice(fmt.Sprint("evt_", i), "charge.paid", c, c.Amount) })
	if took != 8 || b.count("payment.payment") != 1 || b.count("payment.receipt") != 1 || b.events("payment.demand.paid.v1") != 1 {
		t.Errorf("taken %d times, %d payments, %d receipts", took, b.count("payment.payment"), b.count("payment.receipt"))
	}
}

func storm(t *testing.T, b *bundle, n func(i int) notice) (took int) {
	t.Helper()
	var wg sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		wg.Go(func() { results[i] = b.receive(n(i)) })
	}
	wg.Wait()
	for _, err := range results {
		if err == nil {
			took++
		} else if !errors.Is(err, payment.ErrReplayed) {
			t.Error(err)
		}
	}
	return took
}

// TestTwoChargesPaid has somebody pay twice, in two browser windows, the second time after the first attempt ran out.
func TestTwoChargesPaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	first := b.begin(d.ID)
	if err := b.db.AdvanceClock(context.Background(), b.tenant, 91*time.Minute); err != nil {
		t.Fatal(err)
	}
	pgtest.Work(t, b.db, b.jobs)
	if c := b.charge(first.ID); c.Status != payment.Expired {
		t.Errorf("after 91 minutes: %s", c.Status)
	}
	second := b.begin(d.ID)
	if second.ID == first.ID {
		t.Fatal("the expired charge was used again")
	}
	storm(t, b, func(i int) notice {
		c := []payment.Charge{first, second}[i%2]
		return b.provider.notice(fmt.Sprint("evt_", i), "charge.paid", c, c.Amount)
	})
	var surplus payment.Payment
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.Payments(ctx, tx, payment.PaymentFilter{Demand: d.ID}, page.Request{})
		list, err2 := b.Payments(ctx, tx, payment.PaymentFilter{Status: payment.Surplus}, page.Request{})
		if len(all.Rows) != 2 || len(list.Rows) != 1 || list.Rows[0].Reason != "already_paid" || list.Rows[0].Amount != d.Amount {
			t.Fatalf("payments: %+v, surplus %+v", all.Rows, list.Rows)
		}
		surplus = list.Rows[0]
		return errors.Join(err, err2)
	})
	if b.count("payment.receipt") != 1 || b.events("payment.demand.paid.v1") != 1 {
		t.Error("one demand, one receipt")
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		want(t, b.MarkRefunded(ctx, tx, surplus.ID, " "), payment.ErrReason)
		err := b.MarkRefunded(ctx, tx, surplus.ID, "bank transfer 4711")
		want(t, b.MarkRefunded(ctx, tx, surplus.ID, "again"), payment.ErrNotSurplus)
		return err
	})
}

func TestSignature(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	good := b.provider.notice("evt_1", "charge.paid", c, c.Amount)
	forged := notice{good.header, bytes.Replace(good.body, []byte("200000"), []byte("200001"), 1)}
	old := notice{webhook.Sign(b.provider.secret, "evt_1", time.Now().Add(-6*time.Minute), good.body), good.body}
	early := notice{webhook.Sign(b.provider.secret, "evt_1", time.Now().Add(6*time.Minute), good.body), good.body}
	for name, n := range map[string]notice{
		"forged": forged, "old": old, "early": early, "unsigned": {nil, good.body},
		"another tenant's secret": other.provider.notice("evt_1", "charge.paid", c, c.Amount),
	} {
		if err := b.receive(n); !errors.Is(err, payment.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nonsense := []byte(`{"type": "charge.eaten"}`)
	want(t, b.receive(notice{webhook.Sign(b.provider.secret, "evt_2", time.Now(), nonsense), nonsense}), payment.ErrNotice)
	// Signed for another tenant's gateway, about our charge: there it is nobody's.
	if err := other.receive(other.provider.notice("evt_1", "charge.paid", c, c.Amount)); err != nil {
		t.Error(err)
	}
	if b.count("payment.payment")+other.count("payment.payment") != 0 || b.count("payment.webhook") != 0 {
		t.Error("something was believed")
	}
	if err := b.receive(good); err != nil {
		t.Error(err)
	}
}

// TestLostWebhook has a payer pay and the notice never come: we ask, and settle, and the late notice changes nothing.
func TestLostWebhook(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	b.hurry("payment.reconcile") // nobody has paid yet: it asks again later
	if c := b.charge(c.ID); c.Status != payment.Pending {
		t.Errorf("status %s", c.Status)
	}
	b.provider.settle(c.Ref, "paid")
	b.hurry("payment.reconcile")
	if c, d := b.charge(c.ID), b.demand(d.ID); c.Status != payment.Succeeded || d.Status != payment.DemandPaidUp {
		t.Errorf("after asking: %s, %s", c.Status, d.Status)
	}
	b.paid(c)
	if b.count("payment.payment") != 1 || b.count("payment.receipt") != 1 {
		t.Error("the late notice paid again")
	}
	b.hurry("payment.reconcile")
}

// TestLostWebhookAfterExpiry finds money that came although we had given up on the charge.
func TestLostWebhookAfterExpiry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	if err := b.db.AdvanceClock(context.Background(), b.tenant, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	pgtest.Work(t, b.db, b.jobs)
	b.provider.settle(c.Ref, "paid")
	b.hurry("payment.reconcile")
	if c, d := b.charge(c.ID), b.demand(d.ID); c.Status != payment.Succeeded || d.Status != payment.DemandPaidUp {
		t.Errorf("after asking: %s, %s", c.Status, d.Status)
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	type step struct {
		typ    string
		amount int64
	}
	for name, c := range map[string]struct {
		steps    []step
		charge   payment.ChargeStatus
		demand   payment.DemandStatus
		payments int
		surplus  int
	}{
		"declined":                {[]step{{"charge.failed", 200_000}}, payment.FailedPay, payment.DemandOpen, 0, 0},
		"declined, then paid":     {[]step{{"charge.failed", 200_000}, {"charge.paid", 200_000}}, payment.Succeeded, payment.DemandPaidUp, 1, 0},
		"paid, then a late no":    {[]step{{"charge.paid", 200_000}, {"charge.failed", 200_000}}, payment.Succeeded, payment.DemandPaidUp, 1, 0},
		"paid, then disputed":     {[]step{{"charge.paid", 200_000}, {"charge.disputed", 200_000}}, payment.Disputed, payment.DemandPaidUp, 1, 0},
		"disputed overtakes paid": {[]step{{"charge.disputed", 200_000}, {"charge.paid", 200_000}}, payment.Disputed, payment.DemandPaidUp, 1, 0},
		"too little":              {[]step{{"charge.paid", 199_999}}, payment.Succeeded, payment.DemandOpen, 1, 1},
		"too much":                {[]step{{"charge.paid", 200_001}}, payment.Succeeded, payment.DemandOpen, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			d := b.raise()
			charge := b.begin(d.ID)
			for i, s := range c.steps {
				if err := b.receive(b.provider.notice(fmt.Sprint("evt_", i), s.typ, charge, cve(s.amount))); err != nil {
					t.Fatal(err)
				}
			}
			if got, d := b.charge(charge.ID), b.demand(d.ID); got.Status != c.charge || d.Status != c.demand {
				t.Errorf("charge %s, demand %s", got.Status, d.Status)
			}
			if n := b.count("payment.payment"); n != c.payments {
				t.Errorf("%d payments", n)
			}
			if n := b.count("payment.payment WHERE status = 'surplus'"); n != c.surplus {
				t.Errorf("%d surplus", n)
			}
			if got := b.events("payment.charge.disputed.v1"); (got == 1) != (c.charge == payment.Disputed) {
				t.Errorf("%d disputes", got)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		want(t, b.Cancel(ctx, tx, d.ID, ""), payment.ErrReason)
		return errors.Join(b.Cancel(ctx, tx, d.ID, "raised in error"), b.Cancel(ctx, tx, d.ID, "raised in error"))
	})
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.StartCharge(ctx, tx, d.ID, "")
		want(t, err, payment.ErrCancelled)
		return nil
	})
	b.paid(c) // the payer was quicker than our page
	if b.count("payment.payment WHERE status = 'surplus' AND reason = 'cancelled'") != 1 || b.count("payment.receipt") != 0 {
		t.Error("money for a cancelled demand is a surplus")
	}
	err := b.db.InTx(context.Background(), b.scope("person", d.Payer), func(ctx context.Context, tx *pg.Tx) error { return b.Cancel(ctx, tx, d.ID, "mine") })
	want(t, err, payment.ErrForbidden)
}

func TestRaise(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := bill(id.New())
	ids := map[uuid.UUID]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := b.try(func(ctx context.Context, tx *pg.Tx) error {
				d, err := b.Raise(ctx, tx, in)
				mu.Lock()
				defer mu.Unlock()
				ids[d.ID] = true
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || b.events("payment.demand.raised.v1") != 1 {
		t.Errorf("raised %d times", len(ids))
	}
	if next := b.raise(); next.Number != "FAT-2026-000002" {
		t.Errorf("next number %s", next.Number)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		var open string
		err := tx.QueryRow(ctx, `SELECT encode(payer_name, 'escape') FROM payment.demand LIMIT 1`).Scan(&open)
		if open == "" || bytes.Contains([]byte(open), []byte("Maria")) {
			t.Error("the payer's name can be read")
		}
		return err
	})
}

func TestOthersSeeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	c := b.begin(d.ID)
	stranger := id.New()
	reach := map[string]func(ctx context.Context, tx *pg.Tx) error{
		"demand":  func(ctx context.Context, tx *pg.Tx) error { _, err := b.Demand(ctx, tx, d.ID); return err },
		"charge":  func(ctx context.Context, tx *pg.Tx) error { _, err := b.Charge(ctx, tx, c.ID); return err },
		"charges": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Charges(ctx, tx, d.ID); return err },
		"start":   func(ctx context.Context, tx *pg.Tx) error { _, err := b.StartCharge(ctx, tx, d.ID, ""); return err },
		"receipt": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Receipt(ctx, tx, d.ID); return err },
	}
	for what, f := range reach {
		err := b.db.InTx(context.Background(), b.scope("person", stranger), f)
		if !errors.Is(err, payment.ErrUnknown) {
			t.Errorf("a stranger reaches the %s: %v", what, err)
		}
		err = b.db.InTx(context.Background(), b.scope("anonymous", uuid.Nil), f)
		if !errors.Is(err, payment.ErrUnknown) {
			t.Errorf("nobody reaches the %s: %v", what, err)
		}
		err = b.db.InTx(context.Background(), b.scope("person", d.Payer), f)
		if err != nil && !errors.Is(err, payment.ErrNoReceipt) {
			t.Errorf("the payer does not reach the %s: %v", what, err)
		}
	}
	for who, n := range map[uuid.UUID]int{stranger: 0, d.Payer: 1} {
		err := b.db.InTx(context.Background(), b.scope("person", who), func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.Demands(ctx, tx, payment.DemandFilter{Payer: d.Payer}, page.Request{})
			if len(p.Rows) != n {
				t.Errorf("sees %d demands, not %d", len(p.Rows), n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestGatewayAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	b.provider.away = true
	var c payment.Charge
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.StartCharge(ctx, tx, d.ID, "https://cv.example")
		return err
	})
	_, err := b.Begin(context.Background(), b.db, b.scope("system", uuid.Nil), c.ID)
	want(t, err, payment.ErrGateway)
	b.provider.away = false
	if again := b.begin(d.ID); again.ID != c.ID || again.Status != payment.Pending {
		t.Errorf("after it came back: %+v", again)
	}
}

// TestSums shows that what was applied, what the receipts say and what was demanded is the same money.
func TestSums(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 6 {
		d := b.raise()
		c := b.begin(d.ID)
		if i%3 == 0 {
			continue
		}
		b.paid(c)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		var demanded, lines, applied, receipts int64
		var numbers int
		err := tx.QueryRow(ctx, `SELECT (SELECT sum(amount_minor) FROM payment.demand WHERE status = 'paid'),
			(SELECT sum(l.amount_minor) FROM payment.demand_line l JOIN payment.demand d ON d.id = l.demand_id WHERE d.status = 'paid'),
			(SELECT sum(amount_minor) FROM payment.payment WHERE status = 'applied'), (SELECT sum(amount_minor) FROM payment.receipt),
			(SELECT max(right(number, 6)::int) FROM payment.receipt)`).Scan(&demanded, &lines, &applied, &receipts, &numbers)
		if demanded != 4*200_000 || lines != demanded || applied != demanded || receipts != demanded || numbers != 4 {
			t.Errorf("demanded %d, lines %d, applied %d, receipts %d, last number %d", demanded, lines, applied, receipts, numbers)
		}
		return err
	})
}
