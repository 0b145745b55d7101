package encryption

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

func orNil(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func orZero(u *uuid.UUID) uuid.UUID {
	if u == nil {
		return uuid.Nil
	}
	return *u
}

func insertRotation(ctx context.Context, tx *pg.Tx, r Rotation) error {
	return db.InsertRotation(ctx, tx, encryptiondb.InsertRotationParams{
		ID: r.ID, Purpose: string(r.Purpose), PersonID: orNil(r.Person), OldKey: int64(r.oldID), NewKey: int64(r.newID),
		StartedBy: orNil(r.StartedBy), StartedAt: r.StartedAt, ReadyAt: r.ReadyAt,
	})
}

func toRotation(r encryptiondb.EncryptionRotation) Rotation {
	return Rotation{
		ID: r.ID, Purpose: Purpose(r.Purpose), Person: orZero(r.PersonID), State: RotationState(r.State), Paused: r.Paused,
		OldKey: keyName(uint32(r.OldKey)), NewKey: keyName(uint32(r.NewKey)), StartedBy: orZero(r.StartedBy), StartedAt: r.StartedAt,
		ReadyAt: r.ReadyAt, PromotedAt: r.PromotedAt, RestedAt: r.RestedAt, DestroyAt: r.DestroyAt, EndedAt: r.EndedAt, WorkedAt: r.WorkedAt, RenewedAt: r.RenewedAt,
		oldID: uint32(r.OldKey), newID: uint32(r.NewKey),
	}
}

func getRotation(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) (Rotation, error) {
	r, err := db.GetRotation(ctx, tx, rotation)
	if pg.NotFound(err) {
		return Rotation{}, ErrNoRotation
	}
	return toRotation(r), err
}

func lockRotation(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) (Rotation, error) {
	r, err := db.LockRotation(ctx, tx, rotation)
	if pg.NotFound(err) {
		return Rotation{}, ErrNoRotation
	}
	return toRotation(r), err
}

// tryRotation locks a rotation; it is not found while another transaction has it locked.
func tryRotation(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) (Rotation, error) {
	r, err := db.TryRotation(ctx, tx, rotation)
	return toRotation(r), err
}

func setRotation(ctx context.Context, tx *pg.Tx, r Rotation) error {
	return db.SetRotation(ctx, tx, encryptiondb.SetRotationParams{
		ID: r.ID, State: string(r.State), Paused: r.Paused, PromotedAt: r.PromotedAt, RestedAt: r.RestedAt, DestroyAt: r.DestroyAt,
		EndedAt: r.EndedAt, WorkedAt: r.WorkedAt, RenewedAt: r.RenewedAt,
	})
}

// openRotations are those that are neither done nor cancelled.
func openRotations(ctx context.Context, tx *pg.Tx) ([]Rotation, error) {
	rows, err := db.ListOpenRotations(ctx, tx)
	list := make([]Rotation, 0, len(rows))
	for _, r := range rows {
		list = append(list, toRotation(r))
	}
	return list, err
}

func listRotations(ctx context.Context, tx *pg.Tx, r page.Request) (page.Page[Rotation], error) {
	before, err := r.AfterID()
	if err != nil {
		return page.Page[Rotation]{}, err
	}
	rows, err := db.ListRotations(ctx, tx, encryptiondb.ListRotationsParams{Before: orNil(before), Size: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[Rotation]{}, err
	}
	list := make([]Rotation, 0, len(rows))
	for _, row := range rows {
		list = append(list, toRotation(row))
	}
	return page.Of(r, list, func(x Rotation) []string { return []string{x.ID.String()} }), nil
}

func putColumn(ctx context.Context, tx *pg.Tx, rotation uuid.UUID, name string, afresh bool) error {
	return db.PutRotationColumn(ctx, tx, encryptiondb.PutRotationColumnParams{RotationID: rotation, Name: name, Afresh: afresh})
}

func readColumns(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) ([]ColumnProgress, error) {
	rows, err := db.ListRotationColumns(ctx, tx, rotation)
	list := make([]ColumnProgress, 0, len(rows))
	for _, r := range rows {
		list = append(list, ColumnProgress{Name: r.Name, Total: r.Total, Remaining: r.Remaining, Unreadable: r.Unreadable, last: r.Last, passed: r.Passed})
	}
	return list, err
}

func setColumn(ctx context.Context, tx *pg.Tx, rotation uuid.UUID, p ColumnProgress) error {
	return db.SetRotationColumn(ctx, tx, encryptiondb.SetRotationColumnParams{
		RotationID: rotation, Name: p.Name, Total: p.Total, Remaining: p.Remaining, Unreadable: p.Unreadable, Last: p.last, Passed: p.passed,
	})
}

func insertKeyVersion(ctx context.Context, tx *pg.Tx, purpose string, key uint32, state string) error {
	p := encryptiondb.InsertKeyVersionParams{Purpose: purpose, KeyID: int64(key), State: state, CreatedAt: tx.Wall}
	if state == versionActive {
		p.ActiveAt = &tx.Wall
	}
	return db.InsertKeyVersion(ctx, tx, p)
}

func setKeyVersion(ctx context.Context, tx *pg.Tx, purpose string, key uint32, state string) error {
	return db.SetKeyVersion(ctx, tx, encryptiondb.SetKeyVersionParams{Purpose: purpose, KeyID: int64(key), State: state, At: tx.Wall})
}

func setPersonRotated(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return db.SetPersonRotated(ctx, tx, encryptiondb.SetPersonRotatedParams{PersonID: person, RotatedAt: &tx.Wall})
}

func pagePersonKeys(ctx context.Context, tx *pg.Tx, after uuid.UUID, limit int32) ([]encryptiondb.PagePersonKeysRow, error) {
	return db.PagePersonKeys(ctx, tx, encryptiondb.PagePersonKeysParams{After: after, Size: limit})
}

// personStatus is when a person's key was made, rotated and destroyed. Errors: ErrNoKey.
func personStatus(ctx context.Context, tx *pg.Tx, person uuid.UUID) (made time.Time, rotated, forgotten *time.Time, err error) {
	row, err := db.PersonKeyStatus(ctx, tx, person)
	if pg.NotFound(err) {
		err = ErrNoKey
	}
	return row.CreatedAt, row.RotatedAt, row.ForgottenAt, err
}
