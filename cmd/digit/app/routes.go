package app

import (
	"slices"

	"digit/web/api"
	"digit/web/auth"
	"digit/web/console"
	"digit/web/frame"
	"digit/web/hook"
	"digit/web/insight"
	"digit/web/portal"
	"digit/web/simulator"
	"digit/web/workbench"
)

// routes is the route table: every surface's routes, each with its permission.
func (a *App) routes() []frame.Route {
	var all []frame.Route
	for _, surface := range []interface{ Routes() []frame.Route }{
		auth.New(auth.Deps{Identity: a.Identity, Profiles: a.Profile}),
		portal.New(portal.Deps{
			Catalog: a.Catalog, Agencies: a.Agency, Requests: a.Request, Wallet: a.Wallet, Certificates: a.Certificate, Documents: a.Document,
			Payments: a.Payment, Profiles: a.Profile, Identity: a.Identity, Refdata: a.Refdata,
		}),
		workbench.New(workbench.Deps{
			Workbench: a.Workbench, Applications: a.Orchestration, Certificates: a.Certificate, Documents: a.Document, Refdata: a.Refdata,
			Identity: a.Identity,
		}),
		insight.New(insight.Deps{
			Analytics: a.Analytics, Performance: a.Performance, Services: a.Catalog, Agencies: a.Agency, Calendars: a.Refdata,
		}),
		console.New(console.Deps{
			Console: a.Console, Tenancy: a.Tenancy, Identity: a.Identity, Agencies: a.Agency, Catalog: a.Catalog, Notification: a.Notification,
			Payments: a.Payment, Certificates: a.Certificate, Exchange: a.Exchange, Audit: a.Audit, Refdata: a.Refdata, Permissions: slices.Concat(Policies...), Texts: a.texts, Furnish: a.SeedRoles,
		}),
		simulator.New(simulator.Deps{Simulator: a.Simulator, Identity: a.Identity}),
		hook.New(hook.Deps{Payments: a.Payment, Exchange: a.Exchange}),
		api.New(api.Deps{Catalog: a.Catalog, Requests: a.Request, Certificates: a.Certificate, Encryption: a.Encryption}),
	} {
		all = append(all, surface.Routes()...)
	}
	return all
}
