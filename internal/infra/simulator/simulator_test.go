package simulator_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/webhook"
	"digit/internal/infra/simulator"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// hook receives what the simulated world posts.
type hook struct {
	*httptest.Server
	mu   sync.Mutex
	fail int // so many times it answers 500 first
	got  []received
}

type received struct {
	path   string
	header http.Header
	body   []byte
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if h.fail > 0 {
		h.fail--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h.got = append(h.got, received{r.URL.Path, r.Header, body})
}

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	hook   *hook
	jobs   *job.Registry
	keys   *encryption.Service
	*simulator.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), hook: &hook{}, jobs: job.NewRegistry(), keys: encryption.New(encryption.Deps{Root: root})}
	b.hook.Server = httptest.NewServer(b.hook)
	t.Cleanup(b.hook.Close)
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.Service = simulator.New(simulator.Deps{
		Encryption: b.keys, Client: b.hook.Client(),
		BaseURL: func(context.Context, *pg.Tx) (string, error) { return b.hook.URL, nil },
	})
	b.Register(b.jobs)
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
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

func (b *bundle) order() (c simulator.CardCharge) {
	b.t.Helper()
	o := simulator.ChargeOrder{
		Reference: uuid.NewString(), Amount: money.Amount{Minor: 200_000, Currency: "CVE"}, Description: "FAT-2026-000001",
		ReturnURL: "https://cv.example/back", WebhookURL: b.hook.URL + "/hooks/payment/sandbox",
	}
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = b.CreateCharge(ctx, tx, o); err != nil {
			return err
		}
		again, err := b.CreateCharge(ctx, tx, o)
		if again.Ref != c.Ref {
			b.t.Error("the same order made two charges")
		}
		return err
	})
	return c
}

func card(number string) simulator.Card {
	return simulator.Card{Number: number, Month: 12, Year: 2040, CVC: "123", Name: "Maria Tavares"}
}

func TestCards(t *testing.T) {
	t.Parallel()
	for number, c := range map[string]struct {
		status  simulator.ChargeStatus
		failure string
		now     []string // notices at once
		later   []string // and after a while
		end     simulator.ChargeStatus
	}{
		"4242 4242 4242 4242": {simulator.ChargePaid, "", []string{"charge.paid"}, nil, simulator.ChargePaid},
		"4000000000000002":    {simulator.ChargeFailed, "declined", []string{"charge.failed"}, nil, simulator.ChargeFailed},
		"4000-0000-0000-9995": {simulator.ChargeFailed, "insufficient_funds", []string{"charge.failed"}, nil, simulator.ChargeFailed},
		"4000000000000119":    {simulator.ChargeProcessing, "", nil, []string{"charge.paid"}, simulator.ChargePaid},
		"4000000000000259":    {simulator.ChargePaid, "", []string{"charge.paid"}, []string{"charge.disputed"}, simulator.ChargeDisputed},
		"4000000000003220":    {simulator.ChargePaid, "", nil, nil, simulator.ChargePaid},
		"5555555555554444":    {simulator.ChargeFailed, "declined", []string{"charge.failed"}, nil, simulator.ChargeFailed},
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			order := b.order()
			if order.URL != b.hook.URL+"/sim/cards/pay/"+order.Ref.String() {
				t.Errorf("page %s", order.URL)
			}
			b.do(func(ctx context.Context, tx *pg.Tx) error {
				out, err := b.Pay(ctx, tx, order.Ref, card(number))
				if diff := cmp.Diff(simulator.Outcome{Status: c.status, Failure: c.failure, ReturnURL: "https://cv.example/back"}, out); diff != "" {
					t.Error(diff)
				}
				_, again := b.Pay(ctx, tx, order.Ref, card(number))
				if !errors.Is(again, simulator.ErrOver) {
					t.Errorf("paid twice: %v", again)
				}
				return err
			})
			pgtest.Work(t, b.db, b.jobs)
			b.notices(order, c.now...)
			b.hurry("simulator.settle")
			b.notices(order, append(c.now, c.later...)...)
			b.do(func(ctx context.Context, tx *pg.Tx) error {
				got, err := b.Charge(ctx, tx, order.Ref)
				if got.Status != c.end || got.Failure != c.failure {
					t.Errorf("end: %+v", got)
				}
				return err
			})
		})
	}
}

// notices checks that exactly these arrived, each signed with the tenant's secret.
func (b *bundle) notices(c simulator.CardCharge, types ...string) {
	b.t.Helper()
	var m simulator.Merchant
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) { m, err = b.Merchant(ctx, tx); return err })
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.WebhookSecret, "whsec_"))
	if err != nil {
		b.t.Fatal(err)
	}
	var got []string
	for _, r := range b.hook.got {
		if _, err := webhook.Verify(key, r.header, time.Now(), r.body); err != nil || r.path != "/hooks/payment/sandbox" {
			b.t.Errorf("%s: %v", r.path, err)
		}
		var n simulator.CardNotice
		if err := json.Unmarshal(r.body, &n); err != nil {
			b.t.Fatal(err)
		}
		if n.Data.Ref != c.Ref || n.Data.Reference != c.Reference || n.Data.Amount != c.Amount {
			b.t.Errorf("notice: %+v", n)
		}
		got = append(got, n.Type)
	}
	if diff := cmp.Diff(types, got); diff != "" {
		b.t.Error(diff)
	}
}

func TestWebhookIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hook.fail = 2
	c := b.order()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Pay(ctx, tx, c.Ref, card("4242424242424242"))
		return err
	})
	pgtest.Work(t, b.db, b.jobs)
	b.notices(c, "charge.paid")
}

func TestCardsThatCannotBe(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.order()
	for path, change := range map[string]func(*simulator.Card){
		"number": func(c *simulator.Card) { c.Number = "4242424242424241" },
		"expiry": func(c *simulator.Card) { c.Year = 2020 },
		"cvc":    func(c *simulator.Card) { c.CVC = "12x" },
	} {
		wrong := card("4242424242424242")
		change(&wrong)
		err := b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.Pay(ctx, tx, c.Ref, wrong); return err })
		if f := fault.Of(err); !errors.Is(err, simulator.ErrCard) || len(f.Fields) != 1 || f.Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, key := range []string{"", "wrong"} {
		if err := b.try(func(ctx context.Context, tx *pg.Tx) error { return b.CheckKey(ctx, tx, key) }); !errors.Is(err, simulator.ErrKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	to := b.Carrier(b.db)
	out := carrier.Out{Tenant: b.tenant, ID: id.New(), Channel: "sms", To: "+2389912345", Text: "O seu código é 123456", Lang: "pt"}
	for range 2 {
		if _, err := to.Deliver(context.Background(), nil, out); err != nil {
			t.Fatal(err)
		}
	}
	mail := out
	mail.ID, mail.Channel, mail.To, mail.Subject = id.New(), "email", "maria@posta.cv", "Código"
	if _, err := to.Deliver(context.Background(), nil, mail); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter simulator.MessageFilter
		want   []string
	}{
		"all":          {simulator.MessageFilter{}, []string{"maria@posta.cv", "+2389912345"}},
		"by channel":   {simulator.MessageFilter{Channel: "sms"}, []string{"+2389912345"}},
		"by address":   {simulator.MessageFilter{Address: "maria@posta.cv"}, []string{"maria@posta.cv"}},
		"nobody there": {simulator.MessageFilter{Address: "joao@posta.cv"}, nil},
	} {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.Messages(ctx, tx, c.filter, page.Request{})
			var got []string
			for _, m := range p.Rows {
				got = append(got, m.Address)
				if m.Text != "O seu código é 123456" {
					t.Errorf("text %q", m.Text)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(name, diff)
			}
			return err
		})
	}
}

// TestNotInProduction tries every door, and then the database itself.
func TestNotInProduction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.order()
	b.tenant = pgtest.Tenant(t, b.db)
	if _, err := b.Carrier(b.db).Deliver(context.Background(), nil, carrier.Out{Tenant: b.tenant, ID: id.New()}); !errors.Is(err, simulator.ErrProduction) {
		t.Errorf("carrier: %v", err)
	}
	r := simulator.SignInRequest{ResponseType: "code", ClientID: simulator.ClientID, Scope: "openid", RedirectURI: b.hook.URL + "/back"}
	for what, f := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"Deliver": func(ctx context.Context, tx *pg.Tx) error { return b.Deliver(ctx, tx, carrier.Out{}) },
		"Messages": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Messages(ctx, tx, simulator.MessageFilter{}, page.Request{})
			return err
		},
		"Merchant": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Merchant(ctx, tx); return err },
		"CheckKey": func(ctx context.Context, tx *pg.Tx) error { return b.CheckKey(ctx, tx, "") },
		"CreateCharge": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.CreateCharge(ctx, tx, simulator.ChargeOrder{})
			return err
		},
		"Charge":  func(ctx context.Context, tx *pg.Tx) error { _, err := b.Charge(ctx, tx, c.Ref); return err },
		"Charges": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Charges(ctx, tx, page.Request{}); return err },
		"Pay": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Pay(ctx, tx, c.Ref, card("4242424242424242"))
			return err
		},
		"People":       func(ctx context.Context, tx *pg.Tx) error { _, err := b.People(ctx, tx); return err },
		"PutPeople":    func(ctx context.Context, tx *pg.Tx) error { return b.PutPeople(ctx, tx, nil) },
		"Discovery":    func(ctx context.Context, tx *pg.Tx) error { _, err := b.Discovery(ctx, tx); return err },
		"JWKS":         func(ctx context.Context, tx *pg.Tx) error { _, err := b.JWKS(ctx, tx); return err },
		"ClientSecret": func(ctx context.Context, tx *pg.Tx) error { _, err := b.ClientSecret(ctx, tx); return err },
		"Authorize":    func(ctx context.Context, tx *pg.Tx) error { _, err := b.Authorize(ctx, tx, r, "maria"); return err },
		"Deny":         func(ctx context.Context, tx *pg.Tx) error { _, err := b.Deny(ctx, tx, r); return err },
		"Exchange": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Exchange(ctx, tx, simulator.TokenRequest{})
			return err
		},
		"UserInfo":  func(ctx context.Context, tx *pg.Tx) error { _, err := b.UserInfo(ctx, tx, ""); return err },
		"AgencyKey": func(ctx context.Context, tx *pg.Tx) error { _, err := b.AgencyKey(ctx, tx); return err },
		"Take":      func(ctx context.Context, tx *pg.Tx) error { return b.Take(ctx, tx, "dgt", nil, nil) },
		"Cases":     func(ctx context.Context, tx *pg.Tx) error { _, err := b.Cases(ctx, tx, "", page.Request{}); return err },
		"Case":      func(ctx context.Context, tx *pg.Tx) error { _, err := b.Case(ctx, tx, c.Ref); return err },
		"Answer":    func(ctx context.Context, tx *pg.Tx) error { return b.Answer(ctx, tx, c.Ref, simulator.Decision{}) },
	} {
		if err := b.try(f); !errors.Is(err, simulator.ErrProduction) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for table, insert := range map[string]string{
		"message":      `(id, channel, address, address_index, text, lang, received_at) VALUES (gen_random_uuid(), 'sms', '', '', '', 'pt', now())`,
		"charge":       `(id, reference, amount_minor, currency, description, return_url, webhook_url, status, created_at) VALUES (gen_random_uuid(), 'x', 1, 'CVE', '', '', '', 'open', now())`,
		"person":       `(id, subject, claims) VALUES (gen_random_uuid(), 'x', '')`,
		"auth_code":    `(hash, client_id, redirect_uri, subject, nonce, challenge, expires_at) VALUES ('x', '', '', '', '', '', now())`,
		"foreign_case": `(id, agency, service, reference, request, status, received_at) VALUES (gen_random_uuid(), '', '', '', '', 'open', now())`,
	} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO simulator."+table+" "+insert)
			return err
		})
		if pg.Constraint(err) != "simulator_production_check" {
			t.Errorf("the database takes a %s: %v", table, err)
		}
	}
}
