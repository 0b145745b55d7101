// Package console has the operator's pages: agencies, services, people and their roles, what was sent, paid, issued and
// recorded, the health of the installation, and the tenant's settings. Every list can be searched, paged by key and
// taken along as CSV; every act that takes something away asks first or can be undone.
package console

import (
	"context"
	"net/http"
	"slices"

	"digit/internal/consumer/business"
	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/console"
	outside "digit/internal/provider/field"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/studio"
	"digit/internal/provider/workflow"
	"digit/web/frame"
)

// Deps is what the console calls. Permissions are those of all modules, of which roles are made; Texts knows the
// languages that a tenant can choose from.
type Deps struct {
	Console      *console.Service
	Tenancy      *tenancy.Service
	Identity     *identity.Service
	Agencies     *agency.Service
	Imports      *agency.Importer
	Catalog      *catalog.Service
	Studio       *studio.Service
	Notification *notification.Service
	Payments     *payment.Service
	Certificates *certificate.Service
	Exchange     *exchange.Service
	Audit        *audit.Service
	Workflow     *workflow.Service
	Devices      *outside.Service
	Encryption   *encryption.Service
	Refdata      *refdata.Service
	Applications *orchestration.Service
	Documents    *document.Service
	Businesses   *business.Service
	Permissions  []policy.Permission
	Texts        *i18n.Catalog
	Wording      *tenancy.Wording
	// Furnish gives a new tenant what every tenant begins with: its roles.
	Furnish func(ctx context.Context, tx *pg.Tx) error
}

// Console holds the handlers.
type Console struct{ deps Deps }

// New makes the console's pages; it panics where a dependency is missing.
func New(d Deps) *Console {
	if d.Console == nil || d.Tenancy == nil || d.Identity == nil || d.Agencies == nil || d.Imports == nil || d.Catalog == nil || d.Studio == nil || d.Notification == nil ||
		d.Payments == nil || d.Certificates == nil || d.Exchange == nil || d.Audit == nil || d.Applications == nil || d.Documents == nil ||
		d.Encryption == nil || d.Refdata == nil || d.Workflow == nil || d.Devices == nil || d.Businesses == nil || d.Texts == nil || d.Wording == nil || len(d.Permissions) == 0 {
		panic("console.New: a dependency is missing")
	}
	return &Console{deps: d}
}

// spreadsheetsPerMinute is how many spreadsheets one person has looked at a minute.
const spreadsheetsPerMinute = 20

// uploadLimit is what publishing a service may send.
const uploadLimit = 4 << 20

var errPermission = fault.Forbidden("page.permission")

// Routes lists the console's routes.
func (c *Console) Routes() []frame.Route {
	page := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: "/console" + pattern, Permission: permission, Kind: frame.Page, Handler: h}
	}
	whole := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return page(method, pattern, permission, wholeState(permission, h))
	}
	// fresh is for what reaches far: who acts proves anew who they are.
	const get, post = http.MethodGet, http.MethodPost
	publish := page(post, "/services/publish", studio.Publish, c.publish)
	publish.MaxBody = uploadLimit
	spreadsheet := page(post, "/agencies/{agency}/imports", "agency:manage", c.importCheck)
	spreadsheet.MaxBody, spreadsheet.PerMinute = spreadsheetMost, spreadsheetsPerMinute
	clock, move := whole(get, "/clock", "tenancy:clock", c.clock), whole(post, "/clock", "tenancy:clock", c.clockMove)
	clock.DemoOnly, move.DemoOnly = true, true
	return append([]frame.Route{
		page(get, "", console.Use, c.home),
		page(get, "/health", console.Use, c.health),
		whole(get, "/queue", console.Jobs, c.queue),

		whole(get, "/tenants", "tenancy:create", c.tenants),
		whole(get, "/tenants/new", "tenancy:create", c.tenantAsk),
		whole(post, "/tenants/new", "tenancy:create", c.tenantCreate),
		whole(get, "/tenants/{slug}/suspend", "tenancy:create", c.tenantSuspendAsk),
		whole(post, "/tenants/{slug}/suspend", "tenancy:create", c.tenantSuspend),
		whole(post, "/tenants/{slug}/restore", "tenancy:create", c.tenantRestore),

		page(get, "/calendar", "refdata:read", c.calendar),
		page(get, "/calendar/holidays.csv", "refdata:read", c.holidayFile),
		page(get, "/calendar/workplaces", "agency:read", c.workplaces),
		page(get, "/calendar/{calendar}", "agency:read", c.calendar),
		page(get, "/calendar/{calendar}/holidays.csv", "agency:read", c.holidayFile),
		page(get, "/calendar/{calendar}/hours", "agency:manage", c.hoursAsk),
		page(post, "/calendar/{calendar}/hours", "agency:manage", c.hoursSave),
		page(get, "/calendar/{calendar}/holidays/new", "agency:manage", c.holidayAsk),
		page(post, "/calendar/{calendar}/holidays/new", "agency:manage", c.holidaySave),
		page(get, "/calendar/{calendar}/holidays/import", "agency:manage", c.importAsk),
		page(post, "/calendar/{calendar}/holidays/import", "agency:manage", c.importSave),
		page(get, "/calendar/{calendar}/holidays/{day}", "agency:manage", c.holidayAsk),
		page(post, "/calendar/{calendar}/holidays/{day}", "agency:manage", c.holidaySave),
		page(get, "/calendar/{calendar}/holidays/{day}/remove", "agency:manage", c.holidayRemoveAsk),
		page(post, "/calendar/{calendar}/holidays/{day}/remove", "agency:manage", c.holidayRemove),
		whole(get, "/calendar/hours", "refdata:manage", c.hoursAsk),
		whole(post, "/calendar/hours", "refdata:manage", c.hoursSave),
		whole(get, "/calendar/holidays/new", "refdata:manage", c.holidayAsk),
		whole(post, "/calendar/holidays/new", "refdata:manage", c.holidaySave),
		whole(get, "/calendar/holidays/import", "refdata:manage", c.importAsk),
		whole(post, "/calendar/holidays/import", "refdata:manage", c.importSave),
		whole(get, "/calendar/holidays/{day}", "refdata:manage", c.holidayAsk),
		whole(post, "/calendar/holidays/{day}", "refdata:manage", c.holidaySave),
		whole(get, "/calendar/holidays/{day}/remove", "refdata:manage", c.holidayRemoveAsk),
		whole(post, "/calendar/holidays/{day}/remove", "refdata:manage", c.holidayRemove),

		page(get, "/agencies", "agency:read", c.agencies),
		whole(get, "/agencies/new", "agency:manage", c.agencyAsk),
		whole(post, "/agencies/new", "agency:manage", c.agencySave),
		page(get, "/agencies/{agency}", "agency:read", c.agency),
		page(get, "/agencies/{agency}/edit", "agency:manage", c.agencyAsk),
		page(post, "/agencies/{agency}/edit", "agency:manage", c.agencySave),
		page(get, "/agencies/{agency}/offices/new", "agency:manage", c.officeAsk),
		page(post, "/agencies/{agency}/offices/new", "agency:manage", c.officeSave),
		page(get, "/agencies/{agency}/offices/{office}", "agency:manage", c.officeAsk),
		page(post, "/agencies/{agency}/offices/{office}", "agency:manage", c.officeSave),
		page(get, "/agencies/{agency}/staff/new", "agency:manage", c.assignAsk),
		page(post, "/agencies/{agency}/staff/new", "agency:manage", c.assign),
		page(get, "/agencies/{agency}/staff/{account}/dismiss", "agency:manage", c.dismissAsk),
		page(post, "/agencies/{agency}/staff/{account}/dismiss", "agency:manage", c.dismiss),

		page(get, "/agencies/{agency}/exports/{kind}", "agency:manage", c.exportFile),
		page(get, "/agencies/{agency}/imports", "agency:manage", c.imports),
		spreadsheet,
		page(get, "/agencies/{agency}/imports/{import}", "agency:manage", c.importShow),
		page(get, "/agencies/{agency}/imports/{import}/undo", "agency:manage", c.importUndoAsk),
		page(post, "/agencies/{agency}/imports/{import}/{act}", "agency:manage", c.importAct),
		page(get, "/agencies/{agency}/chart", "agency:read", c.chart),
		page(get, "/agencies/{agency}/absences", "agency:read", c.absences),
		page(get, "/agencies/{agency}/absences/new", "agency:manage", c.absenceAsk),
		page(post, "/agencies/{agency}/absences/new", "agency:manage", c.absenceSave),
		page(get, "/agencies/{agency}/absences/{absence}", "agency:manage", c.absence),
		page(post, "/agencies/{agency}/absences/{absence}/{act}", "agency:manage", c.absenceAct),
		page(get, "/agencies/{agency}/positions", "agency:read", c.positions),
		page(get, "/agencies/{agency}/positions/new", "agency:manage", c.positionAsk),
		page(post, "/agencies/{agency}/positions/new", "agency:manage", c.positionSave),
		page(get, "/agencies/{agency}/positions/{position}", "agency:read", c.position),
		page(get, "/agencies/{agency}/positions/{position}/edit", "agency:manage", c.positionAsk),
		page(post, "/agencies/{agency}/positions/{position}/edit", "agency:manage", c.positionSave),
		page(get, "/agencies/{agency}/positions/{position}/hold", "agency:manage", c.holdAsk),
		page(post, "/agencies/{agency}/positions/{position}/hold", "agency:manage", c.hold),
		page(get, "/agencies/{agency}/positions/{position}/holdings/{holding}/vacate", "agency:manage", c.vacateAsk),
		page(post, "/agencies/{agency}/positions/{position}/holdings/{holding}/vacate", "agency:manage", c.vacate),

		page(get, "/services", "catalog:read", c.services),
		page(get, "/services/publish", studio.Publish, c.publishAsk),
		publish,
		page(get, "/services/{code}", "catalog:read", c.service),
		page(get, "/services/{code}/withdraw", "catalog:publish", c.withdrawAsk),
		page(post, "/services/{code}/withdraw", "catalog:publish", c.withdraw),
		page(post, "/services/{code}/restore", "catalog:publish", c.restoreService),

		page(get, "/elsewhere", "catalog:read", c.elsewheres),
		page(get, "/elsewhere/new", "catalog:publish", c.elsewhereAsk),
		page(post, "/elsewhere/new", "catalog:publish", c.elsewhereSave),
		page(get, "/elsewhere/{id}", "catalog:read", c.elsewhere),
		page(get, "/elsewhere/{id}/edit", "catalog:publish", c.elsewhereAsk),
		page(post, "/elsewhere/{id}/edit", "catalog:publish", c.elsewhereSave),
		page(post, "/elsewhere/{id}/{act}", "catalog:publish", c.elsewhereAct),

		page(get, "/people", "identity:read", c.people),
		page(get, "/people/new", "identity:manage", c.staffAsk),
		page(post, "/people/new", "identity:manage", c.staffAdd),
		page(get, "/people/{id}", "identity:read", c.person),
		page(get, "/people/{id}/grants/new", "identity:manage", c.grantAsk),
		page(post, "/people/{id}/grants/new", "identity:manage", c.grant),
		page(get, "/people/{id}/grants/{grant}/revoke", "identity:manage", c.revokeAsk),
		page(post, "/people/{id}/grants/{grant}/revoke", "identity:manage", c.revoke),
		page(get, "/people/{id}/may", "identity:read", c.explain),
		whole(get, "/people/{id}/delegations", "identity:read", c.delegations),
		page(get, "/people/{id}/suspend", "identity:manage", c.suspendAsk),
		page(post, "/people/{id}/suspend", "identity:manage", c.suspend),
		page(post, "/people/{id}/restore", "identity:manage", c.restorePerson),
		fresh(page(get, "/people/{id}/contacts/new", "identity:manage", c.contactAsk)),
		fresh(page(post, "/people/{id}/contacts/new", "identity:manage", c.contactAdd)),
		fresh(page(get, "/people/{id}/contacts/{contact}/remove", "identity:manage", c.contactRemoveAsk)),
		fresh(page(post, "/people/{id}/contacts/{contact}/remove", "identity:manage", c.contactRemove)),
		fresh(page(get, "/people/{id}/reset", "identity:manage", c.resetAsk)),
		fresh(page(post, "/people/{id}/reset", "identity:manage", c.reset)),

		page(get, "/access", "identity:read", c.matrix),
		page(get, "/grants", "identity:read", c.holders),
		whole(get, "/policies", "identity:read", c.policies),
		whole(get, "/policies/new", "identity:manage", c.policyAsk),
		whole(post, "/policies/new", "identity:manage", c.policySave),
		whole(get, "/policies/{code}", "identity:read", c.policyAsk),
		whole(post, "/policies/{code}", "identity:manage", c.policySave),
		whole(get, "/policies/{code}/remove", "identity:manage", c.policyRemoveAsk),
		whole(post, "/policies/{code}/remove", "identity:manage", c.policyRemove),
		page(get, "/emergencies", "identity:read", c.emergencies),
		page(get, "/emergencies/{id}", "identity:read", c.emergency),
		page(post, "/emergencies/{id}/end", "identity:manage", c.emergencyEnd),
		page(get, "/devices", outside.Manage, c.devices),
		page(get, "/devices/{id}/wipe", outside.Manage, c.wipeAsk),
		page(post, "/devices/{id}/wipe", outside.Manage, c.wipe),
		page(get, "/machines", "identity:machines", c.machines),
		fresh(page(get, "/machines/new", "identity:machines", c.machineAsk)),
		fresh(page(post, "/machines/new", "identity:machines", c.machineAdd)),
		page(get, "/machines/{id}", "identity:machines", c.machine),
		fresh(page(get, "/machines/{id}/rotate", "identity:machines", c.machineRotateAsk)),
		fresh(page(post, "/machines/{id}/rotate", "identity:machines", c.machineRotate)),
		page(get, "/machines/{id}/revoke", "identity:machines", c.machineRevokeAsk),
		page(post, "/machines/{id}/revoke", "identity:machines", c.machineRevoke),

		page(get, "/roles", "identity:read", c.roles),
		whole(get, "/roles/new", "identity:manage", c.roleAsk),
		whole(post, "/roles/new", "identity:manage", c.roleSave),
		whole(get, "/roles/{code}", "identity:read", c.roleAsk),
		whole(post, "/roles/{code}", "identity:manage", c.roleSave),

		whole(get, "/messages", "notification:read", c.messages),
		whole(get, "/messages/providers/{channel}", "notification:manage", c.messageProvider),
		fresh(whole(post, "/messages/providers/{channel}", "notification:manage", c.messageProviderSave)),
		whole(post, "/messages/providers/{channel}/test", "notification:manage", c.messageProviderTest),
		page(get, "/payments", "payment:read", c.demands),
		whole(get, "/payments/received", "payment:read", c.received),
		fresh(whole(get, "/payments/received/{id}/refund", "payment:refund", c.refundAsk)),
		fresh(whole(post, "/payments/received/{id}/refund", "payment:refund", c.refund)),
		whole(get, "/payments/credits", "payment:read", c.credits),
		fresh(whole(get, "/payments/credits/{id}/give-back", "payment:refund", c.giveBackAsk)),
		fresh(whole(post, "/payments/credits/{id}/give-back", "payment:refund", c.giveBack)),
		page(get, "/payments/{id}", "payment:read", c.demand),

		page(get, "/certificates", "certificate:read", c.certificates),
		page(get, "/certificates/{id}", "certificate:read", c.certificate),
		page(get, "/certificates/{id}/{act}", "certificate:revoke", c.certificateAsk),
		page(post, "/certificates/{id}/{act}", "certificate:revoke", c.certificateAct),

		whole(get, "/audit", "audit:read", c.audit),
		whole(get, "/audit/verify", "audit:read", c.auditVerify),
		whole(post, "/audit/verify", "audit:read", c.auditVerifyStart),
		whole(get, "/audit/checkpoints", "audit:read", c.auditCheckpoints),
		whole(get, "/audit/checkpoints/{size}", "audit:read", c.auditCheckpoint),
		whole(post, "/audit/sinks/push", "audit:manage", c.auditPush),
		whole(post, "/audit/sinks/add", "audit:manage", c.sinkAdd),
		whole(get, "/audit/sinks/{id}/remove", "audit:manage", c.sinkRemoveAsk),
		whole(post, "/audit/sinks/{id}/remove", "audit:manage", c.sinkRemove),
		whole(get, "/audit/exports", "audit:read", c.auditExports),
		whole(post, "/audit/exports", "audit:read", c.auditExportAsk),
		whole(get, "/audit/exports/{id}", "audit:read", c.auditExport),
		whole(get, "/audit/{id}", "audit:read", c.auditEntry),
		whole(get, "/audit/{id}/proof", "audit:read", c.auditProof),
		whole(post, "/audit/{id}/origin", "audit:read", c.auditOrigin),

		whole(get, "/settings", "tenancy:change", c.settings),
		whole(post, "/settings", "tenancy:change", c.settingsSave),
		clock, move,
	}, slices.Concat(c.exchangeRoutes(whole), c.businessRoutes(whole), c.referenceRoutes(page, whole), c.signInRoutes(whole), c.keyRoutes(whole), c.languageRoutes(whole))...)
}

// fresh asks for a new proof of who acts where the last one is a while ago: what follows decides who gets in, or cannot be undone.
func fresh(r frame.Route) frame.Route {
	r.Fresh = frame.FreshFor
	return r
}

// wholeState asks for the permission in the whole state: what the page shows or changes belongs to no single agency.
func wholeState(permission string, h func(*frame.Request) error) func(*frame.Request) error {
	return func(r *frame.Request) error {
		if !r.Principal.MayIn(permission, "") {
			return errPermission
		}
		return h(r)
	}
}

// reach returns the agency to which a list is narrowed: the one asked for where the reader may see it, any ("") for who
// may see all, else one of the reader's own.
func reach(r *frame.Request, permission, asked string) (string, error) {
	p := r.Principal
	switch {
	case p.MayIn(permission, asked):
		return asked, nil
	case asked != "":
		return "", errPermission
	}
	for _, a := range p.Agencies() {
		if p.MayIn(permission, a) {
			return a, nil
		}
	}
	return "", errPermission
}
