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

// Application returns an application with the answers in it that the reader may see: those that the service shows to one of
// their roles, and those of a special kind only for who has orchestration:read_special or had them revealed. The reading is on record, so it needs a transaction that writes. Permission: orchestration:read
// in the agency and for the area. Errors: ErrUnknown, ErrForbidden, identity.ErrPolicy.
func (s *Service) Application(ctx context.Context, tx *pg.Tx, id uuid.UUID, by identity.Principal) (app Application, err error) {
	defer fault.Wrap(&err, "orchestration.Application(%s)", id)
	app, found, err := s.application(ctx, tx, id)
	if err != nil {
		return Application{}, err
	}
	if !found {
		return Application{}, ErrUnknown
	}
	if d := by.Decide(Read, app.Case.Object(), tx.Now); !d.Allowed {
		return Application{}, by.Refused(d, ErrForbidden.With("permission", Read))
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return Application{}, err
	}
	if err := s.conceal(ctx, tx, &app, svc, by); err != nil {
		return Application{}, err
	}
	return app, audit.Read(ctx, tx, audit.Entry{
		Action: "orchestration.read", Object: Subject, ObjectID: id, Person: app.Person, Detail: map[string]any{"service": app.Service, "agency": app.Agency},
	})
}

// ByReference is Application by the number that people know. A number that is nobody's and one that the reader may not open are the same
// to them. Permission and errors: as for Application, but for ErrForbidden, in place of which there is ErrUnknown.
func (s *Service) ByReference(ctx context.Context, tx *pg.Tx, reference string, by identity.Principal) (app Application, err error) {
	defer fault.Wrap(&err, "orchestration.ByReference")
	id, err := db.GetApplicationID(ctx, tx, reference)
	if pg.NotFound(err) {
		return Application{}, ErrUnknown
	}
	if err != nil {
		return Application{}, err
	}
	app, err = s.Application(ctx, tx, id, by)
	if err != nil && fault.Of(err).Kind == fault.KindForbidden {
		err = ErrUnknown
	}
	return app, err
}

// Spec returns the service in the version the application runs on, and the facts its rules are evaluated against.
func (s *Service) Spec(ctx context.Context, tx *pg.Tx, app Application) (svc *servicespec.Service, f servicespec.Facts, err error) {
	defer fault.Wrap(&err, "orchestration.Spec(%s)", app.ID)
	if svc = app.spec; svc == nil {
		if svc, err = s.deps.Services.Service(ctx, tx, app.Service, app.Version); err != nil {
			return nil, f, err
		}
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
	audit.ReadList(ctx, tx, audit.Entry{Action: "orchestration.list", Object: Subject}, ids...)
	return names, nil
}

// Find returns which application has a reference, and whose it is, for looking through the record of what was done with
// it, and for a counter to find a person by. Permission: audit:read or desk:use, which the caller asks for. Errors: ErrUnknown.
func (s *Service) Find(ctx context.Context, tx *pg.Tx, reference string) (application, person uuid.UUID, err error) {
	defer fault.Wrap(&err, "orchestration.Find")
	row, err := db.FindApplication(ctx, tx, reference)
	if pg.NotFound(err) {
		return uuid.Nil, uuid.Nil, ErrUnknown
	}
	return row.ID, row.PersonID, err
}

// Decisions returns how an application was decided, the first first: one that was taken up again has several. Whether the caller may see
// it is the caller's to decide.
func (s *Service) Decisions(ctx context.Context, tx *pg.Tx, app Application) (list []Decision, err error) {
	defer fault.Wrap(&err, "orchestration.Decisions(%s)", app.ID)
	return s.decisions(ctx, tx, app)
}

// Versions returns the answers of an application as they were before each correction, the first first, without those that the reader may
// not see. Whether the caller may see the application is the caller's to decide.
func (s *Service) Versions(ctx context.Context, tx *pg.Tx, app Application) (list []Version, err error) {
	defer fault.Wrap(&err, "orchestration.Versions(%s)", app.ID)
	if list, err = s.versions(ctx, tx, app); err != nil || !app.read {
		return list, err
	}
	for n := range list {
		list[n].Answers = app.spec.Seen(list[n].Answers, app.Sees)
	}
	return list, nil
}
