// Package orchestrationtest builds, for tests, a whole provider side over a real database: every module is the real
// one; only what lies outside the system (the citizen's side, the card company) is played.
package orchestrationtest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/refdata"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// House is a demonstration tenant with three services of the library published, its areas, and all modules. Responses
// are what the citizen's side was told, in order; Heard the case events.
type House struct {
	T            testing.TB
	Tenant       uuid.UUID
	Root         []byte // root key, for Join
	Encryption   *encryption.Service
	Exchange     *exchange.Service
	Payment      *payment.Service
	Certificate  *certificate.Service
	Registry     *registry.Service
	Refdata      *refdata.Service
	Identity     *identity.Service
	Agency       *agency.Service
	Catalog      *catalog.Service
	Workflow     *workflow.Service
	Applications *orchestration.Service
	Documents    *document.Service
	Wording      *tenancy.Wording
	Sent         *Outbox       // notices to staff
	World        World         // what rules may ask; Overlay changes it
	Jobs         *job.Registry // of all modules; those of others can be added before Work

	begin     func(ctx context.Context, scope pg.Scope, work func(ctx context.Context, tx *pg.Tx) error) error
	work      func()
	advance   func(by time.Duration) error
	mu        sync.Mutex
	responses []exchange.ServiceResponse
	heard     []pg.Event
}

// New builds the house. Permissions of roles are those that roles have by default.
func New(t testing.TB) *House {
	t.Helper()
	db := pgtest.New(t)
	_, text, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	h, settings := build(t, db, pgtest.DemoTenant(t, db), text)
	h.furnish(settings)
	return h
}

// Join builds the modules of a house that another process has furnished: url is its database.
func Join(t testing.TB, url string, tenant uuid.UUID, root []byte) *House {
	t.Helper()
	h, _ := build(t, pgtest.Open(t, url), tenant, root)
	return h
}

func build(t testing.TB, db *pg.DB, tenant uuid.UUID, text []byte) (*House, *tenancy.Service) {
	t.Helper()
	root, err := encryption.ParseRoot(text)
	if err != nil {
		t.Fatal(err)
	}
	jobs := job.NewRegistry()
	h := &House{T: t, Tenant: tenant, Root: text, Jobs: jobs, begin: db.InTx, work: func() { pgtest.Work(t, db, jobs) }}
	h.advance = func(by time.Duration) error { return db.AdvanceClock(t.Context(), h.Tenant, by) }
	settings := tenancy.New(tenancy.Deps{})
	h.Encryption = encryption.New(encryption.Deps{Root: root})
	h.Refdata = refdata.New(refdata.Deps{Zone: func(ctx context.Context, tx *pg.Tx) (*time.Location, error) {
		set, err := settings.Settings(ctx, tx)
		return set.Location(), err
	}})
	h.World.Service = h.Refdata
	h.Identity = identity.New(identity.Deps{Encryption: h.Encryption, Tenancy: settings, Codes: noCodes{}})
	documents := document.New(document.Deps{Encryption: h.Encryption})
	h.Documents, h.Sent, h.Wording = documents, &Outbox{}, tenancy.NewWording(catalogue(t))
	said := func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error) {
		set, err := settings.Settings(ctx, tx)
		if err != nil {
			return nil, err
		}
		return h.Wording.Texts(ctx, tx, set)
	}
	h.Exchange = exchange.New(exchange.Deps{Encryption: h.Encryption, Client: &http.Client{Timeout: time.Second}})
	h.Payment = newPayment(h, settings, said)
	h.Certificate = certificate.New(certificate.Deps{
		Encryption: h.Encryption, Documents: documents, Settings: settings, PublicURL: publicURL, Texts: said,
	})
	h.Registry = registry.New(registry.Deps{Encryption: h.Encryption})
	h.Agency = agency.New(agency.Deps{Grants: h.Identity})
	h.Catalog = catalog.New(catalog.Deps{Settings: settings, Measures: unmeasured{}})
	h.Workflow = workflow.New(workflow.Deps{Services: h.Catalog, Places: worktime{h.Refdata, h.Agency}, Sealer: h.Encryption, Staff: staff{h.Identity, h.Agency}})
	h.Applications = orchestration.New(orchestration.Deps{
		Services: h.Catalog, Workflow: h.Workflow, Agencies: h.Agency, Sealer: h.Encryption, Exchange: h.Exchange,
		Payments: h.Payment, Certificates: h.Certificate, Registers: h.Registry, World: &h.World, Settings: settings,
		Documents: documents, People: colleagues{h.Identity}, Messages: h.Sent, Texts: said,
	})
	h.Exchange.OnRequest(h.Applications.Receive)
	h.Exchange.OnResponse(h.hear)
	h.Exchange.OnOpinion(h.Applications.Hear)
	bus := event.NewBus(jobs)
	h.Applications.Subscribe(bus)
	subscribe[exchange.CaseReceived](h, bus)
	subscribe[exchange.CaseMoved](h, bus)
	subscribe[exchange.CaseDecided](h, bus)
	subscribe[exchange.CasePaid](h, bus)
	subscribe[exchange.CaseOverdue](h, bus)
	h.Exchange.Register(jobs)
	h.Workflow.Register(jobs)
	h.Applications.Register(jobs)
	h.Payment.Register(jobs)
	h.Certificate.Register(jobs)
	db.Use(nil, bus)
	return h, settings
}

func subscribe[E pg.Event](h *House, bus *event.Bus) {
	event.Subscribe(bus, "test.cases", func(_ context.Context, _ *pg.Tx, ev event.Envelope[E]) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.heard = append(h.heard, ev.Data)
		return nil
	})
}

func newPayment(h *House, settings *tenancy.Service, said func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)) *payment.Service {
	return payment.New(payment.Deps{
		Encryption: h.Encryption, Numbers: h.Refdata, Documents: shelf{h.Documents}, Gateways: []payment.Gateway{till{}}, Texts: said,
		State: func(ctx context.Context, tx *pg.Tx) (payment.State, error) {
			set, err := settings.Settings(ctx, tx)
			return payment.State{Name: set.Name, Language: set.DefaultLanguage, Zone: set.Location()}, err
		},
		PublicURL: publicURL,
	})
}

func publicURL(context.Context, *pg.Tx) (string, error) { return "https://example.org", nil }

// catalogue has a few of the product's sentences, which a test can say otherwise; of others what is printed shows the keys.
func catalogue(t testing.TB) *i18n.Catalog {
	sentences := &fstest.MapFile{Data: []byte(`{
		"paper.number": "Number", "paper.to": "To", "receipt.title": "Receipt",
		"notice.written.subject": "New in {reference}", "notice.written.text": "See {link}"
	}`)}
	c, err := i18n.Load(fstest.MapFS{"en.json": sentences, "pt.json": sentences})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// furnish sets the tenant up: settings, areas, agencies, routes and services.
func (h *House) furnish(settings *tenancy.Service) {
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := settings.Change(ctx, tx, tenancy.Settings{
			Name: i18n.Text{"pt": "Cabo Verde"}, Languages: []string{"pt", "en", "ar"}, DefaultLanguage: "pt", Currency: "CVE",
			Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
		}); err != nil {
			return err
		}
		if err := h.Refdata.PutBoundaries(ctx, tx, []refdata.Boundary{
			{Code: "CV", Level: "country", Name: i18n.Text{"pt": "Cabo Verde"}},
			{Code: "CV-PR", Parent: "CV", Level: "concelho", Name: i18n.Text{"pt": "Praia", "ar": "برايا"}},
			{Code: "CV-PR-NSG", Parent: "CV-PR", Level: "freguesia", Name: i18n.Text{"pt": "Nossa Senhora da Graça"}},
			{Code: "CV-SV", Parent: "CV", Level: "concelho", Name: i18n.Text{"pt": "São Vicente"}},
			{Code: "CV-SV-NSL", Parent: "CV-SV", Level: "freguesia", Name: i18n.Text{"pt": "Nossa Senhora da Luz"}},
		}); err != nil {
			return err
		}
		if err := h.Payment.PutGateway(ctx, tx, payment.GatewaySettings{Code: till{}.Code(), Active: true, Settings: map[string]string{}}); err != nil {
			return err
		}
		for _, p := range furniture() {
			if err := h.Agency.Put(ctx, tx, identity.Principal{}, agency.Agency{Code: p.Agency, Name: i18n.Text{"pt": "Agência " + p.Agency}}); err != nil {
				return err
			}
			if _, err := h.Catalog.Publish(ctx, tx, identity.Principal{}, *p); err != nil {
				return err
			}
			if err := h.Exchange.PutRoute(ctx, tx, exchange.Route{Service: p.Code, Agency: p.Agency, Endpoint: exchange.Local}); err != nil {
				return err
			}
		}
		return nil
	})
}

// furniture are the services that the house is for: the three that all tests of cases use.
func furniture() []*servicespec.Pack {
	return []*servicespec.Pack{library.Pack("birth-certificate"), library.Pack("streetlight-complaint"), library.Pack("trade-licence")}
}

// In runs work in one transaction and fails the test on an error.
func (h *House) In(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) {
	h.T.Helper()
	if err := h.Try(actor, work); err != nil {
		h.T.Fatal(err)
	}
}

// Try runs work in one transaction.
func (h *House) Try(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return h.begin(h.T.Context(), pg.Scope{Tenant: h.Tenant, Actor: actor}, work)
}

// Work runs all jobs and due timers.
func (h *House) Work() {
	h.T.Helper()
	h.work()
}

// Travel moves the tenant's clock and runs what is due.
func (h *House) Travel(by time.Duration) {
	h.T.Helper()
	if err := h.advance(by); err != nil {
		h.T.Fatal(err)
	}
	h.Work()
}

// Undoable has decisions wait for so many seconds before they take effect; in a new house they do not.
func (h *House) Undoable(seconds int) {
	h.T.Helper()
	settings := tenancy.New(tenancy.Deps{})
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		set, err := settings.Settings(ctx, tx)
		if err != nil {
			return err
		}
		set.UndoSeconds = seconds
		return settings.Change(ctx, tx, set)
	})
}

// Staff makes a member of staff with one role in an agency, for an area ("" everywhere).
func (h *House) Staff(name, role, agency, boundary string) identity.Principal {
	h.T.Helper()
	by := identity.Principal{Kind: identity.KindStaff, Name: name, Lang: "pt"}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		by.Account, err = h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: id.Token(6) + "@example.org", Lang: "pt"})
		return err
	})
	by.Grants = []identity.Grant{{
		Role: role, Agency: agency, Boundary: boundary,
		Permissions: append(policy.ForRole(role, agencyPolicies...), workbenchUse...),
	}}
	return by
}

var agencyPolicies = [][]policy.Permission{agency.Policy, catalog.Policy, workflow.Policy, orchestration.Policy}

// workbenchUse is what every role at work may do; the workbench stands above this package.
var workbenchUse = []string{"workbench:use"}

// Reachable has members of staff hold their roles in the database too, as the people whom colleagues are told of work by, and prove their
// addresses. The roles have the permissions that the grants of their principals say.
func (h *House) Reachable(staff ...identity.Principal) {
	h.T.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, by := range staff {
			for _, g := range by.Grants {
				if err := h.Identity.PutRole(ctx, tx, identity.Role{Code: g.Role, Name: i18n.Text{"en": g.Role}, Permissions: g.Permissions}); err != nil {
					return err
				}
				if err := h.Identity.Grant(ctx, tx, by.Account, g.Role, g.Agency, g.Boundary); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `UPDATE identity.contact SET verified_at = now() WHERE account_id = $1`, by.Account); err != nil {
				return err
			}
		}
		return nil
	})
}

// Send sends a request as the citizen's side does and delivers it.
func (h *House) Send(r exchange.ServiceRequest, answers servicespec.Answers) {
	h.T.Helper()
	body, err := json.Marshal(answers)
	if err != nil {
		h.T.Fatal(err)
	}
	r.Answers = body
	h.In(pg.Actor{ID: r.Person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
		if r.SubmittedAt.IsZero() {
			r.SubmittedAt = tx.Now
		}
		return h.Exchange.SendRequest(ctx, tx, r)
	})
	h.Work()
}

// Pay pays a demand at the till and delivers what follows.
func (h *House) Pay(demand uuid.UUID) {
	h.T.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := h.Payment.StartCharge(ctx, tx, demand, "https://example.org/back")
		if err != nil {
			return err
		}
		body, err := json.Marshal(payment.Notice{EventID: id.Token(8), Ref: c.ID.String(), Charge: c.ID, Status: payment.Succeeded, Amount: c.Amount})
		if err != nil {
			return err
		}
		return h.Payment.Receive(ctx, tx, till{}.Code(), nil, body)
	})
	h.Work()
}

// Case reads a case of workflow.
func (h *House) Case(application uuid.UUID) (i workflow.Instance) {
	h.T.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		i, err = h.Workflow.Instance(ctx, tx, application)
		return err
	})
	return i
}

// Claim takes a case at its present revision.
func (h *House) Claim(by identity.Principal, application uuid.UUID) {
	h.T.Helper()
	h.ClaimBranch(by, application, "")
}

// ClaimBranch takes a branch of a case at its present revision.
func (h *House) ClaimBranch(by identity.Principal, application uuid.UUID, branch string) {
	h.T.Helper()
	i := h.Case(application)
	h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Workflow.Claim(ctx, tx, application, branch, by, i.Rev)
		return err
	})
}

// Act claims where needed and acts at the present revision, ticking the whole checklist and choosing the first reason; it returns the
// error.
func (h *House) Act(by identity.Principal, application uuid.UUID, action, comment string, items ...string) error {
	h.T.Helper()
	if h.Case(application).Assignee == uuid.Nil {
		h.Claim(by, application)
	}
	i := h.Case(application)
	return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		svc, err := h.Catalog.Service(ctx, tx, i.Service, i.Version)
		if err != nil {
			return err
		}
		in := orchestration.Act{Application: application, Action: action, By: by, Comment: comment, Items: items, Rev: i.Rev}
		if a := svc.Action(action); a != nil {
			for _, item := range a.Checklist {
				in.Checklist = append(in.Checklist, item.Code)
			}
			in.Reasons = a.Reasons[:min(1, len(a.Reasons))]
		}
		_, err = h.Applications.Act(ctx, tx, in)
		return err
	})
}

func (h *House) hear(_ context.Context, _ *pg.Tx, r exchange.ServiceResponse) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.responses = append(h.responses, r)
	return nil
}

// Responses returns and forgets what the citizen's side was told.
func (h *House) Responses() []exchange.ServiceResponse {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.responses
	h.responses = nil
	return r
}

// Heard returns the case events so far.
func (h *House) Heard() []pg.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.heard)
}

// unmeasured has no figures of services.
type unmeasured struct{}

func (unmeasured) Measured(context.Context, *pg.Tx, time.Time) ([]catalog.Measure, error) {
	return nil, nil
}
