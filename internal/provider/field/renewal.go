package field

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/field/internal/fielddb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "field.operation.payload", Owner: encryption.People, Page: s.sealedPayloads},
		{Name: "field.piece.content", Owner: encryption.People, Page: s.sealedPieces},
	}
}

func (s *Service) sealedPayloads(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageOperations(ctx, tx, fielddb.PageOperationsParams{After: of.AfterID(), Person: of.Person, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			o, err := db.LockOperation(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, o.PersonID, payloadPlace(o.ID), o.Payload)
			if err != nil {
				return err
			}
			return db.SetPayload(ctx, tx, fielddb.SetPayloadParams{ID: o.ID, Payload: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedPieces(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePieces(ctx, tx, fielddb.PagePiecesParams{After: of.AfterID(), Person: of.Person, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.resealPiece(ctx, tx, r.ID) }, r.Head))
	}
	return rows, err
}

// resealPiece seals a piece anew, unless its file has become whole meanwhile.
func (s *Service) resealPiece(ctx context.Context, tx *pg.Tx, piece uuid.UUID) error {
	p, err := db.LockPiece(ctx, tx, piece)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	fresh, err := s.deps.Sealer.Reseal(ctx, tx, p.PersonID, piecePlace(piece), p.Content)
	if err != nil {
		return err
	}
	return db.SetPiece(ctx, tx, fielddb.SetPieceParams{ID: piece, Content: fresh})
}

// staleAfter is how long pieces of a file wait for the rest.
const staleAfter = 30 * 24 * time.Hour

// SweepArgs orders the pieces of files that never became whole to be deleted.
type SweepArgs struct{ job.Tenant }

// Kind names the job.
func (SweepArgs) Kind() string { return "field.sweep" }

// Register registers the module's job.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SweepArgs) error {
		return db.DeleteStale(ctx, tx, tx.Now.Add(-staleAfter))
	})
	job.Every(r, 24*time.Hour, SweepArgs{})
}
