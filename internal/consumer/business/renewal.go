package business

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/consumer/business/internal/businessdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed or indexed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "business.business.about", Owner: encryption.People, Page: s.sealedAbout},
		{Name: "business.claim.reason", Owner: encryption.People, Page: s.sealedReasons},
		{Name: "business.business.number_index", Owner: encryption.Indexed, Fields: []string{numberField}, Page: s.indexedNumbers},
		{Name: "business.name_token.token", Owner: encryption.Indexed, Fields: []string{nameField}, Page: s.indexedNames},
	}
}

func (s *Service) sealedAbout(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageAbout(ctx, tx, businessdb.PageAboutParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			b, err := db.LockBusiness(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, r.AccountID, aboutPlace(r.AccountID), b.About)
			if err != nil {
				return err
			}
			return db.SetAbout(ctx, tx, businessdb.SetAboutParams{AccountID: r.AccountID, About: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageReasons(ctx, tx, businessdb.PageReasonsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockClaim(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, c.AccountID, reasonPlace(r.ID), c.Reason)
			if err != nil {
				return err
			}
			return db.SetReason(ctx, tx, businessdb.SetReasonParams{ID: r.ID, Reason: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedNumbers(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageNumbers(ctx, tx, businessdb.PageNumbersParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			a, err := s.lockAbout(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			index, err := s.deps.Encryption.BlindIndex(ctx, tx, numberField, a.Number)
			if err != nil {
				return err
			}
			return db.SetNumberIndex(ctx, tx, businessdb.SetNumberIndexParams{AccountID: r.AccountID, NumberIndex: index})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageNameTokens(ctx, tx, businessdb.PageNameTokensParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			a, err := s.lockAbout(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			return s.indexName(ctx, tx, r.AccountID, a.Name)
		}, r.Head))
	}
	return rows, err
}

func (s *Service) lockAbout(ctx context.Context, tx *pg.Tx, account uuid.UUID) (a about, err error) {
	b, err := db.LockBusiness(ctx, tx, account)
	if err != nil {
		return a, err
	}
	return s.openAbout(ctx, tx, account, b.About)
}

// Forget drops what a person claimed and no office confirmed, with the papers; encryption calls it before the person's key goes. A
// business that was confirmed is not theirs, but its own: it stays, and so does that they once spoke for it. It may be repeated.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "business.Forget(%s)", person)
	rows, err := db.ListClaimsOf(ctx, tx, businessdb.ListClaimsOfParams{Claimant: person, Size: mineMost})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.BusinessStatus == Confirmed {
			continue
		}
		if err := s.drop(ctx, tx, row.AccountID); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes a business of which nobody ever confirmed anything, with its key.
func (s *Service) drop(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	papers, err := db.ListFilesOf(ctx, tx, account)
	if err != nil {
		return err
	}
	if err := db.DeleteBusiness(ctx, tx, account); err != nil {
		return err
	}
	for _, paper := range papers {
		if err := s.deps.Documents.Delete(ctx, tx, paper); err != nil {
			return err
		}
	}
	return s.deps.Encryption.Forget(ctx, tx, account)
}
