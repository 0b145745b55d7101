package encryption

import (
	"time"

	"github.com/google/uuid"
)

// Purpose is which of a tenant's keysets a rotation changes, or that of a person.
type Purpose string

// The purposes of keysets.
const (
	ForSealing Purpose = purposeSeal   // wraps people's keys and seals what belongs to no person
	ForIndexes Purpose = purposeIndex  // makes blind indexes
	ForMACs    Purpose = purposeMAC    // makes authentication codes
	ForAPI     Purpose = purposeAPI    // seals for other systems, which keep what was sealed
	ForRecord  Purpose = purposeRecord // seals what stands in a record that only grows
	ForPerson  Purpose = "person"      // seals what belongs to one person
)

// Purposes are those of a tenant's keysets, in the order in which they are shown.
var Purposes = []Purpose{ForSealing, ForIndexes, ForMACs, ForAPI, ForRecord}

// Lasting reports whether nothing can be renewed that was made with a key of the purpose: what was sealed for other systems is
// theirs to keep, of what an authentication code was made nobody knows, and a record is never changed. The old key opens and
// checks until somebody destroys it.
func (p Purpose) Lasting() bool { return p == ForAPI || p == ForMACs || p == ForRecord }

// RotationState is how far a rotation is.
type RotationState string

// The states of a rotation, in their order.
const (
	Spreading RotationState = "spreading" // all processes learn the new key, which is not used yet
	Counting  RotationState = "counting"  // the new key is used; what stands under old ones is counted
	Renewing  RotationState = "renewing"  // what stands under old keys is renewed under the new one
	Blocked   RotationState = "blocked"   // some of it cannot be read: somebody has to look
	Resting   RotationState = "resting"   // nothing stands under the old key: it is disabled, and can be called back
	Done      RotationState = "done"      // the old key is destroyed
	Cancelled RotationState = "cancelled" // the new key was taken away before it was used
)

// Working reports whether there is something to do now or soon.
func (s RotationState) Working() bool { return s == Spreading || s == Counting || s == Renewing }

// Rotation is a change of a key. All times are the machine's.
type Rotation struct {
	ID         uuid.UUID
	Purpose    Purpose
	Person     uuid.UUID // of a person's key
	State      RotationState
	Paused     bool
	OldKey     string // shown as Tink key id in hexadecimal
	NewKey     string
	StartedBy  uuid.UUID // uuid.Nil where nobody did
	StartedAt  time.Time
	ReadyAt    time.Time // when the new key may be used
	PromotedAt *time.Time
	RestedAt   *time.Time
	DestroyAt  *time.Time
	EndedAt    *time.Time
	WorkedAt   *time.Time // last batch
	RenewedAt  *time.Time // last value renewed

	oldID, newID uint32
}

// ColumnProgress is how far a rotation is with one column.
type ColumnProgress struct {
	Name       string // "identity.contact.address"
	Total      int64  // rows, as last counted
	Remaining  int64  // of them under an old key
	Unreadable int64  // of those, that could not be read

	last   string
	passed bool
}

// Progress sums up a rotation.
type Progress struct {
	Rotation
	Columns                      []ColumnProgress
	Total, Remaining, Unreadable int64
}

// Percent is how much of what was counted stands under the new key, from 0 to 100.
func (p Progress) Percent() int {
	switch {
	case p.State == Done || p.State == Resting:
		return 100
	case p.Total == 0:
		return 0
	}
	return int(100 * (p.Total - p.Remaining) / p.Total)
}

func sum(r Rotation, columns []ColumnProgress) Progress {
	p := Progress{Rotation: r, Columns: columns}
	for _, c := range columns {
		p.Total, p.Remaining, p.Unreadable = p.Total+c.Total, p.Remaining+c.Remaining, p.Unreadable+c.Unreadable
	}
	return p
}

// settled is when nothing can come any more that needs the old key: what began before the new key was used, or before the
// last value was renewed and so sees it as it was, is over.
func (r Rotation) settled(settle time.Duration) time.Time {
	since := *r.PromotedAt
	if r.RenewedAt != nil && r.RenewedAt.After(since) {
		since = *r.RenewedAt
	}
	return since.Add(settle)
}

// judge decides by a count what follows: renewal where something stands under an old key; rest where nothing does and what
// began before is over; else the next count.
func (r *Rotation) judge(remaining, unreadable int64, now time.Time, settle time.Duration) {
	switch {
	case remaining > 0 && remaining <= unreadable:
		r.State = Blocked
	case remaining > 0:
		r.State = Renewing
	case !now.Before(r.settled(settle)):
		r.State = Resting
	}
}

// mayCancel reports whether the new key can still be taken away: nothing was sealed with it.
func (r Rotation) mayCancel() bool { return r.State == Spreading }

// mayReopen reports whether the old key can be called back.
func (r Rotation) mayReopen() bool { return r.State == Resting }
