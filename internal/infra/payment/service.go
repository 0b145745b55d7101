package payment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Encryption is what is needed of the encryption module.
type Encryption interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
}

// Numbers gives out human numbers without gaps.
type Numbers interface {
	NextNumber(ctx context.Context, tx *pg.Tx, format string) (string, error)
}

// Documents keeps files.
type Documents interface {
	// Keep stores a finished PDF for a person and returns its id.
	Keep(ctx context.Context, tx *pg.Tx, name string, person uuid.UUID, pdf []byte) (uuid.UUID, error)
}

// State is what a receipt says about who issues it.
type State struct {
	Name     i18n.Text
	Contact  string
	Language string // default language
	Zone     *time.Location
}

// Deps are the things this module needs from others.
type Deps struct {
	Encryption Encryption
	Numbers    Numbers
	Documents  Documents
	Gateways   []Gateway
	// Texts returns the sentences of receipts, as the tenant says them.
	Texts func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)
	// State returns the tenant's name, language and zone.
	State func(ctx context.Context, tx *pg.Tx) (State, error)
	// PublicURL returns where the tenant is reached, without a slash at the end; gateways send notices to
	// {PublicURL}/hooks/payment/{gateway}.
	PublicURL func(ctx context.Context, tx *pg.Tx) (string, error)
}

// Service is the module's face.
type Service struct {
	deps     Deps
	gateways map[string]Gateway
}

// New builds the service; it panics where a dependency is missing or two gateways have one code.
func New(d Deps) *Service {
	switch {
	case d.Encryption == nil, d.Numbers == nil, d.Documents == nil, d.Texts == nil, d.State == nil, d.PublicURL == nil:
		panic("payment: a dependency is missing")
	}
	s := &Service{deps: d, gateways: map[string]Gateway{}}
	for _, g := range d.Gateways {
		if s.gateways[g.Code()] != nil {
			panic("payment: two gateways with code " + g.Code())
		}
		s.gateways[g.Code()] = g
	}
	return s
}

// mayManage refuses people and strangers; which staff may is decided at the door, by payment:refund and :manage.
func mayManage(tx *pg.Tx) error {
	if tx.Actor.Kind == "person" || tx.Actor.Kind == "anonymous" {
		return ErrForbidden
	}
	return nil
}

// maySee hides the demands of others from people: for them, there is no such demand.
func maySee(tx *pg.Tx, payer uuid.UUID) error {
	if mayManage(tx) == nil || tx.Actor.Kind == "person" && (tx.Actor.Owns(payer) || payer == tx.Actor.OnBehalf) {
		return nil
	}
	return ErrUnknown
}
