package certificate

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/certificate/internal/certificatedb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{{Name: "certificate.credential.content", Owner: encryption.People | encryption.Tenant, Page: s.sealedContents}}
}

func (s *Service) sealedContents(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageContents(ctx, tx, certificatedb.PageContentsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockContent(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, c.HolderID, place(r.ID), c.Content)
			if err != nil {
				return err
			}
			return db.SetContent(ctx, tx, certificatedb.SetContentParams{ID: r.ID, Content: fresh})
		}, r.Head))
	}
	return rows, err
}

// LastUse tells which certificates that an agency issued up to a moment of the tenant's clock are still in force. It satisfies
// encryption.LastUse: a key that signs codes may have signed one for any of them, however long ago it was issued.
func (s *Service) LastUse(ctx context.Context, tx *pg.Tx, agency string, before time.Time) (encryption.Living, error) {
	row, err := db.CountLiving(ctx, tx, certificatedb.CountLivingParams{Agency: agency, Before: before, Now: tx.Now})
	return encryption.Living{Count: row.Living, Never: row.Never, Until: row.Until}, err
}

// erased is the reason of certificates whose holder's data was destroyed.
const erased = "holder.erased"

// Forget takes the certificates of a person out of force, since what they certify can be read by nobody any more. It may be
// repeated. Nobody hears of it but the status lists: the person is gone.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	revoked, err := db.RevokeOf(ctx, tx, certificatedb.RevokeOfParams{HolderID: person, Reason: erased})
	if err != nil {
		return err
	}
	for _, credential := range revoked {
		if err := tx.Publish(ctx, StatusChanged{Credential: credential, Holder: person, Status: Revoked}); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{
			Action: "certificate." + string(Revoked), Object: "certificate.credential", ObjectID: credential, Person: person, Reason: erased,
		}); err != nil {
			return err
		}
	}
	return nil
}
