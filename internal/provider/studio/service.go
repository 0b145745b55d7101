package studio

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
)

// World is what the state has that a service can speak of.
type World interface {
	// Known returns the roles and agencies of the tenant, for checking a definition.
	Known(ctx context.Context, tx *pg.Tx) (*servicespec.Known, error)
	// Zone returns the zone in which days of the tenant begin.
	Zone(ctx context.Context, tx *pg.Tx) (*time.Location, error)
}

// Directory is where requests find the provider of a service.
type Directory interface {
	Routes(ctx context.Context, tx *pg.Tx) ([]exchange.Route, error)
	PutRoute(ctx context.Context, tx *pg.Tx, r exchange.Route) error
}

// Deps is what the module needs of others.
type Deps struct {
	Catalog   *catalog.Service
	Directory Directory
	World     World
	// Texts are the product's own words, with which a service begins.
	Texts *i18n.Catalog
}

// Service keeps drafts and brings them to publication.
type Service struct{ deps Deps }

// New returns the service; it panics where a dependency is missing.
func New(d Deps) *Service {
	if d.Catalog == nil || d.Directory == nil || d.World == nil || d.Texts == nil {
		panic("studio.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// authorise lets the system and whoever has the permission in the agency pass.
func authorise(tx *pg.Tx, by identity.Principal, permission, agency string) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	if d := by.Decide(permission, identity.Object{Kind: "service", Agency: agency}, tx.Now); !d.Allowed {
		return by.Refused(d, ErrForbidden.With("permission", permission))
	}
	return nil
}

// Draft returns a draft without what it says. Permission: studio:read in its agency. Errors: ErrUnknown, ErrForbidden.
func (s *Service) Draft(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.Draft(%s)", draft)
	if d, err = draftRow(ctx, tx, draft); err != nil {
		return d, err
	}
	return d, authorise(tx, by, Read, d.Agency)
}

// Open returns a draft and what it says, which is the caller's own. Permission: studio:read in its agency.
// Errors: ErrUnknown (also for one that was thrown away), ErrForbidden.
func (s *Service) Open(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (d Draft, p *servicespec.Pack, err error) {
	defer fault.Wrap(&err, "studio.Open(%s)", draft)
	if d, err = s.Draft(ctx, tx, by, draft); err != nil {
		return d, nil, err
	}
	if d.DiscardedAt != nil {
		return d, nil, ErrUnknown.With("draft", draft.String())
	}
	p, err = revisionPack(ctx, tx, d.ID, d.Head)
	return d, p, err
}

// Check returns everything that is wrong with a definition in this state, and what is doubtful as warnings.
func (s *Service) Check(ctx context.Context, tx *pg.Tx, p *servicespec.Pack) (problems []servicespec.Problem, err error) {
	defer fault.Wrap(&err, "studio.Check(%s)", p.Code)
	known, err := s.deps.World.Known(ctx, tx)
	if err != nil {
		return nil, err
	}
	return servicespec.CheckIn(p, known), nil
}

// lock returns a draft that the caller may change, locked.
func (s *Service) lock(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (Draft, error) {
	d, err := lockDraft(ctx, tx, draft)
	if err != nil {
		return d, err
	}
	if err := authorise(tx, by, Design, d.Agency); err != nil {
		return d, err
	}
	if d.DiscardedAt != nil {
		return d, ErrUnknown.With("draft", draft.String())
	}
	return d, nil
}
