package encryption

import (
	"context"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// RotateTenant adds a key to the tenant's seal keyset and seals with it from now on; what was sealed before stays readable.
// Other processes learn of the key when they first meet it. Permission: encryption:manage, which the page asks for;
// people and strangers are refused here too. Errors: ErrForbidden, ErrSealed, ErrRoot.
func (s *Service) RotateTenant(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "encryption.RotateTenant")
	if !official(tx.Actor) {
		return ErrForbidden
	}
	if _, _, err := s.tenantKeyset(ctx, tx, purposeSeal); err != nil { // makes it where it is missing
		return err
	}
	wrapped, err := db.LockTenantKey(ctx, tx, purposeSeal)
	if err != nil {
		return err
	}
	binding := keysetBinding(tx.Tenant, purposeSeal)
	handle, err := unwrap(wrapped, s.root.aead, binding)
	if err != nil {
		return ErrRoot.Because(err)
	}
	manager := keyset.NewManagerFromHandle(handle)
	key, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := manager.SetPrimary(key); err != nil {
		return err
	}
	if handle, err = manager.Handle(); err != nil {
		return err
	}
	if wrapped, err = wrap(handle, s.root.aead, binding); err != nil {
		return err
	}
	if err := setTenantKey(ctx, tx, purposeSeal, wrapped); err != nil {
		return err
	}
	name := tenantKeyName(tx.Tenant, purposeSeal)
	tx.AfterCommit(func() { s.keys.drop(name) })
	return audit.Record(ctx, tx, audit.Entry{
		Action: "encryption.tenant_key.rotate", Object: "encryption.tenant_key", ObjectID: tx.Tenant, Detail: map[string]any{"key": key},
	})
}

// RotateSigning retires the owner's signing key, which still verifies what it signed; the next signature makes a new
// one. Permission: encryption:manage, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden.
func (s *Service) RotateSigning(ctx context.Context, tx *pg.Tx, owner string) (err error) {
	defer fault.Wrap(&err, "encryption.RotateSigning(%s)", owner)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	if err := retireSigningKey(ctx, tx, owner); err != nil {
		return err
	}
	name := signingKeyName(tx, owner)
	s.keys.drop(name)
	tx.AfterCommit(func() { s.keys.drop(name) })
	return audit.Record(ctx, tx, audit.Entry{
		Action: "encryption.signing_key.retire", Object: "encryption.signing_key", Detail: map[string]any{"owner": owner},
	})
}

// official says whether an actor can hold permissions at all. Which ones is identity's to know, which this module stands below.
func official(a pg.Actor) bool { return a.Kind == "staff" || a.Kind == "system" }
