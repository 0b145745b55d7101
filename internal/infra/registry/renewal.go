package registry

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry/internal/registrydb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "registry.record.data", Owner: encryption.People | encryption.Tenant, Page: s.sealedRecords},
		{Name: "registry.version.data", Owner: encryption.People | encryption.Tenant, Page: s.sealedVersions},
	}
}

func (s *Service) sealedRecords(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageRecords(ctx, tx, registrydb.PageRecordsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			e, err := db.LockRecordByID(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, e.HolderID, place(Entry{ID: e.ID, Version: int(e.Version)}), e.Data)
			if err != nil {
				return err
			}
			return db.SetRecordData(ctx, tx, registrydb.SetRecordDataParams{ID: e.ID, Data: fresh})
		}, r.Head))
	}
	return rows, err
}

// versionKey is the key of a version, as the key of a row.
type versionKey struct {
	record  uuid.UUID
	version int32
}

func (k versionKey) String() string { return fmt.Sprintf("%s/%d", k.record, k.version) }

// parseVersion reads what String wrote; "" is the version before all.
func parseVersion(key string) (k versionKey) {
	if len(key) > 37 {
		k.record, _ = uuid.Parse(key[:36])
		_, _ = fmt.Sscan(key[37:], &k.version)
	}
	return k
}

func (s *Service) sealedVersions(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseVersion(of.After)
	found, err := db.PageVersions(ctx, tx, registrydb.PageVersionsParams{Person: of.Person, Record: after.record, Version: after.version, Size: of.Limit})
	for _, r := range found {
		k := versionKey{r.RecordID, r.Version}
		rows = append(rows, encryption.Row{Key: k.String(), Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			v, err := db.LockVersion(ctx, tx, registrydb.LockVersionParams{RecordID: k.record, Version: k.version})
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, v.HolderID, place(Entry{ID: k.record, Version: int(k.version)}), v.Data)
			if err != nil {
				return err
			}
			return db.SetVersionData(ctx, tx, registrydb.SetVersionDataParams{RecordID: k.record, Version: k.version, Data: fresh})
		}})
	}
	return rows, err
}
