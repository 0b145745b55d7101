package desk

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

func toTill(r deskdb.DeskTill) (Till, error) {
	in := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: r.Currency} }
	t := Till{
		ID: r.ID, Place: Place{r.Agency, r.Office}, Counter: r.Counter, Operator: r.OperatorID, Status: TillStatus(r.Status), Float: in(r.FloatMinor),
		OpenedAt: r.OpenedAt, Counted: in(r.CountedMinor), Expected: in(r.ExpectedMinor), Reason: r.Reason, CountAt: r.CountedAt,
		ClosedBy: orZero(r.ClosedBy), ClosedAt: r.ClosedAt, Slip: r.Slip, Deposit: in(r.DepositMinor),
	}
	return t, json.Unmarshal(r.Counts, &t.Counts)
}

func oneTill(r deskdb.DeskTill, err error) (Till, error) {
	if pg.NotFound(err) {
		return Till{}, ErrNoTill
	}
	if err != nil {
		return Till{}, err
	}
	return toTill(r)
}

func getTill(ctx context.Context, tx *pg.Tx, till uuid.UUID) (Till, error) {
	return oneTill(db.GetTill(ctx, tx, till))
}

func lockTill(ctx context.Context, tx *pg.Tx, till uuid.UUID) (Till, error) {
	return oneTill(db.LockTill(ctx, tx, till))
}

// openTill is the session that an operator has not closed.
func openTill(ctx context.Context, tx *pg.Tx, operator uuid.UUID) (Till, error) {
	return oneTill(db.GetOpenTill(ctx, tx, operator))
}

func insertTill(ctx context.Context, tx *pg.Tx, t Till) error {
	err := db.InsertTill(ctx, tx, deskdb.InsertTillParams{
		ID: t.ID, Agency: t.Place.Agency, Office: t.Place.Office, Counter: t.Counter, OperatorID: t.Operator, Currency: t.Float.Currency,
		FloatMinor: t.Float.Minor, OpenedAt: t.OpenedAt,
	})
	switch pg.Constraint(err) {
	case "till_operator_key":
		return ErrTillOpen.Because(err)
	case "till_counter_key":
		return ErrCounterTaken.Because(err)
	}
	return err
}

func countTill(ctx context.Context, tx *pg.Tx, t Till) error {
	counts, err := json.Marshal(t.Counts)
	if err != nil {
		return err
	}
	return db.CountTill(ctx, tx, deskdb.CountTillParams{
		ID: t.ID, Counts: counts, CountedMinor: t.Counted.Minor, ExpectedMinor: t.Expected.Minor, Reason: t.Reason, CountedAt: *t.CountAt,
	})
}

func closeTill(ctx context.Context, tx *pg.Tx, t Till) error {
	return db.CloseTill(ctx, tx, deskdb.CloseTillParams{ID: t.ID, ClosedBy: t.ClosedBy, ClosedAt: *t.ClosedAt, Slip: t.Slip, DepositMinor: t.Deposit.Minor})
}

func listTills(ctx context.Context, tx *pg.Tx, at Place, operator uuid.UUID, status TillStatus, before uuid.UUID, size int) ([]Till, error) {
	rows, err := db.ListTills(ctx, tx, deskdb.ListTillsParams{
		Agency: at.Agency, Office: at.Office, Operator: orNil(operator), Status: string(status), Before: orNil(before), Size: int32(size),
	})
	if err != nil {
		return nil, err
	}
	list := make([]Till, len(rows))
	for i, r := range rows {
		if list[i], err = toTill(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}
