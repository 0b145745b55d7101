package field

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
)

// Found is a report on a case, for those who work on it. MadeAt is on the device's clock, ReceivedAt on ours.
type Found struct {
	ID         uuid.UUID
	Officer    string
	Action     string
	Outcome    string
	MadeAt     time.Time
	ReceivedAt time.Time
	Report     Report
	Files      map[uuid.UUID]servicespec.File // by upload
}

// Reports returns what was found on visits of a case, the first first, with the application and its service. The reading is on record. Permission:
// orchestration:read for the case. Errors: orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Reports(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID) (app orchestration.Application, svc *servicespec.Service, list []Found, err error) {
	defer fault.Wrap(&err, "field.Reports(%s)", application)
	if app, err = s.deps.Applications.Application(ctx, tx, application, by); err != nil {
		return app, svc, nil, err
	}
	if svc, _, err = s.deps.Applications.Spec(ctx, tx, app); err != nil {
		return app, svc, nil, err
	}
	rows, err := db.ListOperations(ctx, tx, application)
	if err != nil {
		return app, svc, nil, err
	}
	var officers []uuid.UUID
	for _, r := range rows {
		officers = append(officers, r.AccountID)
	}
	names, err := s.deps.People.Names(ctx, tx, officers...)
	if err != nil {
		return app, svc, nil, err
	}
	for _, r := range rows {
		f := Found{ID: r.ID, Officer: names[r.AccountID], Action: r.Action, Outcome: r.Outcome, MadeAt: r.MadeAt, ReceivedAt: r.ReceivedAt, Files: map[uuid.UUID]servicespec.File{}}
		plain, err := s.deps.Sealer.Open(ctx, tx, r.PersonID, payloadPlace(r.ID), r.Payload)
		if err != nil {
			return app, svc, nil, err
		}
		if f.Report, err = decodeReport(plain); err != nil {
			return app, svc, nil, err
		}
		for _, a := range f.Report.Files {
			if f.Files[a.Upload], err = s.file(ctx, tx, application, a.Upload); err != nil {
				return app, svc, nil, err
			}
		}
		list = append(list, f)
	}
	return app, svc, list, nil
}

// file is a file of a visit; without an id where it never arrived.
func (s *Service) file(ctx context.Context, tx *pg.Tx, application, upload uuid.UUID) (file servicespec.File, err error) {
	u, err := db.GetUpload(ctx, tx, upload)
	if pg.NotFound(err) || err == nil && (u.ApplicationID != application || u.DocumentID == nil) {
		return file, nil
	}
	if err != nil {
		return file, err
	}
	f, err := s.deps.Documents.File(ctx, tx, *u.DocumentID)
	return servicespec.File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size}, err
}

// ReadFile writes a file of a visit. The reading is on record. Permission: orchestration:read for the case. Errors:
// orchestration.ErrUnknown, orchestration.ErrForbidden, ErrNoUpload, document.ErrWaiting, document.ErrInfected.
func (s *Service) ReadFile(ctx context.Context, tx *pg.Tx, by identity.Principal, application, upload uuid.UUID, w io.Writer) (file servicespec.File, err error) {
	defer fault.Wrap(&err, "field.ReadFile(%s)", upload)
	app, err := s.deps.Applications.Application(ctx, tx, application, by)
	if err != nil {
		return file, err
	}
	if file, err = s.file(ctx, tx, application, upload); err != nil {
		return file, err
	}
	if file.ID == uuid.Nil {
		return file, ErrNoUpload
	}
	if err := s.deps.Documents.Read(ctx, tx, file.ID, w); err != nil {
		return file, err
	}
	return file, audit.Read(ctx, tx, audit.Entry{
		Action: "field.file", Object: "field.upload", ObjectID: upload, Person: app.Person, Detail: map[string]any{"application": application.String()},
	})
}
