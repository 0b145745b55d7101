package document

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/document/internal/documentdb"
	"digit/internal/infra/platform/pg"
)

var db = documentdb.New()

func insertFile(ctx context.Context, tx *pg.Tx, f File, name []byte) error {
	return db.InsertFile(ctx, tx, documentdb.InsertFileParams{
		ID: f.ID, PersonID: f.Person, Purpose: f.Purpose, Name: name, MediaType: f.MediaType, Size: f.Size,
		Sha256: f.SHA256, Scan: string(f.Scan), CreatedBy: tx.Actor.ID, CreatedAt: f.CreatedAt,
	})
}

func insertPiece(ctx context.Context, tx *pg.Tx, file uuid.UUID, seq int, sealed []byte) error {
	return db.InsertChunk(ctx, tx, documentdb.InsertChunkParams{FileID: file, Seq: int32(seq), Content: sealed})
}

// getFile returns a file and its sealed name. Errors: ErrNotFound.
func getFile(ctx context.Context, tx *pg.Tx, file uuid.UUID) (File, []byte, error) {
	row, err := db.GetFile(ctx, tx, file)
	if pg.NotFound(err) {
		return File{}, nil, ErrNotFound
	}
	return File{
		ID: row.ID, Person: row.PersonID, Purpose: row.Purpose, MediaType: row.MediaType, Size: row.Size, SHA256: row.Sha256,
		Scan: Scan(row.Scan), Finding: row.Finding, CreatedAt: row.CreatedAt,
	}, row.Name, err
}

func listScans(ctx context.Context, tx *pg.Tx, files []uuid.UUID) (map[uuid.UUID]Scan, error) {
	rows, err := db.ListScans(ctx, tx, files)
	found := make(map[uuid.UUID]Scan, len(rows))
	for _, row := range rows {
		found[row.ID] = Scan(row.Scan)
	}
	return found, err
}

// setScan notes what the scanner said; waited is false where nobody waited for it any more.
func setScan(ctx context.Context, tx *pg.Tx, file uuid.UUID, scan Scan, finding string) (person uuid.UUID, waited bool, err error) {
	person, err = db.SetScan(ctx, tx, documentdb.SetScanParams{ID: file, Scan: string(scan), Finding: finding, ScannedAt: &tx.Wall})
	if pg.NotFound(err) {
		return uuid.Nil, false, nil
	}
	return person, err == nil, err
}

// getPiece returns a sealed piece. Errors: ErrDamaged where it is missing.
func getPiece(ctx context.Context, tx *pg.Tx, file uuid.UUID, seq int) ([]byte, error) {
	content, err := db.GetChunk(ctx, tx, documentdb.GetChunkParams{FileID: file, Seq: int32(seq)})
	if pg.NotFound(err) {
		return nil, ErrDamaged
	}
	return content, err
}

// deleteFile returns whose file it was; gone is false where there was none.
func deleteFile(ctx context.Context, tx *pg.Tx, file uuid.UUID) (person uuid.UUID, gone bool, err error) {
	person, err = db.SetFileDeleted(ctx, tx, documentdb.SetFileDeletedParams{ID: file, DeletedAt: &tx.Now})
	if pg.NotFound(err) {
		return uuid.Nil, false, nil
	}
	if err != nil {
		return uuid.Nil, false, err
	}
	return person, true, deletePieces(ctx, tx, file)
}

func deletePieces(ctx context.Context, tx *pg.Tx, file uuid.UUID) error {
	return db.DeleteChunks(ctx, tx, file)
}
