package workbench

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Stakes returns the fee that was paid for a case, where the act decides it: by it one knows how sure to be of who acts.
// It is the zero amount for other acts, and where nothing was paid. Permission: as for Case.
// Errors: ErrForbidden, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Stakes(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, action string) (_ money.Amount, err error) {
	defer fault.Wrap(&err, "workbench.Stakes(%s, %s)", application, action)
	if err := authorise(tx, by); err != nil {
		return money.Amount{}, err
	}
	app, err := s.deps.Applications.Application(ctx, tx, application, by)
	if err != nil || app.Demand == uuid.Nil {
		return money.Amount{}, err
	}
	svc, _, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil || !decides(svc, action) {
		return money.Amount{}, err
	}
	d, err := s.deps.Payments.Demand(ctx, tx, app.Demand)
	if err != nil || d.Status != payment.DemandPaidUp {
		return money.Amount{}, err
	}
	return d.Amount, nil
}

// decides reports whether an act settles what the person asked for.
func decides(svc *servicespec.Service, action string) bool {
	a := svc.Action(action)
	if a == nil {
		return false
	}
	to := svc.StateOf(a.To)
	return slices.Contains(a.Effect, "issue_certificate") || to != nil && (to.Outcome == "approved" || to.Outcome == "rejected")
}
