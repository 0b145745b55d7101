package agency

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency/internal/agencydb"
)

func given(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func orNobody(u *uuid.UUID) uuid.UUID {
	if u == nil {
		return uuid.Nil
	}
	return *u
}

func insertAbsence(ctx context.Context, tx *pg.Tx, a Absence) error {
	return db.InsertAbsence(ctx, tx, agencydb.InsertAbsenceParams{
		ID: a.ID, Agency: a.Agency, AccountID: a.Account, StandIn: given(a.StandIn), ValidFrom: a.From, ValidUntil: a.Until, State: string(a.State),
		AskedBy: given(a.AskedBy), AskedAt: a.AskedAt, DecidedBy: given(a.DecidedBy), DecidedAt: a.DecidedAt,
	})
}

func setAbsence(ctx context.Context, tx *pg.Tx, a Absence) error {
	return db.SetAbsence(ctx, tx, agencydb.SetAbsenceParams{
		ID: a.ID, State: string(a.State), StandIn: given(a.StandIn), ValidUntil: a.Until, DecidedBy: given(a.DecidedBy), DecidedAt: a.DecidedAt,
	})
}

func lockAbsence(ctx context.Context, tx *pg.Tx, absence uuid.UUID) (Absence, error) {
	r, err := db.LockAbsence(ctx, tx, absence)
	if pg.NotFound(err) {
		return Absence{}, ErrUnknownAbsence
	}
	return toAbsence(agencydb.ListAbsencesRow(r)), err
}

func toAbsence(r agencydb.ListAbsencesRow) Absence {
	return Absence{
		ID: r.ID, Agency: r.Agency, Account: r.AccountID, StandIn: orNobody(r.StandIn), From: r.ValidFrom, Until: r.ValidUntil,
		State: AbsenceState(r.State), AskedBy: orNobody(r.AskedBy), AskedAt: r.AskedAt, DecidedBy: orNobody(r.DecidedBy), DecidedAt: r.DecidedAt,
	}
}

// openAbsences are those of an agency ("" for any) and an account (uuid.Nil for any) that is away or stands in.
func openAbsences(ctx context.Context, tx *pg.Tx, agency string, account uuid.UUID) (list []Absence, err error) {
	rows, err := db.ListOpenAbsences(ctx, tx, agencydb.ListOpenAbsencesParams{Agency: agency, Account: given(account), Now: tx.Now})
	for _, r := range rows {
		list = append(list, toAbsence(agencydb.ListAbsencesRow(r)))
	}
	return list, err
}

func absenceRows(ctx context.Context, tx *pg.Tx, agency string, after uuid.UUID, limit int) (list []Absence, err error) {
	rows, err := db.ListAbsences(ctx, tx, agencydb.ListAbsencesParams{Agency: agency, After: given(after), Lim: int32(limit)})
	for _, r := range rows {
		list = append(list, toAbsence(r))
	}
	return list, err
}

// awayRows are those who are away now, with who stands in (uuid.Nil for nobody).
func awayRows(ctx context.Context, tx *pg.Tx, agency string) (map[uuid.UUID]uuid.UUID, error) {
	rows, err := db.ListAway(ctx, tx, agencydb.ListAwayParams{Agency: agency, Now: tx.Now})
	away := make(map[uuid.UUID]uuid.UUID, len(rows))
	for _, r := range rows {
		away[r.AccountID] = orNobody(r.StandIn)
	}
	return away, err
}
