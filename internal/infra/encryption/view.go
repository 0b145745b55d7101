package encryption

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// KeyVersion is one key of a tenant's keyset. Times are the machine's.
type KeyVersion struct {
	Key         string // Tink key id in hexadecimal
	State       string // next, active, retired, disabled or destroyed
	CreatedAt   time.Time
	ActiveAt    *time.Time
	RetiredAt   *time.Time
	DestroyedAt *time.Time
}

// TenantKey is one keyset of the tenant. Keys are its keys, the newest first; Due is when the active one should be changed.
type TenantKey struct {
	Purpose Purpose
	Root    string // id of the root keyset that wraps it; "" for the process's own
	Keys    []KeyVersion
	Due     time.Time
}

// Active is the key that is used now.
func (k TenantKey) Active() KeyVersion {
	for _, v := range k.Keys {
		if v.State == versionActive {
			return v
		}
	}
	return KeyVersion{}
}

// lifetimes are how long a key should be used, after NIST SP 800-57 part 1: two years at most for keys that seal or make
// digests, one for those that wrap all others and for those that sign.
var lifetimes = map[Purpose]time.Duration{ForSealing: 365 * day, ForIndexes: 2 * 365 * day, ForMACs: 2 * 365 * day, ForAPI: 365 * day, ForRecord: 2 * 365 * day}

const (
	day = 24 * time.Hour
	// SigningLifetime is how long a signing key should sign.
	SigningLifetime = 365 * day
)

func (s *Service) versions(ctx context.Context, tx *pg.Tx) (map[Purpose][]KeyVersion, error) {
	rows, err := db.ListKeyVersions(ctx, tx)
	versions := map[Purpose][]KeyVersion{}
	for _, r := range rows {
		p := Purpose(r.Purpose)
		versions[p] = append(versions[p], KeyVersion{
			Key: keyName(uint32(r.KeyID)), State: r.State, CreatedAt: r.CreatedAt, ActiveAt: r.ActiveAt, RetiredAt: r.RetiredAt, DestroyedAt: r.DestroyedAt,
		})
	}
	return versions, err
}

// TenantKeys lists the tenant's keysets that were made so far. Permission: encryption:manage or encryption:read, which the page
// asks for.
func (s *Service) TenantKeys(ctx context.Context, tx *pg.Tx) (_ []TenantKey, err error) {
	defer fault.Wrap(&err, "encryption.TenantKeys")
	rows, err := db.ListTenantKeys(ctx, tx)
	if err != nil {
		return nil, err
	}
	versions, err := s.versions(ctx, tx)
	if err != nil {
		return nil, err
	}
	byPurpose := map[Purpose]TenantKey{}
	for _, r := range rows {
		k := TenantKey{Purpose: Purpose(r.Purpose), Keys: versions[Purpose(r.Purpose)]}
		if r.RootID != nil {
			k.Root = *r.RootID
		}
		if len(k.Keys) == 0 { // of before lives were kept: its only key
			k.Keys = []KeyVersion{{State: versionActive, CreatedAt: r.CreatedAt, ActiveAt: &r.CreatedAt}}
		}
		k.Due = k.Active().CreatedAt.Add(lifetimes[k.Purpose])
		byPurpose[k.Purpose] = k
	}
	var keys []TenantKey
	for _, p := range Purposes {
		if k, ok := byPurpose[p]; ok {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// PersonKey is how the key of a person stands. Times are the machine's.
type PersonKey struct {
	Person      uuid.UUID
	CreatedAt   time.Time
	RotatedAt   *time.Time
	ForgottenAt *time.Time // destroyed
}

// PersonKey tells how the key of a person stands. Permission: as for TenantKeys. Errors: ErrNoKey.
func (s *Service) PersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID) (_ PersonKey, err error) {
	defer fault.Wrap(&err, "encryption.PersonKey(%s)", person)
	made, rotated, forgotten, err := personStatus(ctx, tx, person)
	return PersonKey{Person: person, CreatedAt: made, RotatedAt: rotated, ForgottenAt: forgotten}, err
}

// People counts the people who have a key, and those whose key was destroyed. Permission: as for TenantKeys.
func (s *Service) People(ctx context.Context, tx *pg.Tx) (living, forgotten int64, err error) {
	defer fault.Wrap(&err, "encryption.People")
	n, err := db.CountPersonKeys(ctx, tx)
	return n.Living, n.Forgotten, err
}

// Rotations lists rotations, the newest first. Permission: as for TenantKeys.
func (s *Service) Rotations(ctx context.Context, tx *pg.Tx, r page.Request) (_ page.Page[Rotation], err error) {
	defer fault.Wrap(&err, "encryption.Rotations")
	return listRotations(ctx, tx, r)
}

// Open lists the rotations that are neither done nor cancelled, with how far they are. Permission: as for TenantKeys.
func (s *Service) OpenRotations(ctx context.Context, tx *pg.Tx) (_ []Progress, err error) {
	defer fault.Wrap(&err, "encryption.OpenRotations")
	open, err := openRotations(ctx, tx)
	if err != nil {
		return nil, err
	}
	list := make([]Progress, 0, len(open))
	for _, r := range open {
		columns, err := readColumns(ctx, tx, r.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, sum(r, columns))
	}
	return list, nil
}

// Rotation tells how far a rotation is. Permission: as for TenantKeys. Errors: ErrNoRotation.
func (s *Service) Rotation(ctx context.Context, tx *pg.Tx, rotation uuid.UUID) (_ Progress, err error) {
	defer fault.Wrap(&err, "encryption.Rotation(%s)", rotation)
	r, err := getRotation(ctx, tx, rotation)
	if err != nil {
		return Progress{}, err
	}
	columns, err := readColumns(ctx, tx, r.ID)
	return sum(r, columns), err
}
