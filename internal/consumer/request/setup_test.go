package request_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/document/documenttest"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var errNoService = fault.NotFound("test.no_service")

// shelf is the catalogue: services of one version each.
type shelf map[string]*servicespec.Service

func (s shelf) Service(_ context.Context, _ *pg.Tx, code string, version int) (*servicespec.Service, error) {
	if s[code] == nil || version > 1 {
		return nil, errNoService
	}
	return s[code], nil
}

// newShelf reads the services of testdata.
func newShelf(t *testing.T) shelf {
	t.Helper()
	s := shelf{}
	for _, name := range []string{"stall", "household"} {
		source, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		pack, problems := servicespec.Parse(source)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if s[name], err = servicespec.Compile(pack); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// drawer is where the state keeps what it knows of people.
type drawer struct {
	news    []string // channels for news; nil for all
	profile map[string]string
	family  []request.Relative
	held    []request.Held
	records map[string]map[string]any // by register and key
}

func (d *drawer) Profile(context.Context, *pg.Tx, uuid.UUID) (map[string]string, error) {
	return d.profile, nil
}

func (d *drawer) Stopped(context.Context, *pg.Tx, uuid.UUID) ([]string, error) { return nil, nil }

func (d *drawer) Reach(_ context.Context, tx *pg.Tx, _ uuid.UUID, purpose string) ([]string, time.Time, error) {
	if d.news != nil && purpose == "news" {
		return d.news, tx.Now, nil
	}
	return []string{"sms", "email"}, tx.Now, nil
}

func (d *drawer) Household(context.Context, *pg.Tx, uuid.UUID) ([]request.Relative, error) {
	return d.family, nil
}

func (d *drawer) Credentials(_ context.Context, _ *pg.Tx, _ uuid.UUID, types []string) (out []request.Held, err error) {
	for _, h := range d.held {
		if slices.Contains(types, h.Type) {
			out = append(out, h)
		}
	}
	return out, nil
}

func (d *drawer) Record(_ context.Context, _ *pg.Tx, _ uuid.UUID, register, key string) (map[string]any, error) {
	return d.records[register+"/"+key], nil
}

// post carries messages and one-time codes into memory.
type post struct {
	mu   sync.Mutex
	sent []carrier.Out
	code string
}

func (p *post) Kind() string { return "post" }

func (p *post) Deliver(_ context.Context, _ map[string]string, out carrier.Out) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, out)
	return "post", nil
}

func (p *post) SendCode(_ context.Context, _ *pg.Tx, to identity.CodeMessage) error {
	p.code = to.Code
	return nil
}

// texts is a catalogue of no more than the notices.
func texts(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(fstest.MapFS{"en.json": {Data: []byte(`{"notice.message.subject": "New", "notice.message.text": "Read {link}/messages", "notice.rate.line": "Rate {link}"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bundle is the citizen's side of a demonstration tenant over a provider that only notes what it is sent.
type bundle struct {
	t        *testing.T
	db       *pg.DB
	tenant   uuid.UUID
	person   uuid.UUID // Dulce, who signed in by her telephone
	post     *post
	drawer   *drawer
	people   *identity.Service
	files    *document.Service
	exchange *exchange.Service
	jobs     *job.Registry
	wording  *tenancy.Wording
	scanner  document.Scanner          // nil unless a test begins by setupWith
	got      []exchange.ServiceRequest // by the provider
	*request.Service
}

func setup(t *testing.T) *bundle { t.Helper(); return setupWith(t, nil) }

func setupWith(t *testing.T, scanner document.Scanner) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	keys, settings := encryption.New(encryption.Deps{Root: root}), tenancy.New(tenancy.Deps{})
	b := &bundle{t: t, db: pgtest.New(t), post: &post{}, drawer: &drawer{}, jobs: job.NewRegistry(), scanner: scanner}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.files = document.New(document.Deps{Encryption: keys, Scanner: b.scanner})
	b.exchange = exchange.New(exchange.Deps{Encryption: keys, Client: &http.Client{Timeout: time.Second}})
	notices := notification.New(notification.Deps{Encryption: keys, Carriers: []notification.Carrier{b.post}})
	b.people = identity.New(identity.Deps{Encryption: keys, Tenancy: settings, Codes: b.post})
	places := refdata.New(refdata.Deps{Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return time.UTC, nil }})
	b.wording = tenancy.NewWording(texts(t))
	said := func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error) {
		set, err := settings.Settings(ctx, tx)
		if err != nil {
			return nil, err
		}
		return b.wording.Texts(ctx, tx, set)
	}
	b.Service = request.New(request.Deps{
		Encryption: keys, Exchange: b.exchange, Documents: b.files, Refdata: places, Tenancy: settings, Identity: b.people,
		Notification: notices, Services: newShelf(t), Sources: b.drawer, Preferences: b.drawer, Texts: said,
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example.org", nil },
	})
	b.exchange.OnRequest(func(_ context.Context, _ *pg.Tx, r exchange.ServiceRequest) error {
		b.got = append(b.got, r)
		return nil
	})
	b.exchange.OnResponse(b.Receive)
	b.exchange.Register(b.jobs)
	b.files.Register(b.jobs)
	notices.Register(b.jobs)
	b.Register(b.jobs)
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return errors.Join(
			settings.Change(ctx, tx, tenancy.Settings{
				Name: i18n.Text{"pt": "Cabo Verde"}, Languages: []string{"pt", "en"}, DefaultLanguage: "pt", Currency: "CVE",
				Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
			}),
			places.PutBoundaries(ctx, tx, []refdata.Boundary{{Code: "CV-PR", Level: "concelho", Name: i18n.Text{"pt": "Praia"}}}),
			b.exchange.PutRoute(ctx, tx, exchange.Route{Service: "stall", Agency: "cmp", Endpoint: exchange.Local}),
			b.exchange.PutRoute(ctx, tx, exchange.Route{Service: "household", Agency: "cmp", Endpoint: exchange.Local}),
			notices.PutProvider(ctx, tx, notification.Provider{Channel: notification.SMS, Kind: "post"}),
			notices.PutProvider(ctx, tx, notification.Provider{Channel: notification.Email, Kind: "post"}),
		)
	})
	b.person = b.register("sms", "9912345", "Dulce CANARIO")
	return b
}

// register has somebody sign in for the first time.
func (b *bundle) register(channel, address, name string) (account uuid.UUID) {
	b.t.Helper()
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		code, err := b.people.StartCode(ctx, tx, identity.StartCode{Channel: channel, Address: address, Lang: "pt"})
		if err != nil {
			return err
		}
		in, err := b.people.FinishCode(ctx, tx, code, b.post.code)
		if err != nil {
			return err
		}
		account = in.Principal.Account
		return b.people.Rename(ctx, tx, account, name)
	})
	return account
}

func (b *bundle) try(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
}

func (b *bundle) as(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(actor, work); err != nil {
		b.t.Fatal(err)
	}
}

// mine runs work as Dulce.
func (b *bundle) mine(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.try(pg.Actor{ID: b.person, Kind: "person"}, work)
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) want(err, target error) {
	b.t.Helper()
	if !errors.Is(err, target) {
		b.t.Errorf("got %v, want %v", err, target)
	}
}

func (b *bundle) start(lang string) (r request.Request) {
	b.t.Helper()
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Start(ctx, tx, b.person, "stall", lang)
		return err
	}))
	return r
}

// save posts a page, given as "question=value" pairs, and returns the questions at fault.
func (b *bundle) save(id uuid.UUID, page string, pairs ...string) (wrong string, err error) {
	posted := map[string][]string{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		posted[name] = append(posted[name], value)
	}
	err = b.mine(func(ctx context.Context, tx *pg.Tx) error {
		fields, err := b.SavePage(ctx, tx, b.person, id, page, "en", posted)
		var paths []string
		for _, f := range fields {
			paths = append(paths, f.Path)
		}
		wrong = strings.Join(paths, " ")
		return err
	})
	return wrong, err
}

// fill saves a page that must be right.
func (b *bundle) fill(id uuid.UUID, page string, pairs ...string) {
	b.t.Helper()
	if wrong, err := b.save(id, page, pairs...); err != nil || wrong != "" {
		b.t.Fatalf("page %s: %q, %v", page, wrong, err)
	}
}

var (
	deed    = string(documenttest.PDF("", "(CANARIO CANARIO)"))
	picture = string(documenttest.PNG(4, 4))
)

func (b *bundle) attach(id uuid.UUID, question, name, content string) (f servicespec.File, err error) {
	looked, err := b.files.Inspect(b.t.Context(), name, "", strings.NewReader(content))
	if err != nil {
		return f, err
	}
	err = b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.Attach(ctx, tx, b.person, id, question, looked)
		return err
	})
	return f, err
}

func (b *bundle) detach(id uuid.UUID, question string, file uuid.UUID) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Detach(ctx, tx, b.person, id, question, file) })
}

func (b *bundle) submit(id uuid.UUID) (r request.Request, err error) {
	err = b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Submit(ctx, tx, b.person, id)
		return err
	})
	return r, err
}

func (b *bundle) request(id uuid.UUID) (r request.Request) {
	b.t.Helper()
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Request(ctx, tx, b.person, id)
		return err
	}))
	return r
}

// submitted returns a request that the provider has got.
func (b *bundle) submitted() request.Request {
	b.t.Helper()
	r := b.start("en")
	b.fill(r.ID, "who", "name=Dulce CANARIO", "partner=no")
	_, err := b.attach(r.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	b.fill(r.ID, "place", "place=CV-PR", "wish=CANARIO")
	r, err = b.submit(r.ID)
	b.must(err)
	b.work()
	return r
}

// respond has the provider answer, and the answer delivered.
func (b *bundle) respond(r exchange.ServiceResponse) {
	b.t.Helper()
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		r.At = tx.Now
		return b.exchange.SendResponse(ctx, tx, r)
	})
	b.work()
}

func (b *bundle) work() {
	b.t.Helper()
	pgtest.Work(b.t, b.db, b.jobs)
}

func (b *bundle) travel(by time.Duration) {
	b.t.Helper()
	b.must(b.db.AdvanceClock(b.t.Context(), b.tenant, by))
	b.work()
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

// stored reports whether a file is still kept.
func (b *bundle) stored(file uuid.UUID) bool {
	b.t.Helper()
	err := b.mine(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.files.File(ctx, tx, file)
		return err
	})
	if err != nil && !errors.Is(err, document.ErrNotFound) {
		b.t.Fatal(err)
	}
	return err == nil
}
