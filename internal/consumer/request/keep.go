package request

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Kept is a request that stays although its person is to be erased.
type Kept struct {
	ID        uuid.UUID
	Reference string
	Service   string
	Version   int
	Open      bool      // it is still worked on
	Paid      bool      // something was paid for it
	Until     time.Time // of one that has ended
}

// Kept returns the person's requests that were submitted, with until when they stay: as many years after their end
// as the tenant's settings say. Permission: the system's, and one's own.
// Errors: ErrNotFound.
func (s *Service) Kept(ctx context.Context, tx *pg.Tx, person uuid.UUID) (list []Kept, err error) {
	defer fault.Wrap(&err, "request.Kept(%s)", person)
	if tx.Actor.Kind != "system" && (!tx.Actor.Owns(person) || tx.Actor.OnBehalf != uuid.Nil) {
		return nil, ErrNotFound
	}
	set, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := db.ListKept(ctx, tx, person)
	for _, r := range rows {
		k := Kept{ID: r.ID, Service: r.Service, Version: int(r.Version), Open: Status(r.Status) != Closed, Paid: r.Receipt != ""}
		if r.Reference != nil {
			k.Reference = *r.Reference
		}
		years := set.KeptDecidedYears
		if k.Paid {
			years = set.KeptPaidYears
		}
		k.Until = r.UpdatedAt.AddDate(years, 0, 0)
		list = append(list, k)
	}
	return list, err
}

// Drop deletes the person's drafts with their files, which no office has ever seen, and what they said of services. Permission: the system's.
func (s *Service) Drop(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Drop(%s)", person)
	if tx.Actor.Kind != "system" {
		return ErrNotFound
	}
	if err := s.dropRatings(ctx, tx, person); err != nil {
		return err
	}
	drafts, err := db.ListDrafts(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, draft := range drafts {
		r, err := s.loadAny(ctx, tx, draft)
		if err != nil {
			return err
		}
		if err := s.dropFiles(ctx, tx, r.Answers, nil); err != nil {
			return err
		}
		if err := s.cancelReminders(ctx, tx, draft); err != nil {
			return err
		}
		for _, remove := range []func() error{
			func() error { return db.DeleteKeysOf(ctx, tx, draft) }, func() error { return db.DeleteEntriesOf(ctx, tx, draft) },
			func() error { return db.DeleteRequest(ctx, tx, draft) },
		} {
			if err := remove(); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{Action: "request.drop", Object: "request.request", ObjectID: draft, Person: person}); err != nil {
			return err
		}
	}
	return nil
}
