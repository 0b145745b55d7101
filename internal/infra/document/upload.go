package document

import (
	"bytes"
	"context"
	"io"

	"digit/internal/infra/document/inspect"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// MaxUpload is the most that is taken of anybody in one file, in bytes, whatever a question allows: 32 MiB.
const MaxUpload = 32 << 20

// benches is how many files this process inspects at a time; the others wait for their turn.
const benches = 2

// Upload is a file from outside that was looked into. Only Inspect makes one, so that nothing else can be taken.
type Upload struct {
	name      string
	mediaType string
	size      int64 // as handed in
	content   []byte
}

// Inspect reads a file that somebody hands in and looks into it, outside of any transaction: name is what the browser
// calls it, declared the media type it sent along. Pictures come out drawn anew. Anybody may call it.
// Errors: ErrEmpty, ErrTooLarge, ErrType, inspect.ErrName, inspect.ErrUnreadable, inspect.ErrActive, inspect.ErrProtected,
// inspect.ErrPixels.
func (s *Service) Inspect(ctx context.Context, name, declared string, r io.Reader) (_ Upload, err error) {
	defer fault.Wrap(&err, "document.Inspect")
	content, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	switch {
	case err != nil:
		return Upload{}, err
	case len(content) == 0:
		return Upload{}, ErrEmpty
	case len(content) > MaxUpload:
		return Upload{}, tooLarge(MaxUpload)
	}
	select {
	case s.benches <- struct{}{}:
		defer func() { <-s.benches }()
	case <-ctx.Done():
		return Upload{}, ctx.Err()
	}
	found, err := s.deps.Inspector(ctx, inspect.Query{Name: cleanName(name), Declared: declared, Content: content})
	if err != nil {
		return Upload{}, err
	}
	return Upload{name: found.Name, mediaType: found.MediaType, size: int64(len(content)), content: found.Content}, nil
}

func tooLarge(max int64) *fault.Error { return ErrTooLarge.With("max", max, "megabytes", max>>20) }

// Take keeps a file from outside; its name is the upload's. Where there is a scanner nobody can read it before that said
// it is clean. Errors: ErrTooLarge, ErrType.
func (s *Service) Take(ctx context.Context, tx *pg.Tx, in Store, u Upload) (f File, err error) {
	defer fault.Wrap(&err, "document.Take(%s)", in.Purpose)
	in.defaults()
	if !accepted(u.mediaType, in.Accept) {
		return f, refuseType(in.Accept)
	}
	if u.size > in.MaxSize || int64(len(u.content)) > in.MaxSize {
		return f, tooLarge(in.MaxSize)
	}
	f = File{
		ID: id.New(), Person: in.Person, Purpose: in.Purpose, Name: u.name, MediaType: u.mediaType, Scan: NotScanned, CreatedAt: tx.Now,
	}
	if s.deps.Scanner != nil {
		f.Scan = Waiting
		if err := tx.Enqueue(ctx, ScanArgs{File: f.ID}); err != nil {
			return f, err
		}
	}
	if err := s.insert(ctx, tx, &f, bytes.NewReader(u.content), in.MaxSize); err != nil {
		return f, err
	}
	return f, recordStored(ctx, tx, f)
}
