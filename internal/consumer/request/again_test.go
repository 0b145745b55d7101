package request_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) again(of uuid.UUID, kind, words string) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.AskAgain(ctx, tx, b.person, of, kind, words) })
}

// ways says how the request can be taken up again.
func (b *bundle) ways(of uuid.UUID) (kinds string) {
	b.t.Helper()
	r := b.request(of)
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
		ways, err := b.Again(ctx, tx, r)
		for _, w := range ways {
			kinds += w.Kind + " "
		}
		return err
	}))
	return strings.TrimSpace(kinds)
}

// TestAgain asks for a withdrawn request to be taken up again, in words and in time, and withdraws it once more.
func TestAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	if got := b.ways(r.ID); got != "" {
		t.Errorf("an open request can be opened: %s", got)
	}
	b.want(b.again(r.ID, exchange.Reopen, "please"), request.ErrTooLate)
	b.must(b.withdraw(r.ID))
	gone := func() {
		b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Decided, State: "gone", Outcome: "withdrawn"})
	}
	gone()
	if got := b.ways(r.ID); got != "reopen" {
		t.Fatalf("ways: %q, want reopen", got)
	}
	b.want(b.again(r.ID, exchange.Appeal, "please"), request.ErrTooLate)
	b.want(b.again(r.ID, exchange.Reopen, "  "), request.ErrWords)
	b.want(b.again(r.ID, exchange.Reopen, strings.Repeat("a", 4001)), request.ErrWords)
	for range 2 { // pressed twice
		b.must(b.again(r.ID, exchange.Reopen, "I want it after all"))
	}
	b.work()
	if last := b.got[len(b.got)-1]; len(b.got) != 3 || last.Kind != exchange.Reopen || last.Note != "I want it after all" {
		t.Fatalf("sent: %+v", b.got)
	}
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Reopened, State: "review"})
	if got := b.request(r.ID); got.Status != request.Submitted || got.Outcome != "" || got.State != "review" {
		t.Errorf("%+v", got)
	}
	b.must(b.withdraw(r.ID))
	b.work()
	if len(b.got) != 4 || b.got[3].Kind != exchange.Withdraw {
		t.Errorf("%d sent: withdrawing what was taken up again was forgotten", len(b.got))
	}
	gone()
	b.travel(30 * 24 * time.Hour)
	if got := b.ways(r.ID); got != "" {
		t.Errorf("after the time for it: %s", got)
	}
	b.want(b.again(r.ID, exchange.Reopen, "too late"), request.ErrTooLate)
}

// TestLetter keeps a letter in the timeline; only who it was sent to opens it. Coded reasons stand before the officer's words.
func TestLetter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	document := id.New()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Letter, State: "review", Title: i18n.Text{"en": "Your stall"}, Document: document})
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Told, State: "review", Events: []string{"escalation:slow"}})
	got := b.request(r.ID)
	if last := got.Timeline[len(got.Timeline)-1]; last.Kind != exchange.Letter || last.Name["en"] != "Your stall" || last.Detail.Document != document {
		t.Errorf("last = %+v, want the letter, and nothing of what was only told", last)
	}
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Letter(ctx, tx, b.person, r.ID, document) }))
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Letter(ctx, tx, b.person, r.ID, id.New()) }), request.ErrNotFound)
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Letter(ctx, tx, id.New(), r.ID, document) }), request.ErrNotFound)
	b.respond(exchange.ServiceResponse{
		RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"name"}, Note: "See page 2.",
		Reasons: []i18n.Text{{"pt": "Falta a planta", "en": "The plan is missing"}},
	})
	if got := b.request(r.ID); got.Note != map[string]string{"en": "The plan is missing", "pt": "Falta a planta"}[got.Lang]+"\nSee page 2." {
		t.Errorf("note = %q", got.Note)
	}
}
