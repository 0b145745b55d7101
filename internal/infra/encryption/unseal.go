package encryption

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	rootRetryMin = time.Second
	rootRetryMax = 30 * time.Second
	rootRefresh  = 15 * time.Second // how often a process looks for root keysets that another made
	rootPatience = 10 * time.Second // for one answer of a keystore
)

// Custody is how the root key of this process stands.
type Custody struct {
	Kept   string // where the root keyset is kept: "file:/var/lib/digit/root.key"
	Root   string // id of the keyset the process was started with; "" while sealed
	Active string // id of the one that wraps, another one where the root key was changed since
	Sealed bool
	Why    error // the last failure to open it, where it is sealed
}

// Moved reports whether the root key was changed and this process still starts from the one before.
func (c Custody) Moved() bool { return !c.Sealed && c.Active != c.Root }

// Custody tells how the root key of this process stands.
func (s *Service) Custody() Custody {
	c := Custody{Kept: s.deps.RootKey.Name(), Sealed: true, Why: ErrSealed}
	if why := s.why.Load(); why != nil {
		c.Why = *why
	}
	if roots := s.roots.Load(); roots != nil {
		c.Root, c.Active, c.Sealed, c.Why = roots.own, roots.active, false, nil
	}
	return c
}

// Unseal opens the root key and reads which others there are; a process that is unsealed already looks for new ones. The
// root keyset is made only where there is no tenant yet whose keys an older one could have wrapped: a new key beside old
// data would look like loss. It may speak over the network: not in a transaction. Errors: ErrSealed, ErrAway, ErrRoot.
func (s *Service) Unseal(ctx context.Context, db *pg.DB) (err error) {
	defer fault.Wrap(&err, "encryption.Unseal")
	defer func() {
		if err != nil {
			why := err // the result is wrapped after this
			s.why.Store(&why)
		}
	}()
	keys, copies, err := readRoots(ctx, db.Pool())
	if err != nil {
		return err
	}
	if roots := s.roots.Load(); roots != nil {
		s.roots.Store(roots.grow(keys, copies))
		return nil
	}
	tenants, err := db.Tenants(ctx)
	if err != nil {
		return err
	}
	root, err := s.openRoot(ctx, db, copies, len(tenants) == 0)
	if err != nil {
		return err
	}
	if keys, copies, err = readRoots(ctx, db.Pool()); err != nil {
		return err
	}
	roots := one(root).grow(keys, copies)
	if roots.active == root.id && stateOf(keys, root.id) == rootRetired { // another took its place, and it cannot be had from here
		return ErrRoot
	}
	if err := s.fits(ctx, db, tenants, roots); err != nil {
		return err
	}
	s.roots.Store(roots)
	return nil
}

// fits refuses root keysets that open the keys of no tenant although tenants have keys: those of another installation.
func (s *Service) fits(ctx context.Context, db *pg.DB, tenants []pg.TenantRow, roots *rootSet) error {
	trial := &Service{keys: newCache()}
	trial.roots.Store(roots)
	var refused error
	for _, t := range tenants {
		opened := 0
		err := db.InTx(ctx, pg.Scope{Tenant: t.ID, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
			opened, err = trial.opens(ctx, tx)
			return err
		})
		switch {
		case errors.Is(err, ErrRoot):
			refused = err
		case err != nil:
			return err
		case opened > 0:
			return nil
		}
	}
	return refused
}

func (s *Service) openRoot(ctx context.Context, db *pg.DB, copies []copyRow, create bool) (Root, error) {
	k := s.deps.RootKey
	if k.store == nil {
		return k.local(create)
	}
	ctx, cancel := context.WithTimeout(ctx, rootPatience)
	defer cancel()
	root, err := k.kept(ctx, copies)
	if !create || k.existing || !errors.Is(err, ErrSealed) {
		return root, err
	}
	fresh, wrapped, err := k.newKept(ctx)
	if err != nil {
		return Root{}, err
	}
	if err := insertFirstRoot(ctx, db.Pool(), fresh.id, k.Name(), wrapped); err != nil {
		return Root{}, err
	}
	_, copies, err = readRoots(ctx, db.Pool())
	if err != nil {
		return Root{}, err
	}
	return k.kept(ctx, copies) // that of another process, if it was first
}

// newKept makes a root keyset and has the keystore wrap it.
func (k RootKey) newKept(ctx context.Context) (Root, []byte, error) {
	root, plain, err := NewRoot()
	if err != nil {
		return Root{}, nil, err
	}
	wrapped, err := k.store.Wrap(ctx, plain, copyBinding(root.id))
	return root, wrapped, err
}

// Watch keeps the process unsealed until ctx is over: it opens the root key as soon as it can be had and learns of new
// ones. What changes is told to the log.
func (s *Service) Watch(ctx context.Context, db *pg.DB, log *slog.Logger) {
	pause := rootRetryMin
	for {
		was := s.Custody()
		err := s.Unseal(ctx, db)
		now := s.Custody()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && was.Sealed:
			log.InfoContext(ctx, "the root key is open", "kept", now.Kept, "root", now.Root)
		case err == nil && was.Active != now.Active:
			log.InfoContext(ctx, "another root key wraps from now on", "root", now.Active)
		case err != nil && pause == rootRetryMin:
			log.ErrorContext(ctx, "the root key cannot be had: personal data stays sealed until it can", "kept", now.Kept, "error", err)
		}
		if pause = min(2*pause, rootRetryMax); err == nil {
			pause = rootRefresh
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		case <-s.wake:
			pause = rootRetryMin
		}
	}
}

// Sealed reports whether the process has no root keyset.
func (s *Service) Sealed() bool { return s.roots.Load() == nil }

// rootFor returns the root keyset that wrapped a tenant's keyset. One that another process made meanwhile is read with
// this transaction; that takes no network, since it is kept wrapped by one that this process has.
func (s *Service) rootFor(ctx context.Context, tx *pg.Tx, id *string) (Root, error) {
	roots := s.roots.Load()
	if roots == nil {
		return Root{}, ErrSealed
	}
	if r, ok := roots.of(id); ok {
		return r, nil
	}
	keys, copies, err := readRoots(ctx, tx)
	if err != nil {
		return Root{}, err
	}
	roots = roots.grow(keys, copies)
	r, ok := roots.of(id)
	if !ok {
		return Root{}, ErrRoot
	}
	s.roots.Store(roots)
	return r, nil
}

// wrapping returns the root keyset that wraps now.
func (s *Service) wrapping() (Root, error) {
	roots := s.roots.Load()
	if roots == nil {
		return Root{}, ErrSealed
	}
	return roots.byID[roots.active], nil
}
