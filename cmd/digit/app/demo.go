package app

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/payment/sandboxgateway"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/refdata"
	"digit/internal/infra/registry"
	"digit/internal/infra/simulator"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/catalog"
	"digit/internal/provider/console"
	"digit/internal/provider/desk"
	"digit/internal/provider/field"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/performance"
	"digit/internal/provider/studio"
	"digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/auth"
	"digit/web/locale"
)

//go:embed demo/*.json demo/*.yaml
var demoFiles embed.FS

// Policies are the permissions of all modules.
var Policies = [][]policy.Permission{
	tenancy.Policy, audit.Policy, encryption.Policy, identity.Policy, refdata.Policy, notification.Policy, payment.Policy, registry.Policy,
	certificate.Policy, exchange.Policy, simulator.Policy, agency.Policy, catalog.Policy, studio.Policy, workflow.Policy, orchestration.Policy, workbench.Policy, field.Policy, desk.Policy,
	analytics.Policy, performance.Policy, console.Policy, request.Policy,
}

// demoSettings are the demonstration state's: Cabo Verde, in its own language, in English, and in Arabic, which keeps
// the layout honest about scripts that run the other way.
var demoSettings = tenancy.Settings{
	Name: i18n.Text{"pt": "Cabo Verde", "en": "Cabo Verde", "ar": "الرأس الأخضر", "hi": "काबो वर्दे"},
	Tagline: i18n.Text{
		"pt": "Serviços públicos num só lugar", "en": "Public services in one place", "ar": "الخدمات العامة في مكان واحد",
		"hi": "सभी सार्वजनिक सेवाएँ एक ही जगह",
	},
	Languages: []string{"pt", "en", "ar", "hi"}, DefaultLanguage: "pt", Currency: "CVE", Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV",
	Accent: "#003893", ContactEmail: "apoio@servicos.example", ContactPhone: "+2388001000",
	UndoSeconds: 20, // whoever plays both sides need not wait long for what they decided
}

// seedDemo fills an installation with the demonstration state and, to show that tenants are apart, a sandbox beside it.
// What is there already stays as it is.
func (a *App) seedDemo(ctx context.Context) error {
	state, err := a.ensureTenant(ctx, tenancy.NewTenant{Slug: DefaultTenant, Kind: "demo", Settings: demoSettings})
	if err != nil {
		return err
	}
	sandbox := demoSettings
	sandbox.Name = i18n.Text{"pt": "Ambiente de ensaio", "en": "Sandbox", "ar": "بيئة تجريبية"}
	sandbox.Accent = "#5b2a86"
	other, err := a.ensureTenant(ctx, tenancy.NewTenant{Slug: "sandbox", Kind: "sandbox", Settings: sandbox})
	if err != nil {
		return err
	}
	for tenant, fill := range map[uuid.UUID]func(context.Context, *pg.Tx) error{state: a.fillState, other: a.fillSandbox} {
		err := a.DB.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			roles, err := a.Identity.Roles(ctx, tx)
			if err != nil || len(roles) > 0 { // filled before: all of it is one transaction
				return err
			}
			return fill(ctx, tx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *App) ensureTenant(ctx context.Context, t tenancy.NewTenant) (uuid.UUID, error) {
	have, err := a.DB.TenantBySlug(ctx, t.Slug)
	if errors.Is(err, pg.ErrUnknownTenant) {
		return a.Tenancy.Create(ctx, a.DB, t)
	}
	return have.ID, err
}

// SeedRoles gives a tenant the roles that the modules' policies name, and to those it has what came with a later release.
func (m *Modules) SeedRoles(ctx context.Context, tx *pg.Tx) error {
	texts, err := locale.Catalog()
	if err != nil {
		return err
	}
	var roles []identity.Role
	for _, code := range identity.DefaultRoles {
		name := i18n.Text{}
		for _, l := range texts.Languages() {
			name[l.Code] = texts.T(l.Code, "role."+code, nil)
		}
		roles = append(roles, identity.Role{Code: code, Name: name, Permissions: policy.ForRole(code, Policies...)})
	}
	return m.Identity.BringRoles(ctx, tx, roles)
}

// renewRoles brings the roles of every tenant up to this release. One without any roles is not furnished yet.
func (a *App) renewRoles(ctx context.Context) error {
	tenants, err := a.DB.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := a.DB.InTx(ctx, pg.Scope{Tenant: t.ID, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			roles, err := a.Identity.Roles(ctx, tx)
			if err != nil || len(roles) == 0 {
				return err
			}
			return a.SeedRoles(ctx, tx)
		}); err != nil {
			return fmt.Errorf("tenant %s: %w", t.Slug, err)
		}
	}
	return nil
}

// sandboxAdmin administers the sandbox.
const sandboxAdmin = "vera.lima@sandbox.example"

func (a *App) fillSandbox(ctx context.Context, tx *pg.Tx) error {
	if err := a.SeedRoles(ctx, tx); err != nil {
		return err
	}
	if err := a.connectSimulators(ctx, tx); err != nil {
		return err
	}
	admin, err := a.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: "Vera Lima", Email: sandboxAdmin, Lang: "pt"})
	if err != nil {
		return err
	}
	return a.Identity.Grant(ctx, tx, admin, "administrator", "", "")
}

// fillState makes the state: its areas and calendar, its roles, agencies and staff, its services, and the simulators of
// everything outside.
func (a *App) fillState(ctx context.Context, tx *pg.Tx) error {
	for _, step := range []struct {
		what string
		do   func(context.Context, *pg.Tx) error
	}{
		{"reference data", a.fillRefdata},
		{"roles", a.SeedRoles},
		{"roles of services", a.fillRoles},
		{"agencies", a.fillAgencies},
		{"positions", a.fillPositions},
		{"staff", a.fillStaff},
		{"counters", a.fillCounters},
		{"simulators", a.connectSimulators},
		{"services", a.fillServices},
	} {
		if err := step.do(ctx, tx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

func readDemo(name string, into any) error {
	b, err := demoFiles.ReadFile("demo/" + name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func (a *App) fillRefdata(ctx context.Context, tx *pg.Tx) error {
	var areas []refdata.Boundary
	if err := readDemo("boundaries.json", &areas); err != nil {
		return err
	}
	if err := a.Refdata.PutBoundaries(ctx, tx, areas); err != nil {
		return err
	}
	var days []refdata.Holiday
	if err := readDemo("holidays.json", &days); err != nil {
		return err
	}
	if err := a.Refdata.PutHolidays(ctx, tx, refdata.Workplace{}, days); err != nil {
		return err
	}
	return a.Refdata.PutOpening(ctx, tx, refdata.Workplace{}, calendar.Office())
}

func (a *App) fillAgencies(ctx context.Context, tx *pg.Tx) error {
	var list []struct {
		agency.Agency
		Offices []agency.Office
	}
	if err := readDemo("agencies.json", &list); err != nil {
		return err
	}
	for _, g := range list {
		if err := a.Agency.Put(ctx, tx, identity.Principal{}, g.Agency); err != nil {
			return err
		}
		for _, o := range g.Offices {
			o.Agency = g.Code
			if err := a.Agency.PutOffice(ctx, tx, identity.Principal{}, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillCounters says what people come to the one-stop counter for.
func (a *App) fillCounters(ctx context.Context, tx *pg.Tx) error {
	at := desk.Place{Agency: "cmp", Office: "balcao"}
	for _, t := range []desk.Topic{
		{Place: at, Code: "A", Name: i18n.Text{"pt": "Pedidos e informações", "en": "Applications and information", "ar": "الطلبات والمعلومات"}, Minutes: 15, Places: 2, Active: true},
		{Place: at, Code: "B", Name: i18n.Text{"pt": "Pagamentos", "en": "Payments", "ar": "المدفوعات"}, Minutes: 5, Active: true},
	} {
		if err := a.Desk.PutTopic(ctx, tx, identity.Principal{}, t); err != nil {
			return err
		}
	}
	return nil
}

// fillPositions makes the positions that staff hold; those above come before those that report to them.
func (a *App) fillPositions(ctx context.Context, tx *pg.Tx) error {
	var list []agency.Position
	if err := readDemo("positions.json", &list); err != nil {
		return err
	}
	for _, p := range list {
		if err := a.Agency.PutPosition(ctx, tx, identity.Principal{}, p); err != nil {
			return err
		}
	}
	return nil
}

// operatorRole is who may create and suspend tenants. It is given from the command line alone, and by the demonstration
// to its administrator.
var operatorRole = identity.Role{
	Code: "operator", Name: i18n.Text{"pt": "Operador da instalação", "en": "Operator of the installation", "ar": "مشغل المنصة"},
	Permissions: []string{"console:use", "tenancy:create"},
}

// demoStaff is a member of the demonstration's staff. Serves is the agency whose cases they work on where it is another
// than their own, as with an opinion that is asked of them.
type demoStaff struct {
	Name, Email, Role, Position, Agency, Office, Serves string
	Title                                               i18n.Text
}

// trials are whom a visitor of the demonstration may sign in as: one for each role.
func (a *App) trials() (map[string][]auth.Trial, error) {
	if !a.Config.Demo {
		return nil, nil
	}
	var list []demoStaff
	if err := readDemo("staff.json", &list); err != nil {
		return nil, err
	}
	var positions []agency.Position
	if err := readDemo("positions.json", &positions); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	out := map[string][]auth.Trial{"sandbox": {{Address: sandboxAdmin, Role: "administrator"}}}
	for _, p := range list {
		role := p.Role
		for _, at := range positions { // whoever holds a position has its role
			if at.Agency == p.Agency && at.Code == p.Position {
				role = cmp.Or(role, at.Roles[0])
			}
		}
		if !seen[role] {
			seen[role] = true
			out[DefaultTenant] = append(out[DefaultTenant], auth.Trial{Address: p.Email, Role: role})
		}
	}
	return out, nil
}

func (a *App) fillStaff(ctx context.Context, tx *pg.Tx) error {
	if err := a.Identity.PutRole(ctx, tx, operatorRole); err != nil {
		return err
	}
	var list []demoStaff
	if err := readDemo("staff.json", &list); err != nil {
		return err
	}
	accounts := map[string]uuid.UUID{}
	for _, p := range list {
		account, err := a.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: p.Name, Email: p.Email, Lang: "pt"})
		if err != nil {
			return err
		}
		if p.Role != "" {
			if err := a.Identity.Grant(ctx, tx, account, p.Role, cmp.Or(p.Serves, p.Agency), ""); err != nil {
				return err
			}
		}
		if p.Role == "administrator" {
			if err := a.Identity.Grant(ctx, tx, account, operatorRole.Code, "", ""); err != nil {
				return err
			}
		}
		if p.Agency == "" {
			continue
		}
		err = a.Agency.Assign(ctx, tx, identity.Principal{}, agency.Staff{
			Account: account, Agency: p.Agency, Office: p.Office, Title: p.Title, Since: tx.Now,
		})
		if err != nil {
			return err
		}
		if p.Position == "" {
			continue
		}
		if _, err := a.Agency.Hold(ctx, tx, identity.Principal{}, agency.Hold{Agency: p.Agency, Position: p.Position, Account: account}); err != nil {
			return err
		}
		accounts[p.Email] = account
	}
	return a.fillAbsence(ctx, tx, accounts)
}

// fillAbsence has a field officer ask for two weeks away, which his head of service can confirm.
func (a *App) fillAbsence(ctx context.Context, tx *pg.Tx, accounts map[string]uuid.UUID) error {
	away := accounts["joao.lopes@demo.example"]
	zone, err := a.zone(ctx, tx)
	if err != nil {
		return err
	}
	first := civil.Of(tx.Now).AddDays(21)
	_, err = a.Agency.AskAbsence(ctx, tx, identity.Principal{Account: away}, agency.AskAbsence{
		Agency: "dgrni", Account: away, StandIn: accounts["ana.tavares@demo.example"], From: first.In(zone), Until: first.AddDays(14).In(zone),
	})
	return err
}

// connectSimulators puts a simulator where a real tenant has a provider: messages, cards, sign-in, people.
func (a *App) connectSimulators(ctx context.Context, tx *pg.Tx) error {
	if err := a.Notification.PutProvider(ctx, tx, notification.Provider{Channel: notification.Email, Kind: "simulator"}); err != nil {
		return err
	}
	if err := a.connectPhones(ctx, tx); err != nil {
		return err
	}
	shop, err := a.Simulator.Merchant(ctx, tx)
	if err != nil {
		return err
	}
	err = a.Payment.PutGateway(ctx, tx, payment.GatewaySettings{
		Code: sandboxgateway.Code, Active: true, Settings: map[string]string{"base_url": shop.BaseURL, "key": shop.Key, "secret": shop.WebhookSecret},
	})
	if err != nil {
		return err
	}
	issuer, err := a.Simulator.Issuer(ctx, tx)
	if err != nil {
		return err
	}
	secret, err := a.Simulator.ClientSecret(ctx, tx)
	if err != nil {
		return err
	}
	var people []simulator.Person
	if err := readDemo("people.json", &people); err != nil {
		return err
	}
	if err := a.Simulator.PutPeople(ctx, tx, people); err != nil {
		return err
	}
	err = a.Identity.PutProvider(ctx, tx, identity.Provider{
		Code: "simulated", Name: i18n.Text{"pt": "identidade simulada", "en": "simulated identity", "ar": "هوية المحاكاة"},
		Issuer: issuer, ClientID: simulator.ClientID, ClientSecret: secret, AuthorizeURL: issuer + "/authorize", TokenURL: issuer + "/token",
		KeysURL: issuer + "/jwks", Scopes: []string{"profile", "email", "phone"}, People: true, Staff: true, CreatePeople: true, TrustEmail: true, StaffByEmail: true, Enabled: true,
	})
	if errors.Is(err, identity.ErrProvider) { // as on the address of a machine in the house; the rest works there
		a.log.Warn("the simulated identity provider is left out: it needs https or localhost", "issuer", issuer)
		return nil
	}
	return err
}
