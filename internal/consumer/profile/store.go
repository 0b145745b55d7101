package profile

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/platform/pg"
)

var queries = profiledb.New()

func insertPerson(ctx context.Context, tx *pg.Tx, account uuid.UUID, name []byte, lang string) (bool, error) {
	n, err := queries.InsertPerson(ctx, tx, profiledb.InsertPersonParams{AccountID: account, Name: name, Lang: lang, Now: tx.Now})
	return n > 0, err
}

func getPerson(ctx context.Context, tx *pg.Tx, account uuid.UUID) (profiledb.GetPersonRow, error) {
	row, err := queries.GetPerson(ctx, tx, account)
	if pg.NotFound(err) {
		return row, ErrNotFound
	}
	return row, err
}

func setPerson(ctx context.Context, tx *pg.Tx, account uuid.UUID, name []byte, p Profile) error {
	n, err := queries.SetPerson(ctx, tx, profiledb.SetPersonParams{
		AccountID: account, Name: name, Lang: p.Lang, Boundary: p.Boundary, Channels: append([]string{}, p.Channels...), Reminders: append([]string{}, p.Reminders...),
		QuietFrom: int32(p.Quiet.From), QuietTo: int32(p.Quiet.To), ChangedAt: tx.Now,
	})
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}
