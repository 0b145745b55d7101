package catalog

import (
	"context"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
)

// Service publishes services and finds them. Compiled services are kept in memory by the hash of their pack; the row with the
// hash is read each time, so that no process ever answers with what another has replaced.
type Service struct {
	settings Settings
	measures Measures
}

// Settings tells which languages the state has; tenancy does.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Deps is what catalog needs.
type Deps struct {
	Settings Settings
	Measures Measures
}

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Settings == nil || d.Measures == nil {
		panic("catalog.New: Settings or Measures is missing")
	}
	return &Service{d.Settings, d.Measures}
}

// authorise lets the system (seed, jobs) and whoever has the permission in the agency pass.
func authorise(tx *pg.Tx, by identity.Principal, permission, agency string) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	if d := by.Decide(permission, identity.Object{Kind: "agency", Agency: agency}, tx.Now); !d.Allowed {
		return by.Refused(d, ErrForbidden.With("permission", permission))
	}
	return nil
}

// Publish makes a pack the newest version of its service and returns the version it got: the one after the newest.
// A withdrawn service stays withdrawn. Running cases stay on their version. Permission: catalog:publish in the pack's
// agency. Errors: ErrForbidden, ErrPack, ErrUnchanged, ErrOtherAgency.
func (s *Service) Publish(ctx context.Context, tx *pg.Tx, by identity.Principal, pack servicespec.Pack) (version int, err error) {
	defer fault.Wrap(&err, "catalog.Publish(%s)", pack.Code)
	if err := authorise(tx, by, Publish, pack.Agency); err != nil {
		return 0, err
	}
	have, err := lockEntry(ctx, tx, pack.Code)
	if err != nil {
		return 0, err
	}
	if have.Version > 0 && have.Agency != pack.Agency {
		return 0, ErrOtherAgency.With("agency", have.Agency)
	}
	pack.Version = have.Version + 1
	if err := s.refuseUnchanged(ctx, tx, pack, have.Version); err != nil {
		return 0, err
	}
	if _, err := servicespec.Compile(&pack); err != nil {
		return 0, ErrPack.WithFields(fault.Of(err).Fields...).Because(err)
	}
	hash := servicespec.Hash(&pack)
	if err := putPack(ctx, tx, &pack, hash, by.Account); err != nil {
		return 0, err
	}
	langs, err := s.languages(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := putIndex(ctx, tx, &pack, langs, have.Status == StatusWithdrawn); err != nil {
		return 0, err
	}
	return pack.Version, audit.Record(ctx, tx, audit.Entry{
		Action: "catalog.publish", Object: "catalog.version",
		Detail: map[string]any{"service": pack.Code, "version": pack.Version, "agency": pack.Agency, "hash": hash},
	})
}

// refuseUnchanged compares a pack with the newest published one, whose number it gets for the comparison.
func (s *Service) refuseUnchanged(ctx context.Context, tx *pg.Tx, pack servicespec.Pack, newest int) error {
	if newest == 0 {
		return nil
	}
	_, hash, err := versionHash(ctx, tx, pack.Code, newest)
	if err != nil {
		return err
	}
	pack.Version = newest
	if servicespec.Hash(&pack) == hash {
		return ErrUnchanged.With("version", newest)
	}
	return nil
}

// Withdraw takes a service out of the catalogue: no new requests; running cases go on. A second time changes nothing.
// Permission: catalog:publish. Errors: ErrForbidden, ErrUnknown.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, by identity.Principal, code, reason string) (err error) {
	defer fault.Wrap(&err, "catalog.Withdraw(%s)", code)
	return s.setStatus(ctx, tx, by, code, StatusWithdrawn, reason)
}

// Restore puts a withdrawn service back. Permission: catalog:publish. Errors: ErrForbidden, ErrUnknown.
func (s *Service) Restore(ctx context.Context, tx *pg.Tx, by identity.Principal, code string) (err error) {
	defer fault.Wrap(&err, "catalog.Restore(%s)", code)
	return s.setStatus(ctx, tx, by, code, StatusPublished, "")
}

func (s *Service) setStatus(ctx context.Context, tx *pg.Tx, by identity.Principal, code, status, reason string) error {
	e, err := lockEntry(ctx, tx, code)
	if err != nil {
		return err
	}
	if e.Version == 0 {
		return ErrUnknown.With("service", code)
	}
	if err := authorise(tx, by, Publish, e.Agency); err != nil {
		return err
	}
	changed, err := setStatus(ctx, tx, code, status, reason)
	if err != nil || !changed {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "catalog." + status, Object: "catalog.service", Detail: map[string]any{"service": code},
	})
}

// Service returns a published version of a service, compiled; version 0 is the newest. Versions of a withdrawn service
// are found too: cases run on them. Errors: ErrUnknown.
func (s *Service) Service(ctx context.Context, tx *pg.Tx, code string, version int) (svc *servicespec.Service, err error) {
	defer fault.Wrap(&err, "catalog.Service(%s, %d)", code, version)
	version, hash, err := versionHash(ctx, tx, code, version)
	if err != nil {
		return nil, err
	}
	return servicespec.Compiled(hash, func() (*servicespec.Pack, error) {
		pack, err := packRow(ctx, tx, code, version)
		return &pack, err
	})
}

// Services returns versions of services as Service does, all of them in one round trip once they are compiled; those that there are not
// are left out.
func (s *Service) Services(ctx context.Context, tx *pg.Tx, refs []servicespec.Ref) (found map[servicespec.Ref]*servicespec.Service, err error) {
	defer fault.Wrap(&err, "catalog.Services(%d)", len(refs))
	found = make(map[servicespec.Ref]*servicespec.Service, len(refs))
	if len(refs) == 0 {
		return found, nil
	}
	hashes, err := versionHashes(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	for _, h := range hashes {
		svc, err := servicespec.Compiled(h.hash, func() (*servicespec.Pack, error) {
			pack, err := packRow(ctx, tx, h.Code, h.version)
			return &pack, err
		})
		if err != nil {
			return nil, err
		}
		found[h.Ref] = svc
	}
	return found, nil
}

// Pack returns a published version of a service as its agency wrote it; version 0 is the newest. It is the caller's own.
// Published definitions are public. Errors: ErrUnknown.
func (s *Service) Pack(ctx context.Context, tx *pg.Tx, code string, version int) (p servicespec.Pack, err error) {
	defer fault.Wrap(&err, "catalog.Pack(%s, %d)", code, version)
	if version, _, err = versionHash(ctx, tx, code, version); err != nil {
		return p, err
	}
	return packRow(ctx, tx, code, version)
}
