package encryption

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

const (
	countPage  = 5000             // rows looked at in one transaction
	renewPage  = 50               // rows renewed in one transaction: fifty pieces of files are 13 MB
	renewTime  = 2 * time.Second  // after which a transaction ends whatever was renewed
	rotateTime = 40 * time.Second // that one job works before it makes room for others
)

// RotateArgs are the arguments of the job encryption.rotate, which works one rotation, batch by batch. Each batch is a
// transaction of its own, so that a process that dies loses nothing; two jobs for one rotation take turns.
type RotateArgs struct {
	job.Tenant
	Rotation uuid.UUID `json:"rotation"`
}

// Kind names the job.
func (RotateArgs) Kind() string { return "encryption.rotate" }

// rotate works until there is nothing more to do now; what is left for later is left to another job.
func (s *Service) rotate(ctx context.Context, db *pg.DB, j *river.Job[RotateArgs]) (err error) {
	defer fault.Wrap(&err, "encryption.rotate(%s)", j.Args.Rotation)
	until := clock.Now().Add(rotateTime)
	for {
		var wait time.Duration
		err := db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
			wait, err = s.advance(ctx, tx, j.Args.Rotation)
			return err
		})
		switch {
		case err != nil:
			return err
		case wait < 0:
			return nil
		case wait > 0 || clock.Now().After(until):
			return river.JobSnooze(wait)
		}
	}
}

// over says that a rotation asks for no further work.
const over = time.Duration(-1)

// advance works one batch of a rotation and returns after which time the next is due.
func (s *Service) advance(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) (time.Duration, error) {
	r, err := tryRotation(ctx, tx, rotation)
	if pg.NotFound(err) { // another job is at it
		return over, nil
	}
	if err != nil {
		return over, err
	}
	if r.Paused || !r.State.Working() {
		return over, nil
	}
	wait, err := s.step(ctx, tx, &r)
	if errors.Is(err, ErrForgotten) { // the person's key was destroyed meanwhile, and with it the need for another
		r.State, r.EndedAt = Done, &tx.Wall
		wait, err = over, nil
	}
	if err != nil {
		return over, err
	}
	r.WorkedAt = &tx.Wall
	return wait, setRotation(ctx, tx, r)
}

func (s *Service) step(ctx context.Context, tx *pg.Tx, r *Rotation) (time.Duration, error) {
	switch r.State {
	case Spreading:
		if left := r.ReadyAt.Sub(tx.Wall); left > 0 {
			return left, nil
		}
		return 0, s.promote(ctx, tx, r)
	case Counting:
		return s.count(ctx, tx, r)
	case Renewing:
		return 0, s.renew(ctx, tx, r)
	}
	return over, nil
}

// promote has the new key seal from now on. Where nothing can be renewed it is through by that.
func (s *Service) promote(ctx context.Context, tx *pg.Tx, r *Rotation) error {
	if err := s.edit(ctx, tx, *r, func(m *keyset.Manager) error { return m.SetPrimary(r.newID) }); err != nil {
		return err
	}
	if err := s.noteVersion(ctx, tx, *r, versionActive); err != nil {
		return err
	}
	r.PromotedAt = &tx.Wall
	if r.Purpose.Lasting() {
		r.State, r.EndedAt = Done, &tx.Wall
		return s.record(ctx, tx, "promote", *r)
	}
	r.State = Counting
	if err := s.pass(ctx, tx, *r, true); err != nil {
		return err
	}
	return s.record(ctx, tx, "promote", *r)
}

// isOld reports whether a head tells of a key that is not the present one.
type isOld func(head []byte) bool

// old returns how values under an old key are told.
func (s *Service) old(ctx context.Context, tx *pg.Tx, r Rotation) (isOld, error) {
	if r.Purpose == ForIndexes {
		d, err := s.digestKey(ctx, tx, purposeIndex)
		if err != nil {
			return nil, err
		}
		return d.isOld, nil
	}
	present := head(r.newID)
	return func(h []byte) bool { return !bytes.Equal(h, present) }, nil
}

func (old isOld) row(r Row) bool {
	for _, h := range r.Heads {
		if h != nil && old(h) {
			return true
		}
	}
	return false
}

// place is a column with how far the pass has come with it.
type place struct {
	Column
	ColumnProgress
}

// next returns the column that the present pass works on; nil when it is through. A column of a module that is not part of
// this process any more has nothing that could be renewed.
func (s *Service) next(r Rotation, columns []ColumnProgress) *place {
	for _, c := range s.affected(r.Purpose) {
		for _, p := range columns {
			if p.Name == c.Name && !p.passed {
				return &place{c, p}
			}
		}
	}
	return nil
}

// count looks at one page of the next column. When all are counted it decides what follows.
func (s *Service) count(ctx context.Context, tx *pg.Tx, r *Rotation) (time.Duration, error) {
	columns, err := readColumns(ctx, tx, r.ID)
	if err != nil {
		return over, err
	}
	at := s.next(*r, columns)
	if at == nil {
		return s.counted(ctx, tx, r, columns)
	}
	old, err := s.old(ctx, tx, *r)
	if err != nil {
		return over, err
	}
	rows, err := at.Page(ctx, tx, Span{Person: r.Person, After: at.last, Limit: countPage})
	if err != nil {
		return over, err
	}
	for _, row := range rows {
		if len(row.Heads) > 0 {
			at.Total++
		}
		if old.row(row) {
			at.Remaining++
		}
		at.last = row.Key
	}
	at.passed = len(rows) < countPage
	return 0, setColumn(ctx, tx, r.ID, at.ColumnProgress)
}

// counted decides what follows a count.
func (s *Service) counted(ctx context.Context, tx *pg.Tx, r *Rotation, columns []ColumnProgress) (time.Duration, error) {
	p := sum(*r, columns)
	last := r.RestedAt != nil // counted once more before the old key is destroyed
	r.judge(p.Remaining, p.Unreadable, tx.Wall, s.times.Settle)
	switch {
	case r.State == Renewing && last: // against all expectation: call the old key back
		if err := s.callBack(ctx, tx, r); err != nil {
			return over, err
		}
		return 0, db.RewindRotationColumns(ctx, tx, r.ID)
	case r.State == Renewing:
		return 0, db.RewindRotationColumns(ctx, tx, r.ID)
	case r.State == Blocked:
		return over, s.record(ctx, tx, "blocked", *r)
	case r.State == Resting && last:
		return over, s.destroy(ctx, tx, r)
	case r.State == Resting:
		return over, s.rest(ctx, tx, r)
	}
	// nothing is left, but what began before may still come with the old key: look again when that is over
	return r.settled(s.times.Settle).Sub(tx.Wall), s.pass(ctx, tx, *r, false)
}

// pass begins to count all columns; afresh where what could not be read is to be tried again.
func (s *Service) pass(ctx context.Context, tx *pg.Tx, r Rotation, afresh bool) error {
	for _, c := range s.affected(r.Purpose) {
		if err := putColumn(ctx, tx, r.ID, c.Name, afresh); err != nil {
			return err
		}
	}
	return nil
}

// renew renews what stands under an old key on the next page. When the pass is through, everything is counted again.
func (s *Service) renew(ctx context.Context, tx *pg.Tx, r *Rotation) error {
	columns, err := readColumns(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	at := s.next(*r, columns)
	if at == nil {
		r.State = Counting
		return s.pass(ctx, tx, *r, false)
	}
	old, err := s.old(ctx, tx, *r)
	if err != nil {
		return err
	}
	rows, err := at.Page(ctx, tx, Span{Person: r.Person, After: at.last, Limit: countPage})
	if err != nil {
		return err
	}
	at.passed = len(rows) < countPage
	began, done := clock.Now(), 0
	for _, row := range rows {
		if done == renewPage || clock.Now().Sub(began) > renewTime {
			at.passed = false
			break
		}
		if old.row(row) {
			readable, err := renewed(ctx, tx, row)
			if err != nil {
				return err
			}
			r.RenewedAt = &tx.Wall
			if done++; readable {
				at.Remaining--
			} else {
				at.Unreadable++
			}
		}
		at.last = row.Key
	}
	return setColumn(ctx, tx, r.ID, at.ColumnProgress)
}

// rest disables the old key, which can be called back until it is destroyed.
func (s *Service) rest(ctx context.Context, tx *pg.Tx, r *Rotation) error {
	due := tx.Wall.Add(s.times.Retention)
	r.RestedAt, r.DestroyAt = &tx.Wall, &due
	if err := s.edit(ctx, tx, *r, func(m *keyset.Manager) error { return m.Disable(r.oldID) }); err != nil {
		return err
	}
	if err := s.noteVersion(ctx, tx, *r, versionDisabled); err != nil {
		return err
	}
	return s.record(ctx, tx, "disable", *r)
}

// callBack enables the old key again.
func (s *Service) callBack(ctx context.Context, tx *pg.Tx, r *Rotation) error {
	r.RestedAt, r.DestroyAt = nil, nil
	if err := s.edit(ctx, tx, *r, func(m *keyset.Manager) error { return m.Enable(r.oldID) }); err != nil {
		return err
	}
	return s.noteVersion(ctx, tx, *r, versionRetired)
}

// destroy takes the old key out of the keyset for good.
func (s *Service) destroy(ctx context.Context, tx *pg.Tx, r *Rotation) error {
	if err := s.edit(ctx, tx, *r, func(m *keyset.Manager) error { return m.Delete(r.oldID) }); err != nil {
		return err
	}
	if err := s.noteVersion(ctx, tx, *r, versionDestroyed); err != nil {
		return err
	}
	if r.Purpose == ForPerson {
		if err := setPersonRotated(ctx, tx, r.Person); err != nil {
			return err
		}
	}
	r.State, r.EndedAt = Done, &tx.Wall
	return s.record(ctx, tx, "destroy", *r)
}
