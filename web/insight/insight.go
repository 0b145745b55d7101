// Package insight shows what happens and how promises are kept: tiles with their change, the course by day, services
// beside each other, late work, and how people found the services. The figures are analytics' and performance's, the remarks request's; who may
// see which, they decide.
package insight

import (
	"context"
	"net/http"

	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/performance"
	"digit/web/frame"
)

// Services knows the names of services; catalog does.
type Services interface {
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
}

// Agencies knows the agencies; agency does.
type Agencies interface {
	Agencies(ctx context.Context, tx *pg.Tx) ([]agency.Agency, error)
}

// Calendars knows the working hours; refdata does.
type Calendars interface {
	CalendarOf(ctx context.Context, tx *pg.Tx, w refdata.Workplace) (calendar.Calendar, error)
}

// Deps is what insight calls.
type Deps struct {
	Analytics   *analytics.Service
	Performance *performance.Service
	Services    Services
	Agencies    Agencies
	Calendars   Calendars
	Remarks     Remarks
}

// Remarks knows what people wrote about services; request does.
type Remarks interface {
	Remarks(ctx context.Context, tx *pg.Tx, by identity.Principal, f request.RemarkFilter, p page.Request) (page.Page[request.Remark], error)
}

// Insight holds the handlers.
type Insight struct{ deps Deps }

// New makes insight; it panics if a dependency is missing.
func New(d Deps) *Insight {
	if d.Analytics == nil || d.Performance == nil || d.Services == nil || d.Agencies == nil || d.Calendars == nil || d.Remarks == nil {
		panic("insight.New: a dependency is missing")
	}
	return &Insight{deps: d}
}

// Routes lists insight's routes.
func (s *Insight) Routes() []frame.Route {
	page := func(pattern string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: http.MethodGet, Pattern: pattern, Permission: analytics.Read, Kind: frame.Page, Handler: h}
	}
	rating := func(pattern string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: http.MethodGet, Pattern: pattern, Permission: performance.Read, Kind: frame.Page, Handler: h}
	}
	return []frame.Route{
		page("/insight", s.overview),
		page("/insight/export.csv", s.export),
		rating("/insight/ratings", s.ratings),
		rating("/insight/ratings.csv", s.exportRatings),
	}
}

// names are the names of services and agencies by code.
type names struct{ services, agencies map[string]i18n.Text }

func (n names) service(r *frame.Request, code string) string {
	return orCode(r.Text(n.services[code]), code)
}

func (n names) agency(r *frame.Request, code string) string {
	return orCode(r.Text(n.agencies[code]), code)
}

func orCode(name, code string) string {
	if name == "" {
		return code
	}
	return name
}
