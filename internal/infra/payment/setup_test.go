package payment_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/payment"
	"digit/internal/infra/payment/sandboxgateway"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/webhook"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// provider is a card provider of its own, written from the documentation of the wire format.
type provider struct {
	*httptest.Server
	key     string
	secret  []byte
	mu      sync.Mutex
	charges map[string]map[string]any // by ref
	orders  int
	away    bool
}

func newProvider(t *testing.T) *provider {
	p := &provider{key: id.Token(16), secret: []byte(id.Token(24)), charges: map[string]map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sim/cards/charges", p.order)
	mux.HandleFunc("GET /sim/cards/charges/{ref}", p.show)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) settings() map[string]string {
	return map[string]string{"base_url": p.URL, "key": p.key, "secret": "whsec_" + base64.StdEncoding.EncodeToString(p.secret)}
}

func (p *provider) refused(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case p.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Header.Get("Authorization") != "Bearer "+p.key:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		return false
	}
	return true
}

func (p *provider) order(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused(w, r) {
		return
	}
	p.orders++
	var c map[string]any
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, have := range p.charges {
		if have["reference"] == c["reference"] {
			json.NewEncoder(w).Encode(have)
			return
		}
	}
	ref := uuid.NewString()
	c["ref"], c["status"], c["url"] = ref, "open", p.URL+"/pay/"+ref
	p.charges[ref] = c
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(c)
}

func (p *provider) show(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused(w, r) {
		return
	}
	json.NewEncoder(w).Encode(p.charges[r.PathValue("ref")])
}

// settle brings a charge to an end on the provider's side.
func (p *provider) settle(ref, status string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.charges[ref]["status"] = status
}

// notice is a signed webhook.
type notice struct {
	header http.Header
	body   []byte
}

func (p *provider) notice(event, typ string, c payment.Charge, amount money.Amount) notice {
	body, err := json.Marshal(map[string]any{"type": typ, "data": map[string]any{
		"ref": c.Ref, "reference": c.ID, "amount": amount,
		"failure": map[string]string{"charge.failed": "declined"}[typ],
	}})
	if err != nil {
		panic(err)
	}
	return notice{webhook.Sign(p.secret, event, time.Now(), body), body}
}

// shelf keeps documents in memory.
type shelf struct {
	mu    sync.Mutex
	files map[uuid.UUID][]byte
	names []string
}

func (s *shelf) Keep(_ context.Context, _ *pg.Tx, name string, _ uuid.UUID, pdf []byte) (uuid.UUID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	document := id.New()
	s.files[document], s.names = pdf, append(s.names, name)
	return document, nil
}

// counter numbers by a row, as reference data does.
type counter struct{}

func (counter) NextNumber(ctx context.Context, tx *pg.Tx, format string) (string, error) {
	var n int
	err := tx.QueryRow(ctx, `INSERT INTO refdata.counter AS c (format, year, last) VALUES ($1, 2026, 1)
		ON CONFLICT (tenant_id, format, year) DO UPDATE SET last = c.last + 1 RETURNING last`, format).Scan(&n)
	prefix, _, _ := strings.Cut(format, "-")
	return fmt.Sprintf("%s-2026-%06d", prefix, n), err
}

type bundle struct {
	t        *testing.T
	db       *pg.DB
	tenant   uuid.UUID
	provider *provider
	shelf    *shelf
	jobs     *job.Registry
	*payment.Service
}

var sentences = fstest.MapFS{
	"en.json": {Data: []byte(`{"receipt.title": "Receipt", "receipt.footer": "Receipt {number} {page} {pages}"}`)},
	"ar.json": {Data: []byte(`{"receipt.title": "إيصال دفع"}`)},
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(sentences)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), provider: newProvider(t), shelf: &shelf{files: map[uuid.UUID][]byte{}}, jobs: job.NewRegistry()}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.Service = payment.New(payment.Deps{
		Encryption: encryption.New(encryption.Deps{Root: root}), Numbers: counter{}, Documents: b.shelf, Texts: func(context.Context, *pg.Tx) (*i18n.Catalog, error) { return texts, nil },
		Gateways: []payment.Gateway{sandboxgateway.New(b.provider.Client())},
		State: func(context.Context, *pg.Tx) (payment.State, error) {
			return payment.State{Name: i18n.Text{"pt": "Cabo Verde"}, Language: "pt", Zone: time.UTC}, nil
		},
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example", nil },
	})
	b.Register(b.jobs)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.PutGateway(ctx, tx, payment.GatewaySettings{Code: "sandbox", Settings: b.provider.settings(), Active: true})
	})
	return b
}

func (b *bundle) scope(kind string, who uuid.UUID) pg.Scope {
	return pg.Scope{Tenant: b.tenant, Actor: pg.Actor{Kind: kind, ID: who}}
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), b.scope("system", uuid.Nil), work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func cve(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "CVE"} }

func bill(payer uuid.UUID) payment.RaiseDemand {
	return payment.RaiseDemand{
		Payer: payer, PayerName: "Maria Tavares", Subject: "application", SubjectID: id.New(), Service: "trade-licence",
		Agency: "cmp", Reference: "LIC-2026-000007", Lang: "pt", DueIn: 24 * time.Hour, Lines: []payment.Line{
			{Code: "licence", Name: i18n.Text{"pt": "Licença"}, Amount: cve(250_000)},
			{Code: "young", Name: i18n.Text{"pt": "Desconto jovem"}, Amount: cve(-50_000)},
		},
	}
}

func (b *bundle) raise() (d payment.Demand) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.Raise(ctx, tx, bill(id.New()))
		return err
	})
	return d
}

// begin starts a charge for a demand and takes it to the provider.
func (b *bundle) begin(demand uuid.UUID) (c payment.Charge) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.StartCharge(ctx, tx, demand, "https://cv.example/pay/back")
		return err
	})
	if _, err := b.Begin(context.Background(), b.db, b.scope("system", uuid.Nil), c.ID); err != nil {
		b.t.Fatal(err)
	}
	return b.charge(c.ID)
}

func (b *bundle) charge(charge uuid.UUID) (c payment.Charge) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.Charge(ctx, tx, charge)
		return err
	})
	return c
}

func (b *bundle) demand(demand uuid.UUID) (d payment.Demand) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.Demand(ctx, tx, demand)
		return err
	})
	return d
}

// receive hands a webhook in, as the door does: by nobody in particular.
func (b *bundle) receive(n notice) error {
	return b.db.InTx(context.Background(), b.scope("anonymous", uuid.Nil), func(ctx context.Context, tx *pg.Tx) error {
		return b.Receive(ctx, tx, "sandbox", n.header, n.body)
	})
}

func (b *bundle) paid(c payment.Charge) {
	b.t.Helper()
	if err := b.receive(b.provider.notice(uuid.NewString(), "charge.paid", c, c.Amount)); err != nil {
		b.t.Fatal(err)
	}
}

// count counts rows of this tenant.
func (b *bundle) count(table string) (n int) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	})
	return n
}

func (b *bundle) events(name string) (n int) {
	b.t.Helper()
	return b.count("platform.event WHERE name = '" + name + "'")
}

// hurry lets the scheduled jobs of a kind run now, as if their time had come.
func (b *bundle) hurry(kind string) {
	b.t.Helper()
	_, err := b.db.Pool().Exec(context.Background(), `UPDATE river.river_job SET scheduled_at = now()
		WHERE kind = $1 AND state = 'scheduled' AND args ->> 'tenant_id' = $2`, kind, b.tenant.String())
	if err != nil {
		b.t.Fatal(err)
	}
	pgtest.Work(b.t, b.db, b.jobs)
}

func want(t *testing.T, err error, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got %v, want %v", err, target)
	}
}
