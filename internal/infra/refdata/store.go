package refdata

import (
	"context"
	"encoding/json"
	"strings"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata/internal/refdatadb"
)

var db = refdatadb.New()

// record audits a change of reference data by its code and the number of rows put.
func record(ctx context.Context, tx *pg.Tx, action, code string, rows int) error {
	detail := map[string]any{"rows": rows}
	if code != "" {
		detail["code"] = code
	}
	object, _, _ := strings.Cut(strings.TrimPrefix(action, "refdata."), ".")
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "refdata." + object, Detail: detail})
}

func textOf(raw json.RawMessage) (t i18n.Text, err error) {
	err = json.Unmarshal(raw, &t)
	return t, err
}

func getBoundary(ctx context.Context, tx *pg.Tx, code string) (Boundary, error) {
	r, err := db.GetBoundary(ctx, tx, code)
	if pg.NotFound(err) {
		return Boundary{}, ErrBoundary.With("code", code)
	}
	if err != nil {
		return Boundary{}, err
	}
	name, err := textOf(r.Name)
	return Boundary{Code: r.Code, Parent: r.Parent, Level: r.Level, Name: name, Path: r.Path}, err
}

func listBoundaries(ctx context.Context, tx *pg.Tx, level, parent string) ([]Boundary, error) {
	rows, err := db.ListBoundaries(ctx, tx, refdatadb.ListBoundariesParams{Level: level, Parent: parent})
	if err != nil {
		return nil, err
	}
	list := make([]Boundary, len(rows))
	for i, r := range rows {
		name, err := textOf(r.Name)
		if err != nil {
			return nil, err
		}
		list[i] = Boundary{Code: r.Code, Parent: r.Parent, Level: r.Level, Name: name, Path: r.Path}
	}
	return list, nil
}

func listChoices(ctx context.Context, tx *pg.Tx, level, within string) ([]Choice, error) {
	rows, err := db.ListBoundariesIn(ctx, tx, refdatadb.ListBoundariesInParams{Level: level, Within: within})
	if err != nil {
		return nil, err
	}
	list := make([]Choice, len(rows))
	for i, r := range rows {
		name, err := textOf(r.Name)
		if err != nil {
			return nil, err
		}
		in, err := textOf(r.ParentName)
		if err != nil {
			return nil, err
		}
		list[i] = Choice{Code: r.Code, Name: name, In: in, Depth: int(r.Depth)}
	}
	return list, nil
}

func listAround(ctx context.Context, tx *pg.Tx, codes []string) ([]Boundary, error) {
	rows, err := db.ListAround(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	list := make([]Boundary, len(rows))
	for i, r := range rows {
		name, err := textOf(r.Name)
		if err != nil {
			return nil, err
		}
		list[i] = Boundary{Code: r.Code, Parent: r.Parent, Level: r.Level, Name: name, Path: r.Path}
	}
	return list, nil
}

func putBoundaries(ctx context.Context, tx *pg.Tx, rows []Boundary, position map[string]int32) error {
	var p refdatadb.PutBoundariesParams
	for _, b := range rows {
		name, err := json.Marshal(b.Name)
		if err != nil {
			return err
		}
		p.Codes, p.Parents, p.Levels = append(p.Codes, b.Code), append(p.Parents, b.Parent), append(p.Levels, b.Level)
		p.Names, p.Paths = append(p.Names, name), append(p.Paths, strings.Join(b.Path, "/"))
		p.Positions = append(p.Positions, position[b.Code])
	}
	return db.PutBoundaries(ctx, tx, p)
}

func listCodeLists(ctx context.Context, tx *pg.Tx) ([]CodeList, error) {
	rows, err := db.ListCodeLists(ctx, tx)
	if err != nil {
		return nil, err
	}
	lists := make([]CodeList, len(rows))
	for i, r := range rows {
		if lists[i].Name, err = textOf(r.Name); err != nil {
			return nil, err
		}
		lists[i].Code = r.Code
	}
	return lists, nil
}

func listCodes(ctx context.Context, tx *pg.Tx, list string) ([]Code, error) {
	rows, err := db.ListCodes(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	codes := make([]Code, len(rows))
	for i, r := range rows {
		name, err := textOf(r.Name)
		if err != nil {
			return nil, err
		}
		codes[i] = Code{Code: r.Code, Name: name, Active: r.Active}
		if codes[i].Attributes, err = attributesOf(r.Attributes); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// attributesOf reads attributes; whole numbers are int64.
func attributesOf(raw json.RawMessage) (map[string]any, error) {
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil || len(out) == 0 {
		return nil, err
	}
	for name, v := range out {
		if x, ok := v.(float64); ok && x == float64(int64(x)) {
			out[name] = int64(x)
		}
	}
	return out, nil
}

func listBoundariesOf(ctx context.Context, tx *pg.Tx, codes []string) ([]Boundary, error) {
	rows, err := db.ListBoundariesOf(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	list := make([]Boundary, len(rows))
	for i, r := range rows {
		name, err := textOf(r.Name)
		if err != nil {
			return nil, err
		}
		list[i] = Boundary{Code: r.Code, Parent: r.Parent, Level: r.Level, Name: name, Path: r.Path}
	}
	return list, nil
}

func putCodes(ctx context.Context, tx *pg.Tx, list CodeList, codes []Code) error {
	name, err := json.Marshal(list.Name)
	if err != nil {
		return err
	}
	if err := db.PutCodeList(ctx, tx, refdatadb.PutCodeListParams{Code: list.Code, Name: name}); err != nil {
		return err
	}
	// Never nil: a comparison with all of NULL would retire nothing.
	p := refdatadb.PutCodesParams{List: list.Code, Codes: []string{}}
	for i, c := range codes {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return err
		}
		attributes := json.RawMessage("{}")
		if len(c.Attributes) > 0 {
			if attributes, err = json.Marshal(c.Attributes); err != nil {
				return err
			}
		}
		p.Codes, p.Names, p.Positions = append(p.Codes, c.Code), append(p.Names, name), append(p.Positions, int32(i))
		p.Attributes = append(p.Attributes, attributes)
	}
	if err := db.RetireCodes(ctx, tx, refdatadb.RetireCodesParams{List: list.Code, Kept: p.Codes}); err != nil {
		return err
	}
	return db.PutCodes(ctx, tx, p)
}

func nextNumber(ctx context.Context, tx *pg.Tx, format string, year int) (int64, error) {
	return db.NextNumber(ctx, tx, refdatadb.NextNumberParams{Format: format, Year: int32(year)})
}

func getFormat(ctx context.Context, tx *pg.Tx, code string) (string, error) {
	pattern, err := db.GetFormat(ctx, tx, code)
	if pg.NotFound(err) {
		return "", ErrFormat.With("format", code)
	}
	return pattern, err
}

func putFormat(ctx context.Context, tx *pg.Tx, code, pattern string) error {
	return db.PutFormat(ctx, tx, refdatadb.PutFormatParams{Code: code, Pattern: pattern})
}
