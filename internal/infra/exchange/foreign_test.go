package exchange_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/webhook"
)

// foreign is an agency with a system of its own, which checks what it gets and knows a message that comes again.
type foreign struct {
	*httptest.Server
	key  []byte
	mu   sync.Mutex
	away int // how often it answers that it is not there
	got  []exchange.ServiceRequest
	ids  map[string]int
	bad  []error
}

func newForeign(t *testing.T) *foreign {
	f := &foreign{key: []byte("a secret of thirty-two bytes, ok"), ids: map[string]int{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *foreign) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away > 0 {
		f.away--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	message, bad := webhook.Verify(f.key, r.Header, time.Now(), body)
	var request exchange.ServiceRequest
	for _, err := range []error{err, bad, json.Unmarshal(body, &request)} {
		if err != nil {
			f.bad = append(f.bad, err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	if f.ids[message]++; f.ids[message] == 1 {
		f.got = append(f.got, request)
	}
	w.WriteHeader(http.StatusAccepted)
}

func (f *foreign) route() exchange.Route {
	return exchange.Route{Service: "licence", Agency: "away", Endpoint: f.URL, Key: f.key}
}

func TestToAForeignAgency(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newForeign(t)
	b.route(f.route())
	f.away = 2
	request := id.New()
	sent := b.apply(exchange.Apply, "LC-1", request)
	b.apply(exchange.Withdraw, "LC-1", request)
	b.work()
	if len(f.bad) != 0 || len(f.got) != 2 || f.got[0].Kind != exchange.Apply || f.got[1].Kind != exchange.Withdraw {
		t.Fatalf("%v; got %+v", f.bad, f.got)
	}
	if f.got[0].Name != sent.Name || string(f.got[0].Answers) != string(sent.Answers) {
		t.Errorf("%+v", f.got[0])
	}
	if len(b.requests) != 0 {
		t.Error("it was delivered here too")
	}
	// It stays away: the message fails after its last try, and the one behind it goes.
	f.away = 3
	request = id.New()
	b.apply(exchange.Apply, "LC-2", request)
	b.apply(exchange.Withdraw, "LC-2", request)
	if failed := pgtest.TryWork(t, b.db, b.jobs); len(failed) != 1 {
		t.Errorf("given up: %+v", failed)
	}
	got := b.messages(exchange.Filter{RequestID: request})
	if got[0].Status != "failed" || got[0].Failure != "exchange.foreign" || got[1].Status != "delivered" {
		t.Errorf("%+v", got)
	}
}

// post has the exchange accept a response as a foreign agency posts it.
func (b *bundle) post(key []byte, message string, at time.Time, response any) error {
	body, err := json.Marshal(response)
	if err != nil {
		b.t.Fatal(err)
	}
	header := webhook.Sign(key, message, at, body)
	return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Accept(ctx, tx, header, body) })
}

func TestFromAForeignAgency(t *testing.T) {
	t.Parallel()
	b, f := setup(t), newForeign(t)
	b.route(f.route())
	request := id.New()
	b.apply(exchange.Apply, "LC-1", request)
	b.work()
	yes := exchange.ServiceResponse{RequestID: request, Kind: exchange.Decided, Outcome: "approved", At: time.Now().AddDate(-3, 0, 0)}
	now := time.Now()

	want(t, b.post([]byte("another secret of thirty-two byte"), "m1", now, yes), exchange.ErrSignature)
	want(t, b.post(f.key, "m1", now.Add(-6*time.Minute), yes), exchange.ErrSignature)
	want(t, b.post(f.key, "m1", now.Add(6*time.Minute), yes), exchange.ErrSignature)
	stranger := yes
	stranger.RequestID = id.New()
	want(t, b.post(f.key, "m1", now, stranger), exchange.ErrUnknownRequest)
	stranger.RequestID = uuid.Nil
	want(t, b.post(f.key, "m1", now, stranger), exchange.ErrMessage)
	odd := yes
	odd.Kind = "hello"
	want(t, b.post(f.key, "m1", now, odd), exchange.ErrMessage)
	want(t, b.post(f.key, "m1", now, "no object"), exchange.ErrMessage)
	b.work()
	if len(b.responses) != 0 {
		t.Fatalf("refused and yet delivered: %+v", b.responses)
	}

	for range 2 { // the second time is a repetition
		if err := b.post(f.key, "m1", now, yes); err != nil {
			t.Fatal(err)
		}
	}
	b.work()
	if len(b.responses) != 1 || b.responses[0].Outcome != "approved" || b.responses[0].RequestID != request {
		t.Fatalf("%+v", b.responses)
	}
	if age := time.Since(b.responses[0].At); age > time.Minute {
		t.Errorf("it says when it happened, %s ago, and was believed", age)
	}

	// The service moves to another agency with a key of its own, which proves nothing about requests made before.
	other := exchange.Route{Service: "licence", Agency: "other", Endpoint: f.URL, Key: []byte("the secret of the other agency..")}
	b.route(other)
	want(t, b.post(other.Key, "m2", now, yes), exchange.ErrSignature)
	b.route(exchange.Route{Service: "licence", Agency: "away", Endpoint: exchange.Local})
	want(t, b.post(nil, "m2", now, yes), exchange.ErrSignature)
}
