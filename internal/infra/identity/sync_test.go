package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

func TestWhoIsShutOutThereIsOutHere(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 6)
	if s := c.sync(t, false); s.State != identity.SyncDone || s.Entries != 6 || s.Linked != 6 || s.Suspended+s.Restored+s.Changed != 0 || s.Finished.IsZero() {
		t.Fatalf("nothing has changed: %+v", s)
	}
	c.shut(t, "p00")
	c.d.Delete(c.d.Person("p01"))
	c.d.AddGroup("auditors", "p02")
	c.d.Modify("dn: "+c.d.Group("clerks"), "changetype: modify", "delete: member", "member: "+c.d.Person("p03"))
	preview := c.sync(t, true)
	if preview.State != identity.SyncDone || !preview.DryRun || preview.Suspended != 2 || preview.Changed != 2 || preview.Applied != 0 {
		t.Fatalf("a dry run: %+v", preview)
	}
	if _, err := c.session(c.tokens["p00"], 0); err != nil {
		t.Errorf("a dry run does something: %v", err)
	}
	s := c.sync(t, false)
	if s.State != identity.SyncDone || s.Suspended != 2 || s.Changed != 2 || s.Applied != 4 {
		t.Fatalf("got %+v", s)
	}
	for uid, want := range map[string]struct {
		status string
		alive  bool
		grants []string
	}{
		"p00": {"suspended", false, nil}, "p01": {"suspended", false, nil},
		"p02": {"active", true, []string{"auditor   directory:staff", "registrar civil  directory:staff"}},
		"p03": {"active", true, nil}, "p04": {"active", true, []string{"registrar civil  directory:staff"}},
	} {
		_, err := c.session(c.tokens[uid], 0)
		if got := c.held(t, c.accounts[uid]); c.status(t, uid) != want.status || (err == nil) != want.alive || !slices.Equal(got, want.grants) {
			t.Errorf("%s: %s, session %v, grants %q", uid, c.status(t, uid), err, got)
		}
	}
	if _, err := c.bind(t, visitor(), "p00", "password of p00"); !errors.Is(err, identity.ErrSuspended) {
		t.Errorf("a sign-in of who is shut out: %v", err)
	}
	var changes page.Page[identity.SyncChange]
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		changes, err = c.service.SyncChanges(ctx, tx, s.ID, identity.ActSuspend, page.Request{})
		return err
	})
	if len(changes.Rows) != 2 || changes.Rows[0].Why != "disabled" || changes.Rows[1].Why != "gone" || !changes.Rows[0].Done || changes.Rows[0].Name != "Pessoa p00" {
		t.Errorf("changes: %+v", changes.Rows)
	}
	c.open(t, "p00")
	if s := c.sync(t, false); s.Restored != 1 || c.status(t, "p00") != "active" || len(c.held(t, c.accounts["p00"])) != 1 {
		t.Errorf("let in again: %+v, %s", s, c.status(t, "p00"))
	}
	c.enter(t, "p00")
}

func TestBySigningInOneIsLetInAgainAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.shut(t, "p00")
	if _, err := c.bind(t, visitor(), "p00", "password of p00"); !errors.Is(err, identity.ErrSuspended) || c.status(t, "p00") != "suspended" {
		t.Fatalf("shut out: %v, %s", err, c.status(t, "p00"))
	}
	if _, err := c.session(c.tokens["p00"], 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the session of before: %v", err)
	}
	c.open(t, "p00")
	c.enter(t, "p00")
	if c.status(t, "p00") != "active" {
		t.Error("still suspended")
	}
}

func TestWhatAnAdministratorDoesIsNotUndone(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 3)
	suspend := func(uid string) {
		c.in(t, func(ctx context.Context, tx *pg.Tx) error { return c.service.Suspend(ctx, tx, c.accounts[uid]) })
	}
	suspend("p00")
	if s := c.sync(t, false); s.Restored != 0 || c.status(t, "p00") != "suspended" {
		t.Errorf("by hand: %+v", s)
	}
	if _, err := c.bind(t, visitor(), "p00", "password of p00"); !errors.Is(err, identity.ErrSuspended) {
		t.Errorf("a sign-in: %v", err)
	}
	c.shut(t, "p01")
	c.sync(t, false)
	suspend("p01") // who was shut out by the directory is suspended by hand from now on
	c.open(t, "p01")
	if s := c.sync(t, false); s.Restored != 0 || c.status(t, "p01") != "suspended" {
		t.Errorf("by hand on top: %+v", s)
	}
	if err := c.emergency(c.accounts["p02"], true); err != nil {
		t.Fatal(err)
	}
	c.shut(t, "p02")
	if s := c.sync(t, false); s.Suspended != 0 || c.status(t, "p02") != "active" {
		t.Errorf("an emergency account: %+v", s)
	}
}

func TestNotAllAreShutOutAtOnce(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 12)
	c.shut(t, "p00", "p01", "p02", "p03", "p04")
	if s := c.sync(t, false); s.State != identity.SyncDone || s.Applied != 5 {
		t.Fatalf("five may go: %+v", s)
	}
	c.shut(t, "p05", "p06", "p07", "p08", "p09", "p10")
	held := c.sync(t, false)
	if held.State != identity.SyncHeld || held.Suspended != 6 || held.Applied != 0 || c.status(t, "p05") != "active" {
		t.Fatalf("six of seven: %+v, %s", held, c.status(t, "p05"))
	}
	alerts := c.alarms.take()
	if len(alerts) != 1 || alerts[0].Kind != identity.AlertSync || alerts[0].Args["n"] != 6 || alerts[0].Args["of"] != 7 || alerts[0].Address != "sofia@gov.example" {
		t.Errorf("alerts: %+v", alerts)
	}
	next := c.sync(t, false)
	if next.State != identity.SyncHeld || c.look(t, held.ID).State != identity.SyncDropped || len(c.alarms.take()) != 0 {
		t.Fatalf("an hour later: %+v, the first is %s", next, c.look(t, held.ID).State)
	}
	approve := func(id uuid.UUID) error {
		return c.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return c.service.ApproveSync(ctx, tx, id) })
	}
	if err := approve(held.ID); !errors.Is(err, identity.ErrSyncState) {
		t.Errorf("one that was dropped: %v", err)
	}
	if err := approve(uuid.New()); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	if err := approve(next.ID); err != nil {
		t.Fatal(err)
	}
	c.work(t)
	if s := c.look(t, next.ID); s.State != identity.SyncDone || s.Applied != 6 || c.status(t, "p05") != "suspended" || c.status(t, "p11") != "active" {
		t.Errorf("approved: %+v", s)
	}
}

func TestAComparisonIsTurnedDown(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 7)
	c.shut(t, "p00", "p01", "p02", "p03", "p04", "p05")
	held := c.sync(t, false)
	c.in(t, func(ctx context.Context, tx *pg.Tx) error { return c.service.DropSync(ctx, tx, held.ID) })
	if s := c.look(t, held.ID); s.State != identity.SyncDropped || c.status(t, "p00") != "active" {
		t.Errorf("got %+v", s)
	}
	c.work(t)
	if c.status(t, "p00") != "active" {
		t.Error("it was carried out all the same")
	}
	c.in(t, func(ctx context.Context, tx *pg.Tx) error {
		syncs, err := c.service.Syncs(ctx, tx, "staff", page.Request{})
		if len(syncs.Rows) != 1 || syncs.Rows[0].Suspended != 6 {
			t.Errorf("got %+v", syncs.Rows)
		}
		return err
	})
}

func TestADirectoryThatFailsShutsNobodyOut(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 2)
	for problem, spoil := range map[string]func(*identity.Directory){
		"empty": func(d *identity.Directory) { d.Filter = "(uid=nobody)" }, "search": func(d *identity.Directory) { d.Base = "dc=nowhere" },
		"bind": func(d *identity.Directory) { d.Password = "wrong" }, "tls": func(d *identity.Directory) { d.Authority = "" },
	} {
		bad := ldapDirectory(c.d)
		spoil(&bad)
		c.putDirectory(t, bad)
		if s := c.sync(t, false); s.State != identity.SyncFailed || s.Problem != problem || c.status(t, "p00") != "active" {
			t.Errorf("%s: %+v", problem, s)
		}
	}
	c.putDirectory(t, ldapDirectory(c.d))
	c.d.Stop()
	if s := c.sync(t, false); s.State != identity.SyncFailed || s.Problem != "away" || c.status(t, "p00") != "active" {
		t.Errorf("away: %+v", s)
	}
	c.d.Restart()
	if s := c.sync(t, false); s.State != identity.SyncDone {
		t.Errorf("back: %+v", s)
	}
}

func TestComparisonsOfEveryHour(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.in(t, func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, identity.SyncAllArgs{}) })
	c.work(t)
	c.in(t, func(ctx context.Context, tx *pg.Tx) error {
		syncs, err := c.service.Syncs(ctx, tx, "staff", page.Request{})
		if len(syncs.Rows) != 1 || syncs.Rows[0].State != identity.SyncDone || syncs.Rows[0].AskedBy != uuid.Nil {
			t.Errorf("got %+v", syncs.Rows)
		}
		return err
	})
	off := ldapDirectory(c.d)
	off.Enabled, off.Password = false, ""
	c.putDirectory(t, off)
	c.in(t, func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, identity.SyncAllArgs{}) })
	c.work(t)
	c.in(t, func(ctx context.Context, tx *pg.Tx) error {
		syncs, err := c.service.Syncs(ctx, tx, "staff", page.Request{Size: 1})
		if len(syncs.Rows) != 1 || syncs.Next != "" {
			t.Errorf("a directory that is not offered: %+v", syncs)
		}
		return err
	})
}

// A comparison whose process died is begun again by the job: what was read is read anew, what was done is not done twice.
func TestAComparisonIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 3)
	c.shut(t, "p00")
	var id uuid.UUID
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		if id, err = c.service.StartSync(ctx, tx, "staff", false); err != nil {
			return err
		}
		// a page was planned before the process died, and by now is wrong
		_, err = tx.Exec(ctx, `INSERT INTO identity.directory_change (sync_id, account_id, act, why, grants) VALUES ($1, $2, 'suspend', 'disabled', '[]')`, id, c.accounts["p01"])
		return err
	})
	c.work(t)
	if s := c.look(t, id); s.State != identity.SyncDone || s.Applied != 1 || c.status(t, "p00") != "suspended" || c.status(t, "p01") != "active" {
		t.Errorf("while reading: %+v, p01 is %s", s, c.status(t, "p01"))
	}
	c.open(t, "p00")
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		if id, err = c.service.StartSync(ctx, tx, "staff", false); err != nil {
			return err
		}
		// it died while it carried out the plan
		if _, err := tx.Exec(ctx, `UPDATE identity.directory_sync SET state = 'applying' WHERE id = $1`, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO identity.directory_change (sync_id, account_id, act, why, grants, applied_at)
			VALUES ($1, $2, 'suspend', 'disabled', '[]', now()), ($1, $3, 'restore', 'enabled', '[{"role": "registrar", "agency": "civil"}]', NULL)`, id, c.accounts["p01"], c.accounts["p00"])
		return err
	})
	c.work(t)
	if s := c.look(t, id); s.State != identity.SyncDone || s.Applied != 2 || c.status(t, "p00") != "active" || c.status(t, "p01") != "active" {
		t.Errorf("while applying: %+v", s)
	}
	if got := c.held(t, c.accounts["p00"]); len(got) != 1 {
		t.Errorf("grants: %q", got)
	}
}

func TestWhatIsLostWithADirectory(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 3)
	c.shut(t, "p00")
	c.sync(t, false)
	var loss identity.Loss
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		loss, err = c.service.DirectoryLoss(ctx, tx, "staff")
		return err
	})
	if want := (identity.Loss{Accounts: 3, Suspended: 1, Grants: 2, Sessions: 2}); loss != want {
		t.Errorf("got %+v, want %+v", loss, want)
	}
	c.in(t, func(ctx context.Context, tx *pg.Tx) error { return c.service.EnableDirectory(ctx, tx, "staff", false) })
	c.in(t, func(ctx context.Context, tx *pg.Tx) error { return c.service.RemoveDirectory(ctx, tx, "staff") })
	if _, err := c.session(c.tokens["p01"], 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("a session that stood on it: %v", err)
	}
	if got := c.held(t, c.accounts["p01"]); len(got) != 0 || c.status(t, "p00") != "suspended" {
		t.Errorf("grants %q; who was shut out is %s", got, c.status(t, "p00"))
	}
	for what, err := range map[string]error{
		"remove": c.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return c.service.RemoveDirectory(ctx, tx, "staff") }),
		"enable": c.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return c.service.EnableDirectory(ctx, tx, "staff", true) }),
		"sync": c.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := c.service.StartSync(ctx, tx, "staff", false)
			return err
		}),
	} {
		if !errors.Is(err, identity.ErrNoDirectory) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// No attribute is asked for that nobody needs: a photograph stays where it is.
func TestNoMoreIsAskedForThanIsNeeded(t *testing.T) {
	t.Parallel()
	c := newCrew(t, 1)
	c.rule(t, "directory:staff", `has(attributes.title) && attributes["employeeNumber"][0] == "7" && !("roomNumber" in attributes)`, "auditor", "")
	c.d.Modify("dn: "+c.d.Person("p00"), "changetype: modify", "add: title", "title: Head", "-", "add: employeeNumber", "employeeNumber: 7", "-", "add: description", "description: secret")
	c.enter(t, "p00")
	if got := c.held(t, c.accounts["p00"]); !slices.Contains(got, "auditor   directory:staff") {
		t.Errorf("attributes that a rule speaks of are missing: %q", got)
	}
	if text := dump(t); strings.Contains(text, "secret") && strings.Contains(text, "description") {
		t.Error("more is kept than was asked for")
	}
}
