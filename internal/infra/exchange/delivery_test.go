package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.apply(exchange.Apply, "LC-1", id.New())
	if len(b.requests) != 0 {
		t.Fatal("it was delivered before it was worked")
	}
	b.work()
	if diff := cmp.Diff([]exchange.ServiceRequest{sent}, b.requests); diff != "" {
		t.Fatal(diff)
	}
	b.respond(sent.ID, exchange.Received, "one")
	b.work()
	if len(b.responses) != 1 || b.responses[0].RequestID != sent.ID || b.responses[0].Note != "one" {
		t.Fatalf("%+v", b.responses)
	}
	for _, m := range b.messages(exchange.Filter{RequestID: sent.ID}) {
		if m.Status != "delivered" || m.DeliveredAt == nil || m.Agency != "cmp" {
			t.Errorf("%+v", m)
		}
	}
}

func TestRefusedAtTheDoor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want(t, b.try(func(ctx context.Context, tx *pg.Tx) error {
		return b.SendRequest(ctx, tx, exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Service: "nobody's"})
	}), exchange.ErrNoRoute)
	want(t, b.try(func(ctx context.Context, tx *pg.Tx) error {
		return b.SendResponse(ctx, tx, exchange.ServiceResponse{RequestID: id.New(), Kind: exchange.Received})
	}), exchange.ErrUnknownRequest)
	secret := make([]byte, 32)
	for name, r := range map[string]exchange.Route{
		"no service":   {Agency: "cmp", Endpoint: exchange.Local},
		"no agency":    {Service: "x", Endpoint: exchange.Local},
		"no address":   {Service: "x", Agency: "cmp", Key: secret},
		"no web":       {Service: "x", Agency: "cmp", Endpoint: "file:///etc/passwd", Key: secret},
		"a password":   {Service: "x", Agency: "cmp", Endpoint: "https://a:b@agency.example/", Key: secret},
		"short secret": {Service: "x", Agency: "cmp", Endpoint: "https://agency.example/", Key: secret[:31]},
	} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error { return b.PutRoute(ctx, tx, r) })
		if !errors.Is(err, exchange.ErrRoute) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInOrderWithManyWorkers sends responses to several requests while four workers deliver, each third of them failing at
// first: each request's responses must come in their order, each once in effect.
func TestInOrderWithManyWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const requests, each = 3, 12
	tried := map[string]bool{}
	b.stumble = func(_, text string) error {
		if len(text)%3 == 0 && !tried[text] {
			tried[text] = true
			return errors.New("stumbled")
		}
		return nil
	}
	stop := workers(t, b, 4)
	var ids []uuid.UUID
	want := map[uuid.UUID][]string{}
	for range requests {
		ids = append(ids, id.New())
		b.apply(exchange.Apply, "", ids[len(ids)-1])
	}
	for i := range each {
		for _, request := range ids {
			note := fmt.Sprintf("%s%0*d", request, i%5+1, i)
			want[request] = append(want[request], note)
			b.respond(request, exchange.Moved, note)
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for len(b.messages(exchange.Filter{Status: "queued"})) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("still on their way: %+v", b.messages(exchange.Filter{Status: "queued"}))
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	got := map[uuid.UUID][]string{}
	for _, r := range b.responses {
		got[r.RequestID] = append(got[r.RequestID], r.Note)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(b.requests) != requests {
		t.Errorf("%d requests, not %d", len(b.requests), requests)
	}
}

// workers starts n clients on a queue of their own, as so many processes would be.
func workers(t *testing.T, b *bundle, n int) (stop func()) {
	t.Helper()
	test := &job.TestOptions{Queue: "many_" + id.New().String()[24:]}
	client := func(insertOnly bool) *job.Client {
		c, err := job.NewClient(b.db, b.jobs, job.Options{InsertOnly: insertOnly, Test: test})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b.db.Use(client(true), nil)
	var clients []*job.Client
	for range n {
		c := client(false)
		if err := c.River().Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	return func() {
		for _, c := range clients {
			if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOnceInEffect(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.apply(exchange.Apply, "LC-1", id.New())
	m := b.messages(exchange.Filter{})[0]
	again := func() {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			return tx.Enqueue(ctx, &exchange.DeliverArgs{Message: m.ID})
		})
		b.work()
	}
	again()
	again()
	if len(b.requests) != 1 || b.requests[0].ID != sent.ID {
		t.Errorf("delivered %d times", len(b.requests))
	}
}

func TestAFaultFailsOneMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	refused := fault.Invalid("orchestration.kind")
	b.stumble = func(kind, _ string) error {
		if kind == exchange.Apply {
			return fmt.Errorf("somewhere deep: %w", refused)
		}
		return nil
	}
	request := id.New()
	b.apply(exchange.Apply, "LC-1", request)
	b.apply(exchange.Withdraw, "LC-1", request)
	failed := pgtest.TryWork(t, b.db, b.jobs)
	if len(failed) != 1 || failed[0].Kind != "exchange.deliver" || failed[0].State != "cancelled" {
		t.Errorf("given up: %+v", failed)
	}
	got := b.messages(exchange.Filter{RequestID: request})
	if len(got) != 2 || got[0].Status != "failed" || got[0].Failure != "orchestration.kind" || got[1].Status != "delivered" {
		t.Fatalf("%+v", got)
	}
	if len(b.requests) != 1 || b.requests[0].Kind != exchange.Withdraw {
		t.Errorf("%+v", b.requests)
	}
}

// TestACrashIsTriedAgain has a handler fail as by an outage, twice, then for good.
func TestACrashIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tries := 0
	b.stumble = func(_, reference string) error {
		if tries++; reference == "hopeless" || tries < 3 {
			return errors.New("the network is away")
		}
		return nil
	}
	b.apply(exchange.Apply, "LC-1", id.New())
	b.work()
	if len(b.requests) != 1 || tries != 3 {
		t.Fatalf("%d delivered after %d tries", len(b.requests), tries)
	}
	request := id.New()
	b.apply(exchange.Apply, "hopeless", request)
	b.apply(exchange.Withdraw, "LC-2", request)
	if failed := pgtest.TryWork(t, b.db, b.jobs); len(failed) != 1 {
		t.Errorf("given up: %+v", failed)
	}
	got := b.messages(exchange.Filter{RequestID: request})
	if got[0].Status != "failed" || got[0].Failure != "internal" || got[1].Status != "delivered" {
		t.Errorf("what can never be delivered holds up what follows: %+v", got)
	}
}

func TestPayloadIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.apply(exchange.Apply, "LC-1", id.New())
	b.respond(sent.ID, exchange.Correction, "CANARIO, please")
	b.route(exchange.Route{Service: "foreign", Agency: "away", Endpoint: "https://away.example/", Key: []byte("CANARIO CANARIO CANARIO CANARIO!")})
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		for _, query := range []string{
			`SELECT count(*) FROM exchange.message WHERE position('CANARIO'::bytea IN payload) > 0 OR message::text LIKE '%CANARIO%'`,
			`SELECT count(*) FROM exchange.route WHERE position('CANARIO'::bytea IN key) > 0`,
			`SELECT count(*) FROM audit.entry e WHERE e::text LIKE '%CANARIO%'`,
			`SELECT count(*) FROM river.river_job j WHERE args::text LIKE '%CANARIO%'`,
		} {
			var n int
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", query, n, err)
			}
		}
		routes, err := b.Routes(ctx, tx)
		if slices.ContainsFunc(routes, func(r exchange.Route) bool { return r.Key != nil }) || len(routes) != 2 {
			t.Errorf("the directory shows %+v", routes)
		}
		return err
	})
}

func TestOtherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent := b.apply(exchange.Apply, "LC-1", id.New())
	b.tenant = pgtest.Tenant(t, b.db)
	if got := b.messages(exchange.Filter{}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	want(t, b.try(func(ctx context.Context, tx *pg.Tx) error {
		return b.SendResponse(ctx, tx, exchange.ServiceResponse{RequestID: sent.ID, Kind: exchange.Decided})
	}), exchange.ErrUnknownRequest)
}
