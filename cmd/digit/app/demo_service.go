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

// offered are the services of the library that the demonstration publishes. What they need comes with them: roles, agencies
// and people. The catalogue refuses those whose cases would stand still: add to the list what the workflow carries out.
var offered = []string{"birth-certificate", "income-certificate", "streetlight-complaint", "trade-licence"}

// offeredPacks are the services that are offered.
func offeredPacks() []*servicespec.Pack {
	packs := make([]*servicespec.Pack, len(offered))
	for i, code := range offered {
		packs[i] = library.Pack(code)
	}
	return packs
}

// offeredRoles are the roles that the services on offer need beside those that every tenant has. Each may do what a role that
// every tenant has may do, as demo/roles.json says.
var offeredRoles = sync.OnceValues(func() (map[string]identity.Role, error) {
	var like map[string]string
	if err := readDemo("roles.json", &like); err != nil {
		return nil, err
	}
	roles := map[string]identity.Role{}
	for _, p := range offeredPacks() {
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
	roles, err := offeredRoles()
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

// wantedAgencies are those that offer a service or that somebody works for.
func wantedAgencies() (map[string]bool, error) {
	people, err := demoPeople()
	if err != nil {
		return nil, err
	}
	foreign, err := foreignPack()
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{foreign.Agency: true}
	for _, p := range people {
		wanted[p.Agency] = true
	}
	for _, p := range offeredPacks() {
		wanted[p.Agency] = true
	}
	return wanted, nil
}

func (a *App) fillServices(ctx context.Context, tx *pg.Tx) error {
	for _, pack := range offeredPacks() {
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
