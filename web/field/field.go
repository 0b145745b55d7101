// Package field is the application that officers take outside: a page that works without a network, the interface through which it
// takes visits along and sends what was found, and, for the office, a page of what was found on a case. What may be seen and done the
// modules decide; nothing here does.
package field

import (
	"context"
	"net/http"
	"slices"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	outside "digit/internal/provider/field"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

// Deps is what the pages call.
type Deps struct {
	Field     *outside.Service
	Workbench *bench.Service
	Documents *document.Service
	Refdata   *refdata.Service
}

// Field holds the handlers.
type Field struct{ deps Deps }

// New makes the surface; it panics if a dependency is missing.
func New(d Deps) *Field {
	if d.Field == nil || d.Workbench == nil || d.Documents == nil || d.Refdata == nil {
		panic("field.New: a dependency is missing")
	}
	return &Field{deps: d}
}

// How often a minute a device, or a stranger who says to be one, may ask.
const (
	asksPerMinute   = 120
	piecesPerMinute = 600
)

// Routes lists the routes of the application.
func (f *Field) Routes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	api := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: "/field/api" + pattern, Permission: permission, Kind: frame.API, Handler: h}
	}
	status, gone := api(get, "/devices/{device}", frame.Public, f.status), api(post, "/devices/{device}/gone", frame.Public, f.gone)
	status.PerMinute, gone.PerMinute = asksPerMinute, asksPerMinute
	piece := api(post, "/uploads/{upload}", outside.Use, f.piece)
	piece.MaxBody, piece.PerMinute = document.MaxPiece, piecesPerMinute
	return []frame.Route{
		{Method: get, Pattern: "/field", Permission: frame.Public, Kind: frame.Page, Handler: f.shell},
		status, gone, piece,
		api(post, "/devices", outside.Use, f.enrol),
		api(get, "/bundle", outside.Use, f.bundle),
		api(post, "/visits/{case}/claim", outside.Use, f.claim),
		api(post, "/uploads", outside.Use, f.begin),
		api(post, "/operations", outside.Use, f.operation),
		api(post, "/operations/{operation}/choose", outside.Use, f.choose),
		{Method: get, Pattern: "/workbench/cases/{id}/visits", Permission: bench.Use, Kind: frame.Page, Handler: f.reports},
		{Method: get, Pattern: "/workbench/cases/{id}/visits/files/{file}", Permission: bench.Use, Kind: frame.Page, Handler: f.file},
	}
}

// words are what codes are called on the pages.
type words struct {
	areas map[string]refdata.Boundary
	codes map[string][]refdata.Code
}

// load reads what codes are called, of areas and of a service's lists.
func (f *Field) load(ctx context.Context, tx *pg.Tx, services ...*servicespec.Service) (w words, err error) {
	all, err := f.deps.Refdata.Boundaries(ctx, tx, "", "")
	if err != nil {
		return w, err
	}
	w = words{areas: map[string]refdata.Boundary{}, codes: map[string][]refdata.Code{}}
	for _, b := range all {
		w.areas[b.Code] = b
	}
	for _, svc := range services {
		for _, list := range svc.CodeLists() {
			if w.codes[list] != nil {
				continue
			}
			if w.codes[list], err = f.deps.Refdata.Codes(ctx, tx, list); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}

// area is what an area is called, with the one it lies in.
func (w words) area(r *frame.Request, code string) string {
	b, known := w.areas[code]
	if !known {
		return code
	}
	name := r.Text(b.Name)
	if len(b.Path) > 3 {
		name += ", " + r.Text(w.areas[b.Parent].Name)
	}
	return name
}

func (w words) of(r *frame.Request, svc *servicespec.Service) servicespec.Words {
	return servicespec.Words{
		T:        func(key string) string { return r.T(key) },
		Boundary: func(code string) string { return w.area(r, code) },
		RefData: func(list, code string) string {
			if n := slices.IndexFunc(w.codes[list], func(c refdata.Code) bool { return c.Code == code }); n >= 0 {
				return r.Text(w.codes[list][n].Name)
			}
			return code
		},
		Currency: r.Settings.Currency, Fallback: svc.Pack().Languages[0],
	}
}

// shell is the page that the application runs in. It holds nobody's data, since browsers keep it.
func (f *Field) shell(r *frame.Request) error {
	site := r.Site("")
	site.SignedIn, site.SignOutAction, site.SignInURL, site.Account, site.Capacities, site.Clock, site.HomeURL = "", "", "", nil, nil, "", "/field"
	v := shellView{Site: site, Days: int(outside.HeldFor.Hours() / 24), Lang: r.Lang}
	var names []any // the application fills them in
	for _, n := range []string{"who", "action", "at", "date", "n", "reference", "used", "room"} {
		names = append(names, n, "{"+n+"}")
	}
	for _, key := range said {
		v.Words = append(v.Words, ui.Fact{Key: key, Value: r.T("field.app."+key, names...)})
	}
	return r.HTML(shellPage(v))
}

// said are the sentences that the application says by itself.
var said = []string{
	"asked", "begin", "being_sent", "check_first", "comment_missing", "conflict", "conflict_again", "conflict_claim", "conflict_moved",
	"conflict_release", "conflict_yours", "correction_missing", "delete", "delete_sure", "due", "empty", "empty_free", "failed", "finished", "go_on",
	"held", "keep_mine", "let_go", "let_go_sure", "mend", "none_unsent", "not_sent", "offline", "old", "online", "open", "others", "photo",
	"position_failed", "position_kept", "quota", "reason_missing", "refused", "remove", "result_missing", "sent", "sign_in", "state", "sync_last",
	"sync_never", "take", "unsent", "unsupported", "wipe_sure", "wipe_unsent", "wiped", "yours",
}
