package frame

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/ui"
)

// What the frame itself answers.
var (
	errNoPage     = fault.NotFound("page.not_found")
	errSignIn     = fault.Unauthenticated("page.sign_in")
	errPermission = fault.Forbidden("page.permission")
	// errTwoCredentials says that a call carries a session's cookie and a machine's key or token.
	errTwoCredentials = fault.Invalid("page.two_credentials")
	// errRepresentative says that whoever acts for somebody else may not open this in their name.
	errRepresentative = fault.Forbidden("page.representative")
	errSuspended      = fault.Unavailable("tenancy.suspended")
	errForged         = fault.Forbidden("page.forged")
	errBody           = fault.Invalid("page.body")
	errTooLarge       = fault.Invalid("page.too_large")
	errID             = fault.NotFound("page.not_found")
	errOneFactor      = fault.Forbidden("page.one_factor")
)

// Request is one request with what every handler needs to know of it.
type Request struct {
	*http.Request
	W         http.ResponseWriter
	Route     Route
	Tenant    pg.TenantRow
	Settings  tenancy.Settings
	Principal *identity.Principal // nil when nobody is signed in
	Lang      string
	Now       time.Time // the tenant's clock when the request came
	ID        string
	frame     *Frame
	texts     *i18n.Catalog
	origin    string // IP, sealed
	said      said   // in other languages than the page's
}

// authorise checks the route's permission, and how well and how lately the person has proved who they are.
func (r *Request) authorise() error {
	if r.Route.Permission == Public {
		return nil
	}
	if err := r.permit(); err != nil {
		return err
	}
	if r.HalfProved() && !r.Route.OneFactor {
		return errOneFactor
	}
	return r.RequireFresh(r.Route.Fresh)
}

// HalfProved reports whether a member of staff has proved one factor where the state asks for two.
func (r *Request) HalfProved() bool {
	p := r.Principal
	return p != nil && p.Kind == identity.KindStaff && p.Level < 2 && r.Settings.StaffSecondFactor == tenancy.Required
}

// permit checks the route's permission.
func (r *Request) permit() error {
	need, p := r.Route.Permission, r.Principal
	switch {
	case p == nil, p.Guest && !r.Route.Guest:
		return errSignIn
	case p.Acting != nil && need == Citizen && !r.Route.Representative:
		return errRepresentative
	case need == SignedIn && p.Kind != identity.KindMachine, need == Citizen && (p.Kind == identity.KindPerson || p.Acting != nil),
		need == Staff && p.Kind == identity.KindStaff:
		return nil
	case strings.Contains(need, ":") && p.May(need):
		return nil
	}
	return errPermission
}

// acting is for whom the reader acts on this route; nil for themselves.
func (r *Request) acting() *identity.Acting {
	if r.Principal == nil || !r.Route.Representative {
		return nil
	}
	return r.Principal.Acting
}

// IsGuest reports whether the reader is a person without an account.
func (r *Request) IsGuest() bool { return r.Principal != nil && r.Principal.Guest }

// Represents reports whether the reader acts for somebody else on this route.
func (r *Request) Represents() bool { return r.acting() != nil }

// Scope is whose unit of work it is.
func (r *Request) Scope(readOnly bool) pg.Scope {
	actor := pg.Actor{Kind: "anonymous"}
	if r.Principal != nil {
		actor = r.Principal.Actor()
		if r.acting() == nil { // what a representative does on pages of their own is theirs
			actor.OnBehalf = uuid.Nil
		}
	}
	actor.IP, actor.Origin, actor.RequestID, actor.Purpose = r.IP(), r.origin, r.ID, r.Route.purpose()
	return pg.Scope{Tenant: r.Tenant.ID, Actor: actor, ReadOnly: readOnly}
}

// DB is the database, for the few calls that begin their own units of work around a network call.
func (r *Request) DB() *pg.DB { return r.frame.deps.DB }

// Read runs work on one snapshot that cannot be changed. Who acts for another leaves an entry in the record where they
// look, so for them it is a transaction that writes; so it has to be for whoever looks at somebody else's data (Write).
func (r *Request) Read(work func(ctx context.Context, tx *pg.Tx) error) error {
	scope := r.Scope(true)
	scope.ReadOnly = scope.Actor.OnBehalf == uuid.Nil
	return r.frame.deps.DB.InTx(r.Context(), scope, work)
}

// Write runs work as one transaction.
func (r *Request) Write(work func(ctx context.Context, tx *pg.Tx) error) error {
	return r.frame.deps.DB.InTx(r.Context(), r.Scope(false), work)
}

// Person is the id of who is signed in, or of whom they act for on this route; uuid.Nil for nobody.
func (r *Request) Person() uuid.UUID {
	if a := r.acting(); a != nil {
		return a.Person
	}
	if r.Principal == nil {
		return uuid.Nil
	}
	return r.Principal.Account
}

// IP is the address of the other side of the connection. Behind a trusted proxy the server puts the forwarded one there
// first.
func (r *Request) IP() string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Param returns a part of the path.
func (r *Request) Param(name string) string { return chi.URLParam(r.Request, name) }

// UUID returns a part of the path that is an id. Errors: page.not_found, since no such page exists.
func (r *Request) UUID(name string) (uuid.UUID, error) {
	v, err := uuid.Parse(r.Param(name))
	if err != nil {
		return uuid.Nil, errID
	}
	return v, nil
}

// Query returns a value of the query.
func (r *Request) Query(name string) string { return strings.TrimSpace(r.URL.Query().Get(name)) }

// Paging returns which page of a list is asked for.
func (r *Request) Paging() page.Request { return page.Request{After: r.Query("after")} }

// Form returns the posted values, of forms with files as well. Errors: page.body, page.too_large.
func (r *Request) Form() (url.Values, error) {
	if err := r.ParseForm(); err != nil { // first, since ParseMultipartForm keeps what went wrong here to itself
		return nil, bodyFault(err)
	}
	err := r.ParseMultipartForm(1 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	return r.PostForm, bodyFault(err)
}

// Body returns the whole body. Errors: page.body, page.too_large.
func (r *Request) Body() ([]byte, error) {
	b, err := io.ReadAll(r.Request.Body)
	return b, bodyFault(err)
}

// Decode reads a JSON body strictly: what the API does not know is refused. Errors: page.body, page.too_large.
func (r *Request) Decode(into any) error {
	d := json.NewDecoder(r.Request.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return bodyFault(err)
	}
	if d.More() {
		return errBody
	}
	return nil
}

func bodyFault(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return errTooLarge.With("max", large.Limit)
	}
	return errBody.Because(err)
}

// T returns a text of the catalogue in the reader's language; args are name, value pairs.
func (r *Request) T(key string, args ...any) string {
	var named map[string]any
	if len(args) > 0 {
		named = make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			named[args[i].(string)] = args[i+1]
		}
	}
	return r.texts.T(r.Lang, key, named)
}

// Texts is the catalogue as the tenant says it.
func (r *Request) Texts() *i18n.Catalog { return r.texts }

// Text returns a tenant's text in the reader's language, or in the tenant's own where it is not translated.
func (r *Request) Text(t i18n.Text) string {
	text, lang := t.Spoken(r.Lang, r.Settings.DefaultLanguage)
	r.Spoken(lang, text)
	return text
}

// Speak has the rest of the page written in another of the tenant's languages: a paper for somebody who reads that one.
func (r *Request) Speak(lang string) {
	if slices.Contains(r.languages(), lang) {
		r.Lang = lang
		r.Request = r.WithContext(ui.WithLocale(r.Context(), r.frame.locale(r)))
	}
}

func (r *Request) money(a money.Amount) string { return i18n.FormatMoney(r.Lang, a) }

// HTML writes a page.
func (r *Request) HTML(c templ.Component) error { return r.HTMLStatus(http.StatusOK, c) }

// HTMLStatus writes a page with a status. Pages with somebody's data are kept by no cache.
func (r *Request) HTMLStatus(status int, c templ.Component) error {
	var b strings.Builder
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", r.Lang)
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(status)
	_, err := io.WriteString(r.W, r.said.mark(b.String()))
	return r.gone(err)
}

// JSON writes a value.
func (r *Request) JSON(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r.W.Header().Set("Content-Type", "application/json")
	r.W.Header().Set("Cache-Control", "no-store")
	r.W.WriteHeader(status)
	_, err = r.W.Write(append(b, '\n'))
	return r.gone(err)
}

// File writes a download, or a file shown in the browser when inline is set and the type is a harmless one.
func (r *Request) File(name, mediaType string, inline bool, body []byte) error {
	how := "attachment"
	if inline && slices.Contains([]string{"application/pdf", "image/png", "image/jpeg"}, mediaType) {
		how = "inline"
	}
	if mediaType == "text/plain" {
		mediaType = "text/plain; charset=utf-8"
	}
	h := r.W.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": name}))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	_, err := r.W.Write(body)
	return r.gone(err)
}

// gone swallows nothing but notes that the reader went away: the answer is on its way and no other can be given.
func (r *Request) gone(err error) error {
	if err != nil {
		r.frame.deps.Log.DebugContext(r.Context(), "reader gone", "request", r.ID, "error", err)
	}
	return nil
}

// Redirect sends the reader on after a form was taken (303), so that going back or reloading posts nothing again.
// Only paths of this site are followed.
func (r *Request) Redirect(to string) error {
	http.Redirect(r.W, r.Request, LocalPath(to), http.StatusSeeOther)
	return nil
}

// before is the page from which something was sent that could not be taken, "" where it is not known.
func (r *Request) before() string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || r.Method != http.MethodPost {
		return ""
	}
	return LocalPath(from.RequestURI())
}

// Part reports whether a part of a page asks for itself, rather than a reader for a page.
func (r *Request) Part() bool { return r.Header.Get("HX-Request") == "true" }

// Leave sends the reader to another page of this site, also out of a part of a page that keeps itself up to date.
func (r *Request) Leave(to string) error {
	if !r.Part() {
		return r.Redirect(to)
	}
	r.W.Header().Set("HX-Redirect", LocalPath(to))
	r.W.WriteHeader(http.StatusNoContent)
	return nil
}

// RedirectOut sends the reader to another site, such as a payment provider's.
func (r *Request) RedirectOut(to string) error {
	http.Redirect(r.W, r.Request, to, http.StatusSeeOther)
	return nil
}

// LocalPath returns to when it is a path of this site, "/" otherwise, so that nobody is sent elsewhere by a link they
// were given.
func LocalPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}

// PublicURL is the address of this site as people know it, without a slash at the end.
func (r *Request) PublicURL() string { return r.frame.deps.PublicURL }

// Origin is the address under which this request reached the site, which is the tenant's own: "https://cv.example.gov".
func (r *Request) Origin() string {
	scheme, _, _ := strings.Cut(r.frame.deps.PublicURL, "://")
	return scheme + "://" + r.Host
}

// Hostname is the host of Origin, without a port.
func (r *Request) Hostname() string {
	if u, err := url.Parse(r.Origin()); err == nil {
		return u.Hostname()
	}
	return r.Host
}

// AllowForms lets the forms of this page lead to other sites, named by an address there: browsers hold a form's target to
// the page's policy, redirects included.
func (r *Request) AllowForms(addresses ...string) {
	const own = "form-action 'self'"
	allowed := own
	for _, text := range addresses {
		if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(u.Host, "; ,'\"") {
			allowed += " " + u.Scheme + "://" + u.Host
		}
	}
	h := r.W.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), own, allowed, 1))
}
