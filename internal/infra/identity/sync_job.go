package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// SyncAllArgs are the arguments of the job identity.sync_all, which has the accounts compared with each directory.
type SyncAllArgs struct {
	job.Tenant
}

// Kind names the job.
func (SyncAllArgs) Kind() string { return "identity.sync_all" }

// SyncArgs are the arguments of the job identity.sync, which compares the accounts with one directory, and of its going on
// after somebody said so. It may be stopped and begun again anywhere.
type SyncArgs struct {
	job.Tenant
	Directory string    `json:"directory"`
	Sync      uuid.UUID `json:"sync"`
	Told      bool      `json:"told,omitempty"` // the one before was held: those who administer know
}

// Kind names the job.
func (SyncArgs) Kind() string { return "identity.sync" }

// JobTimeout is how long a large directory may take.
func (SyncArgs) JobTimeout() time.Duration { return 20 * time.Minute }

const (
	syncEvery = time.Hour
	applyMost = 50 // accounts in one transaction
)

// syncAll starts a comparison with each directory that is offered.
func (s *Service) syncAll(ctx context.Context, tx *pg.Tx, _ SyncAllArgs) error {
	directories, err := s.Directories(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range directories {
		if !d.Enabled {
			continue
		}
		if _, err := s.StartSync(ctx, tx, d.Code, false); err != nil {
			return err
		}
	}
	return nil
}

// sync compares the accounts with a directory. What the directory does wrong ends the comparison; the next one tries again.
func (s *Service) sync(ctx context.Context, db *pg.DB, j *river.Job[SyncArgs]) (err error) {
	defer fault.Wrap(&err, "identity.sync(%s)", j.Args.Directory)
	run := syncRun{s: s, scope: job.Scope(j), args: j.Args}
	state, err := run.open(ctx, db)
	if err != nil {
		return err
	}
	if state == SyncReading {
		if state, err = run.read(ctx, db); err != nil {
			return err
		}
	}
	for state == SyncApplying {
		if state, err = run.apply(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// syncRun is one comparison at work.
type syncRun struct {
	s         *Service
	scope     pg.Scope
	args      SyncArgs
	directory OpenDirectory

	entries, linked int
}

// locked runs work while the comparison is in a state, which it returns; where it is in another by now, somebody has dropped
// it and there is nothing to do.
func (r *syncRun) locked(ctx context.Context, db *pg.DB, state string, work func(ctx context.Context, tx *pg.Tx, row identitydb.LockSyncRow) (string, error)) (next string, err error) {
	err = db.InTx(ctx, r.scope, func(ctx context.Context, tx *pg.Tx) error {
		row, err := queries.LockSync(ctx, tx, r.args.Sync)
		if pg.NotFound(err) || err == nil && state != "" && row.State != state {
			next = SyncDropped
			return nil
		}
		if err != nil {
			return err
		}
		next, err = work(ctx, tx, row)
		return err
	})
	return next, err
}

// open readies the directory and says where the comparison stands. One that was stopped while it read begins anew.
func (r *syncRun) open(ctx context.Context, db *pg.DB) (string, error) {
	return r.locked(ctx, db, "", func(ctx context.Context, tx *pg.Tx, row identitydb.LockSyncRow) (_ string, err error) {
		if row.State == SyncReading {
			if err := queries.DeleteChanges(ctx, tx, row.ID); err != nil {
				return "", err
			}
		}
		r.directory, err = r.s.openDirectory(ctx, tx, r.args.Directory)
		return row.State, err
	})
}

// finish ends the comparison.
func finish(ctx context.Context, tx *pg.Tx, sync uuid.UUID, state, problem string) (string, error) {
	return state, queries.SetSyncState(ctx, tx, identitydb.SetSyncStateParams{ID: sync, State: state, FinishedAt: &tx.Wall, Problem: problem})
}

// errDropped stops the walk through a directory.
var errDropped = errors.New("the comparison was dropped")

// read walks through the directory and plans, page by page, what becomes of those who have an account.
func (r *syncRun) read(ctx context.Context, db *pg.DB) (string, error) {
	err := r.s.ldap.Walk(ctx, r.directory.server, func(entries []ldap.Entry) error {
		state, err := r.locked(ctx, db, SyncReading, func(ctx context.Context, tx *pg.Tx, _ identitydb.LockSyncRow) (string, error) {
			return SyncReading, r.plan(ctx, tx, entries)
		})
		if err == nil && state == SyncDropped {
			return errDropped
		}
		return err
	})
	switch {
	case errors.Is(err, errDropped):
		return SyncDropped, nil
	case errors.Is(err, ldap.ErrAway), errors.Is(err, ldap.ErrTLS), errors.Is(err, ldap.ErrBind), errors.Is(err, ldap.ErrSearch):
		return r.fail(ctx, db, DirectoryProblem(err))
	case err != nil:
		return "", err
	case r.entries == 0: // nobody at all: it was asked wrongly, or is being rebuilt
		return r.fail(ctx, db, "empty")
	}
	return r.locked(ctx, db, SyncReading, r.judge)
}

func (r *syncRun) fail(ctx context.Context, db *pg.DB, problem string) (string, error) {
	return r.locked(ctx, db, SyncReading, func(ctx context.Context, tx *pg.Tx, _ identitydb.LockSyncRow) (string, error) {
		return finish(ctx, tx, r.args.Sync, SyncFailed, problem)
	})
}

// plan writes down what becomes of the accounts of some entries.
func (r *syncRun) plan(ctx context.Context, tx *pg.Tx, entries []ldap.Entry) error {
	at, indexes := map[string]ldap.Entry{}, make([][]byte, 0, len(entries))
	for _, e := range entries {
		r.entries++
		if e.ID == "" {
			continue // without a name that lasts it can be nobody's
		}
		found, err := r.s.entryIndexes(ctx, tx, r.args.Directory, e.ID)
		if err != nil {
			return err
		}
		for _, index := range found {
			at[string(index)] = e
		}
		indexes = append(indexes, found...)
	}
	found, err := queries.FindLinked(ctx, tx, identitydb.FindLinkedParams{Directory: r.args.Directory, Entries: indexes})
	if err != nil {
		return err
	}
	accounts := make([]uuid.UUID, 0, len(found))
	for _, row := range found {
		accounts = append(accounts, row.AccountID)
	}
	held, err := r.held(ctx, tx, accounts)
	if err != nil {
		return err
	}
	var plan changes
	for _, row := range found {
		r.linked++
		facts := r.directory.facts(at[string(row.EntryIndex)])
		grants := r.directory.rules.grants(facts)
		stands := present{row.Status, row.SuspendedBy, row.Emergency}
		act, why := stands.compare(r.source(), true, r.directory.shut(facts), sameGrants(held[row.AccountID], grants))
		if err := plan.add(row.AccountID, act, why, grants); err != nil {
			return err
		}
	}
	return plan.write(ctx, tx, r.args.Sync)
}

func (r *syncRun) source() string { return r.directory.Directory.Source() }

// held are the grants that follow from the directory now.
func (r *syncRun) held(ctx context.Context, tx *pg.Tx, accounts []uuid.UUID) (map[uuid.UUID][]Grant, error) {
	all, err := listGrants(ctx, tx, accounts...)
	held := map[uuid.UUID][]Grant{}
	for account, grants := range all {
		for _, g := range grants {
			if g.Source == r.source() {
				held[account] = append(held[account], g)
			}
		}
	}
	return held, err
}

// changes is a part of the plan, column by column.
type changes struct {
	accounts           []uuid.UUID
	acts, whys, grants []string
}

func (c *changes) add(account uuid.UUID, act, why string, grants []NewGrant) error {
	if act == ActSuspend || act == actNone {
		grants = nil
	}
	text, err := grantsJSON(grants)
	c.accounts, c.acts, c.whys, c.grants = append(c.accounts, account), append(c.acts, act), append(c.whys, why), append(c.grants, string(text))
	return err
}

func (c *changes) write(ctx context.Context, tx *pg.Tx, sync uuid.UUID) error {
	if len(c.accounts) == 0 {
		return nil
	}
	return queries.InsertChanges(ctx, tx, identitydb.InsertChangesParams{SyncID: sync, Accounts: c.accounts, Acts: c.acts, Whys: c.whys, Grants: c.grants})
}

// judge adds those whom the directory knows no longer, and decides whether the plan is carried out.
func (r *syncRun) judge(ctx context.Context, tx *pg.Tx, row identitydb.LockSyncRow) (string, error) {
	unseen, err := queries.ListUnseen(ctx, tx, identitydb.ListUnseenParams{Directory: r.args.Directory, SyncID: r.args.Sync})
	if err != nil {
		return "", err
	}
	var plan changes
	for _, gone := range unseen {
		act, why := present{gone.Status, gone.SuspendedBy, gone.Emergency}.compare(r.source(), false, false, false)
		if err := plan.add(gone.AccountID, act, why, nil); err != nil {
			return "", err
		}
	}
	if err := plan.write(ctx, tx, r.args.Sync); err != nil {
		return "", err
	}
	err = queries.SetSyncRead(ctx, tx, identitydb.SetSyncReadParams{ID: r.args.Sync, Entries: int32(r.entries), Linked: int32(r.linked)})
	if err != nil {
		return "", err
	}
	if row.DryRun {
		return finish(ctx, tx, r.args.Sync, SyncDone, "")
	}
	n, err := queries.CountChanges(ctx, tx, r.args.Sync)
	if err != nil {
		return "", err
	}
	active, err := queries.CountActiveLinked(ctx, tx, r.args.Directory)
	if err != nil {
		return "", err
	}
	if !tooMany(int(n.Suspended), int(active)) {
		return SyncApplying, queries.SetSyncState(ctx, tx, identitydb.SetSyncStateParams{ID: r.args.Sync, State: SyncApplying})
	}
	if err := r.tell(ctx, tx, int(n.Suspended), int(active)); err != nil {
		return "", err
	}
	return finish(ctx, tx, r.args.Sync, SyncHeld, "")
}

// tell alerts those who administer that the comparison waits for them, unless the one before did.
func (r *syncRun) tell(ctx context.Context, tx *pg.Tx, n, of int) error {
	if r.args.Told {
		return nil
	}
	return r.s.alertHolders(ctx, tx, "", []string{permissionManage}, uuid.Nil, Alert{Kind: AlertSync, Args: map[string]any{"n": n, "of": of, "directory": r.directory.Directory.Name}})
}

// apply does some of what was planned, and says whether more is left.
func (r *syncRun) apply(ctx context.Context, db *pg.DB) (string, error) {
	return r.locked(ctx, db, SyncApplying, func(ctx context.Context, tx *pg.Tx, _ identitydb.LockSyncRow) (string, error) {
		due, err := queries.ListDue(ctx, tx, identitydb.ListDueParams{SyncID: r.args.Sync, Size: applyMost})
		if err != nil {
			return "", err
		}
		for _, change := range due {
			if err := r.do(ctx, tx, change); err != nil {
				return "", err
			}
			err := queries.SetApplied(ctx, tx, identitydb.SetAppliedParams{SyncID: r.args.Sync, AccountID: change.AccountID, AppliedAt: &tx.Wall})
			if err != nil {
				return "", err
			}
		}
		if len(due) < applyMost {
			return finish(ctx, tx, r.args.Sync, SyncDone, "")
		}
		return SyncApplying, nil
	})
}

// do carries out one change, unless somebody has acted on the account since it was planned.
func (r *syncRun) do(ctx context.Context, tx *pg.Tx, c identitydb.ListDueRow) error {
	now, err := queries.LockStanding(ctx, tx, c.AccountID)
	if err != nil {
		return err
	}
	switch {
	case c.Act == ActSuspend && now.Status == statusActive:
		return r.s.shutOut(ctx, tx, c.AccountID, r.source(), c.Why)
	case c.Act == ActRestore && now.Status == statusSuspended && now.SuspendedBy == r.source():
		if err := r.s.letBack(ctx, tx, c.AccountID); err != nil {
			return err
		}
	case c.Act == ActGrants && now.Status == statusActive:
	default:
		return nil
	}
	grants, err := grantsOf(c.Grants)
	if err != nil {
		return err
	}
	return setGrants(ctx, tx, reach{everywhere: true}, c.AccountID, r.source(), grants)
}
