package studio

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Discard throws a draft away; what is published of the service stays. It can be taken back for KeepDiscarded. A second time changes
// nothing. Permission: studio:design. Errors: ErrUnknown, ErrForbidden.
func (s *Service) Discard(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (err error) {
	defer fault.Wrap(&err, "studio.Discard(%s)", draft)
	d, err := lockDraft(ctx, tx, draft)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Design, d.Agency); err != nil || d.DiscardedAt != nil {
		return err
	}
	if err := setDiscarded(ctx, tx, draft, &tx.Now); err != nil {
		return err
	}
	return record(ctx, tx, "studio.draft.discard", d, nil)
}

// TakeBack brings a draft back that was thrown away. Permission: studio:design.
// Errors: ErrUnknown, ErrForbidden, ErrLate, ErrTaken where there is another draft of the service by now.
func (s *Service) TakeBack(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID) (err error) {
	defer fault.Wrap(&err, "studio.TakeBack(%s)", draft)
	d, err := lockDraft(ctx, tx, draft)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Design, d.Agency); err != nil || d.DiscardedAt == nil {
		return err
	}
	if tx.Now.Sub(*d.DiscardedAt) > KeepDiscarded {
		return ErrLate
	}
	if err := refuseTaken(ctx, tx, d.Code); err != nil {
		return err
	}
	if err := setDiscarded(ctx, tx, draft, nil); err != nil {
		return err
	}
	return record(ctx, tx, "studio.draft.take_back", d, nil)
}
