package request_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) rate(of uuid.UUID, in request.Rate) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Rate(ctx, tx, b.person, of, in) })
}

func (b *bundle) rating(of uuid.UUID) (said request.Rating) {
	b.t.Helper()
	r := b.request(of)
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		said, err = b.Rating(ctx, tx, r)
		return err
	}))
	return said
}

func (b *bundle) remarks(by identity.Principal, f request.RemarkFilter, p page.Request) (found page.Page[request.Remark], err error) {
	err = b.try(pg.Actor{ID: by.Account, Kind: "staff"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = b.Remarks(ctx, tx, by, f, p)
		return err
	})
	return found, err
}

func head(agency string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{
		{Role: "agency-admin", Agency: agency, Permissions: []string{request.ReadRemarks}},
	}}
}

// TestRating rates once what was decided, changes it in time, and tells figures the stars alone.
func TestRating(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	fine := request.Rate{Stars: 2, Good: []string{"staff", "unheard of", "staff"}, Bad: []string{"time"}, Words: "  It took CANARIO months  "}
	b.want(b.rate(r.ID, fine), request.ErrRateLate)
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "granted", Outcome: "approved"})
	if told := strings.Join(b.told(), "\n"); !strings.Contains(told, "Granted "+r.Reference+"\n\nRate https://cv.example.org/requests/"+r.ID.String()+"/rate") {
		t.Errorf("the notice of the decision does not ask: %s", told)
	}
	b.want(b.rate(r.ID, request.Rate{Words: "no stars"}), request.ErrStars)
	b.want(b.rate(r.ID, request.Rate{Stars: 6}), request.ErrStars)
	b.want(b.rate(r.ID, request.Rate{Stars: 1, Words: strings.Repeat("é", request.RemarkMost+1)}), request.ErrRemark)
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Rate(ctx, tx, id.New(), r.ID, fine) }), request.ErrNotFound)
	if said := b.rating(r.ID); said.Stars != 0 {
		t.Errorf("refused and kept: %+v", said)
	}
	b.must(b.rate(r.ID, fine))
	want := request.Rate{Stars: 2, Good: []string{"staff"}, Bad: []string{"time"}, Words: "It took CANARIO months"}
	first := b.rating(r.ID)
	if diff := cmp.Diff(want, first.Rate); diff != "" {
		t.Error(diff)
	}
	if b.count(`SELECT count(*) FROM request.rating WHERE position('CANARIO'::bytea IN words) > 0`) != 0 {
		t.Error("the words are not sealed")
	}
	if b.count(`SELECT count(*) FROM platform.event WHERE name = 'exchange.request.rated.v1' AND position('CANARIO' IN data::text) + position($1 IN data::text) > 0`, r.ID.String()) != 0 {
		t.Error("figures are told what was written, or of which request")
	}
	b.travel(29 * 24 * time.Hour)
	b.must(b.rate(r.ID, request.Rate{Stars: 4}))
	if again := b.rating(r.ID); again.Stars != 4 || again.Words != "" || !again.RatedAt.Equal(first.RatedAt) || !again.ChangedAt.After(first.ChangedAt) {
		t.Errorf("changed: %+v", again)
	}
	if n := b.count(`SELECT count(DISTINCT subject) FROM platform.event WHERE name = 'exchange.request.rated.v1'`); n != 1 {
		t.Errorf("%d ratings of one request", n)
	}
	b.travel(2 * 24 * time.Hour)
	b.want(b.rate(r.ID, fine), request.ErrRateLate)
}

// TestRemarks: what was written is read without the name, by whom the agency lets, and goes when its person is erased.
func TestRemarks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, said := range []request.Rate{{Stars: 1, Words: "slow"}, {Stars: 5, Words: "quick"}, {Stars: 3}} {
		r := b.submitted()
		b.must(b.withdraw(r.ID))
		b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "gone", Outcome: "withdrawn"})
		b.must(b.rate(r.ID, said))
	}
	words := func(f request.RemarkFilter, p page.Request) (list []string, next string) {
		t.Helper()
		found, err := b.remarks(head("cmp"), f, p)
		b.must(err)
		for _, m := range found.Rows {
			list = append(list, m.Words)
		}
		return list, found.Next
	}
	if got, _ := words(request.RemarkFilter{}, page.Request{}); cmp.Diff([]string{"quick", "slow"}, got) != "" {
		t.Errorf("all: %q", got)
	}
	if got, _ := words(request.RemarkFilter{Stars: 1, Service: "stall", Agency: "cmp"}, page.Request{}); cmp.Diff([]string{"slow"}, got) != "" {
		t.Errorf("of one star: %q", got)
	}
	if got, _ := words(request.RemarkFilter{Service: "household"}, page.Request{}); got != nil {
		t.Errorf("of another service: %q", got)
	}
	one, next := words(request.RemarkFilter{}, page.Request{Size: 1})
	two, end := words(request.RemarkFilter{}, page.Request{Size: 1, After: next})
	if got := append(one, two...); cmp.Diff([]string{"quick", "slow"}, got) != "" || end != "" {
		t.Errorf("page by page: %q, %q", got, end)
	}
	for _, f := range []request.RemarkFilter{{}, {Agency: "cmp"}} {
		_, err := b.remarks(identity.Principal{Account: id.New(), Kind: identity.KindStaff}, f, page.Request{})
		b.want(err, request.ErrRemarks)
	}
	_, err := b.remarks(head("dgrni"), request.RemarkFilter{Agency: "cmp"}, page.Request{})
	b.want(err, request.ErrRemarks)
	if found, err := b.remarks(head("dgrni"), request.RemarkFilter{}, page.Request{}); err != nil || len(found.Rows) > 0 {
		t.Errorf("another agency reads %+v, %v", found.Rows, err)
	}
	if b.count(`SELECT count(*) FROM audit.entry WHERE action = 'request.remarks' AND person_id = $1`, b.person) == 0 {
		t.Error("that it was read is not on record")
	}
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.Drop(ctx, tx, b.person) })
	if n := b.count(`SELECT count(*) FROM request.rating`); n != 0 {
		t.Errorf("%d ratings stay of who is erased", n)
	}
}

// TestRatingForAnother: who acts for a person says it in their name, for the services that the person agreed to.
func TestRatingForAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	helper := b.register("sms", "9922222", "Helena Helper")
	r := b.submitted()
	b.must(b.withdraw(r.ID))
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "gone", Outcome: "withdrawn"})
	rate := func() error {
		return b.try(pg.Actor{ID: helper, Kind: "person", OnBehalf: b.person}, func(ctx context.Context, tx *pg.Tx) error {
			return b.Rate(ctx, tx, b.person, r.ID, request.Rate{Stars: 3, Words: "for her"})
		})
	}
	b.want(rate(), identity.ErrRepresentative)
	var d uuid.UUID
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.people.Invite(ctx, tx, identity.Invite{Person: b.person, Channel: "sms", Address: "9922222", Kind: identity.Helper, Services: []string{"stall"}})
		return err
	}))
	b.as(pg.Actor{ID: helper, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error { return b.people.Accept(ctx, tx, d) })
	b.must(rate())
	if said := b.rating(r.ID); said.Stars != 3 || said.Words != "for her" {
		t.Errorf("%+v", said)
	}
}
