package app

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/business"
	"digit/internal/consumer/channel"
	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/notification/africastalking"
	"digit/internal/infra/notification/smtp"
	"digit/internal/infra/notification/whatsapp"
	"digit/internal/infra/payment"
	"digit/internal/infra/payment/sandboxgateway"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/quota"
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
)

// Modules are all modules, each built once.
type Modules struct {
	Tenancy       *tenancy.Service
	Wording       *tenancy.Wording
	Audit         *audit.Service
	Encryption    *encryption.Service
	Identity      *identity.Service
	Refdata       *refdata.Service
	Document      *document.Service
	Notification  *notification.Service
	Payment       *payment.Service
	Registry      *registry.Service
	Certificate   *certificate.Service
	Exchange      *exchange.Service
	Simulator     *simulator.Service
	Profile       *profile.Service
	Business      *business.Service
	Request       *request.Service
	Wallet        *wallet.Service
	Channel       *channel.Service
	Agency        *agency.Service
	Imports       *agency.Importer
	Catalog       *catalog.Service
	Studio        *studio.Service
	Workflow      *workflow.Service
	Orchestration *orchestration.Service
	Workbench     *workbench.Service
	Field         *field.Service
	Desk          *desk.Service
	Analytics     *analytics.Service
	Performance   *performance.Service
	Console       *console.Service

	Jobs   *job.Registry
	Events *event.Bus
}

// site is how tenants are reached: the default tenant at the public address itself, others at a host below it.
type site struct {
	public        *url.URL
	listen        string // where this process listens, for its calls to itself
	defaultTenant string
	db            *pg.DB
	slugs         sync.Map // tenant id → slug, which never changes
}

// URL returns where the transaction's tenant is reached, without a slash at the end.
func (s *site) URL(ctx context.Context, tx *pg.Tx) (string, error) {
	slug, ok := s.slugs.Load(tx.Tenant)
	if !ok {
		tenants, err := s.db.Tenants(ctx)
		if err != nil {
			return "", err
		}
		for _, t := range tenants {
			s.slugs.Store(t.ID, t.Slug)
			if t.ID == tx.Tenant {
				slug = t.Slug
			}
		}
	}
	if slug == nil || slug == s.defaultTenant {
		return s.public.String(), nil
	}
	u := *s.public
	u.Host = slug.(string) + "." + u.Host
	return u.String(), nil
}

// outbound calls other systems, and this site itself under any of its hosts without asking anybody where that is: what
// the simulators are spoken to with. A demonstration also calls what else runs on its machine.
func (s *site) outbound(c Config) *outbound.Caller {
	networks := c.OutboundNetworks
	if c.Demo {
		networks = slices.Concat(networks, outbound.Loopback)
	}
	return outbound.New(outbound.Options{Networks: networks, Own: func(ctx context.Context, host, port string) (string, bool) {
		if !s.isOwn(ctx, host, port) {
			return "", false
		}
		if s.public.Scheme == "http" {
			return s.listen, true
		}
		return "", true // what ends TLS stands elsewhere
	}})
}

// isOwn reports whether a host and its port are this site or one of its tenants'.
func (s *site) isOwn(ctx context.Context, host, port string) bool {
	name, at := s.public.Hostname(), s.public.Port()
	if at == "" {
		at = map[string]string{"http": "80", "https": "443"}[s.public.Scheme]
	}
	if port != at {
		return false
	}
	if host == name {
		return true
	}
	slug, below := strings.CutSuffix(host, "."+name)
	if !below {
		return false
	}
	_, err := s.db.TenantBySlug(ctx, slug)
	return err == nil
}

// build makes the modules, from the ground up.
func build(c Config, db *pg.DB, root encryption.RootKey, texts *i18n.Catalog, s *site, calls *outbound.Caller, sinks []audit.Sink, appURL, dataDir string) (*Modules, error) {
	scanner, err := c.scanner()
	if err != nil {
		return nil, err
	}
	m := &Modules{Jobs: job.NewRegistry()}
	m.Events = event.NewBus(m.Jobs)
	client := calls.Client()

	m.Tenancy = tenancy.New(tenancy.Deps{})
	m.Wording = tenancy.NewWording(texts)
	m.Encryption = encryption.New(encryption.Deps{RootKey: root, Times: c.KeyTimes})
	m.Refdata = refdata.New(refdata.Deps{Zone: m.zone, Uses: m.listUses})
	m.Document = document.New(c.documents(m.Encryption, scanner))
	m.Simulator = simulator.New(simulator.Deps{Encryption: m.Encryption, BaseURL: s.URL, Client: client})
	m.Notification = notification.New(notification.Deps{
		Encryption: m.Encryption, Carriers: []notification.Carrier{
			smtp.New(), africastalking.New(client), whatsapp.New(client), simulated{m.Simulator.Carrier(db), africastalking.New(client)},
		},
		LastWord: func(ctx context.Context, tx *pg.Tx, channel, address string) (time.Time, error) {
			return m.Channel.LastWord(ctx, tx, channel, address) // conversations are built later
		},
	})
	m.Audit = audit.New(audit.Deps{
		Keys: ledger{m.Encryption}, Mail: witness{m.Notification, m.Tenancy, m.Wording}, Files: exports{m.Document}, Client: client, Sinks: sinks,
	})
	m.Identity = identity.New(identity.Deps{
		Encryption: m.Encryption, Tenancy: m.Tenancy, Codes: codes{m.Notification, m.Tenancy, m.Wording}, Notices: notices{m.Notification, m.Tenancy, m.Wording, s.URL},
		Alerts: alerts{m.Notification, m.Tenancy, m.Wording, s.URL, m.agencyName}, Outbound: calls, Rate: c.APIRate, Permissions: permissionCodes(),
	})
	m.Payment = payment.New(payment.Deps{
		Encryption: m.Encryption, Numbers: m.Refdata, Documents: papers{m.Document}, Gateways: []payment.Gateway{sandboxgateway.New(client)},
		Texts: m.texts, State: m.state, PublicURL: s.URL,
	})
	m.Registry = registry.New(registry.Deps{Encryption: m.Encryption})
	m.Certificate = certificate.New(certificate.Deps{
		Encryption: m.Encryption, Documents: m.Document, Settings: m.Tenancy, PublicURL: s.URL, Texts: m.texts,
	})
	m.Exchange = exchange.New(exchange.Deps{Encryption: m.Encryption, Client: client, PublicURL: s.URL, Admits: calls.Admits})

	m.Agency = agency.New(agency.Deps{Grants: m.Identity})
	m.Imports = agency.NewImporter(agency.ImporterDeps{Agencies: m.Agency, People: m.Identity, Files: m.Document, Areas: m.Refdata, Settings: m.Tenancy})
	m.Performance = performance.New()
	m.Catalog = catalog.New(catalog.Deps{Settings: m.Tenancy, Measures: measures{m.Performance}})
	m.Studio = studio.New(studio.Deps{Catalog: m.Catalog, Directory: m.Exchange, World: world{m}, Texts: texts})
	m.Workflow = workflow.New(workflow.Deps{Services: m.Catalog, Places: worktime{m.Refdata, m.Agency}, Sealer: m.Encryption, Staff: workforce{m.Identity, m.Agency}})
	m.Orchestration = orchestration.New(orchestration.Deps{
		Services: m.Catalog, Workflow: m.Workflow, Agencies: m.Agency, Sealer: m.Encryption, Exchange: m.Exchange, Payments: m.Payment,
		Certificates: m.Certificate, Registers: m.Registry, World: m.Refdata, Settings: m.Tenancy,
		Documents: m.Document, People: colleagues{m.Identity, s.URL}, Messages: m.Notification, Texts: m.texts,
	})
	m.Workbench = workbench.New(workbench.Deps{
		Services: m.Catalog, Workflow: m.Workflow, Applications: m.Orchestration, People: m.Identity, Payments: m.Payment, Sealer: m.Encryption,
		Documents: m.Document,
	})
	m.Field = field.New(field.Deps{
		Services: m.Catalog, Workflow: m.Workflow, Applications: m.Orchestration, Documents: m.Document, People: m.Identity, Sealer: m.Encryption,
	})
	m.Desk = desk.New(desk.Deps{
		People: m.Identity, Posts: posts{m.Agency}, References: m.Orchestration, Documents: m.Document, Settings: m.Tenancy, Encryption: m.Encryption,
		Payments: m.Payment, Numbers: m.Refdata, Notices: counterNotices{m, s.URL}, Calendars: m.Refdata,
	})
	m.Analytics = analytics.New(analytics.Deps{Zone: m.zone})
	m.Console = console.New(console.Deps{
		Encryption: m.Encryption, Notification: m.Notification, Audit: m.Audit, Scanner: pinged(scanner), PublicURL: s.public.String(), URL: appURL, DataDir: dataDir,
	})

	m.Profile = profile.New(profile.Deps{
		Encryption: m.Encryption, Tenancy: m.Tenancy, Accounts: m.Identity, Areas: areas{m.Refdata},
		Documents: m.Document, Notices: m.Notification, Contacts: m.Identity, Keeper: keeper{m}, Texts: m.texts, PublicURL: s.URL,
	})
	m.Business = business.New(business.Deps{
		Encryption: m.Encryption, Identity: m.Identity, Documents: m.Document, Registers: holders{m.Registry}, Areas: areas{m.Refdata},
		Settings: m.Tenancy, Notices: m.Notification, Texts: m.texts, PublicURL: s.URL,
	})
	m.Request = request.New(request.Deps{
		Encryption: m.Encryption, Exchange: m.Exchange, Documents: m.Document, Refdata: m.Refdata, Tenancy: m.Tenancy,
		Identity: m.Identity, Notification: m.Notification, Services: m.Catalog, Sources: sources{m}, Preferences: m.Profile, Texts: m.texts, PublicURL: s.URL,
	})
	m.Wallet = wallet.New(wallet.Deps{Certificates: m.Certificate, Encryption: m.Encryption, Consents: m.Identity})

	m.Channel = channel.New(channel.Deps{
		Encryption: m.Encryption, Documents: m.Document, Identity: m.Identity, Notification: m.Notification, Refdata: m.Refdata, Tenancy: m.Tenancy,
		Payments: m.Payment, Requests: m.Request, Catalogue: counter{m.Catalog}, Profiles: m.Profile, Wallet: drawer{m.Wallet}, Texts: texts, PublicURL: s.URL, Spend: m.spend,
	})
	for _, source := range (copyOf{m}).sources() {
		m.Profile.AddSource(source)
	}

	// The two sides meet here and nowhere else.
	m.Exchange.OnRequest(m.Orchestration.Receive)
	m.Exchange.OnResponse(m.Request.Receive)
	m.Exchange.OnOpinion(m.Orchestration.Hear)
	m.wire()
	return m, nil
}

// wire registers the jobs of all modules, what they keep sealed, what they do when a person is forgotten, and who hears of
// which event.
func (m *Modules) wire() {
	for _, c := range []interface{ Columns() []encryption.Column }{
		m.Identity, m.Document, m.Notification, m.Payment, m.Registry, m.Certificate, m.Exchange, m.Simulator, m.Profile, m.Business, m.Request, m.Wallet,
		m.Channel, m.Workflow, m.Orchestration, m.Workbench, m.Field, m.Desk,
	} {
		m.Encryption.AddColumns(c.Columns()...)
	}
	m.Encryption.AddColumns(sealedRecord(m.Audit))
	m.Encryption.OnForget(m.Identity.Forget)
	m.Encryption.OnForget(func(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
		_, err := m.Audit.Forget(ctx, tx, person)
		return err
	})
	m.Encryption.OnForget(m.Certificate.Forget)
	m.Encryption.OnForget(m.Desk.Forget)
	m.Encryption.OnForget(m.Orchestration.Forget)
	m.Encryption.OnForget(m.Channel.Forget)
	m.Encryption.OnForget(m.Business.Forget)
	m.Encryption.KnowUse(m.Certificate.LastUse)
	for _, r := range []interface{ Register(*job.Registry) }{
		m.Encryption, m.Audit, m.Identity, m.Document, m.Notification, m.Payment, m.Certificate, m.Exchange, m.Simulator, m.Profile, m.Request, m.Channel, m.Catalog,
		m.Studio, m.Workflow, m.Orchestration, m.Workbench, m.Field, m.Desk, m.Imports,
	} {
		r.Register(m.Jobs)
	}
	quota.Register(m.Jobs)
	for _, s := range []interface{ Subscribe(*event.Bus) }{m.Wallet, m.Orchestration, m.Analytics, m.Performance} {
		s.Subscribe(m.Events)
	}
}

// agencyName is what an agency is called, for modules that are built before agency; its code where it is none any more.
func (m *Modules) agencyName(ctx context.Context, tx *pg.Tx, code string) (i18n.Text, error) {
	name, err := m.Agency.Name(ctx, tx, code)
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		return i18n.Text{"en": code}, nil
	}
	return name, err
}

// permissionCodes are the permissions of all modules.
func permissionCodes() (codes []string) {
	for _, p := range slices.Concat(Policies...) {
		codes = append(codes, p.Code)
	}
	return codes
}

func (m *Modules) zone(ctx context.Context, tx *pg.Tx) (*time.Location, error) {
	set, err := m.Tenancy.Settings(ctx, tx)
	return set.Location(), err
}

// texts are the product's words as the transaction's tenant says them.
func (m *Modules) texts(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error) {
	set, err := m.Tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	return m.Wording.Texts(ctx, tx, set)
}

func (m *Modules) state(ctx context.Context, tx *pg.Tx) (payment.State, error) {
	set, err := m.Tenancy.Settings(ctx, tx)
	return payment.State{Name: set.Name, Contact: set.ContactEmail, Language: set.DefaultLanguage, Zone: set.Location()}, err
}
