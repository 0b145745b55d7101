package encryption

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// OnForget has f called whenever a person's key is destroyed, in the same transaction and before it: to remove the blind
// indexes and whatever else of the person does not become unreadable by itself. f must bear being called twice. It is
// called before traffic.
func (s *Service) OnForget(f func(ctx context.Context, tx *pg.Tx, person uuid.UUID) error) {
	s.hooks = append(s.hooks, f)
}

// Forget destroys the person's key: all that was sealed for the person is unreadable once the transaction has committed, in
// every process, every table and every copy. It may be repeated. Who may ask for it is the caller's to decide; the act
// itself is audited here. Errors: those of the hooks.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "encryption.Forget(%s)", person)
	if person == uuid.Nil {
		return ErrNoKey
	}
	for _, hook := range s.hooks {
		if err := hook(ctx, tx, person); err != nil {
			return err
		}
	}
	n, err := db.ForgetPersonKey(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := s.changed(ctx, tx, dataKeyName(tx.Tenant, person)); err != nil || n == 0 {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "encryption.person_key.destroy", Object: "encryption.person_key", ObjectID: person, Person: person})
}
