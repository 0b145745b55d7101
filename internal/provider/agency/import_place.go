package agency

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

func officeNow(ctx context.Context, tx *pg.Tx, agency, code string) (o Office, known bool, err error) {
	all, err := officeRows(ctx, tx, agency)
	if n := slices.IndexFunc(all, func(o Office) bool { return o.Code == code }); n >= 0 {
		o, known = all[n], true
	}
	o.UpdatedAt = time.Time{}
	return o, known, err
}

func (i *Importer) applyOffice(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row *ImportRow, r record) error {
	old, known, err := officeNow(ctx, tx, agency, r.cells["code"])
	if err != nil {
		return err
	}
	o, _ := officeOf(r, old)
	o.Agency = agency
	if known {
		row.before = noted(old)
	}
	row.after = noted(o)
	return i.d.Agencies.PutOffice(ctx, tx, by, o)
}

// undoOffice puts an office back as it was, or takes it away where the import made it. Errors: ErrImportSince, ErrImportUsed.
func (i *Importer) undoOffice(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row ImportRow) error {
	var before, after Office
	if err := json.Unmarshal(row.after, &after); err != nil {
		return err
	}
	now, known, err := officeNow(ctx, tx, agency, after.Code)
	if err != nil {
		return err
	}
	if !known || !bytes.Equal(noted(now), noted(after)) {
		return ErrImportSince
	}
	if row.before != nil {
		if err := json.Unmarshal(row.before, &before); err != nil {
			return err
		}
		return i.d.Agencies.PutOffice(ctx, tx, by, before)
	}
	if err := authorise(tx, by, Manage, agency); err != nil {
		return err
	}
	if err := deleteOffice(ctx, tx, agency, after.Code); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "agency.office.remove", Object: "agency.office", Detail: map[string]any{"agency": agency, "office": after.Code}})
}

func positionNow(ctx context.Context, tx *pg.Tx, agency, code string) (p Position, known bool, err error) {
	all, err := positionRows(ctx, tx, agency)
	if n := slices.IndexFunc(all, func(p Position) bool { return p.Code == code }); n >= 0 {
		p, known = all[n], true
	}
	p.UpdatedAt = time.Time{}
	if p.Roles == nil {
		p.Roles = []string{}
	}
	return p, known, err
}

func (i *Importer) applyPosition(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row *ImportRow, r record) error {
	old, known, err := positionNow(ctx, tx, agency, r.cells["code"])
	if err != nil {
		return err
	}
	p, _ := positionOf(r, old)
	p.Agency = agency
	if p.Roles == nil {
		p.Roles = []string{}
	}
	if known {
		row.before = noted(old)
	}
	row.after = noted(p)
	return i.d.Agencies.PutPosition(ctx, tx, by, p)
}

// undoPosition puts a position back as it was, or takes it away where the import made it. Errors: ErrImportSince, ErrImportUsed.
func (i *Importer) undoPosition(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row ImportRow) error {
	var before, after Position
	if err := json.Unmarshal(row.after, &after); err != nil {
		return err
	}
	now, known, err := positionNow(ctx, tx, agency, after.Code)
	if err != nil {
		return err
	}
	if !known || !bytes.Equal(noted(now), noted(after)) {
		return ErrImportSince
	}
	if row.before != nil {
		if err := json.Unmarshal(row.before, &before); err != nil {
			return err
		}
		return i.d.Agencies.PutPosition(ctx, tx, by, before)
	}
	if err := authorise(tx, by, Manage, agency); err != nil {
		return err
	}
	if err := deletePosition(ctx, tx, agency, after.Code); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "agency.position.remove", Object: "agency.position", Detail: map[string]any{"agency": agency, "position": after.Code},
	})
}
