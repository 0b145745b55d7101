package encryption

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Errors of changing the root key.
var (
	// ErrSameRoot says that the new root key is the present one.
	ErrSameRoot = fault.Conflict("encryption.same_root")
	// ErrRootInUse says that a root key cannot be let go of, since keys are still wrapped by it.
	ErrRootInUse = fault.Conflict("encryption.root_in_use")
)

// RootProgress is how far a change of the root key is.
type RootProgress struct {
	From, To     string        // ids of the root keysets
	Step         string        // spreading, wrapping, settling or done
	Wait         time.Duration // until the next step
	Tenants      int           // all
	Done         int           // those whose keysets are under the new one
	KeysetsOnOld int64
}

// RotateRoot puts another root keyset in the place of the present one, kept where to says: the same place, for a keystore, or
// another. Everybody goes on reading: processes learn the new one through the database, wrapped by the old one, before it
// wraps anything; then the keysets of all tenants are wrapped by it. It may be interrupted at any moment and called again.
// told hears of each step; it runs for a minute at least. Afterwards processes are started with the new root key, and then
// CloseRoot is called with it. It waits and speaks over the network: not in a transaction.
// Errors: ErrSealed, ErrAway, ErrSameRoot.
func (s *Service) RotateRoot(ctx context.Context, db *pg.DB, to RootKey, told func(RootProgress)) (err error) {
	defer fault.Wrap(&err, "encryption.RotateRoot(%s)", to.Name())
	if err := s.Unseal(ctx, db); err != nil {
		return err
	}
	next, err := s.succeed(ctx, db, to)
	if err != nil {
		return err
	}
	p := RootProgress{From: next.succeeds, To: next.id, Step: "spreading", Wait: next.ReadyAt.Sub(clock.Now())}
	told(p)
	if err := sleep(ctx, p.Wait); err != nil {
		return err
	}
	if next.state == rootNext {
		if err := s.setRoot(ctx, db, next.id, rootActive); err != nil {
			return err
		}
	}
	// twice: between the two, processes that had not heard yet could still wrap by the old one
	for _, step := range []string{"wrapping", "settling"} {
		p.Step, p.Wait = step, 0
		if p.KeysetsOnOld, err = s.wrapAll(ctx, db, &p, told); err != nil {
			return err
		}
		if step == "wrapping" {
			p.Step, p.Wait = "settling", s.times.Spread
			told(p)
			if err := sleep(ctx, p.Wait); err != nil {
				return err
			}
		}
	}
	if err := s.setRoot(ctx, db, next.succeeds, rootRetired); err != nil {
		return err
	}
	p.Step, p.Wait = "done", 0
	told(p)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// succeed returns the root keyset that follows the active one, making it where there is none yet.
func (s *Service) succeed(ctx context.Context, db *pg.DB, to RootKey) (rootRow, error) {
	keys, _, err := readRoots(ctx, db.Pool())
	if err != nil {
		return rootRow{}, err
	}
	roots := s.roots.Load()
	for _, k := range keys { // begun before
		if k.kept == to.Name() && k.succeeds != "" && (k.succeeds == roots.active || k.id == roots.active && stateOf(keys, k.succeeds) == rootActive) {
			return k, nil
		}
	}
	old := roots.byID[roots.active]
	fresh, wrapped, err := to.successor(ctx)
	if err != nil {
		return rootRow{}, err
	}
	if fresh.id == old.id || roots.byID[fresh.id].aead != nil {
		return rootRow{}, ErrSameRoot
	}
	if err := s.insertSuccessor(ctx, db, old, fresh, to.Name(), wrapped); err != nil {
		return rootRow{}, err
	}
	if keys, _, err = readRoots(ctx, db.Pool()); err != nil {
		return rootRow{}, err
	}
	for _, k := range keys {
		if k.id == fresh.id {
			return k, s.Unseal(ctx, db)
		}
	}
	return rootRow{}, ErrRotating // somebody else's was first
}

// stateOf is the state of a root keyset, "" for one that never took part in a change.
func stateOf(keys []rootRow, root string) string {
	for _, k := range keys {
		if k.id == root {
			return k.state
		}
	}
	return ""
}

// successor makes a root keyset where k keeps it; wrapped is nil where it is kept as it is.
func (k RootKey) successor(ctx context.Context) (_ Root, wrapped []byte, err error) {
	if k.store == nil {
		r, err := k.local(true)
		return r, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, rootPatience)
	defer cancel()
	return k.newKept(ctx)
}

// insertSuccessor stores the new root keyset in one statement after the other within a transaction: what holds it, a copy by
// the old one for processes that run on that, and a copy of the old one for those that start with the new.
func (s *Service) insertSuccessor(ctx context.Context, d *pg.DB, old, fresh Root, kept string, wrapped []byte) error {
	byOld, err := copyOf(fresh, old)
	if err != nil {
		return err
	}
	byFresh, err := copyOf(old, fresh)
	if err != nil {
		return err
	}
	tx, err := d.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing to undo after the commit
	now := clock.Now()
	if _, err := db.InsertRootKey(ctx, tx, encryptiondb.InsertRootKeyParams{ID: old.id, Kept: s.deps.RootKey.Name(), State: rootActive, ReadyAt: now}); err != nil {
		return err
	}
	n, err := db.InsertRootKey(ctx, tx, encryptiondb.InsertRootKeyParams{ID: fresh.id, Kept: kept, State: rootNext, Succeeds: &old.id, ReadyAt: now.Add(s.times.Spread)})
	if err != nil || n == 0 {
		return err
	}
	copies := []encryptiondb.InsertRootCopyParams{
		{RootID: fresh.id, WrappedBy: old.id, Wrapped: byOld}, {RootID: old.id, WrappedBy: fresh.id, Wrapped: byFresh},
	}
	if wrapped != nil {
		copies = append(copies, encryptiondb.InsertRootCopyParams{RootID: fresh.id, WrappedBy: kept, Keystore: true, Wrapped: wrapped})
	}
	for _, c := range copies {
		if err := db.InsertRootCopy(ctx, tx, c); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `SELECT pg_notify($1, $2)`, channel, rootsChanged); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// setRoot changes the state of a root keyset and lets all processes know. A retired one is not copied any more.
func (s *Service) setRoot(ctx context.Context, d *pg.DB, root, state string) error {
	if err := db.SetRootState(ctx, d.Pool(), encryptiondb.SetRootStateParams{ID: root, State: state}); err != nil {
		return err
	}
	if state == rootRetired {
		if err := db.DeleteRootCopy(ctx, d.Pool(), root); err != nil {
			return err
		}
	}
	if _, err := d.Pool().Exec(ctx, `SELECT pg_notify($1, $2)`, channel, rootsChanged); err != nil {
		return err
	}
	return s.Unseal(ctx, d)
}

// wrapAll wraps the keysets of all tenants by the active root keyset and returns how many are still under another.
func (s *Service) wrapAll(ctx context.Context, d *pg.DB, p *RootProgress, told func(RootProgress)) (left int64, err error) {
	tenants, err := d.Tenants(ctx)
	if err != nil {
		return 0, err
	}
	p.Tenants, p.Done = len(tenants), 0
	for _, t := range tenants {
		if err := d.InTx(ctx, system(t.ID), func(ctx context.Context, tx *pg.Tx) error {
			_, err := s.rewrap(ctx, tx)
			return err
		}); err != nil {
			return left, err
		}
		p.Done++
		told(*p)
	}
	return s.under(ctx, d, func(root string, active string) bool { return root != active })
}

func system(tenant uuid.UUID) pg.Scope { return pg.Scope{Tenant: tenant, Actor: pg.System()} }

// under counts the keysets of all tenants whose root keyset is of a kind.
func (s *Service) under(ctx context.Context, d *pg.DB, is func(root, active string) bool) (n int64, err error) {
	tenants, err := d.Tenants(ctx)
	if err != nil {
		return 0, err
	}
	roots := s.roots.Load()
	for _, t := range tenants {
		if err := d.InTx(ctx, system(t.ID), func(ctx context.Context, tx *pg.Tx) error {
			rows, err := db.ListTenantKeys(ctx, tx)
			for _, r := range rows {
				root := roots.own
				if r.RootID != nil {
					root = *r.RootID
				}
				if is(root, roots.active) {
					n++
				}
			}
			return err
		}); err != nil {
			return n, err
		}
	}
	return n, nil
}

// CloseRoot ends a change of the root key: the processes run on the new one, and what the old one could still open is
// deleted from the database. It is called by a process that was started with the new root key; afterwards the old one may
// be destroyed, but for the backups that need it. Errors: ErrSealed, ErrAway, ErrRootInUse.
func (s *Service) CloseRoot(ctx context.Context, d *pg.DB) (closed []string, err error) {
	defer fault.Wrap(&err, "encryption.CloseRoot")
	if err := s.Unseal(ctx, d); err != nil {
		return nil, err
	}
	roots := s.roots.Load()
	if roots.own != roots.active {
		return nil, ErrRootInUse.Because(errors.New("this process was started with a root key that another has followed"))
	}
	left, err := s.under(ctx, d, func(root, active string) bool { return root != active })
	if err != nil {
		return nil, err
	}
	if left > 0 {
		return nil, ErrRootInUse.With("n", left)
	}
	keys, copies, err := readRoots(ctx, d.Pool())
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.id == roots.active {
			continue
		}
		if _, err := db.DeleteRootCopiesBy(ctx, d.Pool(), k.id); err != nil {
			return closed, err
		}
	}
	for _, c := range copies { // of keystores that held an earlier one
		if c.root != roots.active {
			if err := db.DeleteRootCopy(ctx, d.Pool(), c.root); err != nil {
				return closed, err
			}
		}
	}
	for _, k := range keys {
		if k.id != roots.active && k.state == rootRetired {
			closed = append(closed, k.kept)
		}
	}
	return closed, nil
}
