package encryption

import (
	"context"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// TendArgs are the arguments of the job encryption.tend, which does for a tenant's keys what has come due.
type TendArgs struct {
	job.Tenant
}

// Kind names the job.
func (TendArgs) Kind() string { return "encryption.tend" }

// tendEvery is how often the keys of a tenant are looked after.
const tendEvery = time.Minute

// Register adds the module's jobs: one looks after each tenant's keys every minute, one works a rotation.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.rotate)
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ TendArgs) error { return s.Tend(ctx, tx) })
	job.Every(r, tendEvery, TendArgs{})
}

// Tend wraps the tenant's keysets by the root keyset of now, makes the one for its record, lets published keys sign whose time has come, ends proposals that
// nobody decided, and takes up rotations: those whose job died, and those whose old key is to be destroyed. It may be
// repeated. Errors: ErrSealed, ErrRoot.
func (s *Service) Tend(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "encryption.Tend")
	if _, err := s.rewrap(ctx, tx); err != nil {
		return err
	}
	if _, err := s.sealKey(ctx, tx, purposeRecord); err != nil { // for tenants that are older than it
		return err
	}
	if err := s.promoteSigning(ctx, tx); err != nil {
		return err
	}
	if _, err := db.ExpireProposals(ctx, tx, &tx.Wall); err != nil {
		return err
	}
	open, err := openRotations(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range open {
		if err := s.takeUp(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// takeUp gives a rotation a job where it should have one and has none.
func (s *Service) takeUp(ctx context.Context, tx *pg.Tx, r Rotation) error {
	switch {
	case r.State == Resting && r.DestroyAt != nil && !tx.Wall.Before(*r.DestroyAt):
		busy, err := s.openRotation(ctx, tx, r.Purpose, r.Person)
		if err != nil || busy { // first things first
			return err
		}
		if r, err = lockRotation(ctx, tx, r.ID); err != nil || r.State != Resting {
			return err
		}
		r.State = Counting
		if err := s.pass(ctx, tx, r, true); err != nil {
			return err
		}
		if err := setRotation(ctx, tx, r); err != nil {
			return err
		}
	case r.Paused || !r.State.Working() || !r.idle(tx.Wall, s.times.Standstill):
		return nil
	}
	return tx.Enqueue(ctx, RotateArgs{Rotation: r.ID})
}

// idle reports whether a rotation stands still although it could go on.
func (r Rotation) idle(now time.Time, standstill time.Duration) bool {
	since := r.StartedAt
	for _, t := range []*time.Time{&r.ReadyAt, r.PromotedAt, r.WorkedAt} {
		if t != nil && t.After(since) {
			since = *t
		}
	}
	return now.Sub(since) > standstill
}

// rewrap wraps the tenant's keysets by the root keyset of now and returns how many were under another.
func (s *Service) rewrap(ctx context.Context, tx *pg.Tx) (n int, err error) {
	root, err := s.wrapping()
	if err != nil {
		return 0, err
	}
	counts, err := db.CountTenantKeys(ctx, tx, root.id)
	if err != nil || counts.Other == 0 {
		return 0, err
	}
	rows, err := db.ListTenantKeys(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.RootID != nil && *r.RootID == root.id {
			continue
		}
		row, err := lockTenantKey(ctx, tx, r.Purpose)
		if err != nil {
			return n, err
		}
		handle, err := s.unwrapTenant(ctx, tx, r.Purpose, row)
		if err != nil {
			return n, err
		}
		if row.wrapped, err = wrap(handle, root.aead, keysetBinding(tx.Tenant, r.Purpose)); err != nil {
			return n, err
		}
		row.root = &root.id
		if err := setTenantKey(ctx, tx, r.Purpose, row); err != nil {
			return n, err
		}
		n++
	}
	return n, audit.Record(ctx, tx, audit.Entry{
		Action: "encryption.root.rewrap", Object: "encryption.tenant_key", ObjectID: tx.Tenant, Detail: map[string]any{"root": root.id, "n": n},
	})
}
