package refdata

import (
	"context"
	"time"

	"digit/internal/infra/platform/pg"
)

// Deps are the things this module needs from others.
type Deps struct {
	// Zone returns the tenant's time zone.
	Zone func(ctx context.Context, tx *pg.Tx) (*time.Location, error)
	// Uses returns the codes of the published services that use each code list; nil: none does.
	Uses func(ctx context.Context, tx *pg.Tx) (map[string][]string, error)
}

// Service is the module's face.
type Service struct {
	zone func(ctx context.Context, tx *pg.Tx) (*time.Location, error)
	uses func(ctx context.Context, tx *pg.Tx) (map[string][]string, error)
}

// New builds the service; it panics without a zone.
func New(d Deps) *Service {
	if d.Zone == nil {
		panic("refdata: Deps.Zone is missing")
	}
	return &Service{zone: d.Zone, uses: d.Uses}
}

// mayManage refuses people and strangers; which staff may manage is decided at the door, by refdata:manage.
func mayManage(tx *pg.Tx) error {
	if tx.Actor.Kind == "person" || tx.Actor.Kind == "anonymous" {
		return ErrForbidden
	}
	return nil
}
