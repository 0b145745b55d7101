package exchange_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// bundle is an exchange with a provider and a consumer that note what they get. Before a handler notes a message, stumble
// may return an error.
type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	person uuid.UUID
	keys   *encryption.Service
	jobs   *job.Registry
	*exchange.Service
	site string // where the state is, for providers

	mu        sync.Mutex
	requests  []exchange.ServiceRequest
	responses []exchange.ServiceResponse
	stumble   func(kind, text string) error
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{
		t: t, db: pgtest.New(t), person: id.New(), jobs: job.NewRegistry(), keys: encryption.New(encryption.Deps{Root: root}),
		stumble: func(string, string) error { return nil },
	}
	b.tenant = pgtest.Tenant(t, b.db)
	b.Service = exchange.New(exchange.Deps{
		Encryption: b.keys, Client: &http.Client{Timeout: 5 * time.Second}, PublicURL: func(context.Context, *pg.Tx) (string, error) { return b.site, nil },
	})
	b.OnRequest(func(_ context.Context, _ *pg.Tx, r exchange.ServiceRequest) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err := b.stumble(r.Kind, r.Reference); err != nil {
			return err
		}
		b.requests = append(b.requests, r)
		return nil
	})
	b.OnResponse(func(_ context.Context, _ *pg.Tx, r exchange.ServiceResponse) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err := b.stumble(r.Kind, r.Note); err != nil {
			return err
		}
		b.responses = append(b.responses, r)
		return nil
	})
	b.Register(b.jobs)
	b.route(exchange.Route{Service: "licence", Agency: "cmp", Endpoint: exchange.Local})
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) route(r exchange.Route) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.PutRoute(ctx, tx, r) })
}

// apply sends a request and returns it.
func (b *bundle) apply(kind, reference string, request uuid.UUID) exchange.ServiceRequest {
	b.t.Helper()
	r := exchange.ServiceRequest{
		ID: request, Kind: kind, Reference: reference, Service: "licence", Version: 1, Person: b.person, Name: "Dulce CANARIO", Lang: "pt",
		Answers: json.RawMessage(`{"name":"CANARIO"}`), SubmittedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.SendRequest(ctx, tx, r) })
	return r
}

func (b *bundle) respond(request uuid.UUID, kind, note string) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.SendResponse(ctx, tx, exchange.ServiceResponse{RequestID: request, Kind: kind, Note: note, At: tx.Now})
	})
}

func (b *bundle) work() {
	b.t.Helper()
	pgtest.Work(b.t, b.db, b.jobs)
}

// messages returns what operators see of a request, oldest first.
func (b *bundle) messages(f exchange.Filter) (list []exchange.MessageRow) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.Messages(ctx, tx, f, page.Request{Size: 100})
		for i := range p.Rows {
			list = append(list, p.Rows[len(p.Rows)-1-i])
		}
		return err
	})
	return list
}

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got %v, want %v", err, target)
	}
}
