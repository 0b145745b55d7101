package catalog

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog/internal/catalogdb"
)

func putElsewhere(ctx context.Context, tx *pg.Tx, e Elsewhere) error {
	return db.PutElsewhere(ctx, tx, catalogdb.PutElsewhereParams{
		ID: e.ID, Agency: e.Agency, Name: fromText(e.Name), Summary: fromText(e.Summary), Languages: list(e.Languages), LifeEvents: list(e.LifeEvents), Url: e.URL, Now: tx.Now,
	})
}

// roomElsewhere has new entries wait for each other, and refuses one too many.
func roomElsewhere(ctx context.Context, tx *pg.Tx) error {
	if err := db.LockElsewheres(ctx, tx); err != nil {
		return err
	}
	n, err := db.CountElsewhere(ctx, tx)
	if err == nil && n >= elsewhereMost {
		return ErrTooMany.With("max", elsewhereMost)
	}
	return err
}

func setElsewhereStatus(ctx context.Context, tx *pg.Tx, which uuid.UUID, status string) (changed bool, err error) {
	n, err := db.SetElsewhereStatus(ctx, tx, catalogdb.SetElsewhereStatusParams{ID: which, Status: status, Now: tx.Now})
	return n > 0, err
}

func lockElsewhere(ctx context.Context, tx *pg.Tx, which uuid.UUID) (Elsewhere, error) {
	r, err := db.LockElsewhere(ctx, tx, which)
	if pg.NotFound(err) {
		return Elsewhere{}, ErrUnknown.With("service", which)
	}
	if err != nil {
		return Elsewhere{}, err
	}
	return toElsewhere(r)
}

func elsewhereRow(ctx context.Context, tx *pg.Tx, which uuid.UUID) (Elsewhere, error) {
	r, err := db.GetElsewhere(ctx, tx, which)
	if pg.NotFound(err) {
		return Elsewhere{}, ErrUnknown.With("service", which)
	}
	if err != nil {
		return Elsewhere{}, err
	}
	return toElsewhere(catalogdb.LockElsewhereRow(r))
}

func elsewhereRows(ctx context.Context, tx *pg.Tx, withdrawn bool) (list []Elsewhere, err error) {
	rows, err := db.ListElsewhere(ctx, tx, withdrawn)
	for _, r := range rows {
		e, err := toElsewhere(catalogdb.LockElsewhereRow(r))
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, err
}

func toElsewhere(r catalogdb.LockElsewhereRow) (e Elsewhere, err error) {
	e = Elsewhere{ID: r.ID, Agency: r.Agency, Languages: r.Languages, LifeEvents: r.LifeEvents, URL: r.Url, Status: r.Status, ChangedAt: r.ChangedAt}
	for text, body := range map[*i18n.Text]json.RawMessage{&e.Name: r.Name, &e.Summary: r.Summary} {
		if err := json.Unmarshal(body, text); err != nil {
			return e, err
		}
	}
	return e, nil
}
