package document

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"digit/internal/infra/document/internal/documentdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "document.file.name", Owner: encryption.People | encryption.Tenant, Page: s.sealedNames},
		{Name: "document.chunk.content", Owner: encryption.People | encryption.Tenant, Page: s.sealedPieces},
		{Name: "document.piece.content", Owner: encryption.People, Page: s.sealedTransfers},
	}
}

func (s *Service) sealedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageFileNames(ctx, tx, documentdb.PageFileNamesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			f, err := db.LockFileName(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, f.PersonID, namePlace(r.ID), f.Name)
			if err != nil {
				return err
			}
			return db.SetFileName(ctx, tx, documentdb.SetFileNameParams{ID: r.ID, Name: fresh})
		}, r.Head))
	}
	return rows, err
}

// piece is the key of a piece of a file, as the key of a row.
type piece struct {
	file uuid.UUID
	seq  int32
}

func (p piece) String() string { return fmt.Sprintf("%s/%d", p.file, p.seq) }

// parsePiece reads what String wrote; "" is the piece before all.
func parsePiece(key string) piece {
	p := piece{seq: -1}
	if len(key) > 37 {
		p.file, _ = uuid.Parse(key[:36])
		_, _ = fmt.Sscan(key[37:], &p.seq)
	}
	return p
}

func (s *Service) sealedPieces(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parsePiece(of.After)
	found, err := db.PageChunks(ctx, tx, documentdb.PageChunksParams{Person: of.Person, File: after.file, Seq: after.seq, Size: of.Limit})
	for _, r := range found {
		p := piece{r.FileID, r.Seq}
		rows = append(rows, encryption.Row{Key: p.String(), Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockChunk(ctx, tx, documentdb.LockChunkParams{FileID: p.file, Seq: p.seq})
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, c.PersonID, piecePlace(p.file, int(p.seq)), c.Content)
			if err != nil {
				return err
			}
			return db.SetChunk(ctx, tx, documentdb.SetChunkParams{FileID: p.file, Seq: p.seq, Content: fresh})
		}})
	}
	return rows, err
}
