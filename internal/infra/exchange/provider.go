package exchange

import (
	"encoding/json"
	"net/url"
	"regexp"
	"time"

	"digit/internal/infra/platform/fault"
)

// States of a provider.
const (
	ProviderActive    = "active"
	ProviderSuspended = "suspended" // nothing goes to it and nothing of it is taken in; messages wait
)

// Results of a test of the connection.
const (
	TestRunning = "running"
	TestOK      = "ok"
	TestFailed  = "failed"
)

// Why a test failed.
const (
	ProblemAddress     = "address"     // the address may not be called from here
	ProblemUnreachable = "unreachable" // nobody answers there
	ProblemStatus      = "status"      // it answers that it does not want to
	ProblemUnsigned    = "unsigned"    // the answer has no signature
	ProblemSignature   = "signature"   // none of its keys made the signature
	ProblemClaims      = "claims"      // signed for somebody else, by somebody else or for another body
	ProblemTime        = "time"        // signed too long ago, or ahead of time: a clock is wrong
	ProblemKeys        = "keys"        // its keys cannot be fetched, or there are none
)

// Provider is a system of somebody else that provides services for an agency. What is sent to it is signed by the agency's key
// for messages; what it sends is believed if one of its keys signed it. Times are the machine's, but for CreatedAt and UpdatedAt.
type Provider struct {
	Code      string
	Name      string // as people call it
	Agency    string
	Endpoint  string // where requests are posted
	JWKS      string // where it publishes its keys; "" where they are entered by hand
	State     string
	Services  []string
	CreatedAt time.Time
	UpdatedAt time.Time
	FetchedAt *time.Time
	Test      Test
}

// Test is how the last test of a connection went; the zero value: there was none.
type Test struct {
	Result  string // running, ok, failed
	Problem string // when failed
	Detail  string // what it answered, a status
	At      *time.Time
}

// ProviderKey is a public key of a provider, named by its RFC 7638 thumbprint. Until is set while another one takes its place.
type ProviderKey struct {
	ID      string
	JWK     json.RawMessage
	Fetched bool // from the provider's own address
	AddedAt time.Time
	Until   *time.Time
}

// believed reports whether a key counts at a moment of the machine's clock.
func (k ProviderKey) believed(now time.Time) bool { return k.Until == nil || now.Before(*k.Until) }

var providerCode = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// check returns what is wrong with what was typed.
func (p Provider) check() (wrong []fault.Field) {
	if !providerCode.MatchString(p.Code) {
		wrong = append(wrong, fault.Field{Path: "code", Code: "exchange.provider.code"})
	}
	if p.Name == "" || len(p.Name) > 200 {
		wrong = append(wrong, fault.Field{Path: "name", Code: "exchange.provider.name"})
	}
	if p.Agency == "" {
		wrong = append(wrong, fault.Field{Path: "agency", Code: "exchange.provider.agency"})
	}
	if !httpURL(p.Endpoint) {
		wrong = append(wrong, fault.Field{Path: "endpoint", Code: "exchange.provider.endpoint"})
	}
	if p.JWKS != "" && !httpURL(p.JWKS) {
		wrong = append(wrong, fault.Field{Path: "jwks", Code: "exchange.provider.endpoint"})
	}
	return wrong
}

// parsed reads an address that httpURL has accepted.
func parsed(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil {
		return &url.URL{}
	}
	return u
}
