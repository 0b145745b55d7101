package analytics

import (
	"context"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Summary returns the figures of a range, of one agency or ("") of all that the caller may see. Permission:
// analytics:read. Errors: ErrForbidden, ErrRange.
func (s *Service) Summary(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (f Figures, err error) {
	defer fault.Wrap(&err, "analytics.Summary(%s)", agency)
	if err := r.check(); err != nil {
		return f, err
	}
	who, err := reachOf(by, agency)
	if err != nil {
		return f, err
	}
	return sum(ctx, tx, r, who)
}

// Series returns the figures of each day of a range, days on which nothing happened included. Permission:
// analytics:read. Errors: ErrForbidden, ErrRange.
func (s *Service) Series(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (days []Day, err error) {
	defer fault.Wrap(&err, "analytics.Series(%s)", agency)
	if err := r.check(); err != nil {
		return nil, err
	}
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	found, err := sumByDay(ctx, tx, r, who)
	if err != nil {
		return nil, err
	}
	for d := r.From; !r.To.Before(d); d = d.AddDays(1) {
		days = append(days, Day{Day: d, Figures: found[d]})
	}
	return days, nil
}

// ByService returns the figures of each service in a range, the one with most applications first. Permission:
// analytics:read. Errors: ErrForbidden, ErrRange.
func (s *Service) ByService(ctx context.Context, tx *pg.Tx, by identity.Principal, r Range, agency string) (list []ServiceFigures, err error) {
	defer fault.Wrap(&err, "analytics.ByService(%s)", agency)
	if err := r.check(); err != nil {
		return nil, err
	}
	who, err := reachOf(by, agency)
	if err != nil {
		return nil, err
	}
	return sumByService(ctx, tx, r, who)
}
