package frame

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
)

// Who may call a route, where it is not a permission of a module ("module:action").
const (
	Public   = "public"    // anybody
	SignedIn = "signed-in" // anybody with a session
	Citizen  = "citizen"   // a person, for themselves
	Staff    = "staff"     // a staff member; what they may do is decided per object
)

// Kind says how failures of a route are answered, and how the caller proves to be no forger.
type Kind string

// The kinds of routes.
const (
	Page  Kind = "page"  // HTML for people
	API   Kind = "api"   // JSON for programs; failures are RFC 9457 problems
	Hook  Kind = "hook"  // inbound messages of other systems, which sign what they send
	Asset Kind = "asset" // static files
)

// Route is one entry of the route table. The Permission is checked before the Handler runs.
type Route struct {
	Method     string
	Pattern    string
	Permission string
	Kind       Kind
	Handler    func(*Request) error
	MaxBody    int64 // bytes; DefaultMaxBody where zero
	DemoOnly   bool  // does not exist in a production tenant
	PerMinute  int   // how often one person, or one address where nobody is signed in, may ask; 0: as often as they like
	// Representative lets whoever acts for a person open a route of theirs, and do in their name what it does. Without, a
	// person's routes are closed as long as somebody acts for them.
	Representative bool
	// Guest lets a person without an account open a route of people, for what is theirs. Without, they are asked to sign in.
	Guest   bool
	Purpose string // why data is looked at here, for the record; that of its surface where empty
	// Fresh is how lately the person must have proved who they are; zero asks for no more than a session. The house's
	// own measure is FreshFor.
	Fresh time.Duration
	// OneFactor is open to staff who have proved one factor where their state asks for two: by it they prove the second.
	OneFactor bool
}

// FreshFor is how long a proof of who somebody is counts for acts that reach far.
const FreshFor = identity.FreshFor

// purposes of surfaces, by the beginning of their paths; the first that fits counts.
var purposes = [][2]string{
	{"/workbench", audit.PurposeCasework},
	{"/field", audit.PurposeCasework},
	{"/desk", audit.PurposeCasework},
	{"/console/audit", audit.PurposeOversight},
	{"/console/payments", audit.PurposeAccounting},
	{"/console", audit.PurposeAdministration},
	{"/studio", audit.PurposeAdministration},
	{"/insight", audit.PurposeOversight},
	{"/verify", audit.PurposeVerification},
	{"/shared", audit.PurposeVerification},
	{"/api/v1/verify", audit.PurposeVerification},
	{"/api", audit.PurposeExchange},
	{"/hooks", audit.PurposeExchange},
	{"/staff", audit.PurposeAdministration},
}

// purpose is why data is looked at by this route.
func (r Route) purpose() string {
	if r.Purpose != "" {
		return r.Purpose
	}
	for _, p := range purposes {
		if r.Pattern == p[0] || strings.HasPrefix(r.Pattern, p[0]+"/") {
			return p[1]
		}
	}
	return audit.PurposeOwn
}

// DefaultMaxBody is how much a request may send where its route names nothing: 1 MiB.
const DefaultMaxBody = 1 << 20

var permissionShape = regexp.MustCompile(`^(public|signed-in|citizen|staff|[a-z]+:[a-z_-]+)$`)

// Check refuses routes that are incomplete, above all those without a declared permission.
func Check(routes []Route) error {
	seen := map[string]bool{}
	for _, r := range routes {
		key := r.Method + " " + r.Pattern
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodPost:
			return fmt.Errorf("route %s: method must be GET or POST", key)
		case !strings.HasPrefix(r.Pattern, "/"):
			return fmt.Errorf("route %s: pattern must begin with a slash", key)
		case !permissionShape.MatchString(r.Permission):
			return fmt.Errorf("route %s: no permission declared (%q)", key, r.Permission)
		case r.Fresh != 0 && (r.Permission == Public || r.Kind == Hook || r.Kind == Asset):
			return fmt.Errorf("route %s: nobody is asked who they are, so nobody can prove it afresh", key)
		case r.Kind == "" || r.Handler == nil:
			return fmt.Errorf("route %s: no kind or no handler", key)
		case seen[key]:
			return fmt.Errorf("route %s stands twice", key)
		}
		seen[key] = true
	}
	return nil
}
