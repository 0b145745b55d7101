package frame

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// bearer returns the key or token that a program shows (RFC 6750, section 2.1), "" for none. Only the API is called so, where it asks who
// calls: pages are for people, whatever a request to them carries, and what is public may have a token of its own, as a bank has.
func (r *Request) bearer() string {
	if r.Route.Kind != API || r.Route.Permission == Public {
		return ""
	}
	scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(shown)
}

// identify finds out who asks: a person by the session's cookie, a machine by what it shows. Both at once would leave open in whose name.
// Errors: page.two_credentials, identity.ErrBearer, identity.ErrRate.
func (r *Request) identify(ctx context.Context, tx *pg.Tx, token, bearer string) error {
	var p identity.Principal
	var err error
	switch {
	case token != "" && bearer != "":
		return errTwoCredentials
	case bearer != "":
		p, err = r.frame.deps.Identity.Bearer(ctx, tx, bearer)
	case token != "":
		p, err = r.frame.deps.Identity.Session(ctx, tx, token)
		if f := fault.Of(err); f != nil && f.Kind == fault.KindUnauthenticated {
			return nil
		}
	default:
		return nil
	}
	if err == nil {
		r.Principal = &p
	}
	return err
}

// challenge tells a program how to prove itself, or what it lacks (RFC 6750, section 3).
func (r *Request) challenge(e *fault.Error) {
	how := ""
	switch {
	case e.Kind == fault.KindUnauthenticated && r.bearer() != "":
		how = `Bearer realm="digit", error="invalid_token"`
	case e.Kind == fault.KindUnauthenticated:
		how = `Bearer realm="digit"`
	case e.Kind == fault.KindForbidden && r.Principal != nil && r.Principal.Kind == identity.KindMachine:
		how = fmt.Sprintf(`Bearer realm="digit", error="insufficient_scope", scope=%q`, r.missing(e))
	}
	if how != "" {
		r.W.Header().Set("WWW-Authenticate", how)
	}
}

// RetryAfter tells when another try makes sense, where the failure knows (RFC 9110, section 10.2.3).
func RetryAfter(w http.ResponseWriter, e *fault.Error) {
	if seconds, ok := e.Args[fault.RetryAfter].(int); ok && e.Kind == fault.KindTooMany {
		w.Header().Set("Retry-After", fmt.Sprint(seconds))
	}
}

// missing is the permission that a refusal is about: the one it names, else the route's.
func (r *Request) missing(e *fault.Error) string {
	if code, ok := e.Args["permission"].(string); ok {
		return code
	}
	if strings.Contains(r.Route.Permission, ":") {
		return r.Route.Permission
	}
	return ""
}
