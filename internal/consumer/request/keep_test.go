package request_test

import (
	"context"
	"testing"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// TestKeepAndDrop: drafts go with their files; what an office has seen stays for its years.
func TestKeepAndDrop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	draft := b.start("en")
	f, err := b.attach(draft.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	kept := func() (list []request.Kept) {
		t.Helper()
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
			list, err = b.Kept(ctx, tx, b.person)
			return err
		}))
		return list
	}
	if k := kept(); len(k) != 1 || k[0].ID != r.ID || !k[0].Open {
		t.Errorf("kept %+v", k)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Paid, State: "review", Receipt: "R-1"})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "granted", Outcome: "approved"})
	if k := kept(); len(k) != 1 || k[0].Open || !k[0].Paid || k[0].Until.Before(r.CreatedAt.AddDate(10, 0, 0)) {
		t.Errorf("kept %+v", k)
	}
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		settings := tenancy.New(tenancy.Deps{})
		set, err := settings.Settings(ctx, tx)
		if err != nil {
			return err
		}
		set.KeptPaidYears = 30
		return settings.Change(ctx, tx, set)
	})
	if k := kept(); k[0].Until.Before(r.CreatedAt.AddDate(30, 0, 0)) {
		t.Errorf("kept until %s, although the state keeps what was paid for 30 years", k[0].Until)
	}
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Drop(ctx, tx, b.person) }), request.ErrNotFound)
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.Drop(ctx, tx, b.person) })
	if b.stored(f.ID) || b.count("SELECT count(*) FROM request.request WHERE id = $1", draft.ID) != 0 {
		t.Error("the draft is still there")
	}
	if b.request(r.ID).Reference != r.Reference {
		t.Error("the request is not there any more")
	}
}
