package app

import (
	"slices"

	"digit/web/access"
	"digit/web/api"
	"digit/web/auth"
	"digit/web/console"
	"digit/web/desk"
	"digit/web/field"
	"digit/web/frame"
	"digit/web/hook"
	"digit/web/insight"
	"digit/web/install"
	"digit/web/portal"
	"digit/web/simulator"
	"digit/web/studio"
	"digit/web/talk"
	"digit/web/workbench"
)

// routes is the route table: every surface's routes, each with its permission.
func (a *App) routes(doors *auth.Auth) []frame.Route {
	var all []frame.Route
	for _, surface := range []interface{ Routes() []frame.Route }{
		doors,
		access.New(access.Deps{
			Identity: a.Identity, Catalog: a.Catalog, Agencies: a.Agency, Businesses: a.Business, Documents: a.Document, Refdata: a.Refdata,
		}),
		portal.New(portal.Deps{
			Catalog: a.Catalog, Agencies: a.Agency, Requests: a.Request, Wallet: a.Wallet, Certificates: a.Certificate, Documents: a.Document,
			Payments: a.Payment, Profiles: a.Profile, Identity: a.Identity, Refdata: a.Refdata, Audit: a.Audit, Applications: a.Orchestration, Texts: a.texts,
		}),
		workbench.New(workbench.Deps{
			Workbench: a.Workbench, Applications: a.Orchestration, Certificates: a.Certificate, Documents: a.Document, Refdata: a.Refdata,
			Identity: a.Identity, Agencies: a.Agency,
		}),
		field.New(field.Deps{Field: a.Field, Workbench: a.Workbench, Documents: a.Document, Refdata: a.Refdata}),
		install.New(),
		desk.New(desk.Deps{
			Desk: a.Desk, Requests: a.Request, Catalog: a.Catalog, Agencies: a.Agency, Documents: a.Document, Identity: a.Identity, Refdata: a.Refdata,
			Payments: a.Payment,
		}),
		insight.New(insight.Deps{
			Analytics: a.Analytics, Performance: a.Performance, Services: a.Catalog, Agencies: a.Agency, Calendars: a.Refdata, Remarks: a.Request,
		}),
		console.New(console.Deps{
			Console: a.Console, Tenancy: a.Tenancy, Identity: a.Identity, Agencies: a.Agency, Imports: a.Imports, Catalog: a.Catalog, Studio: a.Studio, Notification: a.Notification,
			Payments: a.Payment, Certificates: a.Certificate, Exchange: a.Exchange, Audit: a.Audit, Applications: a.Orchestration, Documents: a.Document, Businesses: a.Business, Encryption: a.Encryption, Refdata: a.Refdata, Workflow: a.Workflow, Devices: a.Field, Permissions: slices.Concat(Policies...), Texts: a.texts, Wording: a.Wording, Furnish: a.SeedRoles,
		}),
		studio.New(studio.Deps{Studio: a.Studio, Catalog: a.Catalog, Agencies: a.Agency, Identity: a.Identity, Refdata: a.Refdata, Certificates: a.Certificate, Texts: a.texts}),
		simulator.New(simulator.Deps{Simulator: a.Simulator, Identity: a.Identity}),
		hook.New(hook.Deps{Payments: a.Payment, Exchange: a.Exchange, Identity: a.Identity, Providers: a.Notification, Talks: a.Channel}),
		talk.New(talk.Deps{Talks: a.Channel, Documents: a.Document}),
		api.New(api.Deps{
			Catalog: a.Catalog, Requests: a.Request, Certificates: a.Certificate, Encryption: a.Encryption, Identity: a.Identity,
			Applications: a.Orchestration, Registers: a.Registry, Permissions: permissionCodes(), PublicURL: a.site.URL,
		}),
	} {
		all = append(all, surface.Routes()...)
	}
	return all
}
