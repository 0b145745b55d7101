package document

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Files returns the descriptions of files by id; one that does not exist is left out. Whether the actor may know is the
// caller's to decide.
func (s *Service) Files(ctx context.Context, tx *pg.Tx, files ...uuid.UUID) (_ map[uuid.UUID]File, err error) {
	defer fault.Wrap(&err, "document.Files")
	if len(files) == 0 {
		return nil, nil
	}
	rows, err := db.ListFiles(ctx, tx, files)
	if err != nil {
		return nil, err
	}
	found := make(map[uuid.UUID]File, len(rows))
	for _, row := range rows {
		f := File{
			ID: row.ID, Person: row.PersonID, Purpose: row.Purpose, MediaType: row.MediaType, Size: row.Size, SHA256: row.Sha256,
			Scan: Scan(row.Scan), Finding: row.Finding, CreatedAt: row.CreatedAt,
		}
		plain, err := s.deps.Encryption.Open(ctx, tx, f.Person, namePlace(f.ID), row.Name)
		if err != nil {
			return nil, err
		}
		f.Name = string(plain)
		found[f.ID] = f
	}
	return found, nil
}

// Fits reports whether a file could be taken as in says: it is readable, of an accepted type, and not too large.
func (f File) Fits(in Store) bool {
	in.defaults()
	return f.Scan.readable() == nil && accepted(f.MediaType, in.Accept) && f.Size <= in.MaxSize
}

// Accepts reports whether a media type is among those that a place takes, as itself or as one of a group.
func Accepts(accept []string, mediaType string) bool { return accepted(mediaType, accept) }

// Copy keeps the content of a file once more, sealed by itself: what becomes of either does not touch the other. It needs no
// looking into, since the first was looked into and scanned. Whose the first is, is the caller's to check.
// Errors: ErrNotFound, ErrWaiting, ErrInfected, ErrDamaged, ErrType, ErrTooLarge.
func (s *Service) Copy(ctx context.Context, tx *pg.Tx, file uuid.UUID, in Store) (f File, err error) {
	defer fault.Wrap(&err, "document.Copy(%s)", file)
	in.defaults()
	from, err := s.File(ctx, tx, file)
	if err != nil {
		return f, err
	}
	switch err := from.Scan.readable(); {
	case err != nil:
		return f, err
	case !accepted(from.MediaType, in.Accept):
		return f, refuseType(in.Accept)
	case from.Size > in.MaxSize:
		return f, tooLarge(in.MaxSize)
	}
	f = File{
		ID: id.New(), Person: in.Person, Purpose: in.Purpose, Name: from.Name, MediaType: from.MediaType, Scan: from.Scan, CreatedAt: tx.Now,
	}
	pieces := &content{left: from.pieces(), next: func(seq int) ([]byte, error) { return s.piece(ctx, tx, from, seq) }}
	if err := s.insert(ctx, tx, &f, pieces, in.MaxSize); err != nil {
		return f, err
	}
	return f, audit.Record(ctx, tx, audit.Entry{
		Action: "document.copy", Object: "document.file", ObjectID: f.ID, Person: f.Person,
		Detail: map[string]any{"from": from.ID, "purpose": f.Purpose, "media_type": f.MediaType, "size": f.Size},
	})
}
