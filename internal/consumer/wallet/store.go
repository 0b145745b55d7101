package wallet

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/consumer/wallet/internal/walletdb"
	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

var db = walletdb.New()

// insertItem is harmless when the item is there: there is one for a credential.
func insertItem(ctx context.Context, tx *pg.Tx, c certificate.Credential) error {
	title, err := json.Marshal(c.Title)
	if err != nil {
		return err
	}
	return db.InsertItem(ctx, tx, walletdb.InsertItemParams{
		ID: id.New(), PersonID: c.Holder, CredentialID: c.ID, Number: c.Number, Type: c.Type, Title: title,
		Agency: c.Agency, IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	})
}

func lockItem(ctx context.Context, tx *pg.Tx, credential uuid.UUID) error {
	_, err := db.LockItem(ctx, tx, credential)
	return err
}

func setStatus(ctx context.Context, tx *pg.Tx, credential uuid.UUID, to certificate.Status) error {
	return db.SetItemStatus(ctx, tx, walletdb.SetItemStatusParams{Status: string(to), CredentialID: credential})
}

func setHidden(ctx context.Context, tx *pg.Tx, person, item uuid.UUID, hidden bool) error {
	p := walletdb.SetItemHiddenParams{ID: item, Persons: tx.Actor.Persons(person)}
	if hidden {
		p.HiddenAt = &tx.Now
	}
	n, err := db.SetItemHidden(ctx, tx, p)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

func toItem(row walletdb.GetItemRow) (Item, error) {
	i := Item{
		ID: row.ID, Person: row.PersonID, Credential: row.CredentialID, Number: row.Number, Type: row.Type, Agency: row.Agency,
		Status: certificate.Status(row.Status), IssuedAt: row.IssuedAt, ExpiresAt: row.ExpiresAt, Hidden: row.HiddenAt != nil,
	}
	return i, json.Unmarshal(row.Title, &i.Title)
}

func getItem(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) (Item, error) {
	row, err := db.GetItem(ctx, tx, walletdb.GetItemParams{ID: item, Persons: tx.Actor.Persons(person)})
	if pg.NotFound(err) {
		return Item{}, ErrNotFound
	}
	if err != nil {
		return Item{}, err
	}
	return toItem(row)
}

func findItem(ctx context.Context, tx *pg.Tx, person, credential uuid.UUID) (Item, error) {
	row, err := db.FindItem(ctx, tx, walletdb.FindItemParams{CredentialID: credential, Persons: tx.Actor.Persons(person)})
	if pg.NotFound(err) {
		return Item{}, ErrNotFound
	}
	if err != nil {
		return Item{}, err
	}
	return toItem(walletdb.GetItemRow(row))
}

func items(ctx context.Context, tx *pg.Tx, person uuid.UUID, hidden bool, r page.Request) (page.Page[Item], error) {
	before, err := r.AfterID()
	if err != nil {
		return page.Page[Item]{}, err
	}
	rows, err := db.ListItems(ctx, tx, walletdb.ListItemsParams{Persons: tx.Actor.Persons(person), Hidden: hidden, Before: before, Count: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[Item]{}, err
	}
	list := make([]Item, 0, len(rows))
	for _, row := range rows {
		i, err := toItem(walletdb.GetItemRow(row))
		if err != nil {
			return page.Page[Item]{}, err
		}
		list = append(list, i)
	}
	return page.Of(r, list, func(i Item) []string { return []string{i.ID.String()} }), nil
}

func insertShare(ctx context.Context, tx *pg.Tx, item uuid.UUID, sh Share, token, purpose []byte) error {
	return db.InsertShare(ctx, tx, walletdb.InsertShareParams{
		ID: sh.ID, ItemID: item, TokenHash: token, Claims: sh.Claims, Purpose: purpose, CreatedAt: sh.CreatedAt, Until: sh.Until,
	})
}

func (s *Service) shares(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) ([]Share, error) {
	rows, err := db.ListShares(ctx, tx, item)
	if err != nil {
		return nil, err
	}
	list := make([]Share, 0, len(rows))
	for _, row := range rows {
		purpose, err := s.deps.Encryption.Open(ctx, tx, person, sharePlace(row.ID), row.Purpose)
		if err != nil {
			return nil, err
		}
		list = append(list, Share{
			ID: row.ID, Claims: row.Claims, Purpose: string(purpose), CreatedAt: row.CreatedAt, Until: row.Until,
			EndedAt: row.EndedAt, Views: int(row.Views), ViewedAt: row.ViewedAt,
		})
	}
	return list, nil
}

func (s *Service) openShares(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]OpenShare, error) {
	rows, err := db.ListOpenShares(ctx, tx, walletdb.ListOpenSharesParams{Persons: tx.Actor.Persons(person), Now: tx.Now})
	if err != nil {
		return nil, err
	}
	list := make([]OpenShare, 0, len(rows))
	for _, row := range rows {
		purpose, err := s.deps.Encryption.Open(ctx, tx, row.PersonID, sharePlace(row.ID), row.Purpose)
		if err != nil {
			return nil, err
		}
		o := OpenShare{Item: row.ItemID, Number: row.Number, Share: Share{
			ID: row.ID, Claims: row.Claims, Purpose: string(purpose), CreatedAt: row.CreatedAt, Until: row.Until, Views: int(row.Views), ViewedAt: row.ViewedAt,
		}}
		if err := json.Unmarshal(row.Title, &o.Title); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func endShare(ctx context.Context, tx *pg.Tx, person, share uuid.UUID) error {
	n, err := db.EndShare(ctx, tx, walletdb.EndShareParams{EndedAt: &tx.Now, ID: share, Persons: tx.Actor.Persons(person)})
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

func viewShare(ctx context.Context, tx *pg.Tx, token []byte) (walletdb.ViewShareRow, error) {
	row, err := db.ViewShare(ctx, tx, walletdb.ViewShareParams{TokenHash: token, Now: &tx.Now})
	if pg.NotFound(err) {
		return row, ErrShareEnded
	}
	return row, err
}
