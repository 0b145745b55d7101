package field

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/field/internal/fielddb"
	"digit/internal/provider/orchestration"
)

// MaxUpload is the most that a file may have, in bytes.
const MaxUpload = 10 << 20

// mostUploads is how many files of a device may be on their way at once.
const mostUploads = 60

// mediaTypes are what officers send from outside.
var mediaTypes = []string{"image/jpeg", "image/png", "application/pdf"}

// BeginUpload announces a file of a visit: Code is Photo, Signature or the document of an action; Size in bytes.
type BeginUpload struct {
	ID          uuid.UUID
	Device      uuid.UUID
	Application uuid.UUID
	Code        string
	MediaType   string
	Size        int64
	SHA256      []byte
}

// Upload is a file on its way: Received are the bytes that have arrived. Whole says that all have; Document is the file then, uuid.Nil
// until it was looked into.
type Upload struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Code      string
	MediaType string
	Size      int64
	Received  int64
	Document  uuid.UUID
}

// Whole reports whether all of the file has arrived.
func (u Upload) Whole() bool { return u.Received == u.Size }

// toUpload puts together what was announced and how much of it has arrived.
func toUpload(r fielddb.FieldUpload, t document.Transfer) Upload {
	u := Upload{ID: r.ID, Person: r.PersonID, Code: r.Code, MediaType: r.MediaType, Size: r.Size, Received: t.Received}
	if r.DocumentID != nil {
		u.Document, u.Received = *r.DocumentID, r.Size
	}
	return u
}

// Begin announces a file, or says how much of it has arrived where it was announced before. Permission: field:use, and
// orchestration:read for the case. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe, ErrID, ErrUpload, ErrUploads,
// orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Begin(ctx context.Context, tx *pg.Tx, by identity.Principal, in BeginUpload) (u Upload, err error) {
	defer fault.Wrap(&err, "field.Begin(%s)", in.ID)
	if err := s.enter(ctx, tx, by, in.Device); err != nil {
		return u, err
	}
	if err := madeOutside(in.ID); err != nil {
		return u, err
	}
	if in.Size <= 0 || in.Size > MaxUpload || len(in.SHA256) != sha256.Size || in.Code == "" || len(in.Code) > 64 || !slices.Contains(mediaTypes, in.MediaType) {
		return u, ErrUpload.With("max", MaxUpload>>20)
	}
	app, err := s.deps.Applications.Application(ctx, tx, in.Application, by)
	if err != nil {
		return u, err
	}
	open, err := db.CountOpenUploads(ctx, tx, in.Device)
	if err != nil {
		return u, err
	}
	if open >= mostUploads {
		return u, ErrUploads.With("max", mostUploads)
	}
	if _, err = db.InsertUpload(ctx, tx, fielddb.InsertUploadParams{
		ID: in.ID, DeviceID: in.Device, AccountID: by.Account, ApplicationID: app.ID, PersonID: app.Person, Code: in.Code, MediaType: in.MediaType,
		Size: in.Size, Now: tx.Now,
	}); err != nil {
		return u, err
	}
	row, err := s.lockUpload(ctx, tx, by, in.ID)
	if err != nil || row.DocumentID != nil {
		return toUpload(row, document.Transfer{}), err
	}
	t, err := s.deps.Documents.Begin(ctx, tx, document.BeginTransfer{
		ID: row.ID, Person: row.PersonID, For: row.ApplicationID, At: row.Code, Size: row.Size, SHA256: in.SHA256,
	})
	return toUpload(row, t), err
}

// lockUpload returns an officer's upload. Errors: ErrNoUpload, ErrOthers.
func (s *Service) lockUpload(ctx context.Context, tx *pg.Tx, by identity.Principal, upload uuid.UUID) (row fielddb.FieldUpload, err error) {
	row, err = db.LockUpload(ctx, tx, upload)
	switch {
	case pg.NotFound(err):
		return row, ErrNoUpload
	case err == nil && row.AccountID != by.Account:
		return fielddb.FieldUpload{}, ErrOthers
	}
	return row, err
}

// Append keeps the piece of a file that begins at a byte. What has arrived already is passed over. Permission: field:use, and to have
// begun it. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe, ErrNoUpload, ErrUpload, document.ErrOffset.
func (s *Service) Append(ctx context.Context, tx *pg.Tx, by identity.Principal, device, upload uuid.UUID, at int64, content []byte) (u Upload, err error) {
	defer fault.Wrap(&err, "field.Append(%s, %d)", upload, at)
	if err := s.enter(ctx, tx, by, device); err != nil {
		return u, err
	}
	row, err := s.lockUpload(ctx, tx, by, upload)
	if err != nil {
		return u, err
	}
	if row.DocumentID != nil {
		return toUpload(row, document.Transfer{}), nil
	}
	t, err := s.deps.Documents.Append(ctx, tx, upload, at, content)
	if errors.Is(err, document.ErrPiece) {
		err = ErrUpload.With("max", MaxUpload>>20).Because(err)
	}
	return toUpload(row, t), err
}

// Content returns a file that has arrived as a whole, to be looked into before Finish. What is not what was announced is deleted:
// damaged says so, and it must be sent anew. Permission: field:use, and to have begun it. Errors: ErrForbidden, ErrNoUpload, ErrOthers,
// document.ErrOffset.
func (s *Service) Content(ctx context.Context, tx *pg.Tx, by identity.Principal, upload uuid.UUID) (content []byte, damaged bool, err error) {
	defer fault.Wrap(&err, "field.Content(%s)", upload)
	if err := authorise(tx, by); err != nil {
		return nil, false, err
	}
	if _, err := s.lockUpload(ctx, tx, by, upload); err != nil {
		return nil, false, err
	}
	if content, damaged, err = s.deps.Documents.Arrived(ctx, tx, upload); damaged && err == nil {
		err = db.DeleteUpload(ctx, tx, upload)
	}
	return content, damaged, err
}

// Finish keeps a file that was looked into; its pieces go. Finishing again changes nothing. Permission: field:use, and to have begun
// it. Errors: ErrForbidden, ErrNoUpload, ErrOthers, document.ErrType, document.ErrTooLarge.
func (s *Service) Finish(ctx context.Context, tx *pg.Tx, by identity.Principal, upload uuid.UUID, file document.Upload) (u Upload, err error) {
	defer fault.Wrap(&err, "field.Finish(%s)", upload)
	if err := authorise(tx, by); err != nil {
		return u, err
	}
	row, err := s.lockUpload(ctx, tx, by, upload)
	if err != nil || row.DocumentID != nil {
		return toUpload(row, document.Transfer{}), err
	}
	f, err := s.deps.Documents.Take(ctx, tx, document.Store{Person: row.PersonID, Purpose: "finding", Accept: mediaTypes, MaxSize: MaxUpload}, file)
	if err != nil {
		return u, err
	}
	if err := db.SetDocument(ctx, tx, fielddb.SetDocumentParams{ID: upload, DocumentID: &f.ID}); err != nil {
		return u, err
	}
	row.DocumentID = &f.ID
	return toUpload(row, document.Transfer{}), s.deps.Documents.Finish(ctx, tx, upload, f.ID)
}

// Discard deletes a file that cannot be taken, so that a better one can follow. Permission: field:use, and to have begun it. Errors:
// ErrForbidden, ErrNoUpload, ErrOthers.
func (s *Service) Discard(ctx context.Context, tx *pg.Tx, by identity.Principal, upload uuid.UUID) (err error) {
	defer fault.Wrap(&err, "field.Discard(%s)", upload)
	if err := authorise(tx, by); err != nil {
		return err
	}
	row, err := s.lockUpload(ctx, tx, by, upload)
	if err != nil || row.DocumentID != nil {
		return err
	}
	return errors.Join(db.DeleteUpload(ctx, tx, upload), s.deps.Documents.Drop(ctx, tx, upload))
}

// attached are the files of a report, by upload: each of the officer's, of this case, and whole. Errors: ErrUnfinished, ErrOthers.
func (s *Service) attached(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application, list []Attached) (map[uuid.UUID]servicespec.File, error) {
	files := map[uuid.UUID]servicespec.File{}
	for _, a := range list {
		row, err := db.GetUpload(ctx, tx, a.Upload)
		switch {
		case pg.NotFound(err):
			return nil, ErrUnfinished
		case err != nil:
			return nil, err
		case row.AccountID != by.Account || row.ApplicationID != app.ID:
			return nil, ErrOthers
		case row.DocumentID == nil:
			return nil, ErrUnfinished
		}
		f, err := s.deps.Documents.File(ctx, tx, *row.DocumentID)
		if err != nil {
			return nil, err
		}
		files[a.Upload] = servicespec.File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size}
	}
	return files, nil
}
