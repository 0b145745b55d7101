package workflow_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// setupWorks is setup with the service that uses everything cases can do.
func setupWorks(t *testing.T) *bundle {
	t.Helper()
	data, err := os.ReadFile("../orchestration/testdata/works.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pack, problems := servicespec.Parse(data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	svc, err := servicespec.Compile(pack)
	if err != nil {
		t.Fatal(err)
	}
	b := setupFor(t, svc)
	b.seen.answers = servicespec.Answers{"area": int64(100), "tall": true}
	return b
}

// checking starts a case whose fee is paid.
func (b *bundle) checking() (i workflow.Instance) {
	b.t.Helper()
	i = b.start("X-N")
	if _, moved, err := signal(b, i.ID, workflow.SignalPaid); err != nil || !moved {
		b.t.Fatal(moved, err)
	}
	return b.now(i.ID)
}

// opinions brings a case into its branches.
func (b *bundle) opinions(by identity.Principal) workflow.Instance {
	b.t.Helper()
	i := b.checking()
	if i.Assignee == uuid.Nil {
		if err := b.claim(by, i.ID, i.Rev); err != nil {
			b.t.Fatal(err)
		}
		i.Rev++
	}
	if err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "propose", By: by, Rev: i.Rev, Checklist: []string{"plan", "height"}})
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return b.now(i.ID)
}

func (b *bundle) queue(by identity.Principal, queue string) (list []workflow.Instance) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.flow.Inbox(ctx, tx, by, workflow.InboxFilter{Queue: queue}, page.Request{Size: 50})
		list = p.Rows
		return err
	})
	return list
}

// TestBranches has each branch in the inbox of its own role, with its own officer and target, under one promise.
func TestBranches(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	clerk, fire, water := officer(grant("clerk", "works", "")), officer(grant("fire", "works", "")), officer(grant("water", "works", ""))
	i := b.opinions(clerk)
	if i.Kind != workflow.KindParallel || len(i.Branches) != 3 || i.TotalDueAt == nil {
		t.Fatalf("case = %+v, want in three branches", i)
	}
	seen := b.queue(fire, workflow.QueueUnclaimed)
	if len(seen) != 1 || seen[0].Branch != "fire" || seen[0].State != "fire-look" || seen[0].DueAt == nil || !seen[0].DueAt.Before(*i.TotalDueAt) {
		t.Fatalf("the fire brigade's inbox: %+v", seen)
	}
	if list := b.queue(clerk, workflow.QueueTeam); len(list) != 0 {
		t.Errorf("the clerk has %d cases, want none: the work is with others", len(list))
	}
	take := func(by identity.Principal, branch string) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Claim(ctx, tx, i.ID, branch, by, i.Rev)
			return err
		})
	}
	wants(t, "the water board takes the fire brigade's branch", take(water, "fire"), workflow.ErrRole)
	wants(t, "a branch that is none", take(water, "gas"), workflow.ErrAction)
	if err := take(fire, "fire"); err != nil {
		t.Fatal(err)
	}
	if err := take(water, "water"); err != nil { // at the revision before the other took theirs
		t.Errorf("who works in one branch is stopped by what happens in another: %v", err)
	}
	wants(t, "the fire brigade's branch again, at the old revision", take(officer(grant("fire", "works", "")), "fire"), workflow.ErrMeanwhile)
	if mine := b.queue(fire, workflow.QueueMine); len(mine) != 1 || mine[0].Branch != "fire" {
		t.Errorf("the officer's own: %+v", mine)
	}
	rev := b.now(i.ID).Rev
	wants(t, "acting in another's branch", b.act(fire, i.ID, "water-yes", rev, ""), workflow.ErrRole)
	if err := b.act(fire, i.ID, "fire-object", rev, ""); err != nil {
		t.Fatal(err)
	}
	if err := b.act(water, i.ID, "water-yes", rev, ""); err != nil {
		t.Fatal(err)
	}
	after := b.now(i.ID)
	if diff := cmp.Diff(map[string]string{"fire": "no", "water": "yes"}, after.Outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		counts, err := b.flow.Counts(ctx, tx, officer(grant("air", "works", "")), tx.Now)
		if err != nil || len(counts) != 1 || counts[0].State != "air-look" || counts[0].Unclaimed != 1 {
			t.Errorf("counts = %+v", counts)
		}
		m, moved, err := b.flow.Advance(ctx, tx, i.ID, workflow.Ground{Answers: b.seen.answers})
		if !moved || m.Action.Code != "joined" {
			t.Errorf("two of three are enough: moved %v by %s (%v)", moved, m.Action.Code, err)
		}
		return err
	})
	if list := b.queue(officer(grant("air", "works", "")), workflow.QueueTeam); len(list) != 0 {
		t.Errorf("a branch that nobody waits for any more is still work: %+v", list)
	}
	wants(t, "acting in a branch that is over", b.act(officer(grant("air", "works", "")), i.ID, "air-yes", b.now(i.ID).Rev, ""), workflow.ErrAction)
}

// TestJoinedOnce has the last two branches come to their end at one moment: the case goes on once.
func TestJoinedOnce(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	b.seen.answers["tall"] = false
	clerk := officer(grant("clerk", "works", ""), grant("fire", "works", ""), grant("water", "works", ""))
	i := b.opinions(clerk)
	for _, branch := range []string{"fire", "water"} {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Claim(ctx, tx, i.ID, branch, clerk, b.now(i.ID).Rev)
			return err
		})
	}
	rev := b.now(i.ID).Rev
	var joined sync.Map
	var together sync.WaitGroup
	for _, action := range []string{"fire-object", "water-yes"} {
		together.Go(func() {
			if err := b.try(func(ctx context.Context, tx *pg.Tx) error {
				if _, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: action, By: clerk, Rev: rev}); err != nil {
					return err
				}
				_, moved, err := b.flow.Advance(ctx, tx, i.ID, workflow.Ground{Answers: b.seen.answers})
				if moved {
					joined.Store(action, true)
				}
				return err
			}); err != nil {
				t.Errorf("%s: %v", action, err)
			}
		})
	}
	together.Wait()
	n := 0
	joined.Range(func(any, any) bool { n++; return true })
	if n != 1 || b.now(i.ID).State != "more" {
		t.Errorf("joined %d times, now in %s", n, b.now(i.ID).State)
	}
}

// TestEscalation lets a state last too long: people are told once, the work goes to another role once.
func TestEscalation(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	clerk, chief := officer(grant("clerk", "works", "")), officer(grant("chief", "works", ""))
	i := b.checking()
	if err := b.claim(clerk, i.ID, i.Rev); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		b.travel(24 * time.Hour)
	}
	var codes []string
	for _, e := range b.seen.escalated {
		codes = append(codes, e.State+" "+e.Escalation.Code)
	}
	if diff := cmp.Diff([]string{"check nudge", "check chief"}, codes); diff != "" {
		t.Fatalf("escalated (-want +got):\n%s", diff)
	}
	now := b.now(i.ID)
	if now.Role != "chief" || now.Assignee != uuid.Nil || now.State != "check" {
		t.Fatalf("case = %+v, want the chief's and nobody's", now)
	}
	wants(t, "the clerk takes it back", b.claim(clerk, i.ID, now.Rev), workflow.ErrRole)
	if err := b.claim(chief, i.ID, now.Rev); err != nil {
		t.Fatal(err)
	}
	if err := b.act(chief, i.ID, "propose", now.Rev+1, ""); err == nil {
		t.Error("a checklist that applies was not asked for")
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "propose", By: chief, Rev: now.Rev + 1, Checklist: []string{"plan", "height"}})
		return err
	})
	for range 9 { // the fire brigade says nothing: that is deemed consent
		b.travel(24 * time.Hour)
	}
	if fire := b.now(i.ID).Outcomes()["fire"]; fire != "yes" {
		t.Errorf("the fire brigade's branch is %q, want deemed consent", fire)
	}
}

// TestAssignment gives work by load, in turn, and to who had it before.
func TestAssignment(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	clerks := []uuid.UUID{id.New(), id.New(), id.New()}
	fires := []uuid.UUID{id.New(), id.New()}
	b.crew["clerk"], b.crew["fire"] = clerks, fires
	got := map[uuid.UUID]int{}
	var mu sync.Mutex
	var together sync.WaitGroup
	for range 9 { // at one moment: they do not all go to the same
		together.Go(func() {
			i := b.checking()
			mu.Lock()
			defer mu.Unlock()
			got[i.Assignee]++
		})
	}
	together.Wait()
	for _, c := range clerks {
		if got[c] != 3 {
			t.Errorf("by load: %v, want three each", got)
			break
		}
	}
	var turns []uuid.UUID
	var last workflow.Instance
	for range 4 {
		i := b.checking()
		by := officer(grant("clerk", "works", ""), grant("chief", "works", ""))
		by.Account = i.Assignee
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "propose", By: by, Rev: i.Rev, Checklist: []string{"plan", "height"}})
			return err
		})
		last = b.now(i.ID)
		at, _ := last.In("fire")
		turns = append(turns, at.Assignee)
	}
	if turns[0] == turns[1] || turns[0] != turns[2] || turns[1] != turns[3] || !slices.Contains(fires, turns[0]) {
		t.Errorf("in turn: %v of %v", turns, fires)
	}
}

// TestAgain appeals against a decision in time, and not after it.
func TestAgain(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	ask := func(i uuid.UUID, kind, words string) (m workflow.Moved, moved bool) {
		b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
			m, moved, err = b.flow.Ask(ctx, tx, workflow.Ask{Instance: i, Kind: kind, Words: words})
			return err
		})
		return m, moved
	}
	i := b.start("X-N")
	if _, moved := ask(i.ID, servicespec.KindReopen, "no"); moved {
		t.Error("what is open was opened")
	}
	if m, moved := ask(i.ID, servicespec.KindWithdraw, ""); !moved || m.Instance.Outcome != "withdrawn" {
		t.Fatal("not withdrawn")
	}
	due := *b.now(i.ID).TotalDueAt
	b.travel(3 * 24 * time.Hour)
	m, moved := ask(i.ID, servicespec.KindReopen, "I want it after all")
	if !moved || !m.Again || m.Instance.Ended || m.Instance.State != "fee" || !m.Instance.TotalDueAt.After(due) {
		t.Errorf("reopened: %v, %+v: want open, with a later promise", moved, m.Instance)
	}
	ask(i.ID, servicespec.KindWithdraw, "")
	b.travel(20 * 24 * time.Hour)
	if _, moved := ask(i.ID, servicespec.KindReopen, "too late"); moved {
		t.Error("reopened after the time for it")
	}
}

// TestFindings keeps what an officer found out, sealed, and lets rules see it.
func TestFindings(t *testing.T) {
	t.Parallel()
	b := setupWorks(t)
	by := officer(grant("clerk", "works", ""), grant("fire", "works", ""), grant("inspector", "works", ""), grant("chief", "works", ""))
	i := b.opinions(by)
	take := func() {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Claim(ctx, tx, i.ID, "fire", by, b.now(i.ID).Rev)
			return err
		})
	}
	take()
	wants(t, "without anything found", b.act(by, i.ID, "fire-yes", b.now(i.ID).Rev, ""), workflow.ErrGuard)
	if err := b.act(by, i.ID, "fire-send", b.now(i.ID).Rev, ""); err != nil {
		t.Fatal(err)
	}
	take()
	report := func(found servicespec.Answers, files map[string][]servicespec.File) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Act(ctx, tx, workflow.Act{
				Instance: i.ID, Action: "fire-report", By: by, Rev: b.now(i.ID).Rev, Findings: workflow.Findings{Answers: found, Files: files},
			})
			return err
		})
	}
	wants(t, "nothing answered", report(nil, nil), workflow.ErrFindings)
	wants(t, "out of range", report(servicespec.Answers{"found": int64(99)}, nil), workflow.ErrFindings)
	photo := servicespec.File{ID: id.New(), Name: "facade.png", MediaType: "image/png", Size: 10}
	text := photo
	text.MediaType = "text/plain"
	wants(t, "a photo that is none", report(servicespec.Answers{"found": int64(3)}, map[string][]servicespec.File{"photo": {text}}), workflow.ErrDocuments)
	if err := report(servicespec.Answers{"found": int64(3)}, map[string][]servicespec.File{"photo": {photo}}); err != nil {
		t.Fatal(err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.flow.Found(ctx, tx, b.now(i.ID))
		if err != nil {
			return err
		}
		if found.Answers["found"] != int64(3) {
			t.Errorf("found = %+v", found)
		}
		history, err := b.flow.History(ctx, tx, i.ID)
		if last := history[len(history)-1]; len(last.Findings.Files["photo"]) != 1 || last.Findings.Files["photo"][0].Name != "facade.png" {
			t.Errorf("last = %+v", last)
		}
		var clear int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM workflow.transition WHERE position('facade'::bytea IN findings) > 0`).Scan(&clear); err != nil || clear > 0 {
			t.Errorf("findings stand in the clear: %d, %v", clear, err)
		}
		return err
	})
	stop := func(reasons []string) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "stop", By: by, Rev: b.now(i.ID).Rev, Comment: "no", Reasons: reasons})
			return err
		})
	}
	wants(t, "no reason", stop(nil), workflow.ErrReasons)
	wants(t, "another's reason", stop([]string{"no-plan"}), workflow.ErrReasons)
	if err := stop([]string{"too-big"}); err != nil {
		t.Errorf("the chief stops all branches: %v", err)
	}
	if end := b.now(i.ID); end.Outcome != "rejected" || len(end.Places()) != 1 {
		t.Errorf("case = %+v", end)
	}
}
