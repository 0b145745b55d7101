package exchange_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// stranger signs as a provider does, written from docs/providers.md with nothing but the standard library.
type stranger struct {
	t   *testing.T
	key *ecdsa.PrivateKey
}

func newStranger(t *testing.T) stranger {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return stranger{t, key}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (s stranger) jwk() []byte {
	s.t.Helper()
	raw, err := s.key.PublicKey.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"kty":"EC","crv":"P-256","x":%q,"y":%q}`, b64(raw[1:33]), b64(raw[33:]))
}

// said are the claims of a message, and typ its header's.
type said struct {
	typ, iss, aud, jti string
	at                 time.Time
	body               []byte
}

func (s stranger) sign(c said) http.Header {
	s.t.Helper()
	sum := sha256.Sum256(c.body)
	payload, err := json.Marshal(map[string]any{"iss": c.iss, "aud": c.aud, "jti": c.jti, "iat": c.at.Unix(), "body_sha256": b64(sum[:])})
	if err != nil {
		s.t.Fatal(err)
	}
	text := b64(fmt.Appendf(nil, `{"alg":"ES256","typ":%q}`, c.typ)) + "." + b64(payload)
	digest := sha256.Sum256([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		s.t.Fatal(err)
	}
	pad := func(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
	h := http.Header{}
	h.Set(exchange.HeaderSignature, text+"."+b64(append(pad(r), pad(v)...)))
	return h
}

// site publishes the state's keys and takes answers in, as the platform does.
func site(t *testing.T, b *bundle) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			b.do(func(ctx context.Context, tx *pg.Tx) error {
				keys, err := b.keys.JWKS(ctx, tx, "away")
				_, _ = w.Write(keys) // whoever asked is gone
				return err
			})
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Accept(ctx, tx, r.Header, body) })
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(s.Close)
	b.site = s.URL
}

func (b *bundle) register(p exchange.Provider) {
	b.t.Helper()
	b.route(exchange.Route{Service: "licence", Agency: "away", Endpoint: exchange.Local})
	p.Agency, p.Name, p.Services = "away", "Water company", []string{"licence"}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.RegisterProvider(ctx, tx, p) })
}

func (b *bundle) provider(code string) (p exchange.Provider) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.Provider(ctx, tx, code)
		return err
	})
	return p
}

func (b *bundle) test(code string) exchange.Test {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.TestProvider(ctx, tx, code) })
	b.work()
	return b.provider(code).Test
}

func (b *bundle) addKeys(code string, jwk []byte, overlap time.Duration) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.AddProviderKeys(ctx, tx, code, jwk, overlap) })
}

// water is a provider's system whose answers a test chooses.
type water struct {
	*httptest.Server
	mu     sync.Mutex
	got    []http.Header
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
}

func newWater(t *testing.T) *water {
	w := &water{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got = append(w.got, r.Header)
		if w.answer != nil {
			w.answer(rw, r, body)
		}
	}))
	t.Cleanup(w.Close)
	return w
}

// jti is the id that a message was sent under.
func jti(t *testing.T, h http.Header) string {
	t.Helper()
	parts := strings.Split(h.Get(exchange.HeaderSignature), ".")
	if len(parts) != 3 {
		t.Fatalf("signature %q", h.Get(exchange.HeaderSignature))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		JTI string `json:"jti"`
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	return c.JTI
}

func TestTheConnectionIsTested(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site(t, b)
	w, right, wrong := newWater(t), newStranger(t), newStranger(t)
	b.register(exchange.Provider{Code: "water", Endpoint: w.URL})
	if got := b.test("water"); got.Problem != exchange.ProblemKeys {
		t.Errorf("without a key: %+v", got)
	}
	b.addKeys("water", right.jwk(), 0)
	reply := func(by stranger, change func(*said)) func(http.ResponseWriter, *http.Request, []byte) {
		return func(rw http.ResponseWriter, r *http.Request, _ []byte) {
			c := said{"exchange+jwt", "water", b.site, jti(t, r.Header), time.Now(), []byte("pong")}
			change(&c)
			for name, values := range by.sign(c) {
				rw.Header()[name] = values
			}
			_, _ = rw.Write([]byte("pong")) // whoever asked is gone
		}
	}
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request, []byte)
		problem string
	}{
		"fine":              {reply(right, func(*said) {}), ""},
		"unsigned":          {nil, exchange.ProblemUnsigned},
		"refused":           {func(rw http.ResponseWriter, _ *http.Request, _ []byte) { rw.WriteHeader(http.StatusForbidden) }, exchange.ProblemStatus},
		"another key":       {reply(wrong, func(*said) {}), exchange.ProblemSignature},
		"an old signature":  {reply(right, func(c *said) { c.at = c.at.Add(-6 * time.Minute) }), exchange.ProblemTime},
		"ahead of time":     {reply(right, func(c *said) { c.at = c.at.Add(6 * time.Minute) }), exchange.ProblemTime},
		"another message":   {reply(right, func(c *said) { c.jti = "x" }), exchange.ProblemClaims},
		"for another state": {reply(right, func(c *said) { c.aud = "https://other.example" }), exchange.ProblemClaims},
		"by another":        {reply(right, func(c *said) { c.iss = "power" }), exchange.ProblemClaims},
		"another body":      {reply(right, func(c *said) { c.body = []byte("ping") }), exchange.ProblemClaims},
		"another sort":      {reply(right, func(c *said) { c.typ = "JWT" }), exchange.ProblemClaims},
	} {
		w.mu.Lock()
		w.answer = c.answer
		w.mu.Unlock()
		got := b.test("water")
		if want := map[bool]string{true: exchange.TestOK, false: exchange.TestFailed}[c.problem == ""]; got.Result != want || got.Problem != c.problem {
			t.Errorf("%s: %+v, want %q", name, got, c.problem)
		}
	}
	w.Close()
	if got := b.test("water"); got.Problem != exchange.ProblemUnreachable {
		t.Errorf("away: %+v", got)
	}
}

func TestAnswersOfAProvider(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site(t, b)
	w, old, next := newWater(t), newStranger(t), newStranger(t)
	b.register(exchange.Provider{Code: "water", Endpoint: w.URL})
	b.addKeys("water", old.jwk(), 0)
	request := id.New()
	b.apply(exchange.Apply, "LC-1", request)
	b.work()
	if len(w.got) != 1 || len(b.requests) != 0 {
		t.Fatalf("%d went to the provider, %d stayed", len(w.got), len(b.requests))
	}
	body, err := json.Marshal(exchange.ServiceResponse{RequestID: request, Kind: exchange.Decided, Outcome: "approved"})
	if err != nil {
		t.Fatal(err)
	}
	good := said{"exchange+jwt", "water", b.site, "a-1", time.Now(), body}
	accept := func(h http.Header, body []byte) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Accept(ctx, tx, h, body) })
	}
	for name, change := range map[string]func(*said){
		"old": func(c *said) { c.at = c.at.Add(-6 * time.Minute) }, "early": func(c *said) { c.at = c.at.Add(6 * time.Minute) }, "for another": func(c *said) { c.aud = "x" },
		"nobody": func(c *said) { c.iss = "nobody" }, "sort": func(c *said) { c.typ = "" }, "no id": func(c *said) { c.jti = "" },
		"body": func(c *said) { c.body = bytes.Replace(body, []byte("approved"), []byte("rejected"), 1) },
	} {
		c := good
		change(&c)
		if err := accept(old.sign(c), body); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
	want(t, accept(next.sign(good), body), exchange.ErrSignature)
	for range 2 { // the second time is a repetition, or a replay: it has no effect
		if err := accept(old.sign(good), body); err != nil {
			t.Fatal(err)
		}
	}
	b.work()
	if len(b.responses) != 1 {
		t.Fatalf("%d answers", len(b.responses))
	}
	good.jti = "a-2"
	b.addKeys("water", next.jwk(), time.Hour) // both count
	for _, s := range []stranger{old, next} {
		if err := accept(s.sign(good), body); err != nil {
			t.Errorf("while keys overlap: %v", err)
		}
	}
	b.addKeys("water", next.jwk(), 0)
	good.jti = "a-3"
	want(t, accept(old.sign(good), body), exchange.ErrSignature)
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.SuspendProvider(ctx, tx, "water") })
	want(t, accept(next.sign(good), body), exchange.ErrSignature)
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.ResumeProvider(ctx, tx, "water") })
	if err := accept(next.sign(good), body); err != nil {
		t.Error(err)
	}
	// Another provider of the same agency has its own requests alone.
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.RegisterProvider(ctx, tx, exchange.Provider{Code: "power", Name: "Power", Agency: "away", Endpoint: w.URL})
	})
	b.addKeys("power", old.jwk(), 0)
	good.iss, good.jti = "power", "a-4"
	want(t, accept(old.sign(good), body), exchange.ErrSignature)
}

// TestAKeyIsFetchedWhenItIsMet: the first signature by a key that is not known is refused, and has the keys fetched; the next
// one counts.
func TestAKeyIsFetchedWhenItIsMet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site(t, b)
	w, s := newWater(t), newStranger(t)
	w.answer = func(rw http.ResponseWriter, r *http.Request, _ []byte) {
		if r.Method == http.MethodGet {
			_, _ = fmt.Fprintf(rw, `{"keys":[%s]}`, s.jwk()) // whoever asked is gone
		}
	}
	b.register(exchange.Provider{Code: "water", Endpoint: w.URL, JWKS: w.URL + "/jwks"})
	request := id.New()
	b.apply(exchange.Apply, "LC-1", request)
	b.work()
	body, err := json.Marshal(exchange.ServiceResponse{RequestID: request, Kind: exchange.Told, Note: "soon"})
	if err != nil {
		t.Fatal(err)
	}
	accept := func() error {
		h := s.sign(said{"exchange+jwt", "water", b.site, "a-1", time.Now(), body})
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Accept(ctx, tx, h, body) })
	}
	want(t, accept(), exchange.ErrSignature)
	b.work()
	if err := accept(); err != nil {
		t.Error(err)
	}
	p := b.provider("water")
	p.JWKS = ""
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.ChangeProvider(ctx, tx, p); err != nil {
			return err
		}
		keys, err := b.ProviderKeys(ctx, tx, "water")
		if len(keys) != 0 {
			t.Errorf("keys that are published no longer count still: %+v", keys)
		}
		return err
	})
}

func TestMessagesWaitAndAreSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site(t, b)
	w := newWater(t)
	b.register(exchange.Provider{Code: "water", Endpoint: w.URL})
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.SuspendProvider(ctx, tx, "water") })
	request := id.New()
	b.apply(exchange.Apply, "LC-1", request)
	b.apply(exchange.Withdraw, "LC-1", request)
	b.work()
	if len(w.got) != 0 {
		t.Fatal("sent while suspended")
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.ResumeProvider(ctx, tx, "water") })
	b.work()
	if len(w.got) != 2 {
		t.Fatalf("%d came after it was resumed", len(w.got))
	}
	w.answer = func(rw http.ResponseWriter, _ *http.Request, _ []byte) { rw.WriteHeader(http.StatusBadGateway) }
	request = id.New()
	b.apply(exchange.Apply, "LC-2", request)
	pgtest.TryWork(t, b.db, b.jobs)
	got := b.messages(exchange.Filter{Provider: "water", Status: "failed"})
	if len(got) != 1 || got[0].Attempts == 0 || got[0].Problem != "HTTP 502" {
		t.Fatalf("%+v", got)
	}
	w.answer = nil
	again := func() error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.Resend(ctx, tx, got[0].ID) })
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
	want(t, again(), exchange.ErrNotFailed)
	b.work()
	if got := b.messages(exchange.Filter{RequestID: request}); len(got) != 1 || got[0].Status != "delivered" {
		t.Errorf("%+v", got)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		counts, err := b.Delivered(ctx, tx)
		if counts["water"]["delivered"] != 3 {
			t.Errorf("%v", counts)
		}
		return err
	})
}

func TestWhatIsTypedAboutAProvider(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.route(exchange.Route{Service: "licence", Agency: "away", Endpoint: exchange.Local})
	good := exchange.Provider{Code: "water", Name: "Water", Agency: "away", Endpoint: "https://water.example/in"}
	try := func(p exchange.Provider) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return b.RegisterProvider(ctx, tx, p) })
	}
	for name, change := range map[string]func(*exchange.Provider){
		"code": func(p *exchange.Provider) { p.Code = "Water!" }, "name": func(p *exchange.Provider) { p.Name = "" }, "agency": func(p *exchange.Provider) { p.Agency = "" },
		"endpoint": func(p *exchange.Provider) { p.Endpoint = "water" }, "keys": func(p *exchange.Provider) { p.JWKS = "file:///etc" },
		"another's service": func(p *exchange.Provider) { p.Agency, p.Services = "cmp", []string{"licence"} }, "no service": func(p *exchange.Provider) { p.Services = []string{"nothing"} },
	} {
		p := good
		change(&p)
		if err := try(p); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := try(good); err != nil {
		t.Fatal(err)
	}
	want(t, try(good), exchange.ErrProviderTaken)
	for _, bad := range []string{"", "{}", `{"keys":[]}`, "secret", `{"kty":"RSA","n":"AQAB","e":"AQAB"}`} {
		want(t, b.try(func(ctx context.Context, tx *pg.Tx) error { return b.AddProviderKeys(ctx, tx, "water", []byte(bad), 0) }), encryption.ErrKeys)
	}
	want(t, b.try(func(ctx context.Context, tx *pg.Tx) error {
		return b.AddProviderKeys(ctx, tx, "nobody", newStranger(t).jwk(), 0)
	}), exchange.ErrProvider)
	want(t, b.try(func(ctx context.Context, tx *pg.Tx) error { return b.DropProviderKey(ctx, tx, "water", "none") }), exchange.ErrProvider)
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{Kind: "person", ID: b.person}}, func(ctx context.Context, tx *pg.Tx) error {
		return b.SuspendProvider(ctx, tx, "water")
	})
	want(t, err, exchange.ErrForbidden)
}
