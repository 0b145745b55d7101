package outside

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
)

// ExchangeProvider is somebody else's system that provides services: the example of docs/providers.md, with npm's jose.
type ExchangeProvider struct{ URL string }

// NodeExchange runs one that knows itself by a code and believes the keys that a state publishes at an address.
func NodeExchange(t testing.TB, code, site, jwks string) *ExchangeProvider {
	t.Helper()
	port := freePort(t)
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	p := &ExchangeProvider{URL: "http://localhost:" + port}
	cmd := node(t.Context(), t, "exchange.mjs", map[string]any{"port": number, "code": code, "site": site, "jwks": jwks})
	run(t, cmd, func() error { return answers(p.URL + "/jwks") })
	return p
}

// Rotate gives it another key.
func (p *ExchangeProvider) Rotate(t testing.TB) { p.get(t, "/rotate", nil) }

// Taken returns the requests that it took, each once.
func (p *ExchangeProvider) Taken(t testing.TB) (list []map[string]any) {
	p.get(t, "/taken", &list)
	return list
}

func (p *ExchangeProvider) get(t testing.TB, path string, into any) {
	t.Helper()
	res, err := http.Get(p.URL + path) //nolint:noctx // it is on this machine
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, text)
	}
}
