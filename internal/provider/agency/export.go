package agency

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Export returns the offices, positions or staff of an agency as a table that can be taken in again: then every row is unchanged. Staff
// stands in it once for each position held now or later. Permission: agency:manage, for staff identity:read over each besides; whose
// addresses are read is on record. Errors: ErrForbidden, ErrUnknown, and those of identity.Account.
func (i *Importer) Export(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, kind ImportKind) (t Table, err error) {
	defer fault.Wrap(&err, "agency.Export(%s, %s)", agency, kind)
	if err := authorise(tx, by, Manage, agency); err != nil {
		return t, err
	}
	if _, err := agencyRow(ctx, tx, agency); err != nil {
		return t, err
	}
	set, err := i.d.Settings.Settings(ctx, tx)
	if err != nil {
		return t, err
	}
	t.Columns = ImportColumnsOf(kind, set.Languages)
	var rows []map[string]string
	switch kind {
	case ImportOffices:
		rows, err = exportOffices(ctx, tx, agency)
	case ImportPositions:
		rows, err = exportPositions(ctx, tx, agency)
	default:
		rows, err = i.exportStaff(ctx, tx, agency)
	}
	for _, cells := range rows {
		row := make([]string, len(t.Columns))
		for n, column := range t.Columns {
			row[n] = cells[column]
		}
		t.Rows = append(t.Rows, row)
	}
	return t, err
}

func texts(cells map[string]string, name string, t i18n.Text) {
	for lang, text := range t {
		cells[name+"."+lang] = text
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func exportOffices(ctx context.Context, tx *pg.Tx, agency string) (rows []map[string]string, err error) {
	all, err := officeRows(ctx, tx, agency)
	for _, o := range all {
		cells := map[string]string{"code": o.Code, "address": o.Address, "boundary": o.Boundary, "email": o.Email, "phone": o.Phone, "closed": yesNo(o.Closed)}
		texts(cells, "name", o.Name)
		texts(cells, "hours", o.Hours)
		rows = append(rows, cells)
	}
	return rows, err
}

func exportPositions(ctx context.Context, tx *pg.Tx, agency string) (rows []map[string]string, err error) {
	all, err := positionRows(ctx, tx, agency)
	for _, p := range all {
		cells := map[string]string{
			"code": p.Code, "office": p.Office, "boundary": p.Boundary, "roles": strings.Join(p.Roles, ", "), "reports_to": p.ReportsTo,
			"seats": strconv.Itoa(p.Seats), "closed": yesNo(p.Closed),
		}
		texts(cells, "title", p.Title)
		rows = append(rows, cells)
	}
	return rows, err
}

func (i *Importer) exportStaff(ctx context.Context, tx *pg.Tx, agency string) (rows []map[string]string, err error) {
	set, err := i.d.Settings.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	zone := set.Location()
	staff, err := allStaff(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	for _, w := range staff {
		a, err := i.d.People.Account(ctx, tx, w.Account)
		if err != nil {
			return nil, err
		}
		held, err := heldRows(ctx, tx, w.Account)
		if err != nil {
			return nil, err
		}
		held = slices.DeleteFunc(held, func(h Holding) bool { return h.Agency != agency })
		if len(held) == 0 {
			held = []Holding{{}}
		}
		for _, h := range held {
			cells := map[string]string{"name": a.Name, "office": w.Office, "position": h.Position}
			for _, c := range slices.Backward(a.Contacts) { // the first of each channel is the one that stays
				cells[map[string]string{identity.ChannelEmail: "email", identity.ChannelSMS: "phone"}[c.Channel]] = c.Address
			}
			texts(cells, "title", w.Title)
			if h.Position != "" {
				cells["from"] = civil.Of(h.From.In(zone)).String()
			}
			if h.Until != nil {
				cells["until"] = civil.Of(h.Until.Add(-1).In(zone)).String()
			}
			rows = append(rows, cells)
		}
	}
	return rows, nil
}

// allStaff is everybody who works in an agency, as many as a table holds.
func allStaff(ctx context.Context, tx *pg.Tx, agency string) (all []Staff, err error) {
	after := Staff{}
	for len(all) < ImportRows {
		rows, err := staffRows(ctx, tx, agency, after.Account, batch)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) < batch {
			break
		}
		after = rows[len(rows)-1]
	}
	return all, nil
}

// batch is how many of the staff are read at a time.
const batch = 500
