package studio_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a state with two agencies, in UTC.
type world struct{}

func (world) Known(context.Context, *pg.Tx) (*servicespec.Known, error) {
	return &servicespec.Known{Agencies: []string{"dgrni", "cmp", "iluminacao", "pm"}}, nil
}

func (world) Zone(context.Context, *pg.Tx) (*time.Location, error) { return time.UTC, nil }

func (world) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt", "en"}, DefaultLanguage: "pt"}, nil
}

func (world) Measured(context.Context, *pg.Tx, time.Time) ([]catalog.Measure, error) { return nil, nil }

// directory remembers who provides what.
type directory struct{ routes []exchange.Route }

func (d *directory) Routes(context.Context, *pg.Tx) ([]exchange.Route, error) { return d.routes, nil }

func (d *directory) PutRoute(_ context.Context, _ *pg.Tx, r exchange.Route) error {
	d.routes = append(d.routes, r)
	return nil
}

type bundle struct {
	t         *testing.T
	db        *pg.DB
	tenant    uuid.UUID
	svc       *studio.Service
	catalog   *catalog.Service
	directory *directory
	jobs      *job.Registry
	// ana and rui design for dgrni, chefe approves there; outro designs for another agency.
	ana, rui, chefe, outro identity.Principal
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := pgtest.New(t)
	texts, err := i18n.Load(fstest.MapFS{"pt.json": {Data: []byte(`{"test": "ensaio"}`)}, "en.json": {Data: []byte(`{"test": "test"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: db, tenant: pgtest.DemoTenant(t, db), catalog: catalog.New(catalog.Deps{Settings: world{}, Measures: world{}}), directory: &directory{}, jobs: job.NewRegistry()}
	b.svc = studio.New(studio.Deps{Catalog: b.catalog, Directory: b.directory, World: world{}, Texts: texts})
	b.svc.Register(b.jobs)
	b.ana, b.rui = staff("dgrni", "designer", studio.Read, studio.Design), staff("dgrni", "designer", studio.Read, studio.Design)
	b.chefe = staff("dgrni", "service-approver", studio.Read, studio.Approve, catalog.Publish)
	b.outro = staff("cmp", "designer", studio.Read, studio.Design)
	return b
}

func staff(agency, role string, permissions ...string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{{Role: role, Agency: agency, Permissions: permissions}}}
}

func (b *bundle) try(by identity.Principal, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: by.Actor()}, work)
}

func (b *bundle) in(by identity.Principal, work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(by, work); err != nil {
		b.t.Fatal(err)
	}
}

// blank is a small service of dgrni.
var blank = studio.Blank{Name: "Licença de caça", Agency: "dgrni", Kind: studio.KindCertificate, Role: "registrar", Languages: []string{"pt"}, Fee: 25000}

func (b *bundle) begin(in studio.Blank) (d studio.Draft) {
	b.t.Helper()
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.svc.BeginBlank(ctx, tx, b.ana, in)
		return err
	})
	return d
}

// page is a change of the title of a page.
func page(code, title string) (studio.Step, func(*servicespec.Pack) error) {
	return studio.Step{Code: "page.save", Part: []string{"form", "pages", code}}, func(p *servicespec.Pack) error {
		for i := range p.Form.Pages {
			if p.Form.Pages[i].Code == code {
				p.Form.Pages[i].Title = i18n.Text{"pt": title}
				return nil
			}
		}
		return studio.ErrGone
	}
}

func (b *bundle) edit(by identity.Principal, draft uuid.UUID, rev int, what studio.Step, change func(*servicespec.Pack) error) (d studio.Draft, err error) {
	b.t.Helper()
	err = b.try(by, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.svc.Edit(ctx, tx, by, draft, rev, what, change)
		return err
	})
	return d, err
}

func (b *bundle) pack(draft uuid.UUID) (p *servicespec.Pack) {
	b.t.Helper()
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) (err error) {
		_, p, err = b.svc.Open(ctx, tx, b.ana, draft)
		return err
	})
	return p
}
