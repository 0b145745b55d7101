package workflow_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow"
)

// list reads all pages of a queue, two rows a page.
func (b *bundle) list(by identity.Principal, f workflow.InboxFilter) (ids []uuid.UUID) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		for req := (page.Request{Size: 2}); ; {
			p, err := b.flow.Inbox(ctx, tx, by, f, req)
			if err != nil {
				return err
			}
			if len(p.Rows) > 2 {
				b.t.Errorf("%d rows on a page of 2", len(p.Rows))
			}
			for _, i := range p.Rows {
				ids = append(ids, i.ID)
			}
			if req.After = p.Next; p.Next == "" {
				return nil
			}
		}
	})
	return ids
}

func TestInbox(t *testing.T) {
	t.Parallel()
	b := setup(t)
	north := officer(grant("clerk", "works", "X-N"))
	all := officer(grant("clerk", "works", ""))
	inspector := officer(grant("inspector", "works", ""))
	chief := officer(grant("chief", "works", "", workflow.Release))
	var northern, every []uuid.UUID
	for n := range 5 {
		area := []string{"X-N", "X-S"}[n%2]
		i := b.start(area)
		if every = append(every, i.ID); area == "X-N" {
			northern = append(northern, i.ID)
		}
		if n == 2 { // the next ones are due a day later
			b.travel(24 * time.Hour)
		}
	}
	if diff := cmp.Diff(every, b.list(all, workflow.InboxFilter{Queue: workflow.QueueTeam})); diff != "" {
		t.Errorf("team, most urgent first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(northern, b.list(north, workflow.InboxFilter{Queue: workflow.QueueTeam})); diff != "" {
		t.Errorf("team of the north (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(every, b.list(chief, workflow.InboxFilter{Queue: workflow.QueueTeam})); diff != "" {
		t.Errorf("whoever supervises sees all roles' work (-want +got):\n%s", diff)
	}
	for name, by := range map[string]identity.Principal{"no work in the state": inspector, "another agency": officer(grant("clerk", "parks", "")), "no grants": officer()} {
		if got := b.list(by, workflow.InboxFilter{Queue: workflow.QueueTeam}); got != nil {
			t.Errorf("%s: sees %v", name, got)
		}
	}
	if got := b.list(all, workflow.InboxFilter{Queue: workflow.QueueTeam, Boundary: "X-S"}); len(got) != 2 {
		t.Errorf("south: %d rows, want 2", len(got))
	}
	ref := b.now(every[3]).Reference
	if diff := cmp.Diff([]uuid.UUID{every[3]}, b.list(all, workflow.InboxFilter{Queue: workflow.QueueTeam, Text: ref[:len(ref)-1]})); diff != "" {
		t.Errorf("by the beginning of a reference (-want +got):\n%s", diff)
	}
	due := *b.now(every[0]).DueAt
	after := due.Add(time.Second)
	if diff := cmp.Diff(every[3:], b.list(all, workflow.InboxFilter{Queue: workflow.QueueTeam, DueFrom: &after})); diff != "" {
		t.Errorf("due later (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(every[:3], b.list(all, workflow.InboxFilter{Queue: workflow.QueueTeam, DueUntil: &after})); diff != "" {
		t.Errorf("due earlier (-want +got):\n%s", diff)
	}
}

func TestQueuesAndCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	me, colleague := officer(grant("clerk", "works", "")), officer(grant("clerk", "works", ""))
	var ids []uuid.UUID
	for range 6 {
		ids = append(ids, b.start("X-N").ID)
	}
	for _, id := range ids[:2] {
		if err := b.claim(me, id, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.claim(colleague, ids[2], 1); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids[4:] {
		if err := b.do(me, id, "send-visit", ""); err != nil {
			t.Fatal(err)
		}
		b.travel(time.Minute)
	}
	same := func(queue string, want ...uuid.UUID) {
		t.Helper()
		got := b.list(me, workflow.InboxFilter{Queue: queue})
		if queue != workflow.QueueDone { // equal due times are in no promised order
			slices.SortFunc(got, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", queue, diff)
		}
	}
	same(workflow.QueueMine, ids[0], ids[1])
	same(workflow.QueueUnclaimed, ids[3])
	same(workflow.QueueTeam, ids[:4]...)
	same(workflow.QueueDone, ids[5], ids[4])
	b.travel(7 * 24 * time.Hour)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		counts, err := b.flow.Counts(ctx, tx, me, tx.Now)
		if err != nil {
			return err
		}
		want := []workflow.Count{{Service: "permit", State: "check", Team: 4, Unclaimed: 1, Mine: 2, Overdue: 4, MineOverdue: 2}}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		return nil
	})
}
