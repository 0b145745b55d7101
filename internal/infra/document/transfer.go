package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document/internal/documentdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// MaxPiece is the most that is taken at once of a file on its way, in bytes.
const MaxPiece = 512 << 10

// staleAfter is how long pieces of a file wait for the rest, and how long it is known that a file arrived.
const staleAfter = 30 * 24 * time.Hour

// BeginTransfer announces a file that comes in pieces: ID is made by the device, so that it can ask again; Person is whose file it will
// be, For and At what it belongs to and where in it; Size is in bytes, SHA256 of the whole.
type BeginTransfer struct {
	ID          uuid.UUID
	Person, For uuid.UUID
	At          string
	Size        int64
	SHA256      []byte
}

// Transfer is a file on its way: Received are the bytes that have arrived. File is what was made of it, uuid.Nil until it was looked into.
type Transfer struct {
	ID          uuid.UUID
	Person, For uuid.UUID
	At          string
	Size        int64
	Received    int64
	SHA256      []byte
	File        uuid.UUID
}

// Whole reports whether all of the file has arrived.
func (t Transfer) Whole() bool { return t.Received == t.Size }

// Begin announces a file, or says how much of it has arrived where it was announced before. Who may send it, and whether what was
// announced before under this id is the same, is the caller's to check. Errors: ErrPiece.
func (s *Service) Begin(ctx context.Context, tx *pg.Tx, in BeginTransfer) (t Transfer, err error) {
	defer fault.Wrap(&err, "document.Begin(%s)", in.ID)
	if in.ID.Version() != 7 || in.Size <= 0 || in.Size > MaxUpload || len(in.SHA256) != sha256.Size || in.At == "" || len(in.At) > 200 {
		return t, ErrPiece
	}
	if err := db.InsertTransfer(ctx, tx, documentdb.InsertTransferParams{
		ID: in.ID, PersonID: in.Person, ForID: in.For, At: in.At, Size: in.Size, Sha256: in.SHA256, Now: tx.Now,
	}); err != nil {
		return t, err
	}
	return s.Transfer(ctx, tx, in.ID)
}

// Transfer returns a file on its way, locked. Whether the actor may know of it is the caller's to decide. Errors: ErrNoTransfer.
func (s *Service) Transfer(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (t Transfer, err error) {
	defer fault.Wrap(&err, "document.Transfer(%s)", transfer)
	row, err := db.LockTransfer(ctx, tx, transfer)
	if pg.NotFound(err) {
		return t, ErrNoTransfer
	}
	t = Transfer{
		ID: row.ID, Person: row.PersonID, For: row.ForID, At: row.At, Size: row.Size, Received: row.Received, SHA256: row.Sha256,
	}
	if row.FileID != nil {
		t.File = *row.FileID
	}
	return t, err
}

// Transfers is how many files for something are on their way.
func (s *Service) Transfers(ctx context.Context, tx *pg.Tx, of uuid.UUID) (n int, err error) {
	defer fault.Wrap(&err, "document.Transfers(%s)", of)
	count, err := db.CountTransfers(ctx, tx, of)
	return int(count), err
}

// Append keeps the piece of a file that begins at a byte. What has arrived already is passed over. Errors: ErrNoTransfer, ErrPiece,
// ErrOffset.
func (s *Service) Append(ctx context.Context, tx *pg.Tx, transfer uuid.UUID, at int64, content []byte) (t Transfer, err error) {
	defer fault.Wrap(&err, "document.Append(%s, %d)", transfer, at)
	if t, err = s.Transfer(ctx, tx, transfer); err != nil {
		return t, err
	}
	end := at + int64(len(content))
	switch {
	case len(content) == 0 || len(content) > MaxPiece || at < 0 || end > t.Size:
		return t, ErrPiece
	case t.File != uuid.Nil || end <= t.Received:
		return t, nil
	case at != t.Received:
		return t, ErrOffset.With("received", t.Received)
	}
	piece := id.New()
	sealed, err := s.deps.Encryption.Seal(ctx, tx, t.Person, transferPlace(piece), content)
	if err != nil {
		return t, err
	}
	if err := db.InsertPiece(ctx, tx, documentdb.InsertPieceParams{ID: piece, TransferID: transfer, At: at, Content: sealed}); err != nil {
		return t, err
	}
	t.Received = end
	return t, db.SetReceived(ctx, tx, documentdb.SetReceivedParams{ID: transfer, Received: end})
}

// Arrived returns the content of a file that is whole, for Inspect. What is not what was announced is deleted: damaged says so, and it must
// be sent anew. Errors: ErrNoTransfer, ErrOffset.
func (s *Service) Arrived(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (content []byte, damaged bool, err error) {
	defer fault.Wrap(&err, "document.Arrived(%s)", transfer)
	t, err := s.Transfer(ctx, tx, transfer)
	if err != nil {
		return nil, false, err
	}
	if !t.Whole() {
		return nil, false, ErrOffset.With("received", t.Received)
	}
	pieces, err := db.ListPieces(ctx, tx, transfer)
	if err != nil {
		return nil, false, err
	}
	for _, p := range pieces {
		plain, err := s.deps.Encryption.Open(ctx, tx, t.Person, transferPlace(p.ID), p.Content)
		if err != nil {
			return nil, false, err
		}
		content = append(content, plain...)
	}
	if sum := sha256.Sum256(content); !bytes.Equal(sum[:], t.SHA256) {
		return nil, true, s.Drop(ctx, tx, transfer)
	}
	return content, false, nil
}

// Finish notes which file was made of a transfer; its pieces go.
func (s *Service) Finish(ctx context.Context, tx *pg.Tx, transfer, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "document.Finish(%s)", transfer)
	if err := db.SetTransferFile(ctx, tx, documentdb.SetTransferFileParams{ID: transfer, FileID: &file}); err != nil {
		return err
	}
	return db.DeletePieces(ctx, tx, transfer)
}

// Drop deletes what has arrived of a file. Dropping twice is no error.
func (s *Service) Drop(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (err error) {
	defer fault.Wrap(&err, "document.Drop(%s)", transfer)
	return db.DeleteTransfer(ctx, tx, transfer)
}

func transferPlace(piece uuid.UUID) encryption.Place {
	return encryption.Place{Table: "document.piece", Column: "content", Row: piece}
}

// SweepArgs orders the pieces of files that never became whole to be deleted.
type SweepArgs struct{ job.Tenant }

// Kind names the job.
func (SweepArgs) Kind() string { return "document.sweep" }

func (s *Service) sweep(ctx context.Context, tx *pg.Tx, _ SweepArgs) error {
	return db.DeleteStaleTransfers(ctx, tx, tx.Now.Add(-staleAfter))
}

func (s *Service) sealedTransfers(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePieces(ctx, tx, documentdb.PagePiecesParams{After: of.AfterID(), Person: of.Person, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.resealTransfer(ctx, tx, r.ID) }, r.Head))
	}
	return rows, err
}

// resealTransfer seals a piece anew, unless its file has become whole meanwhile.
func (s *Service) resealTransfer(ctx context.Context, tx *pg.Tx, piece uuid.UUID) error {
	p, err := db.LockPiece(ctx, tx, piece)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	fresh, err := s.deps.Encryption.Reseal(ctx, tx, p.PersonID, transferPlace(piece), p.Content)
	if err != nil {
		return err
	}
	return db.SetPiece(ctx, tx, documentdb.SetPieceParams{ID: piece, Content: fresh})
}
