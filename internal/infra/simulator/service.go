package simulator

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Encryption is what is needed of the encryption module.
type Encryption interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	BlindIndex(ctx context.Context, tx *pg.Tx, field, value string) ([]byte, error)
	MAC(ctx context.Context, tx *pg.Tx, purpose string, data []byte) ([]byte, error)
	Sign(ctx context.Context, tx *pg.Tx, owner string, header map[string]any, payload []byte) (string, error)
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

// secret derives a tenant's secret for a purpose: nothing is stored, and it is the same after every restart.
func (s *Service) secret(ctx context.Context, tx *pg.Tx, purpose string) (string, error) {
	mac, err := s.keys.MAC(ctx, tx, "simulator."+purpose, []byte(tx.Tenant.String()))
	return base64.RawURLEncoding.EncodeToString(mac), err
}

// key derives the bytes with which the parties of a purpose sign.
func (s *Service) key(ctx context.Context, tx *pg.Tx, purpose string) ([]byte, error) {
	return s.keys.MAC(ctx, tx, "simulator."+purpose, []byte(tx.Tenant.String()))
}
