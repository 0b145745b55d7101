package request

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// mostTransfers is how many files of one request may be on their way at once.
const mostTransfers = 20

// BeginUpload announces a file that comes in pieces: ID is the device's, At where it goes as Attach takes it, MediaType what the device
// takes it for, Size in bytes.
type BeginUpload struct {
	ID        uuid.UUID
	At        string
	MediaType string
	Size      int64
	SHA256    []byte
}

// BeginUpload announces a file for a place of a request that can be answered now, or says how much of it has arrived. What could not be
// taken is refused before it costs anybody's network. Errors: those of Attach; ErrTransfers, document.ErrPiece, document.ErrNoTransfer.
func (s *Service) BeginUpload(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, in BeginUpload) (t document.Transfer, err error) {
	defer fault.Wrap(&err, "request.BeginUpload(%s, %s)", request, in.At)
	r, place, err := s.filePlace(ctx, tx, person, request, in.At)
	if err != nil {
		return t, err
	}
	if in.MediaType != "" && !document.Accepts(place.Accept, in.MediaType) {
		return t, document.ErrType.With("accept", strings.Join(place.Accept, ", "))
	}
	if in.Size > min(place.MaxSize, document.MaxUpload) {
		return t, document.ErrTooLarge.With("max", place.MaxSize, "megabytes", place.MaxSize>>20)
	}
	if t, err = s.deps.Documents.Begin(ctx, tx, document.BeginTransfer{
		ID: in.ID, Person: r.Person, For: r.ID, At: in.At, Size: in.Size, SHA256: in.SHA256,
	}); err != nil || t.File != uuid.Nil {
		return t, r.owns(t, err)
	}
	open, err := s.deps.Documents.Transfers(ctx, tx, r.ID)
	if err != nil {
		return t, err
	}
	if open > mostTransfers {
		return t, ErrTransfers.With("max", mostTransfers)
	}
	if have := place.Files(r.Answers); len(have) >= place.MaxFiles && place.MaxFiles > 1 {
		return t, ErrTooManyFiles.With("max", place.MaxFiles)
	}
	return t, r.owns(t, nil)
}

// owns refuses a file that is on its way to somewhere else.
func (r Request) owns(t document.Transfer, err error) error {
	if err == nil && (t.For != r.ID || t.Person != r.Person) {
		return document.ErrNoTransfer
	}
	return err
}

// transfer returns a file on its way to a request that can be answered now. Errors: ErrNotFound, ErrNotEditable, document.ErrNoTransfer.
func (s *Service) transfer(ctx context.Context, tx *pg.Tx, person, request, upload uuid.UUID) (document.Transfer, error) {
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return document.Transfer{}, err
	}
	t, err := s.deps.Documents.Transfer(ctx, tx, upload)
	return t, r.owns(t, err)
}

// AppendUpload keeps the piece of a file that begins at a byte. Errors: ErrNotFound, ErrNotEditable; document.ErrNoTransfer, ErrPiece,
// ErrOffset.
func (s *Service) AppendUpload(ctx context.Context, tx *pg.Tx, person, request, upload uuid.UUID, at int64, content []byte) (t document.Transfer, err error) {
	defer fault.Wrap(&err, "request.AppendUpload(%s)", upload)
	if _, err := s.transfer(ctx, tx, person, request, upload); err != nil {
		return t, err
	}
	return s.deps.Documents.Append(ctx, tx, upload, at, content)
}

// UploadContent returns a file that has arrived as a whole, to be looked into before FinishUpload; damaged says that it is not what was
// announced, and gone. Errors: ErrNotFound, ErrNotEditable; document.ErrNoTransfer, ErrOffset.
func (s *Service) UploadContent(ctx context.Context, tx *pg.Tx, person, request, upload uuid.UUID) (content []byte, damaged bool, err error) {
	defer fault.Wrap(&err, "request.UploadContent(%s)", upload)
	if _, err := s.transfer(ctx, tx, person, request, upload); err != nil {
		return nil, false, err
	}
	return s.deps.Documents.Arrived(ctx, tx, upload)
}

// FinishUpload keeps a file that was looked into among the answers; its pieces go. Finishing again changes nothing. Errors: those of Attach;
// document.ErrNoTransfer.
func (s *Service) FinishUpload(ctx context.Context, tx *pg.Tx, person, request, upload uuid.UUID, file document.Upload) (f servicespec.File, err error) {
	defer fault.Wrap(&err, "request.FinishUpload(%s)", upload)
	t, err := s.transfer(ctx, tx, person, request, upload)
	if err != nil || t.File != uuid.Nil {
		return f, err
	}
	if f, err = s.Attach(ctx, tx, person, request, t.At, file); err != nil {
		return f, err
	}
	return f, s.deps.Documents.Finish(ctx, tx, upload, f.ID)
}

// CancelUpload deletes what has arrived of a file; one that is among the answers already is taken out by Detach. Errors: ErrNotFound,
// ErrNotEditable.
func (s *Service) CancelUpload(ctx context.Context, tx *pg.Tx, person, request, upload uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.CancelUpload(%s)", upload)
	t, err := s.transfer(ctx, tx, person, request, upload)
	if errors.Is(err, document.ErrNoTransfer) || err == nil && t.File != uuid.Nil {
		return nil
	}
	if err != nil {
		return err
	}
	return s.deps.Documents.Drop(ctx, tx, upload)
}

// Unchanged holds the request still until the transaction ends, if nobody has changed it since a time. Errors: ErrNotFound, ErrNotEditable,
// ErrChanged.
func (s *Service) Unchanged(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, since time.Time) (err error) {
	defer fault.Wrap(&err, "request.Unchanged(%s)", request)
	r, err := s.editable(ctx, tx, person, request)
	if err == nil && !r.UpdatedAt.Equal(since) {
		return ErrChanged
	}
	return err
}
