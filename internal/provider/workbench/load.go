package workbench

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// doneWithin is how far back the supervisor's view counts what was done.
const doneWithin = 7 * 24 * time.Hour

// Load is the open work that an officer has, ID uuid.Nil for what nobody has; by service too. Overdue and Soon are parts of Open; Done is how many
// steps they have taken within the last seven days.
type Load struct {
	ID                        uuid.UUID
	Name                      string
	Open, Overdue, Soon, Done int
	ByService                 []ServiceLoad
}

// ServiceLoad is the part of a load that is of one service.
type ServiceLoad struct {
	Service       string
	Name          i18n.Text
	Open, Overdue int
}

// Loads returns how much open work of an agency's roles who has: first what nobody has, then by name. Permission: workbench:use and
// workflow:release. Errors: ErrForbidden.
func (s *Service) Loads(ctx context.Context, tx *pg.Tx, by identity.Principal) (list []Load, err error) {
	defer fault.Wrap(&err, "workbench.Loads")
	if err := supervises(tx, by); err != nil {
		return nil, err
	}
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := s.deps.Workflow.Loads(ctx, tx, by, u.soon)
	if err != nil {
		return nil, err
	}
	if list, err = s.loads(ctx, tx, rows); err != nil {
		return nil, err
	}
	var accounts []uuid.UUID
	for _, l := range list {
		accounts = append(accounts, l.ID)
	}
	names, err := s.staffNames(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	done, err := s.deps.Workflow.Done(ctx, tx, accounts, tx.Now.Add(-doneWithin))
	for n := range list {
		list[n].Name, list[n].Done = names[list[n].ID], done[list[n].ID]
	}
	slices.SortFunc(list, func(a, b Load) int {
		if (a.ID == uuid.Nil) != (b.ID == uuid.Nil) {
			return map[bool]int{true: -1, false: 1}[a.ID == uuid.Nil]
		}
		return strings.Compare(a.Name+a.ID.String(), b.Name+b.ID.String())
	})
	return list, err
}

// loads adds up by officer.
func (s *Service) loads(ctx context.Context, tx *pg.Tx, rows []workflow.Load) (list []Load, err error) {
	var refs []servicespec.Ref
	for _, r := range rows {
		refs = append(refs, servicespec.Ref{Code: r.Service})
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		n := slices.IndexFunc(list, func(l Load) bool { return l.ID == r.Holder })
		if n < 0 {
			n, list = len(list), append(list, Load{ID: r.Holder})
		}
		l := &list[n]
		l.Open, l.Overdue, l.Soon = l.Open+r.Open, l.Overdue+r.Overdue, l.Soon+r.Soon
		part := ServiceLoad{Service: r.Service, Open: r.Open, Overdue: r.Overdue}
		if svc := specs[servicespec.Ref{Code: r.Service}]; svc != nil {
			part.Name = svc.Pack().Name
		}
		l.ByService = append(l.ByService, part)
	}
	return list, nil
}
