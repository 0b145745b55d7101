package request_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// TestRepresentatives: who acts for somebody else has their rights on requests for the services that were agreed, and what they do is
// recorded as both.
func TestRepresentatives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	helper := b.register("sms", "9922222", "Helena Helper")
	consent := func(services ...string) (d uuid.UUID) {
		t.Helper()
		b.as(pg.Actor{ID: b.person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) (err error) {
			d, err = b.people.Invite(ctx, tx, identity.Invite{Person: b.person, Channel: "sms", Address: "9922222", Kind: identity.Helper, Services: services})
			return err
		})
		b.as(pg.Actor{ID: helper, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error { return b.people.Accept(ctx, tx, d) })
		return d
	}
	acting := pg.Actor{ID: helper, Kind: "person", OnBehalf: b.person}
	try := func(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
		return b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
	}
	start := func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Start(ctx, tx, b.person, "stall", "pt")
		return err
	}
	mine := func() (n int, err error) {
		err = try(acting, func(ctx context.Context, tx *pg.Tx) error {
			found, err := b.Mine(ctx, tx, b.person, request.Filter{}, page.Request{})
			n = len(found.Rows)
			return err
		})
		return n, err
	}
	if err := try(acting, start); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("without consent: %v", err)
	}
	if _, err := mine(); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("the list without consent: %v", err)
	}
	other := consent("birth-certificate")
	if err := try(acting, start); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("for another service: %v", err)
	}
	var r request.Request
	b.as(pg.Actor{ID: b.person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Start(ctx, tx, b.person, "stall", "pt")
		return err
	})
	open := func(ctx context.Context, tx *pg.Tx) error { _, err := b.Request(ctx, tx, b.person, r.ID); return err }
	if n, err := mine(); err != nil || n != 0 {
		t.Errorf("%d requests of other services, %v", n, err)
	}
	if err := try(acting, open); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("opening one of another service: %v", err)
	}
	d := consent("stall")
	if n, err := mine(); err != nil || n != 1 {
		t.Errorf("%d requests, %v", n, err)
	}
	if err := try(acting, open); err != nil {
		t.Error(err)
	}
	if err := try(acting, func(ctx context.Context, tx *pg.Tx) error { return b.Discard(ctx, tx, b.person, r.ID) }); err != nil {
		t.Error(err)
	}
	if err := try(acting, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Mine(ctx, tx, helper, request.Filter{}, page.Request{})
		return err
	}); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("their own requests while they act for somebody else: %v", err)
	}
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		found, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{ObjectID: r.ID}, page.Request{})
		if !slices.ContainsFunc(found.Rows, func(row audit.Row) bool {
			return row.Actor == helper && row.OnBehalf == b.person && row.Person == b.person
		}) {
			t.Errorf("recorded %+v", found.Rows)
		}
		return err
	})
	for _, end := range []uuid.UUID{d, other} {
		b.as(pg.Actor{ID: b.person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error { return b.people.EndDelegation(ctx, tx, end) })
	}
	if err := try(acting, open); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("after the end: %v", err)
	}
}
