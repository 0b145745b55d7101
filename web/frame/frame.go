package frame

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/ui"
)

// Deps is what the frame needs. PublicURL is the address people know; DefaultTenant answers for hosts that name none.
type Deps struct {
	DB            *pg.DB
	Tenancy       *tenancy.Service
	Identity      *identity.Service
	Origins       Origins
	Catalog       *i18n.Catalog
	Wording       *tenancy.Wording // what tenants say otherwise; nil where none does
	Log           *slog.Logger
	PublicURL     string
	DefaultTenant string
	// Spend counts one more time for a key that names somebody and something, and refuses what is more than most times a
	// minute, over all processes. Without it nothing is refused.
	Spend func(ctx context.Context, tx *pg.Tx, key string, most int) error
	// Confirm answers a post whose sender must prove afresh who they are: with a page that asks for it and carries on what
	// was posted (see Request.Resume). Without it they are refused.
	Confirm func(*Request) error
}

// Origins seals the address of a request, so that the record can keep it.
type Origins interface {
	SealOrigin(ctx context.Context, tx *pg.Tx, request uuid.UUID, ip string) (string, error)
}

// Frame turns routes into handlers.
type Frame struct {
	deps    Deps
	secure  bool
	tenants cache
}

// New makes the frame.
func New(d Deps) *Frame {
	if d.DB == nil || d.Tenancy == nil || d.Identity == nil || d.Origins == nil || d.Catalog == nil || d.Log == nil || d.PublicURL == "" {
		panic("frame.New: a dependency is missing")
	}
	return &Frame{deps: d, secure: strings.HasPrefix(d.PublicURL, "https://"), tenants: cache{by: map[string]cached{}}}
}

// Handler returns the route as an http.Handler: it finds the tenant, the person and the language, checks the
// permission, runs the handler and answers its failure.
func (f *Frame) Handler(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		limit := route.MaxBody
		if limit == 0 {
			limit = DefaultMaxBody
		}
		hr.Body = http.MaxBytesReader(w, hr.Body, limit)
		r := &Request{Request: hr, W: w, frame: f, Route: route, ID: requestID(hr.Context())}
		err := f.prepare(r)
		if err == nil {
			err = route.Handler(r)
		}
		if err != nil {
			r.fail(err)
		}
	})
}

// prepare fills the request. What it cannot fill it leaves usable, so that a failure can be told in some language.
func (f *Frame) prepare(r *Request) error {
	r.texts = f.deps.Catalog
	r.Lang = i18n.Match(r.Header.Get("Accept-Language"), r.languages())
	if chosen := r.Recall(languageCookie); slices.Contains(r.languages(), chosen) {
		r.Lang = chosen
	}
	r.Request = r.WithContext(ui.WithLocale(r.Context(), f.locale(r))) // for pages that say why nothing more is known
	tenant, err := f.tenant(r.Context(), r.Host)
	if err != nil {
		return err
	}
	r.Tenant = tenant
	note := noteOf(r.Context())
	note.Tenant = tenant.Slug
	if r.Route.DemoOnly && tenant.Kind == "production" {
		return errNoPage
	}
	if r.Route.Kind == Asset {
		return nil
	}
	token, bearer := r.sessionToken(), r.bearer()
	limited := r.Route.PerMinute > 0 && f.deps.Spend != nil
	// A session is noted as used and a machine's call is counted, so they are read in a transaction that may write: but not by
	// a page that keeps itself up to date while nobody is there.
	reads := !limited && bearer == "" && (token == "" || r.Header.Get("X-Refresh") != "")
	err = f.deps.DB.InTx(r.Context(), r.Scope(reads), func(ctx context.Context, tx *pg.Tx) error {
		r.Now = tx.Now
		r.origin = f.origin(ctx, tx, r)
		if r.Settings, err = f.deps.Tenancy.Settings(ctx, tx); err != nil {
			return err
		}
		if f.deps.Wording != nil {
			if r.texts, err = f.deps.Wording.Texts(ctx, tx, r.Settings); err != nil {
				r.texts = f.deps.Catalog
				return err
			}
		}
		if err := r.identify(ctx, tx, token, bearer); err != nil {
			return err
		}
		if r.Principal != nil {
			note.Kind, note.Actor = r.Principal.Kind, r.Principal.Account.String()
		}
		if !limited {
			return nil
		}
		return f.deps.Spend(ctx, tx, r.asker()+" "+r.Method+" "+r.Route.Pattern, r.Route.PerMinute)
	})
	if err != nil {
		return err
	}
	r.Lang = r.chooseLanguage()
	r.Request = r.WithContext(ui.WithLocale(r.Context(), f.locale(r)))
	return r.authorise()
}

// asker is whom a limit holds for: the person, or the address where nobody is signed in.
func (r *Request) asker() string {
	if r.Principal != nil {
		return r.Principal.Account.String()
	}
	return r.IP()
}

// origin seals where the request comes from, once for all it does. Without keys, which a tenant nobody ever wrote to has
// not, only the network is recorded.
func (f *Frame) origin(ctx context.Context, tx *pg.Tx, r *Request) string {
	id, err := uuid.Parse(r.ID)
	if err != nil {
		return ""
	}
	sealed, err := f.deps.Origins.SealOrigin(ctx, tx, id, r.IP())
	if err != nil {
		f.deps.Log.DebugContext(ctx, "origin not sealed", "request", r.ID, "error", err)
	}
	return sealed
}

// languages are those that there are texts in, also such as nobody is offered yet.
func (r *Request) languages() []string {
	var codes []string
	for _, l := range r.texts.Languages() {
		codes = append(codes, l.Code)
	}
	return codes
}

// locale says how pages of this request speak.
func (f *Frame) locale(r *Request) ui.Locale {
	lang, zone, texts := r.Lang, r.Settings.Location(), r.texts
	return ui.Locale{
		Lang: lang, Dir: i18n.Dir(lang), Zone: zone,
		T:              func(key string, args map[string]any) string { return texts.T(lang, key, args) },
		FormatDate:     func(t time.Time) string { return i18n.FormatDate(lang, t, zone) },
		FormatDateTime: func(t time.Time) string { return i18n.FormatDateTime(lang, t, zone) },
		FormatDateLong: func(t time.Time) string { return i18n.FormatDateLong(lang, t, zone) },
		FormatMoney:    r.money,
		FormatNumber:   func(n int64) string { return i18n.FormatNumber(lang, n) },
	}
}

// cache keeps which tenant a host is, so that it is not asked for each picture; kept short, since a tenant may be
// suspended or get a new host at any time.
type cache struct {
	mu sync.Mutex
	by map[string]cached
}

type cached struct {
	tenant pg.TenantRow
	until  time.Time
}

const cacheFor = 5 * time.Second

// tenant returns the tenant of a host: the one whose domain it is, the one whose slug is its first label, or the default.
func (f *Frame) tenant(ctx context.Context, host string) (pg.TenantRow, error) {
	host = strings.ToLower(host)
	if u, err := url.Parse("//" + host); err == nil {
		host = u.Hostname()
	}
	f.tenants.mu.Lock()
	c, ok := f.tenants.by[host]
	f.tenants.mu.Unlock()
	if ok && clock.Now().Before(c.until) {
		return c.tenant, nil
	}
	t, err := f.findTenant(ctx, host)
	if err != nil {
		return t, err
	}
	if t.Status != "active" {
		return t, errSuspended
	}
	f.tenants.mu.Lock()
	defer f.tenants.mu.Unlock()
	if len(f.tenants.by) > 1000 { // hosts are what callers say: do not let them fill the memory
		clear(f.tenants.by)
	}
	f.tenants.by[host] = cached{t, clock.Now().Add(cacheFor)}
	return t, nil
}

func (f *Frame) findTenant(ctx context.Context, host string) (pg.TenantRow, error) {
	t, err := f.deps.DB.TenantByHost(ctx, host)
	if fault.Of(err) == nil || fault.Of(err).Kind != fault.KindNotFound {
		return t, err
	}
	if slug, _, ok := strings.Cut(host, "."); ok {
		t, err = f.deps.DB.TenantBySlug(ctx, slug)
		if fault.Of(err) == nil || fault.Of(err).Kind != fault.KindNotFound {
			return t, err
		}
	}
	return f.deps.DB.TenantBySlug(ctx, f.deps.DefaultTenant)
}

// Note is what the log's line about a request says besides what was asked: whose it was, by ids alone.
type Note struct{ Tenant, Kind, Actor string }

type noteKey struct{}

// WithNote returns a context in which the frame notes whose request it is.
func WithNote(ctx context.Context, n *Note) context.Context {
	return context.WithValue(ctx, noteKey{}, n)
}

func noteOf(ctx context.Context) *Note {
	if n, ok := ctx.Value(noteKey{}).(*Note); ok {
		return n
	}
	return &Note{}
}

type requestIDKey struct{}

// WithRequestID returns a context that carries the request's id, which log lines, audit records and error pages show.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

func requestID(ctx context.Context) string {
	s, _ := ctx.Value(requestIDKey{}).(string)
	if s == "" {
		s = uuid.NewString()
	}
	return s
}

// Lost answers for every path that is no route.
func Lost(*Request) error { return errNoPage }

// Forged answers for posts that a browser sends from another site.
func Forged(*Request) error { return errForged }

// Guard puts a route's permission in front of a handler that knows nothing of people.
func (f *Frame) Guard(route Route, next http.Handler) http.Handler {
	route.Handler = func(r *Request) error {
		next.ServeHTTP(r.W, r.Request)
		return nil
	}
	return f.Handler(route)
}
