package request

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Attach keeps a file that was looked into among the answers. at is where it goes: a question of kind file, one in a row (members.2.photo), a
// proof of a document (identity.passport), a drawn signature (signature.drawing). A file at another proof of the same
// document takes the place of what was given before. The same file once more, as a browser sends it again after the way back,
// is the one that is there.
// Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion, ErrTooManyFiles; document.ErrTooLarge, ErrType.
func (s *Service) Attach(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, at string, file document.Upload) (f servicespec.File, err error) {
	defer fault.Wrap(&err, "request.Attach(%s, %s)", request, at)
	r, place, err := s.filePlace(ctx, tx, person, request, at)
	if err != nil {
		return f, err
	}
	have := place.Files(r.Answers)
	stored, err := s.deps.Documents.Take(ctx, tx, document.Store{
		Person: person, Purpose: "request.answer", Accept: place.Accept, MaxSize: place.MaxSize,
	}, file)
	if err != nil {
		return f, err
	}
	if same, found, err := s.sameFile(ctx, tx, have, stored); err != nil || found {
		return same, errors.Join(err, s.deps.Documents.Delete(ctx, tx, stored.ID))
	}
	return s.put(ctx, tx, r, place, have, stored)
}

// put adds a stored file to those at a place. One that is one too many does not stay. Errors: ErrTooManyFiles.
func (s *Service) put(ctx context.Context, tx *pg.Tx, r Request, place servicespec.FilePlace, have []servicespec.File, stored document.File) (f servicespec.File, err error) {
	if len(have) >= place.MaxFiles && place.MaxFiles > 1 {
		return f, errors.Join(ErrTooManyFiles.With("max", place.MaxFiles), s.deps.Documents.Delete(ctx, tx, stored.ID))
	}
	f = servicespec.File{ID: stored.ID, Name: stored.Name, MediaType: stored.MediaType, Size: stored.Size}
	if place.MaxFiles == 1 { // another file takes the place of the one before
		have = nil
	}
	before := r.Answers
	r.Answers = place.Put(r.Answers, append(slices.Clone(have), f))
	return f, s.keep(ctx, tx, r, before)
}

// sameFile finds a file of the same name and content among those there.
func (s *Service) sameFile(ctx context.Context, tx *pg.Tx, have []servicespec.File, stored document.File) (servicespec.File, bool, error) {
	for _, f := range have {
		if f.Name != stored.Name || f.Size != stored.Size {
			continue
		}
		known, err := s.deps.Documents.File(ctx, tx, f.ID)
		if err != nil {
			return servicespec.File{}, false, err
		}
		if bytes.Equal(known.SHA256, stored.SHA256) {
			return f, true, nil
		}
	}
	return servicespec.File{}, false, nil
}

// Detach takes a file out of the answers; a file that is not among them is no business of this request and stays.
// Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion.
func (s *Service) Detach(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, at string, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Detach(%s, %s)", request, at)
	r, place, err := s.filePlace(ctx, tx, person, request, at)
	if err != nil {
		return err
	}
	have := place.Files(r.Answers)
	left := slices.DeleteFunc(slices.Clone(have), func(f servicespec.File) bool { return f.ID == file })
	if len(left) == len(have) {
		return nil
	}
	before := r.Answers
	r.Answers = place.Put(r.Answers, left)
	return s.keep(ctx, tx, r, before)
}

func (s *Service) filePlace(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, at string) (Request, servicespec.FilePlace, error) {
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return r, servicespec.FilePlace{}, err
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return r, servicespec.FilePlace{}, err
	}
	place, ok := spec.FilePlace(at)
	if !ok || !place.Fits(r.Answers) {
		return r, place, ErrUnknownQuestion.With("question", at)
	}
	if !r.Editable(place.Path) {
		return r, place, ErrLocked
	}
	return r, place, nil
}
