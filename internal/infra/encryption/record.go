package encryption

import (
	"context"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// SealRecord is Seal for what can never be sealed again, since it stands in a record that only grows. It has a key of the
// tenant's of its own: when that is changed, the old one goes on opening until two administrators destroy it.
// Errors: ErrSealed, ErrRoot, ErrNoKey in a transaction that only reads, where there is no key yet.
func (s *Service) SealRecord(ctx context.Context, tx *pg.Tx, p Place, plain []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.SealRecord(%s.%s, %s)", p.Table, p.Column, p.Row)
	key, err := s.sealKey(ctx, tx, purposeRecord)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, ErrNoKey
	}
	return key.seal(plain, p.bind(tx.Tenant))
}

// OpenRecord decrypts what SealRecord made. Errors: ErrSealed, ErrRoot, ErrUnreadable, as well where its key was destroyed.
func (s *Service) OpenRecord(ctx context.Context, tx *pg.Tx, p Place, sealed []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.OpenRecord(%s.%s, %s)", p.Table, p.Column, p.Row)
	key, err := s.sealKey(ctx, tx, purposeRecord)
	if err == nil && key != nil && !key.knows(sealed) { // another process may know one more
		s.keys.remove(tenantKeyName(tx.Tenant, purposeRecord))
		key, err = s.sealKey(ctx, tx, purposeRecord)
	}
	if err != nil {
		return nil, err
	}
	if key == nil || !key.knows(sealed) || sealed[0] != format {
		return nil, ErrUnreadable
	}
	plain, err := key.Decrypt(sealed[1:], p.bind(tx.Tenant))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	return plain, nil
}
