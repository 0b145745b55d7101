package payment_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// TestLink: somebody else pays by a link, sees nothing of the person, and nothing is paid twice.
func TestLink(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.raise()
	payer := b.scope("person", d.Payer)
	anybody := b.scope("anonymous", uuid.Nil)
	as := func(scope pg.Scope, work func(ctx context.Context, tx *pg.Tx) error) error {
		return b.db.InTx(t.Context(), scope, work)
	}
	make := func(scope pg.Scope) (token string, err error) {
		err = as(scope, func(ctx context.Context, tx *pg.Tx) (err error) {
			token, err = b.MakeLink(ctx, tx, d.ID)
			return err
		})
		return token, err
	}
	open := func(token string) (l payment.Linked, err error) {
		err = as(anybody, func(ctx context.Context, tx *pg.Tx) (err error) {
			l, err = b.Linked(ctx, tx, token)
			return err
		})
		return l, err
	}
	start := func(token string) (c payment.Charge, err error) {
		err = as(anybody, func(ctx context.Context, tx *pg.Tx) (err error) {
			c, err = b.StartLinked(ctx, tx, token, "/pay/done")
			return err
		})
		return c, err
	}
	_, err := make(b.scope("person", id.New()))
	want(t, err, payment.ErrUnknown)
	_, err = make(anybody)
	want(t, err, payment.ErrUnknown)
	first, err := make(payer)
	want(t, err, nil)
	token, err := make(payer)
	want(t, err, nil)
	_, err = open(first) // the second one took its place
	want(t, err, payment.ErrLink)
	_, err = open("nonsense")
	want(t, err, payment.ErrLink)
	l, err := open(token)
	if err != nil || l.Demand.Payer != uuid.Nil || l.Demand.Amount != d.Amount || l.Receipt != "" || len(l.Demand.Lines) != 2 {
		t.Fatalf("%+v, %v", l, err)
	}
	if n := b.count("payment.link WHERE token_hash = '" + token + "'::bytea"); n != 0 {
		t.Error("the secret is kept")
	}
	_, err = b.BeginLinked(t.Context(), b.db, anybody, token) // nobody has pressed
	want(t, err, payment.ErrLink)
	own := b.begin(d.ID) // the payer is at the gateway already
	c, err := start(token)
	if err != nil || c.ID != own.ID {
		t.Errorf("a second attempt beside the first: %v, %v", c.ID == own.ID, err)
	}
	if url, err := b.BeginLinked(t.Context(), b.db, anybody, token); err != nil || url != own.RedirectURL {
		t.Errorf("it leads to %q, %v", url, err)
	}
	b.paid(b.charge(c.ID))
	if l, err = open(token); err != nil || l.Receipt == "" || l.Demand.Status != payment.DemandPaidUp {
		t.Errorf("after paying: %+v, %v", l, err)
	}
	_, err = start(token)
	want(t, err, payment.ErrAlreadyPaid)
	_, err = make(payer)
	want(t, err, payment.ErrAlreadyPaid)
	if n := b.count("payment.payment"); n != 1 {
		t.Errorf("%d payments", n)
	}
}

// TestLinkEnds: taken back by who made it, and with the demand; what was paid otherwise shows no receipt.
func TestLinkEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	linked := func() (d payment.Demand, token string) {
		d = b.raise()
		if err := b.db.InTx(t.Context(), b.scope("person", d.Payer), func(ctx context.Context, tx *pg.Tx) (err error) {
			token, err = b.MakeLink(ctx, tx, d.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return d, token
	}
	open := func(token string) (l payment.Linked, err error) {
		err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
			l, err = b.Linked(ctx, tx, token)
			return err
		})
		return l, err
	}
	d, token := linked()
	end := func(who uuid.UUID) error {
		return b.db.InTx(t.Context(), b.scope("person", who), func(ctx context.Context, tx *pg.Tx) error { return b.EndLink(ctx, tx, d.ID) })
	}
	want(t, end(id.New()), payment.ErrUnknown)
	if made := b.made(d); made == nil {
		t.Error("no link is there")
	}
	want(t, end(d.Payer), nil)
	want(t, end(d.Payer), nil)
	_, err := open(token)
	want(t, err, payment.ErrLink)
	if b.made(d) != nil {
		t.Error("the link is still there")
	}
	d, token = linked()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Cancel(ctx, tx, d.ID, "withdrawn") })
	_, err = open(token)
	want(t, err, payment.ErrLink)
	d, token = linked()
	b.paid(b.begin(d.ID))
	if l, err := open(token); err != nil || l.Receipt != "" || l.Demand.Status != payment.DemandPaidUp {
		t.Errorf("paid by somebody else: %+v, %v", l, err)
	}
}

func (b *bundle) made(d payment.Demand) (made any) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		at, err := b.LinkMade(ctx, tx, d.ID)
		if at != nil {
			made = *at
		}
		return err
	})
	return made
}
