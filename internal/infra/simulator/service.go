package simulator

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator/internal/simulatordb"
)

// Encryption is what is needed of the encryption module.
type Encryption interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	BlindIndex(ctx context.Context, tx *pg.Tx, field, value string) ([]byte, error)
	BlindIndexes(ctx context.Context, tx *pg.Tx, field string, values ...string) ([][]byte, error)
	MAC(ctx context.Context, tx *pg.Tx, purpose string, data []byte) ([]byte, error)
	Sign(ctx context.Context, tx *pg.Tx, by encryption.Signer, header map[string]any, payload []byte) (string, error)
	Verify(ctx context.Context, tx *pg.Tx, jws string) (encryption.Signed, error)
	JWKS(ctx context.Context, tx *pg.Tx, owner string) ([]byte, error)
}

// Deps are the things this module needs from others.
type Deps struct {
	Encryption Encryption
	// BaseURL returns where the tenant is reached, without a slash at the end.
	BaseURL func(ctx context.Context, tx *pg.Tx) (string, error)
	// Client posts notices and answers; it must have a time-out.
	Client *http.Client
}

// Service is the simulated world.
type Service struct {
	keys    Encryption
	baseURL func(ctx context.Context, tx *pg.Tx) (string, error)
	client  *http.Client
}

// New builds the service; it panics where a dependency is missing.
func New(d Deps) *Service {
	if d.Encryption == nil || d.BaseURL == nil || d.Client == nil {
		panic("simulator: a dependency is missing")
	}
	return &Service{keys: d.Encryption, baseURL: d.BaseURL, client: d.Client}
}

// allowed refuses production tenants; every method begins with it.
func allowed(ctx context.Context, tx *pg.Tx) error {
	kind, err := db.TenantKind(ctx, tx, tx.Tenant)
	if err != nil {
		return err
	}
	if kind != "demo" && kind != "sandbox" {
		return ErrProduction
	}
	return nil
}

// secret is a tenant's secret for a purpose, as text.
func (s *Service) secret(ctx context.Context, tx *pg.Tx, purpose string) (string, error) {
	key, err := s.key(ctx, tx, purpose)
	return base64.RawURLEncoding.EncodeToString(key), err
}

// key is with what the parties of a purpose sign. It is derived from the tenant's keys when it is first needed and kept from
// then on, so that it stays the same when those change; a transaction that only reads derives the same.
func (s *Service) key(ctx context.Context, tx *pg.Tx, purpose string) ([]byte, error) {
	row, err := db.GetSecret(ctx, tx, purpose)
	if err == nil {
		return s.open(ctx, tx, "secret", "secret", row.ID, row.Secret)
	}
	if !pg.NotFound(err) {
		return nil, err
	}
	key, err := s.keys.MAC(ctx, tx, "simulator."+purpose, []byte(tx.Tenant.String()))
	if err != nil || tx.ReadOnly {
		return key, err
	}
	fresh := id.New()
	sealed, err := s.seal(ctx, tx, "secret", "secret", fresh, key)
	if err != nil {
		return nil, err
	}
	return key, db.InsertSecret(ctx, tx, simulatordb.InsertSecretParams{Purpose: purpose, ID: fresh, Secret: sealed})
}
