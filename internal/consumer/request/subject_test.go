package request_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// TestSubject: whom a draft is for fills in what is known of them, visibly, and takes it back when it is for somebody else. What was typed stays.
func TestSubject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nina, tio := request.Relative{ID: id.New(), Name: "Nina Canario"}, request.Relative{ID: id.New(), Name: "Tio Canario"}
	b.drawer.family = []request.Relative{nina, tio}
	r := b.start("en")
	choose := func(actor pg.Actor, member uuid.UUID) error {
		return b.try(actor, func(ctx context.Context, tx *pg.Tx) error { return b.SetSubject(ctx, tx, b.person, r.ID, member) })
	}
	me := pg.Actor{ID: b.person, Kind: "person"}
	want := func(answer any, source string) {
		t.Helper()
		got := b.request(r.ID)
		if got.Answers["partner_name"] != answer || got.Sources["partner_name"] != source {
			t.Errorf("the answer is %v from %q", got.Answers["partner_name"], got.Sources["partner_name"])
		}
	}
	b.must(choose(me, nina.ID))
	want("Nina Canario", "subject.name")
	if got := b.request(r.ID); got.Subject != nina.ID {
		t.Errorf("it is for %v", got.Subject)
	}
	b.must(choose(me, tio.ID))
	want("Tio Canario", "subject.name")
	b.want(choose(me, id.New()), request.ErrNoRelative)
	b.must(choose(me, uuid.Nil))
	want(nil, "")
	b.must(choose(me, nina.ID))
	b.fill(r.ID, "who", "name=Dulce", "partner=yes", "partner_share=10")
	b.fill(r.ID, "partner", "partner_name=Somebody typed")
	b.must(choose(me, tio.ID))
	want("Somebody typed", "")
	b.want(choose(pg.Actor{ID: id.New(), Kind: "person", OnBehalf: b.person}, nina.ID), identity.ErrRepresentative)
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Discard(ctx, tx, b.person, r.ID) }))
	if err := choose(me, nina.ID); err == nil {
		t.Error("a discarded draft takes a subject")
	}
}
