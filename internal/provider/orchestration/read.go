package orchestration

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Application returns an application with the answers in it. The reading is on record, so it needs a transaction that
// writes. Permission: orchestration:read
// in the agency and for the area. All answers are there, for modules; what the reader's roles may see of them Sees tells.
// Errors: ErrUnknown, ErrForbidden.
func (s *Service) Application(ctx context.Context, tx *pg.Tx, id uuid.UUID, by identity.Principal) (app Application, err error) {
	defer fault.Wrap(&err, "orchestration.Application(%s)", id)
	app, found, err := s.application(ctx, tx, id)
	if err != nil {
		return Application{}, err
	}
	if !found {
		return Application{}, ErrUnknown
	}
	if !app.Case.Reached(by, Read, tx.Now) {
		return Application{}, ErrForbidden
	}
	app.read = true
	for _, g := range by.Grants {
		if g.Agency == "" || g.Agency == app.Agency {
			app.reader = append(app.reader, g.Role)
		}
	}
	return app, audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.read", Object: Subject, ObjectID: id, Person: app.Person, Detail: map[string]any{"service": app.Service},
	})
}

// Spec returns the service in the version the application runs on, and the facts its rules are evaluated against.
func (s *Service) Spec(ctx context.Context, tx *pg.Tx, app Application) (svc *servicespec.Service, f servicespec.Facts, err error) {
	defer fault.Wrap(&err, "orchestration.Spec(%s)", app.ID)
	if svc, err = s.deps.Services.Service(ctx, tx, app.Service, app.Version); err != nil {
		return nil, f, err
	}
	f, err = s.facts(ctx, tx, svc, app, tx.Now)
	return svc, f, err
}

// Names returns the applicants' names of applications, for a list that the caller may see. The reading is on record,
// once for the list, so it needs a transaction that writes.
func (s *Service) Names(ctx context.Context, tx *pg.Tx, ids []uuid.UUID) (names map[uuid.UUID]string, err error) {
	defer fault.Wrap(&err, "orchestration.Names(%d)", len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	if names, err = s.names(ctx, tx, ids); err != nil {
		return names, err
	}
	return names, audit.Record(ctx, tx, audit.Entry{Action: "orchestration.list", Object: Subject, Detail: map[string]any{"count": len(ids)}})
}

// Decision returns the words with which an application was decided, "" where it was not or without words. Whether the
// caller may see it is the caller's to decide.
func (s *Service) Decision(ctx context.Context, tx *pg.Tx, app Application) (d Decision, err error) {
	defer fault.Wrap(&err, "orchestration.Decision(%s)", app.ID)
	return s.decision(ctx, tx, app)
}
