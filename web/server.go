// Package web is everything people's browsers and other systems' programs meet: pages, JSON APIs, inbound hooks and
// assets. It knows all three layers and owns no rules: a handler reads what was sent, calls modules inside one unit of
// work, and renders what they answered.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/id"
	"digit/web/asset"
	"digit/web/frame"
)

// Config is what the server itself needs. Jobs is the job queue's own console, served below /console/jobs to those who
// may (nil: none); Health answers /healthz and /readyz. Proxies are the addresses from which X-Forwarded-For is believed.
type Config struct {
	Frame     *frame.Frame
	Routes    []frame.Route
	Jobs      http.Handler
	JobsGuard frame.Route
	Healthz   http.HandlerFunc
	Readyz    http.HandlerFunc
	Log       *slog.Logger
	Secure    bool
	Proxies   []netip.Prefix
}

// New returns the handler of the whole site. It panics when a route declares no permission: that is a defect, not a
// state to run in.
func New(c Config) http.Handler {
	if err := frame.Check(c.Routes); err != nil {
		panic(err)
	}
	r := chi.NewRouter()
	r.Use(forwarded(c.Proxies), identify, observe(c.Log), recoverer(c.Log), headers(c.Secure), middleware.Compress(5), sameOrigin(c.Frame))
	r.Get("/healthz", c.Healthz)
	r.Get("/readyz", c.Readyz)
	r.Handle("/assets/*", asset.Handler())
	for _, route := range c.Routes {
		r.Method(route.Method, route.Pattern, c.Frame.Handler(route))
	}
	if c.Jobs != nil {
		r.Handle("/console/jobs", c.Frame.Guard(c.JobsGuard, c.Jobs))
		r.Handle("/console/jobs/*", c.Frame.Guard(c.JobsGuard, c.Jobs))
	}
	lost := frame.Route{Method: http.MethodGet, Pattern: "/*", Permission: frame.Public, Kind: frame.Page, Handler: frame.Lost}
	r.NotFound(func(w http.ResponseWriter, hr *http.Request) { c.Frame.Handler(asRead(lost, hr)).ServeHTTP(w, hr) })
	return r
}

// identify gives each request an id, which joins what is logged, audited and shown about it.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rid := id.New().String()
		w.Header().Set("X-Request-Id", rid)
		next.ServeHTTP(w, r.WithContext(frame.WithRequestID(r.Context(), rid)))
	})
}

// observe logs one line a request: the route's pattern, never the path, which may hold a secret or a name, and who asked,
// never by a name.
func observe(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := clock.Now()
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			note := &frame.Note{Kind: "anonymous"}
			r = r.WithContext(frame.WithNote(r.Context(), note))
			next.ServeHTTP(ww, r)
			pattern := chi.RouteContext(r.Context()).RoutePattern()
			if strings.HasPrefix(pattern, "/assets/") || pattern == "/healthz" || pattern == "/readyz" {
				return
			}
			log.InfoContext(r.Context(), "request", "method", r.Method, "route", pattern, "status", ww.Status(), "bytes", ww.BytesWritten(),
				"ms", time.Since(start).Milliseconds(), "request", w.Header().Get("X-Request-Id"), "tenant", note.Tenant, "kind", note.Kind, "actor", note.Actor)
		})
	}
}

// recoverer turns a panic of one request into a logged 500, and lets the others go on.
func recoverer(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if p := recover(); p != nil && p != http.ErrAbortHandler {
					log.ErrorContext(r.Context(), "panic", "panic", p, "request", w.Header().Get("X-Request-Id"), "stack", string(debug.Stack()))
					http.Error(w, http.StatusText(http.StatusInternalServerError)+" "+w.Header().Get("X-Request-Id"), http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
}

// policy allows what the pages need and nothing else: no inline script or style, no frame around us, no foreign source.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"

// jobsPolicy is for the job queue's console, whose graph sets styles on elements.
const jobsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"

// headers are those of every answer. Nothing is kept by caches unless its handler says so.
func headers(secure bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			if strings.HasPrefix(r.URL.Path, "/console/jobs") {
				h.Set("Content-Security-Policy", jobsPolicy)
			}
			h.Set("Cache-Control", "no-store")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
			if secure {
				h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
			}
			next.ServeHTTP(w, r)
		})
	}
}

// sameOrigin refuses posts that a browser sends from another site. Other systems' calls carry no Origin and are signed.
func sameOrigin(f *frame.Frame) func(http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	refuse := frame.Route{Method: http.MethodPost, Pattern: "/*", Permission: frame.Public, Kind: frame.Page, Handler: frame.Forged}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Handler(asRead(refuse, r)).ServeHTTP(w, r)
	}))
	return guard.Handler
}

// asRead gives a route the kind of answer that whoever asks for such a path reads.
func asRead(route frame.Route, r *http.Request) frame.Route {
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/field/api/") || strings.HasPrefix(r.URL.Path, "/hooks/") {
		route.Kind = frame.API
	}
	return route
}
