package encryption

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	digestSize = 32
	// markSize is how many bytes before a digest tell its key: four zeros, which no digest of the first key begins with
	// but once in four thousand million, and the key id.
	markSize = 8
)

// digester is an unwrapped keyset that makes digests.
type digester struct {
	set  *prf.Set
	ids  []uint32 // the primary first
	bare uint32   // the key whose digests carry no mark; 0 for none
}

func digesterOf(handle *keyset.Handle, bare *int64) (*digester, error) {
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		return nil, err
	}
	primary, ids, err := enabled(handle)
	if err != nil {
		return nil, err
	}
	d := &digester{set: set, ids: []uint32{primary}}
	for _, id := range ids {
		if id != primary {
			d.ids = append(d.ids, id)
		}
	}
	switch {
	case bare != nil:
		d.bare = uint32(*bare)
	case handle.Len() == 1:
		d.bare = primary
	}
	return d, nil
}

// mark is how the digests of a key begin; nothing for the first key of a tenant, which had no need of it.
func (d *digester) mark(key uint32) []byte {
	if key == d.bare {
		return nil
	}
	return binary.BigEndian.AppendUint32(make([]byte, 4, markSize), key)
}

// compute returns the digests of data by every key, that of the primary first, each cut to a number of bits.
func (d *digester) compute(label string, data []byte, bits int) ([][]byte, error) {
	input := append([]byte(label+"\x00"), data...)
	out := make([][]byte, 0, len(d.ids))
	for _, id := range d.ids {
		sum, err := d.set.PRFs[id].ComputePRF(input, digestSize)
		if err != nil {
			return nil, err
		}
		out = append(out, append(d.mark(id), sum[:bits/8]...))
	}
	return out, nil
}

// digestKey returns the tenant's key for digests, nil where there is none and none may be made.
func (s *Service) digestKey(ctx context.Context, tx *pg.Tx, purpose string) (*digester, error) {
	name := tenantKeyName(tx.Tenant, purpose)
	if key, ok := s.keys.get(name); ok {
		return key.(*digester), nil
	}
	handle, row, err := s.tenantKeyset(ctx, tx, purpose)
	if err != nil || handle == nil {
		return nil, err
	}
	key, err := digesterOf(handle, row.bare)
	if err != nil {
		return nil, err
	}
	if row.settled {
		s.keys.put(name, key, tx.Wall)
	}
	return key, nil
}

func (s *Service) digests(ctx context.Context, tx *pg.Tx, purpose, label string, data []byte, bits int) ([][]byte, error) {
	d, err := s.digestKey(ctx, tx, purpose)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return [][]byte{make([]byte, bits/8)}, nil
	}
	return d.compute(label, data, bits)
}

// BlindIndex returns the digest under which a value is stored: the same for the same tenant, field and value, telling
// nothing else but that two are equal. Normalise the value first (package blind). While the tenant's index key is
// changed, what was stored before has another: look for BlindIndexes. A reading transaction of a tenant that never
// indexed anything gets bytes that match nothing. Errors: ErrSealed, ErrRoot.
func (s *Service) BlindIndex(ctx context.Context, tx *pg.Tx, field, value string) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.BlindIndex(%s)", field)
	all, err := s.digests(ctx, tx, purposeIndex, field, []byte(value), 8*digestSize)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// BlindIndexes returns every digest under which a value may be stored, that of BlindIndex first: more than one while the
// tenant's index key is changed. Errors: ErrSealed, ErrRoot.
func (s *Service) BlindIndexes(ctx context.Context, tx *pg.Tx, field string, values ...string) (_ [][]byte, err error) {
	defer fault.Wrap(&err, "encryption.BlindIndexes(%s)", field)
	return s.indexes(ctx, tx, field, values, 8*digestSize)
}

// ShortIndexes is BlindIndexes with digests cut to a number of bits, a multiple of eight from 8 to 256. It is for fields
// with few values, such as a date of birth: several values share a digest, so that it tells less about each, and what is
// found by it must be opened and compared. Store the first. Errors: ErrSealed, ErrRoot.
func (s *Service) ShortIndexes(ctx context.Context, tx *pg.Tx, field string, bits int, values ...string) (_ [][]byte, err error) {
	defer fault.Wrap(&err, "encryption.ShortIndexes(%s)", field)
	if bits < 8 || bits > 8*digestSize || bits%8 != 0 {
		panic("encryption.ShortIndexes: bits must be a multiple of eight from 8 to 256")
	}
	return s.indexes(ctx, tx, field, values, bits)
}

// PrefixIndexes returns the digests under which a text is stored so that it is found by the beginnings of its words: one
// for each beginning of min to max letters. They tell which values share beginnings, and so more than one index does: they are
// for values that many may know, such as the names of staff or references, never for what only the person knows.
// Errors: ErrSealed, ErrRoot.
func (s *Service) PrefixIndexes(ctx context.Context, tx *pg.Tx, field, text string, min, max int) (_ [][]byte, err error) {
	defer fault.Wrap(&err, "encryption.PrefixIndexes(%s)", field)
	var out [][]byte
	for _, begin := range blind.Beginnings(text, min, max) {
		all, err := s.digests(ctx, tx, purposeIndex, field, []byte(begin), 8*digestSize)
		if err != nil {
			return nil, err
		}
		out = append(out, all[0])
	}
	return out, nil
}

// SoughtIndexes returns every digest that a search for beginnings of words looks for, and of how many words: what is found
// has that many of them, since each word is stored under one key. Words shorter than min count for nothing.
// Errors: ErrSealed, ErrRoot.
func (s *Service) SoughtIndexes(ctx context.Context, tx *pg.Tx, field, query string, min, max int) (_ [][]byte, words int, err error) {
	defer fault.Wrap(&err, "encryption.SoughtIndexes(%s)", field)
	sought := blind.Sought(query, min, max)
	indexes, err := s.indexes(ctx, tx, field, sought, 8*digestSize)
	return indexes, len(sought), err
}

func (s *Service) indexes(ctx context.Context, tx *pg.Tx, field string, values []string, bits int) ([][]byte, error) {
	var out [][]byte
	for _, value := range values {
		all, err := s.digests(ctx, tx, purposeIndex, field, []byte(value), bits)
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

// MAC returns a 32 byte authentication code of data, different for every tenant and purpose; CheckMAC checks it.
// Errors: ErrSealed, ErrRoot.
func (s *Service) MAC(ctx context.Context, tx *pg.Tx, purpose string, data []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.MAC(%s)", purpose)
	all, err := s.digests(ctx, tx, purposeMAC, purpose, data, 8*digestSize)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// CheckMAC reports whether mac is what MAC returned for the data, also before the tenant's key was changed. It takes the
// same time for every wrong one. Errors: ErrSealed, ErrRoot.
func (s *Service) CheckMAC(ctx context.Context, tx *pg.Tx, purpose string, data, mac []byte) (_ bool, err error) {
	defer fault.Wrap(&err, "encryption.CheckMAC(%s)", purpose)
	all, err := s.digests(ctx, tx, purposeMAC, purpose, data, 8*digestSize)
	if err != nil {
		return false, err
	}
	ok := false
	for _, one := range all {
		ok = hmac.Equal(one, mac) || ok
	}
	return ok, nil
}

// currentMark is how the digests begin that are stored now; nil for those of a tenant's first key.
func (d *digester) currentMark() []byte { return d.mark(d.ids[0]) }

// isOld reports whether a stored digest was not made by the primary key.
func (d *digester) isOld(stored []byte) bool {
	mark := d.currentMark()
	if mark == nil {
		return len(stored) >= markSize && bytes.Equal(stored[:4], make([]byte, 4))
	}
	return !bytes.HasPrefix(stored, mark)
}
