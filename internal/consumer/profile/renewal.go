package profile

import (
	"context"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "profile.person.name", Owner: encryption.People, Page: s.sealedNames},
		{Name: "profile.member.about", Owner: encryption.People, Page: s.sealedMembers},
	}
}

func (s *Service) sealedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageNames(ctx, tx, profiledb.PageNamesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			name, err := queries.LockName(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, r.AccountID, namePlace(r.AccountID), name)
			if err != nil {
				return err
			}
			return queries.SetName(ctx, tx, profiledb.SetNameParams{AccountID: r.AccountID, Name: fresh})
		}, r.Head))
	}
	return rows, err
}
