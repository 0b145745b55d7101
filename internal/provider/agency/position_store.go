package agency

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency/internal/agencydb"
)

func lockAgency(ctx context.Context, tx *pg.Tx, code string) (agencydb.LockAgencyRow, error) {
	row, err := db.LockAgency(ctx, tx, code)
	if pg.NotFound(err) {
		err = ErrUnknown.With("agency", code)
	}
	return row, err
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func putPosition(ctx context.Context, tx *pg.Tx, p Position) error {
	if p.Roles == nil {
		p.Roles = []string{}
	}
	err := db.PutPosition(ctx, tx, agencydb.PutPositionParams{
		Agency: p.Agency, Code: p.Code, Title: fromText(p.Title), Office: optional(p.Office), Boundary: p.Boundary, Roles: p.Roles,
		ReportsTo: optional(p.ReportsTo), Seats: int32(p.Seats), Closed: p.Closed, UpdatedAt: tx.Now,
	})
	if pg.Constraint(err) == "position_office_fkey" {
		return ErrUnknownOffice.With("office", p.Office).Because(err)
	}
	return err
}

func positionRow(ctx context.Context, tx *pg.Tx, agency, code string) (Position, error) {
	r, err := db.GetPosition(ctx, tx, agencydb.GetPositionParams{Agency: agency, Code: code})
	if pg.NotFound(err) {
		return Position{}, ErrUnknownPosition.With("position", code)
	}
	if err != nil {
		return Position{}, err
	}
	return toPosition(agencydb.ListPositionsRow(r))
}

func positionRows(ctx context.Context, tx *pg.Tx, agency string) ([]Position, error) {
	rows, err := db.ListPositions(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	return mapped(rows, toPosition)
}

func toPosition(r agencydb.ListPositionsRow) (p Position, err error) {
	p = Position{
		Agency: r.Agency, Code: r.Code, Office: orEmpty(r.Office), Boundary: r.Boundary, Roles: r.Roles, ReportsTo: orEmpty(r.ReportsTo),
		Seats: int(r.Seats), Closed: r.Closed, UpdatedAt: r.UpdatedAt,
	}
	p.Title, err = toText(r.Title)
	return p, err
}

func insertHolding(ctx context.Context, tx *pg.Tx, h Holding) error {
	return db.InsertHolding(ctx, tx, agencydb.InsertHoldingParams{
		ID: h.ID, Agency: h.Agency, Position: h.Position, AccountID: h.Account, ValidFrom: h.From, ValidUntil: h.Until,
	})
}

func lockHolding(ctx context.Context, tx *pg.Tx, holding uuid.UUID) (Holding, error) {
	r, err := db.LockHolding(ctx, tx, holding)
	if pg.NotFound(err) {
		err = ErrUnknownHolding
	}
	return toHolding(agencydb.ListHoldingsRow(r)), err
}

func toHolding(r agencydb.ListHoldingsRow) Holding {
	return Holding{ID: r.ID, Agency: r.Agency, Position: r.Position, Account: r.AccountID, From: r.ValidFrom, Until: r.ValidUntil}
}

// endHolding ends a holding now; one that has not begun leaves nothing behind.
func endHolding(ctx context.Context, tx *pg.Tx, h Holding) error {
	now := tx.Now.Truncate(time.Microsecond)
	if !h.From.Before(now) {
		return db.DeleteHolding(ctx, tx, h.ID)
	}
	return db.SetHoldingEnd(ctx, tx, agencydb.SetHoldingEndParams{ID: h.ID, ValidUntil: &now})
}

func openHoldings(ctx context.Context, tx *pg.Tx, agency, position string) (list []Holding, err error) {
	rows, err := db.ListOpenHoldings(ctx, tx, agencydb.ListOpenHoldingsParams{Agency: agency, Position: position, Now: tx.Now})
	for _, r := range rows {
		list = append(list, toHolding(agencydb.ListHoldingsRow(r)))
	}
	return list, err
}

func holdingRows(ctx context.Context, tx *pg.Tx, agency, position string, after uuid.UUID, limit int) (list []Holding, err error) {
	in := agencydb.ListHoldingsParams{Agency: agency, Position: position, Lim: int32(limit)}
	if after != uuid.Nil {
		in.After = &after
	}
	rows, err := db.ListHoldings(ctx, tx, in)
	for _, r := range rows {
		list = append(list, toHolding(agencydb.ListHoldingsRow(r)))
	}
	return list, err
}

func heldRows(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Holding, err error) {
	rows, err := db.ListHeld(ctx, tx, agencydb.ListHeldParams{AccountID: account, Now: tx.Now})
	for _, r := range rows {
		h := Holding{ID: r.ID, Agency: r.Agency, Position: r.Position, Account: r.AccountID, From: r.ValidFrom, Until: r.ValidUntil}
		if h.Title, err = toText(r.Title); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, err
}
