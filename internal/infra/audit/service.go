package audit

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// Keys signs checkpoints, verifies them, and seals what the record keeps of addresses.
type Keys interface {
	// SignText signs a text by the owner's key; signature and public key are in DER.
	SignText(ctx context.Context, tx *pg.Tx, owner string, text []byte) (signature, public []byte, err error)
	// TextKeys returns the owner's public keys, active and retired.
	TextKeys(ctx context.Context, tx *pg.Tx, owner string) ([][]byte, error)
	// VerifyText checks a signature.
	VerifyText(public, text, signature []byte) error
	// SealIn encrypts with the tenant's key for one place: a column of a table, in one row.
	SealIn(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, plain []byte) ([]byte, error)
	// OpenIn decrypts what SealIn made.
	OpenIn(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, sealed []byte) ([]byte, error)
	// SealEntry encrypts for one column of an entry, with a key that is never renewed under another: an entry stays as it is.
	SealEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, plain []byte) ([]byte, error)
	// OpenEntry decrypts what SealEntry made.
	OpenEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, sealed []byte) ([]byte, error)
}

// Mail sends a checkpoint to an address.
type Mail interface {
	SendCheckpoint(ctx context.Context, tx *pg.Tx, address string, c Checkpoint, keys []PublicKey) error
}

// Files keeps the files that were asked for.
type Files interface {
	// Keep stores a file for whoever asked for it and returns its id.
	Keep(ctx context.Context, tx *pg.Tx, name string, owner uuid.UUID, content []byte) (uuid.UUID, error)
}

// Deps are what the module stands on. Only Keys is needed by a process that looks and verifies; one that serves has all.
type Deps struct {
	Keys   Keys
	Mail   Mail
	Files  Files
	Client *http.Client // posts checkpoints
	Sinks  []Sink       // where the operator has the checkpoints of all tenants sent
}

// Service reads, sequences, proves and verifies the record. It is safe for concurrent use.
type Service struct{ deps Deps }

// New builds the module; it panics where there are no keys.
func New(d Deps) *Service {
	if d.Keys == nil {
		panic("audit.New: Keys is missing")
	}
	return &Service{deps: d}
}
