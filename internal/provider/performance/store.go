package performance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/performance/internal/performancedb"
)

var db = performancedb.New()

// reach is whose clocks a person may see: all, or those of some agencies.
type reach struct {
	everywhere bool
	agencies   []string
}

// reachOf derives it from the roles held; agency "" asks for all there are. A role that is limited to an area opens
// nothing, since promises are an agency's. Errors: ErrForbidden.
func reachOf(by identity.Principal, agency string) (reach, error) {
	r := reach{agencies: []string{}}
	everywhere, agencies := by.Reach(Read)
	switch {
	case agency == "":
		r.everywhere, r.agencies = everywhere, append(r.agencies, agencies...)
	case everywhere, slices.Contains(agencies, agency):
		r.agencies = append(r.agencies, agency)
	}
	if !r.everywhere && len(r.agencies) == 0 {
		return r, ErrForbidden.With("permission", Read)
	}
	return r, nil
}

func putReceived(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseReceived]) error {
	c := ev.Data
	return db.PutReceived(ctx, tx, performancedb.PutReceivedParams{
		CaseID: c.ID, Agency: c.Agency, Service: c.Service, Boundary: c.Boundary, ReceivedAt: &c.At, DueAt: c.DueAt,
	})
}

func putMoved(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseMoved]) error {
	c := ev.Data
	return db.PutMoved(ctx, tx, performancedb.PutMovedParams{
		CaseID: c.ID, Agency: c.Agency, Service: c.Service, Boundary: c.Boundary, DueAt: c.DueAt, Paused: c.Paused, MovedAt: &c.At, MovedBy: &ev.ID,
		Reopened: c.Kind != "end",
	})
}

func putDecided(ctx context.Context, tx *pg.Tx, ev event.Envelope[exchange.CaseDecided]) error {
	c := ev.Data
	return db.PutDecided(ctx, tx, performancedb.PutDecidedParams{
		CaseID: c.ID, Agency: c.Agency, Service: c.Service, Boundary: c.Boundary, DecidedAt: &c.At, Outcome: c.Outcome, Kept: &c.Kept, WorkingSeconds: &c.Working,
	})
}

func summarise(ctx context.Context, tx *pg.Tx, r Range, who reach) ([]SLA, error) {
	type key struct{ service, agency string }
	found := map[key]SLA{}
	open, err := db.SummariseOpen(ctx, tx, performancedb.SummariseOpenParams{Now: tx.Now, Everywhere: who.everywhere, Agencies: who.agencies})
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		found[key{o.Service, o.Agency}] = SLA{Agency: o.Agency, Service: o.Service, Open: o.Open, Overdue: o.Overdue, Paused: o.Paused}
	}
	decided, err := db.SummariseDecided(ctx, tx, performancedb.SummariseDecidedParams{
		FromTime: r.From, ToTime: r.To, Everywhere: who.everywhere, Agencies: who.agencies,
	})
	if err != nil {
		return nil, err
	}
	for _, d := range decided {
		a := found[key{d.Service, d.Agency}]
		a.Agency, a.Service, a.Kept, a.Breached, a.Decided, a.Median = d.Agency, d.Service, d.Kept, d.Breached, d.Decided, time.Duration(d.MedianSeconds)*time.Second
		found[key{d.Service, d.Agency}] = a
	}
	list := make([]SLA, 0, len(found))
	for _, a := range found {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b SLA) int {
		if c := strings.Compare(a.Service, b.Service); c != 0 {
			return c
		}
		return strings.Compare(a.Agency, b.Agency)
	})
	return list, nil
}

func median(ctx context.Context, tx *pg.Tx, r Range, who reach) (Half, error) {
	row, err := db.MedianSeconds(ctx, tx, performancedb.MedianSecondsParams{FromTime: r.From, ToTime: r.To, Everywhere: who.everywhere, Agencies: who.agencies})
	return Half{Decided: row.Decided, Time: time.Duration(row.MedianSeconds) * time.Second}, err
}

func listOverdue(ctx context.Context, tx *pg.Tx, who reach, req page.Request) (p page.Page[Late], err error) {
	after, last := time.Time{}, uuid.Nil
	if req.After != "" {
		parts, err := page.Decode(req.After, 2)
		if err != nil {
			return p, err
		}
		if after, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
			return p, page.ErrCursor.Because(err)
		}
		if last, err = uuid.Parse(parts[1]); err != nil {
			return p, page.ErrCursor.Because(err)
		}
	}
	rows, err := db.ListOverdue(ctx, tx, performancedb.ListOverdueParams{
		Now: tx.Now, Everywhere: who.everywhere, Agencies: who.agencies, AfterDue: after, AfterCase: last, Lim: int32(req.Limit() + 1),
	})
	if err != nil {
		return p, err
	}
	list := make([]Late, 0, len(rows))
	for _, r := range rows {
		l := Late{Case: r.CaseID, Agency: r.Agency, Service: r.Service, Boundary: r.Boundary, DueAt: *r.DueAt}
		if r.ReceivedAt != nil {
			l.ReceivedAt = *r.ReceivedAt
		}
		list = append(list, l)
	}
	return page.Of(req, list, func(l Late) []string { return []string{l.DueAt.Format(time.RFC3339Nano), l.Case.String()} }), nil
}

func measured(ctx context.Context, tx *pg.Tx, since time.Time) ([]Measured, error) {
	rows, err := db.ListMeasured(ctx, tx, since)
	list := make([]Measured, 0, len(rows))
	for _, r := range rows {
		list = append(list, Measured{
			Service: r.Service, Received: r.Received, Decided: r.Decided,
			Median: time.Duration(r.MedianSeconds) * time.Second, Most: time.Duration(r.MostSeconds) * time.Second,
		})
	}
	if err != nil {
		return nil, err
	}
	return addRatings(ctx, tx, since, list)
}
