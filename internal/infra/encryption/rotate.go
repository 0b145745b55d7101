package encryption

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// channel carries the names of keys that changed, so that every process forgets them.
const channel = "encryption"

// Listen has the service hear of keys that other processes changed or destroyed.
func (s *Service) Listen(l *pg.Listener) {
	l.On(channel, s.heard)
	l.OnGap(s.keys.clear)
}

// rootsChanged is the notice that there is something new about root keysets.
const rootsChanged = "root"

func (s *Service) heard(name string) {
	if name != rootsChanged {
		s.keys.drop(name)
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// changed forgets a key here and, once the transaction has committed, everywhere.
func (s *Service) changed(ctx context.Context, tx *pg.Tx, name string) error {
	s.keys.drop(name)
	tx.AfterCommit(func() { s.keys.drop(name) }) // another transaction may have read the old one meanwhile
	return tx.Notify(ctx, channel, name)
}

// lockKeyset returns the keyset of a rotation, which nobody else changes before the transaction ends.
func (s *Service) lockKeyset(ctx context.Context, tx *pg.Tx, purpose Purpose, person uuid.UUID) (*keyset.Handle, keyRow, error) {
	if purpose == ForPerson {
		row, err := lockPersonKey(ctx, tx, person)
		if pg.NotFound(err) {
			return nil, row, ErrNoKey
		}
		if err != nil {
			return nil, row, err
		}
		handle, err := s.personKeyset(ctx, tx, person, row)
		return handle, row, err
	}
	if _, _, err := s.tenantKeyset(ctx, tx, string(purpose)); err != nil { // makes it where it is missing
		return nil, keyRow{}, err
	}
	row, err := lockTenantKey(ctx, tx, string(purpose))
	if err != nil {
		return nil, row, err
	}
	handle, err := s.unwrapTenant(ctx, tx, string(purpose), row)
	return handle, row, err
}

// saveKeyset stores a changed keyset.
func (s *Service) saveKeyset(ctx context.Context, tx *pg.Tx, purpose Purpose, person uuid.UUID, handle *keyset.Handle, row keyRow) error {
	if purpose == ForPerson {
		return s.wrapPerson(ctx, tx, person, handle)
	}
	root, err := s.wrapping()
	if err != nil {
		return err
	}
	if row.wrapped, err = wrap(handle, root.aead, keysetBinding(tx.Tenant, string(purpose))); err != nil {
		return err
	}
	row.root = &root.id
	if err := setTenantKey(ctx, tx, string(purpose), row); err != nil {
		return err
	}
	return s.changed(ctx, tx, tenantKeyName(tx.Tenant, string(purpose)))
}

// wrapPerson stores a person's keyset, wrapped by the tenant's key of now.
func (s *Service) wrapPerson(ctx context.Context, tx *pg.Tx, person uuid.UUID, handle *keyset.Handle) error {
	by, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return err
	}
	wrapped, err := wrap(handle, by, personBinding(tx.Tenant, person))
	if err != nil {
		return err
	}
	if err := setPersonKey(ctx, tx, person, wrapped, by.primary); err != nil {
		return err
	}
	return s.changed(ctx, tx, dataKeyName(tx.Tenant, person))
}

// edit changes the keyset of a rotation.
func (s *Service) edit(ctx context.Context, tx *pg.Tx, r Rotation, change func(*keyset.Manager) error) error {
	handle, row, err := s.lockKeyset(ctx, tx, r.Purpose, r.Person)
	if err != nil {
		return err
	}
	manager := keyset.NewManagerFromHandle(handle)
	if err := change(manager); err != nil {
		return err
	}
	if handle, err = manager.Handle(); err != nil {
		return err
	}
	return s.saveKeyset(ctx, tx, r.Purpose, r.Person, handle, row)
}

// Rotate begins to change a key of the tenant or, for ForPerson, of a person: a new key is made, which all processes learn
// before it is used; then what stands under the old one is renewed in the background, while everything stays readable.
// Permission: encryption:manage, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden, ErrSealed, ErrRoot, ErrRotating, ErrNoKey, ErrForgotten.
func (s *Service) Rotate(ctx context.Context, tx *pg.Tx, purpose Purpose, person uuid.UUID) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "encryption.Rotate(%s)", purpose)
	if !official(tx.Actor) {
		return uuid.Nil, ErrForbidden
	}
	if purpose != ForPerson && !slices.Contains(Purposes, purpose) {
		return uuid.Nil, ErrNoKey
	}
	handle, row, err := s.lockKeyset(ctx, tx, purpose, person)
	if err != nil {
		return uuid.Nil, err
	}
	if open, err := s.openRotation(ctx, tx, purpose, person); err != nil || open {
		if err == nil {
			err = ErrRotating
		}
		return uuid.Nil, err
	}
	primary, _, err := enabled(handle)
	if err != nil {
		return uuid.Nil, err
	}
	if row.bare == nil && handle.Len() == 1 { // from now on its digests are no longer the only ones
		first := int64(primary)
		row.bare = &first
	}
	manager := keyset.NewManagerFromHandle(handle)
	fresh, err := manager.Add(template(string(purpose)))
	if err != nil {
		return uuid.Nil, err
	}
	if handle, err = manager.Handle(); err != nil {
		return uuid.Nil, err
	}
	if err := s.saveKeyset(ctx, tx, purpose, person, handle, row); err != nil {
		return uuid.Nil, err
	}
	r := Rotation{
		ID: id.New(), Purpose: purpose, Person: person, State: Spreading, StartedBy: tx.Actor.ID, StartedAt: tx.Wall,
		ReadyAt: tx.Wall.Add(s.times.Spread), oldID: primary, newID: fresh,
	}
	if err := insertRotation(ctx, tx, r); err != nil {
		return uuid.Nil, err
	}
	if err := s.noteVersion(ctx, tx, r, versionNext); err != nil {
		return uuid.Nil, err
	}
	if err := tx.Enqueue(ctx, RotateArgs{Rotation: r.ID}); err != nil {
		return uuid.Nil, err
	}
	return r.ID, s.record(ctx, tx, "start", r)
}

func (s *Service) openRotation(ctx context.Context, tx *pg.Tx, purpose Purpose, person uuid.UUID) (bool, error) {
	open, err := openRotations(ctx, tx)
	for _, r := range open {
		if r.Purpose == purpose && r.Person == person && r.State != Resting {
			return true, nil
		}
	}
	return false, err
}

// The states of a key of a tenant's keyset.
const (
	versionNext      = "next"
	versionActive    = "active"
	versionRetired   = "retired"
	versionDisabled  = "disabled"
	versionDestroyed = "destroyed"
)

// noteVersion keeps the lives of the two keys of a rotation; people's keys are too many for that.
func (s *Service) noteVersion(ctx context.Context, tx *pg.Tx, r Rotation, state string) error {
	if r.Purpose == ForPerson {
		return nil
	}
	switch state {
	case versionNext:
		return insertKeyVersion(ctx, tx, string(r.Purpose), r.newID, versionNext)
	case versionActive:
		if err := insertKeyVersion(ctx, tx, string(r.Purpose), r.oldID, versionActive); err != nil { // one of before this was kept
			return err
		}
		if err := setKeyVersion(ctx, tx, string(r.Purpose), r.oldID, versionRetired); err != nil {
			return err
		}
		return setKeyVersion(ctx, tx, string(r.Purpose), r.newID, versionActive)
	}
	return setKeyVersion(ctx, tx, string(r.Purpose), r.oldID, state)
}

// record puts a step of a rotation on record.
func (s *Service) record(ctx context.Context, tx *pg.Tx, step string, r Rotation) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "encryption.rotation." + step, Object: "encryption.rotation", ObjectID: r.ID, Person: r.Person,
		Detail: map[string]any{"purpose": r.Purpose, "old_key": keyName(r.oldID), "new_key": keyName(r.newID)},
	})
}

// Pause stops a rotation after the batch that is under way. Nothing is lost by it. Permission: as for Rotate.
// Errors: ErrForbidden, ErrNoRotation, ErrState.
func (s *Service) Pause(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) error {
	return s.act(ctx, tx, rotation, "pause", func(r *Rotation) error {
		if r.Paused || !r.State.Working() {
			return ErrState
		}
		r.Paused = true
		return nil
	})
}

// Resume goes on with a rotation that was paused, or that stopped because something could not be read. Permission: as for
// Rotate. Errors: ErrForbidden, ErrNoRotation, ErrState.
func (s *Service) Resume(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) error {
	return s.act(ctx, tx, rotation, "resume", func(r *Rotation) error {
		if !r.Paused && r.State != Blocked {
			return ErrState
		}
		r.Paused = false
		if r.State == Blocked {
			r.State = Counting
			if err := s.pass(ctx, tx, *r, true); err != nil {
				return err
			}
		}
		return tx.Enqueue(ctx, RotateArgs{Rotation: r.ID})
	})
}

// Cancel takes the new key of a rotation away again, as long as nothing was sealed with it. Permission: as for Rotate.
// Errors: ErrForbidden, ErrNoRotation, ErrState.
func (s *Service) Cancel(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) error {
	return s.act(ctx, tx, rotation, "cancel", func(r *Rotation) error {
		if !r.mayCancel() {
			return ErrState
		}
		if err := s.edit(ctx, tx, *r, func(m *keyset.Manager) error { return m.Delete(r.newID) }); err != nil {
			return err
		}
		r.State, r.Paused, r.EndedAt = Cancelled, false, &tx.Wall
		if r.Purpose == ForPerson {
			return nil
		}
		return setKeyVersion(ctx, tx, string(r.Purpose), r.newID, versionDestroyed)
	})
}

// Reopen calls the old key of a rotation back before it is destroyed, and looks for what stands under it. Permission: as for
// Rotate. Errors: ErrForbidden, ErrNoRotation, ErrState.
func (s *Service) Reopen(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) error {
	return s.act(ctx, tx, rotation, "reopen", func(r *Rotation) error {
		if !r.mayReopen() {
			return ErrState
		}
		if open, err := s.openRotation(ctx, tx, r.Purpose, r.Person); err != nil || open {
			if err == nil {
				err = ErrRotating
			}
			return err
		}
		if err := s.callBack(ctx, tx, r); err != nil {
			return err
		}
		r.State = Counting
		if err := s.pass(ctx, tx, *r, true); err != nil {
			return err
		}
		return tx.Enqueue(ctx, RotateArgs{Rotation: r.ID})
	})
}

// act changes a locked rotation and puts it on record.
func (s *Service) act(ctx context.Context, tx *pg.Tx, rotation uuid.UUID, step string, change func(*Rotation) error) (err error) {
	defer fault.Wrap(&err, "encryption.rotation.%s(%s)", step, rotation)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	r, err := lockRotation(ctx, tx, rotation)
	if err != nil {
		return err
	}
	if err := change(&r); err != nil {
		return err
	}
	if err := setRotation(ctx, tx, r); err != nil {
		return err
	}
	return s.record(ctx, tx, step, r)
}

// official says whether an actor can hold permissions at all. Which ones is identity's to know, which this module stands below.
func official(a pg.Actor) bool { return a.Kind == "staff" || a.Kind == "system" }
