package agency

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency/internal/agencydb"
)

var db = agencydb.New()

func putAgency(ctx context.Context, tx *pg.Tx, a Agency) error {
	return db.PutAgency(ctx, tx, agencydb.PutAgencyParams{
		Code: a.Code, Name: fromText(a.Name), Purpose: fromText(a.Purpose), Boundary: a.Boundary,
		Email: a.Email, Phone: a.Phone, Parent: optional(a.Parent), Closed: a.Closed, UpdatedAt: tx.Now,
	})
}

func lockAgencies(ctx context.Context, tx *pg.Tx) ([]Agency, error) {
	rows, err := db.LockAgencies(ctx, tx)
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r agencydb.LockAgenciesRow) (Agency, error) { return toAgency(agencydb.ListAgenciesRow(r)) })
}

func agencyRow(ctx context.Context, tx *pg.Tx, code string) (Agency, error) {
	r, err := db.GetAgency(ctx, tx, code)
	if pg.NotFound(err) {
		return Agency{}, ErrUnknown.With("agency", code)
	}
	if err != nil {
		return Agency{}, err
	}
	return toAgency(agencydb.ListAgenciesRow(r))
}

func agencyRows(ctx context.Context, tx *pg.Tx) ([]Agency, error) {
	rows, err := db.ListAgencies(ctx, tx)
	if err != nil {
		return nil, err
	}
	return mapped(rows, toAgency)
}

func toAgency(r agencydb.ListAgenciesRow) (a Agency, err error) {
	a = Agency{Code: r.Code, Boundary: r.Boundary, Email: r.Email, Phone: r.Phone, Parent: orEmpty(r.Parent), Closed: r.Closed, UpdatedAt: r.UpdatedAt}
	if a.Name, err = toText(r.Name); err != nil {
		return a, err
	}
	a.Purpose, err = toText(r.Purpose)
	return a, err
}

func putOffice(ctx context.Context, tx *pg.Tx, o Office) error {
	err := db.PutOffice(ctx, tx, agencydb.PutOfficeParams{
		Agency: o.Agency, Code: o.Code, Name: fromText(o.Name), Boundary: o.Boundary, Address: o.Address,
		Hours: fromText(o.Hours), Email: o.Email, Phone: o.Phone, Closed: o.Closed, UpdatedAt: tx.Now,
	})
	if pg.Constraint(err) == "office_agency_fkey" {
		return ErrUnknown.With("agency", o.Agency).Because(err)
	}
	return err
}

func officeRows(ctx context.Context, tx *pg.Tx, agency string) ([]Office, error) {
	rows, err := db.ListOffices(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	return mapped(rows, toOffice)
}

func placeRows(ctx context.Context, tx *pg.Tx) ([]Place, error) {
	rows, err := db.ListPlaces(ctx, tx)
	list := make([]Place, 0, len(rows))
	for _, r := range rows {
		list = append(list, Place(r))
	}
	return list, err
}

func toOffice(r agencydb.ListOfficesRow) (o Office, err error) {
	o = Office{
		Agency: r.Agency, Code: r.Code, Boundary: r.Boundary, Address: r.Address,
		Email: r.Email, Phone: r.Phone, Closed: r.Closed, UpdatedAt: r.UpdatedAt,
	}
	if o.Name, err = toText(r.Name); err != nil {
		return o, err
	}
	o.Hours, err = toText(r.Hours)
	return o, err
}

func putStaff(ctx context.Context, tx *pg.Tx, w Staff) error {
	var office *string
	if w.Office != "" {
		office = &w.Office
	}
	err := db.PutStaff(ctx, tx, agencydb.PutStaffParams{
		AccountID: w.Account, Agency: w.Agency, Office: office, Title: fromText(w.Title), Since: tx.Now,
	})
	if pg.Constraint(err) == "staff_office_fkey" {
		return ErrUnknownOffice.With("office", w.Office).Because(err)
	}
	return err
}

func deleteStaff(ctx context.Context, tx *pg.Tx, account uuid.UUID, agency string) error {
	n, err := db.DeleteStaff(ctx, tx, agencydb.DeleteStaffParams{AccountID: account, Agency: agency})
	if err == nil && n == 0 {
		return ErrNotStaff
	}
	return err
}

func staffRows(ctx context.Context, tx *pg.Tx, agency string, after uuid.UUID, limit int) ([]Staff, error) {
	rows, err := db.ListStaff(ctx, tx, agencydb.ListStaffParams{Agency: agency, After: after, Lim: int32(limit)})
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r agencydb.ListStaffRow) (Staff, error) { return toStaff(agencydb.ListPostsRow(r)) })
}

func postRows(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]Staff, error) {
	rows, err := db.ListPosts(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	return mapped(rows, toStaff)
}

func toStaff(r agencydb.ListPostsRow) (w Staff, err error) {
	w = Staff{Account: r.AccountID, Agency: r.Agency, Since: r.Since}
	if r.Office != nil {
		w.Office = *r.Office
	}
	w.Title, err = toText(r.Title)
	return w, err
}

func mapped[R, T any](rows []R, to func(R) (T, error)) ([]T, error) {
	list := make([]T, 0, len(rows))
	for _, r := range rows {
		v, err := to(r)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// fromText returns the JSON of a text; a text that is nil is stored as an empty one.
func fromText(t i18n.Text) json.RawMessage {
	if t == nil {
		t = i18n.Text{}
	}
	b, _ := json.Marshal(t) // a map of strings always marshals
	return b
}

func toText(b json.RawMessage) (t i18n.Text, err error) {
	err = json.Unmarshal(b, &t)
	return t, err
}
