package registry

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry/internal/registrydb"
)

var db = registrydb.New()

func findWritten(ctx context.Context, tx *pg.Tx, source string, sourceID uuid.UUID) (uuid.UUID, bool, error) {
	entry, err := db.FindWritten(ctx, tx, registrydb.FindWrittenParams{Source: source, SourceID: sourceID})
	if pg.NotFound(err) {
		return uuid.Nil, false, nil
	}
	return entry, err == nil, err
}

// lockRecord returns the entry of a key, locked; a new one, without a version yet, where there is none. Of two who make
// the same entry at once the second waits for the first and gets its entry.
func lockRecord(ctx context.Context, tx *pg.Tx, register, key string) (Entry, error) {
	if err := db.InsertRecord(ctx, tx, registrydb.InsertRecordParams{ID: id.New(), Register: register, Key: key, Now: tx.Now}); err != nil {
		return Entry{}, err
	}
	row, err := db.LockRecord(ctx, tx, registrydb.LockRecordParams{Register: register, Key: key})
	return Entry{ID: row.ID, Holder: row.HolderID, Version: int(row.Version)}, err
}

func write(ctx context.Context, tx *pg.Tx, e Entry, r Record, sealed []byte) error {
	if err := db.UpdateRecord(ctx, tx, registrydb.UpdateRecordParams{
		ID: e.ID, Version: int32(e.Version), HolderID: e.Holder, Data: sealed, Now: tx.Now,
	}); err != nil {
		return err
	}
	return db.InsertVersion(ctx, tx, registrydb.InsertVersionParams{
		RecordID: e.ID, Version: int32(e.Version), HolderID: e.Holder, Data: sealed, Source: r.Source, SourceID: r.SourceID,
		WrittenBy: tx.Actor.ID, WrittenAt: tx.Now,
	})
}

func getRecord(ctx context.Context, tx *pg.Tx, register, key string) (Entry, []byte, error) {
	row, err := db.GetRecord(ctx, tx, registrydb.GetRecordParams{Register: register, Key: key})
	if pg.NotFound(err) {
		return Entry{}, nil, ErrNotFound
	}
	return Entry{
		ID: row.ID, Register: row.Register, Key: row.Key, Holder: row.HolderID, Version: int(row.Version),
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}, row.Data, err
}

func records(ctx context.Context, tx *pg.Tx, register string, r page.Request) (page.Page[Entry], error) {
	before, err := r.AfterID()
	if err != nil {
		return page.Page[Entry]{}, err
	}
	rows, err := db.ListRecords(ctx, tx, registrydb.ListRecordsParams{Register: register, Before: before, Count: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[Entry]{}, err
	}
	list := make([]Entry, 0, len(rows))
	for _, row := range rows {
		list = append(list, Entry{
			ID: row.ID, Register: row.Register, Key: row.Key, Holder: row.HolderID, Version: int(row.Version),
			CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
		})
	}
	return page.Of(r, list, func(e Entry) []string { return []string{e.ID.String()} }), nil
}
