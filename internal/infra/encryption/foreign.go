package encryption

import (
	"context"
	"errors"
	"regexp"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Errors of what is done for other systems.
var (
	// ErrPurpose says that it must be said what for, by a code like "tax.assessment".
	ErrPurpose = fault.Invalid("encryption.purpose")
	// ErrAssociated says that associated data is needed: what the ciphertext belongs to, so that it cannot be moved.
	ErrAssociated = fault.Invalid("encryption.associated_data")
	// ErrCiphertext says that the ciphertext is not ours, was altered, or belongs to other associated data.
	ErrCiphertext = fault.Invalid("encryption.ciphertext")
	// ErrOwner says that no agency was named.
	ErrOwner = fault.Invalid("encryption.agency")
)

// Order is what another system asks for: Owner is the code of the agency it acts for, Purpose a code that says what for and
// goes on record, Associated what the ciphertext is bound to.
type Order struct {
	Owner      string
	Purpose    string
	Associated []byte
}

var purposeShape = regexp.MustCompile(`^[a-z][a-z0-9]*([._-][a-z0-9]+){0,7}$`)

func (o Order) check(bound bool) error {
	switch {
	case o.Owner == "":
		return ErrOwner.WithFields(fault.Field{Path: "agency", Code: ErrOwner.Code})
	case len(o.Purpose) > 64 || !purposeShape.MatchString(o.Purpose):
		return ErrPurpose.WithFields(fault.Field{Path: "purpose", Code: ErrPurpose.Code})
	case bound && len(o.Associated) == 0:
		return ErrAssociated.WithFields(fault.Field{Path: "associated_data", Code: ErrAssociated.Code})
	}
	return nil
}

func (o Order) binding(tx *pg.Tx) []byte {
	return append([]byte(tx.Tenant.String()+"|encryption.api|"+o.Owner+"|"), o.Associated...)
}

// Encrypt seals for another system, which keeps what it gets; only Decrypt for the same owner and associated data opens it.
// The key never leaves. Permission: encryption:encrypt for the owner, which the page asks for. Each use is audited.
// Errors: ErrOwner, ErrPurpose, ErrAssociated, ErrSealed, ErrRoot.
func (s *Service) Encrypt(ctx context.Context, tx *pg.Tx, o Order, plain []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.Encrypt(%s)", o.Owner)
	if err := o.check(true); err != nil {
		return nil, err
	}
	key, err := s.sealKey(ctx, tx, purposeAPI)
	if err != nil {
		return nil, err
	}
	sealed, err := key.seal(plain, o.binding(tx))
	if err != nil {
		return nil, err
	}
	return sealed, s.recordUse(ctx, tx, "encrypt", o, map[string]any{"bytes": len(plain), "key": keyName(key.primary)})
}

// Decrypt opens what Encrypt sealed. Permission: encryption:decrypt for the owner, which the page asks for. Each use is
// audited, that what was given could not be opened as well (pg.Keep).
// Errors: ErrOwner, ErrPurpose, ErrAssociated, ErrCiphertext, ErrSealed, ErrRoot.
func (s *Service) Decrypt(ctx context.Context, tx *pg.Tx, o Order, sealed []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.Decrypt(%s)", o.Owner)
	if err := o.check(true); err != nil {
		return nil, err
	}
	if len(sealed) < headSize || sealed[0] != format {
		return nil, s.refuse(ctx, tx, "decrypt", o, ErrCiphertext)
	}
	key, err := s.sealKey(ctx, tx, purposeAPI)
	if err != nil {
		return nil, err
	}
	if !key.knows(sealed) {
		s.keys.remove(tenantKeyName(tx.Tenant, purposeAPI))
		if key, err = s.sealKey(ctx, tx, purposeAPI); err != nil {
			return nil, err
		}
	}
	plain, err := key.AEAD.Decrypt(sealed[1:], o.binding(tx))
	if err != nil {
		return nil, s.refuse(ctx, tx, "decrypt", o, ErrCiphertext.Because(err))
	}
	return plain, s.recordUse(ctx, tx, "decrypt", o, map[string]any{"bytes": len(plain)})
}

// foreignType is the type of what is signed for other systems; none of ours is of it, so that none can be forged by it.
const foreignType = "digit-data+jws"

// SignData signs for another system, by the owner's key for exchange: a compact JWS (ES256) of type digit-data+jws.
// Permission: encryption:sign for the owner, which the page asks for. Each use is audited.
// Errors: ErrOwner, ErrPurpose, ErrSealed, ErrRoot.
func (s *Service) SignData(ctx context.Context, tx *pg.Tx, o Order, payload []byte) (_ string, err error) {
	defer fault.Wrap(&err, "encryption.SignData(%s)", o.Owner)
	if err := o.check(false); err != nil {
		return "", err
	}
	text, err := s.Sign(ctx, tx, Signer{o.Owner, UseExchange}, map[string]any{"typ": foreignType}, payload)
	if err != nil {
		return "", err
	}
	return text, s.recordUse(ctx, tx, "sign", o, map[string]any{"bytes": len(payload), "kid": KeyID(text)})
}

// VerifyData checks a text for another system: that the owner's key for exchange signed it as data. Permission:
// encryption:verify for the owner, which the page asks for. Each use is audited, that the text was not signed so as well
// (pg.Keep).
// Errors: ErrOwner, ErrPurpose, ErrSignature.
func (s *Service) VerifyData(ctx context.Context, tx *pg.Tx, o Order, text string) (_ Signed, err error) {
	defer fault.Wrap(&err, "encryption.VerifyData(%s)", o.Owner)
	if err := o.check(false); err != nil {
		return Signed{}, err
	}
	signed, err := s.Verify(ctx, tx, text)
	if err == nil && (signed.Signer != Signer{o.Owner, UseExchange} || signed.Header["typ"] != foreignType) {
		err = ErrSignature
	}
	if errors.Is(err, ErrSignature) {
		return Signed{}, s.refuse(ctx, tx, "verify", o, err)
	}
	if err != nil {
		return Signed{}, err
	}
	return signed, s.recordUse(ctx, tx, "verify", o, map[string]any{"kid": signed.KeyID})
}

// refuse puts on record what was refused and returns why, so that the record is kept.
func (s *Service) refuse(ctx context.Context, tx *pg.Tx, step string, o Order, why error) error {
	if err := s.recordUse(ctx, tx, step+".refuse", o, map[string]any{}); err != nil {
		return err
	}
	return pg.Keep(why)
}

func (s *Service) recordUse(ctx context.Context, tx *pg.Tx, step string, o Order, detail map[string]any) error {
	detail["agency"] = o.Owner
	return audit.Record(ctx, tx, audit.Entry{Action: "encryption.api." + step, Object: "encryption.api", Reason: o.Purpose, Detail: detail})
}
