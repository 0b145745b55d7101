package analytics

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/analytics/internal/analyticsdb"
)

var db = analyticsdb.New()

func date(d civil.Date) pgtype.Date { return pgtype.Date{Time: d.In(time.UTC), Valid: true} }

func insertApplied(ctx context.Context, tx *pg.Tx, ev uuid.UUID) (fresh bool, err error) {
	n, err := db.InsertApplied(ctx, tx, analyticsdb.InsertAppliedParams{EventID: ev, AppliedAt: tx.Now})
	return n == 1, err
}

func addDaily(ctx context.Context, tx *pg.Tx, c exchange.Case, day civil.Date, f Figures) error {
	return db.AddDaily(ctx, tx, analyticsdb.AddDailyParams{
		Agency: c.Agency, Day: date(day), Service: c.Service, Boundary: c.Boundary, Received: f.Received, Decided: f.Decided, Approved: f.Approved,
		Rejected: f.Rejected, Withdrawn: f.Withdrawn, Kept: f.Kept, Overdue: f.Overdue, Moved: f.Moved, WorkingSeconds: int64(f.Working / time.Second),
	})
}

// takeDaily takes a decision out of the sums of its day.
func takeDaily(ctx context.Context, tx *pg.Tx, d analyticsdb.AnalyticsDecision) error {
	f := decision(d.Outcome, d.Kept, d.WorkingSeconds)
	return db.TakeDaily(ctx, tx, analyticsdb.TakeDailyParams{
		Agency: d.Agency, Day: d.Day, Service: d.Service, Boundary: d.Boundary, Decided: f.Decided, Approved: f.Approved, Rejected: f.Rejected,
		Withdrawn: f.Withdrawn, Kept: f.Kept, WorkingSeconds: d.WorkingSeconds,
	})
}

// lockDecision returns the last decision of a case, if there was one.
func lockDecision(ctx context.Context, tx *pg.Tx, of uuid.UUID) (d analyticsdb.AnalyticsDecision, found bool, err error) {
	d, err = db.LockDecision(ctx, tx, of)
	if pg.NotFound(err) {
		return d, false, nil
	}
	return d, err == nil, err
}

func putDecision(ctx context.Context, tx *pg.Tx, e exchange.CaseDecided, day civil.Date) error {
	return db.PutDecision(ctx, tx, analyticsdb.PutDecisionParams{
		CaseID: e.ID, Agency: e.Agency, Day: date(day), Service: e.Service, Boundary: e.Boundary, Outcome: e.Outcome, Kept: e.Kept,
		WorkingSeconds: e.Working, DecidedAt: e.At,
	})
}

func addRevenue(ctx context.Context, tx *pg.Tx, p exchange.CasePaid, day civil.Date) error {
	return db.AddRevenue(ctx, tx, analyticsdb.AddRevenueParams{
		Agency: p.Agency, Day: date(day), Service: p.Service, Boundary: p.Boundary, Currency: p.Amount.Currency, PaidMinor: p.Amount.Minor,
	})
}

func sum(ctx context.Context, tx *pg.Tx, r Range, who reach) (Figures, error) {
	n, err := db.SumDaily(ctx, tx, analyticsdb.SumDailyParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	if err != nil {
		return Figures{}, err
	}
	f := figures(n)
	paid, err := db.SumRevenue(ctx, tx, analyticsdb.SumRevenueParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	for _, p := range paid {
		f.Revenue = append(f.Revenue, money.Amount{Minor: p.PaidMinor, Currency: p.Currency})
	}
	return f, err
}

func sumByDay(ctx context.Context, tx *pg.Tx, r Range, who reach) (map[civil.Date]Figures, error) {
	rows, err := db.SumByDay(ctx, tx, analyticsdb.SumByDayParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	if err != nil {
		return nil, err
	}
	days := map[civil.Date]Figures{}
	for _, n := range rows {
		days[civil.Of(n.Day.Time)] = figures(analyticsdb.SumDailyRow{
			Received: n.Received, Decided: n.Decided, Approved: n.Approved, Rejected: n.Rejected, Withdrawn: n.Withdrawn,
			Kept: n.Kept, Overdue: n.Overdue, Moved: n.Moved, WorkingSeconds: n.WorkingSeconds,
		})
	}
	paid, err := db.SumRevenueByDay(ctx, tx, analyticsdb.SumRevenueByDayParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	for _, p := range paid {
		f := days[civil.Of(p.Day.Time)]
		f.Revenue = append(f.Revenue, money.Amount{Minor: p.PaidMinor, Currency: p.Currency})
		days[civil.Of(p.Day.Time)] = f
	}
	return days, err
}

func sumByService(ctx context.Context, tx *pg.Tx, r Range, who reach) ([]ServiceFigures, error) {
	rows, err := db.SumByService(ctx, tx, analyticsdb.SumByServiceParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	if err != nil {
		return nil, err
	}
	type key struct{ agency, service string }
	at := map[key]int{}
	var list []ServiceFigures
	for _, n := range rows {
		at[key{n.Agency, n.Service}] = len(list)
		list = append(list, ServiceFigures{Agency: n.Agency, Service: n.Service, Figures: figures(analyticsdb.SumDailyRow{
			Received: n.Received, Decided: n.Decided, Approved: n.Approved, Rejected: n.Rejected, Withdrawn: n.Withdrawn,
			Kept: n.Kept, Overdue: n.Overdue, Moved: n.Moved, WorkingSeconds: n.WorkingSeconds,
		})})
	}
	paid, err := db.SumRevenueByService(ctx, tx, analyticsdb.SumRevenueByServiceParams{
		Everywhere: who.everywhere, Agencies: who.agencies, FromDay: date(r.From), ToDay: date(r.To),
	})
	for _, p := range paid {
		i, ok := at[key{p.Agency, p.Service}]
		if !ok { // paid in this range, received and moved before it
			i, at[key{p.Agency, p.Service}] = len(list), len(list)
			list = append(list, ServiceFigures{Agency: p.Agency, Service: p.Service})
		}
		list[i].Revenue = append(list[i].Revenue, money.Amount{Minor: p.PaidMinor, Currency: p.Currency})
	}
	return list, err
}

func figures(n analyticsdb.SumDailyRow) Figures {
	return Figures{
		Received: n.Received, Decided: n.Decided, Approved: n.Approved, Rejected: n.Rejected, Withdrawn: n.Withdrawn,
		Kept: n.Kept, Overdue: n.Overdue, Moved: n.Moved, Working: time.Duration(n.WorkingSeconds) * time.Second,
	}
}
