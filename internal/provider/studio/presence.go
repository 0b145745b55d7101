package studio

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Presence is somebody who has a draft open: at which part, and at which spot of it (the code of a page, say).
type Presence struct {
	Account    uuid.UUID
	Part, Spot string
	At         time.Time // the machine's clock
}

// present is for how long somebody counts as there after they were last seen.
const present = 90 * time.Second

// Appear notes that the caller has a part of a draft open, and returns who else has. Permission: studio:read.
// Errors: ErrUnknown, ErrForbidden.
func (s *Service) Appear(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, part, spot string) (others []Presence, err error) {
	defer fault.Wrap(&err, "studio.Appear(%s)", draft)
	if _, err := s.Draft(ctx, tx, by, draft); err != nil {
		return nil, err
	}
	if err := putPresence(ctx, tx, draft, Presence{by.Account, part, spot, tx.Wall}); err != nil {
		return nil, err
	}
	all, err := listPresence(ctx, tx, draft, tx.Wall.Add(-present))
	for _, p := range all {
		if p.Account != by.Account {
			others = append(others, p)
		}
	}
	return others, err
}
