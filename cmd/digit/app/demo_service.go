package app

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// serviceRoles are the roles that the services of the library need beside those that every tenant has. Each may do what a role
// that every tenant has may do, as demo/roles.json says.
var serviceRoles = sync.OnceValues(func() (map[string]identity.Role, error) {
	var like map[string]string
	if err := readDemo("roles.json", &like); err != nil {
		return nil, err
	}
	roles := map[string]identity.Role{}
	for _, p := range library.Packs() {
		for _, r := range p.Roles {
			if slices.Contains(identity.DefaultRoles, r.Code) {
				continue
			}
			if like[r.Code] == "" {
				return nil, fmt.Errorf("demo/roles.json does not say what %s may do", r.Code)
			}
			roles[r.Code] = identity.Role{Code: r.Code, Name: r.Name, Permissions: policy.ForRole(like[r.Code], Policies...)}
		}
	}
	return roles, nil
})

func (a *App) fillRoles(ctx context.Context, tx *pg.Tx) error {
	roles, err := serviceRoles()
	if err != nil {
		return err
	}
	for _, r := range roles {
		if err := a.Identity.PutRole(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) fillServices(ctx context.Context, tx *pg.Tx) error {
	for _, pack := range library.Packs() {
		if err := a.offer(ctx, tx, *pack, exchange.Route{Endpoint: exchange.Local}); err != nil {
			return err
		}
	}
	return a.fillForeignService(ctx, tx)
}

// foreignPack is a service that an agency with a system of its own provides: the simulated one.
func foreignPack() (*servicespec.Pack, error) {
	source, err := demoFiles.ReadFile("demo/electricity-connection.yaml")
	if err != nil {
		return nil, err
	}
	pack, problems := servicespec.Parse(source)
	if len(problems) > 0 {
		return nil, fmt.Errorf("electricity-connection.yaml:%d: %s", problems[0].Line, problems[0].Sentence)
	}
	return pack, nil
}

// fillForeignService offers it: its agency is reached over HTTP as any other would be.
func (a *App) fillForeignService(ctx context.Context, tx *pg.Tx) error {
	pack, err := foreignPack()
	if err != nil {
		return err
	}
	here, err := a.site.URL(ctx, tx)
	if err != nil {
		return err
	}
	key, err := a.Simulator.AgencyKey(ctx, tx)
	if err != nil {
		return err
	}
	return a.offer(ctx, tx, *pack, exchange.Route{Endpoint: here + "/sim/agency", Key: key})
}

// offer publishes a service and enters its provider in the directory.
func (a *App) offer(ctx context.Context, tx *pg.Tx, pack servicespec.Pack, to exchange.Route) error {
	if _, err := a.Catalog.Publish(ctx, tx, identity.Principal{}, pack); err != nil {
		return fmt.Errorf("%s: %w", pack.Code, err)
	}
	to.Service, to.Agency = pack.Code, pack.Agency
	return a.Exchange.PutRoute(ctx, tx, to)
}
