// Package desk is the counter, on a page: find or register the person, have them agree, fill in the same forms with them,
// take what is to be paid, and hand over the papers. What may be seen and done the modules decide; nothing here does.
package desk

import (
	"net/http"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
)

// Deps is what the desk's pages call.
type Deps struct {
	Desk      *counter.Service
	Requests  *request.Service
	Catalog   *catalog.Service
	Agencies  *agency.Service
	Documents *document.Service
	Identity  *identity.Service
	Refdata   *refdata.Service
	Payments  *payment.Service
}

// Desk holds the handlers.
type Desk struct{ deps Deps }

// New makes the desk's pages; it panics if a dependency is missing.
func New(d Deps) *Desk {
	if d.Desk == nil || d.Requests == nil || d.Catalog == nil || d.Agencies == nil || d.Documents == nil || d.Identity == nil || d.Refdata == nil || d.Payments == nil {
		panic("desk.New: a dependency is missing")
	}
	return &Desk{deps: d}
}

// The bounds of what a counter asks for: how often a minute one operator may look for people, send codes and files.
const (
	findsPerMinute = 60
	codesPerMinute = 10
	savesPerMinute = 240
	filesPerMinute = 30
	// ticketsPerMinute is for one kiosk, from which everybody in a waiting room takes theirs.
	ticketsPerMinute = 60
	uploadLimit      = 32 << 20
)

// Routes lists the desk's routes.
func (d *Desk) Routes() []frame.Route {
	page := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: counter.Use, Kind: frame.Page, Handler: h}
	}
	// visit is for what is done in the name of the person at the counter.
	visit := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		r := page(method, pattern, h)
		r.Representative = true
		return r
	}
	// supervised is for what only who supervises an office does.
	supervised := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		r := page(method, pattern, h)
		r.Permission = counter.Supervise
		return r
	}
	// public is for who waits, and own for people and who acts for them.
	public := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		r := page(method, pattern, h)
		r.Permission = frame.Public
		return r
	}
	own := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		r := visit(method, pattern, h)
		r.Permission = frame.Citizen
		return r
	}
	often := func(n int, r frame.Route) frame.Route {
		r.PerMinute = n
		return r
	}
	large := func(r frame.Route) frame.Route {
		r.MaxBody = uploadLimit
		return r
	}
	const get, post = http.MethodGet, http.MethodPost
	return []frame.Route{
		page(get, "/desk", d.home),
		page(post, "/desk/place", d.choosePlace),
		often(findsPerMinute, page(post, "/desk/find", d.find)),
		page(get, "/desk/visits", d.visits),
		page(get, "/desk/people/new", d.registerAsk),
		often(findsPerMinute, page(post, "/desk/people/new", d.register)),
		page(get, "/desk/people/{id}", d.person),
		often(codesPerMinute, page(post, "/desk/people/{id}/code", d.sendCode)),
		page(get, "/desk/people/{id}/code", d.codeAsk),
		often(findsPerMinute, page(post, "/desk/people/{id}/code/check", d.checkCode)),
		page(get, "/desk/people/{id}/paper", d.paperAsk),
		large(page(post, "/desk/people/{id}/paper", d.paper)),
		page(get, "/desk/people/{id}/calls", d.callAsk),
		page(post, "/desk/people/{id}/calls", d.noteCall),
		page(get, "/desk/calls", d.calls),

		page(get, "/desk/queue", d.queue),
		page(post, "/desk/queue/next", d.callNext),
		page(post, "/desk/queue/end/{as}", d.endCall),
		page(post, "/desk/appointments/{id}/arrive", d.arrive),
		supervised(get, "/desk/queue/topics", d.topics),
		supervised(post, "/desk/queue/topics", d.putTopic),
		public(get, "/queue/{agency}/{office}", d.board),
		often(ticketsPerMinute, public(post, "/queue/{agency}/{office}/take", d.takeTicket)),
		public(get, "/queue/tickets/{id}", d.ticket),
		own(get, "/appointments", d.appointments),
		own(get, "/appointments/new/{agency}/{office}/{topic}", d.bookAsk),
		often(findsPerMinute, own(post, "/appointments/new/{agency}/{office}/{topic}", d.book)),
		own(get, "/appointments/{id}/cancel", d.cancelAsk),
		own(post, "/appointments/{id}/cancel", d.cancelAppointment),

		page(get, "/desk/till", d.till),
		page(post, "/desk/till", d.openTill),
		page(get, "/desk/tills/{id}", d.showTill),
		page(get, "/desk/tills/{id}/count", d.countAsk),
		page(post, "/desk/tills/{id}/count", d.count),
		supervised(post, "/desk/tills/{id}/approve", d.approve),
		supervised(post, "/desk/tills/{id}/back", d.sendBack),
		often(filesPerMinute, page(get, "/desk/tills/{id}/report.pdf", d.reportPDF)),
		often(filesPerMinute, page(get, "/desk/tills/{id}/report.csv", d.reportCSV)),
		often(findsPerMinute, page(post, "/desk/bills", d.findBill)),
		page(get, "/desk/bills/{id}", d.payAsk),
		page(post, "/desk/bills/{id}", d.take),
		page(get, "/desk/taken/{id}", d.taken),
		page(get, "/desk/taken/{id}/receipt.pdf", d.receipt),
		supervised(post, "/desk/taken/{id}/clear", d.clear),
		supervised(post, "/desk/taken/{id}/bounce", d.bounce),
		supervised(post, "/desk/taken/{id}/return", d.giveBack),
		supervised(get, "/desk/cheques", d.cheques),

		visit(get, "/desk/visit", d.visit),
		visit(post, "/desk/visit/end", d.endVisit),
		visit(post, "/desk/visit/start/{code}", d.start),
		visit(get, "/desk/visit/forms/{id}", d.form),
		large(often(savesPerMinute, visit(post, "/desk/visit/forms/{id}", d.answer))),
		visit(get, "/desk/visit/requests/{id}", d.request),
		visit(get, "/desk/visit/requests/{id}/paper", d.acknowledgement),
	}
}
