package workbench

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
)

// Since reports whether a case has changed since a revision, for a page that stays open; nothing of the case is read, so nothing goes on record.
// Permission: workbench:use, and orchestration:read for the case. Errors: ErrForbidden, workflow.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Since(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, rev int64) (changed bool, err error) {
	defer fault.Wrap(&err, "workbench.Since(%s)", application)
	if err := authorise(tx, by); err != nil {
		return false, err
	}
	i, err := s.deps.Workflow.Instance(ctx, tx, application)
	if err != nil {
		return false, err
	}
	if d := by.Decide(orchestration.Read, i.Object(), tx.Now); !d.Allowed {
		return false, by.Refused(d, orchestration.ErrForbidden.With("permission", orchestration.Read))
	}
	return i.Rev != rev, nil
}
