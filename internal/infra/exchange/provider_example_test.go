package exchange_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/test/outside"
)

// TestTheExampleOfTheDocumentation runs the provider of docs/providers.md, which is written with npm's jose, against the
// exchange: it believes our published key, we believe the key it publishes, and its next one when it changes it.
func TestTheExampleOfTheDocumentation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	site(t, b)
	p := outside.NodeExchange(t, "water", b.site, b.site+"/.well-known/jwks/away.json")
	b.register(exchange.Provider{Code: "water", Endpoint: p.URL, JWKS: p.URL + "/jwks"})
	if got := b.test("water"); got.Result != exchange.TestOK {
		t.Fatalf("%+v", got)
	}
	request := id.New()
	sent := b.apply(exchange.Apply, "LC-1", request)
	b.work()
	taken := p.Taken(t)
	if len(taken) != 1 || taken[0]["id"] != request.String() || taken[0]["name"] != sent.Name {
		t.Fatalf("it took %v", taken)
	}
	answered := func() int {
		b.work()
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.responses)
	}
	for end := time.Now().Add(20 * time.Second); answered() == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	if answered() != 1 || b.responses[0].Kind != exchange.Received || b.responses[0].RequestID != request {
		t.Fatalf("%+v", b.responses)
	}
	p.Rotate(t)
	if got := b.test("water"); got.Result != exchange.TestOK {
		t.Errorf("after it changed its key: %+v", got)
	}
}

// TestTheDocumentationHasTheExample holds the page to the program that the test above runs.
func TestTheDocumentationHasTheExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/providers.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("../../../test/outside/exchange.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, program) {
		t.Error("docs/providers.md does not have test/outside/exchange.mjs as it is")
	}
}
