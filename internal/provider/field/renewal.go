package field

import (
	"context"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/field/internal/fielddb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "field.operation.payload", Owner: encryption.People, Page: s.sealedPayloads},
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

// staleAfter is how long an announced file is waited for; its pieces are the documents' business.
const staleAfter = 30 * 24 * time.Hour

// SweepArgs orders the files that were announced and never became whole to be forgotten.
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
