package agency

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency/internal/agencydb"
)

func insertImport(ctx context.Context, tx *pg.Tx, in Import) error {
	return db.InsertImport(ctx, tx, agencydb.InsertImportParams{
		ID: in.ID, Agency: in.Agency, Kind: string(in.Kind), FileID: in.file, ImportedBy: given(in.By), CreatedAt: in.CreatedAt,
	})
}

func setImport(ctx context.Context, tx *pg.Tx, in Import) error {
	return db.SetImport(ctx, tx, agencydb.SetImportParams{ID: in.ID, State: string(in.State), FileID: in.file, FinishedAt: in.FinishedAt})
}

func toImport(ctx context.Context, tx *pg.Tx, r agencydb.GetImportRow) (Import, error) {
	in := Import{
		ID: r.ID, Agency: r.Agency, Kind: ImportKind(r.Kind), State: ImportState(r.State), Content: r.FileID != nil, By: orNobody(r.ImportedBy),
		CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt, Verdicts: map[Verdict]int{}, Rows: map[RowState]int{}, file: r.FileID,
	}
	counts, err := db.CountImportRows(ctx, tx, r.ID)
	for _, c := range counts {
		in.Verdicts[Verdict(c.Verdict)] += int(c.N)
		in.Rows[RowState(c.State)] += int(c.N)
	}
	return in, err
}

func importRow(ctx context.Context, tx *pg.Tx, imp uuid.UUID) (Import, error) {
	r, err := db.GetImport(ctx, tx, imp)
	if pg.NotFound(err) {
		return Import{}, ErrUnknownImport
	}
	if err != nil {
		return Import{}, err
	}
	return toImport(ctx, tx, r)
}

func lockImport(ctx context.Context, tx *pg.Tx, imp uuid.UUID) (Import, error) {
	r, err := db.LockImport(ctx, tx, imp)
	if pg.NotFound(err) {
		return Import{}, ErrUnknownImport
	}
	if err != nil {
		return Import{}, err
	}
	return toImport(ctx, tx, agencydb.GetImportRow(r))
}

func importRows(ctx context.Context, tx *pg.Tx, agency string, after uuid.UUID, limit int) ([]Import, error) {
	rows, err := db.ListImports(ctx, tx, agencydb.ListImportsParams{Agency: agency, After: given(after), Lim: int32(limit)})
	if err != nil {
		return nil, err
	}
	return mapped(rows, func(r agencydb.ListImportsRow) (Import, error) { return toImport(ctx, tx, agencydb.GetImportRow(r)) })
}

func insertImportRow(ctx context.Context, tx *pg.Tx, imp uuid.UUID, r ImportRow) error {
	problems, err := json.Marshal(r.Problems)
	if err != nil {
		return err
	}
	if r.Columns == nil {
		r.Columns = []string{}
	}
	return db.InsertImportRow(ctx, tx, agencydb.InsertImportRowParams{
		ImportID: imp, Number: int32(r.Number), Seq: int32(r.seq), Verdict: string(r.Verdict), State: string(r.State), Columns: r.Columns,
		Problems: problems, Object: r.object, AccountID: given(r.account),
	})
}

func setImportRow(ctx context.Context, tx *pg.Tx, imp uuid.UUID, r ImportRow) error {
	problems, err := json.Marshal(r.Problems)
	if err != nil {
		return err
	}
	return db.SetImportRow(ctx, tx, agencydb.SetImportRowParams{
		ImportID: imp, Number: int32(r.Number), State: string(r.State), Problems: problems, AccountID: given(r.account), Before: r.before, After: r.after,
	})
}

func toImportRow(r agencydb.ListImportRowsRow) (out ImportRow, err error) {
	out = ImportRow{
		Number: int(r.Number), Label: r.Object, Verdict: Verdict(r.Verdict), State: RowState(r.State), Columns: r.Columns, object: r.Object,
		account: orNobody(r.AccountID), seq: int(r.Seq), before: r.Before, after: r.After,
	}
	return out, json.Unmarshal(r.Problems, &out.Problems)
}

func listRows(ctx context.Context, tx *pg.Tx, imp uuid.UUID, verdict Verdict, state RowState, after, limit int) ([]ImportRow, error) {
	rows, err := db.ListImportRows(ctx, tx, agencydb.ListImportRowsParams{
		ImportID: imp, After: int32(after), Verdict: string(verdict), State: string(state), Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	return mapped(rows, toImportRow)
}

// nextRow locks the row that is to be done next, or undone where back is set; ok is false where there is none.
func nextRow(ctx context.Context, tx *pg.Tx, imp uuid.UUID, back bool) (r ImportRow, ok bool, err error) {
	var row agencydb.ListImportRowsRow
	if back {
		var last agencydb.LastImportRowRow
		last, err = db.LastImportRow(ctx, tx, imp)
		row = agencydb.ListImportRowsRow(last)
	} else {
		var next agencydb.NextImportRowRow
		next, err = db.NextImportRow(ctx, tx, imp)
		row = agencydb.ListImportRowsRow(next)
	}
	if pg.NotFound(err) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r, err = toImportRow(row)
	return r, err == nil, err
}

func number(n int) string { return strconv.Itoa(n) }

func afterNumber(req page.Request) (int, error) {
	if req.After == "" {
		return 0, nil
	}
	parts, err := page.Decode(req.After, 1)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, page.ErrCursor.Because(err)
	}
	return n, nil
}

// deleteOffice takes an office away that nothing refers to.
func deleteOffice(ctx context.Context, tx *pg.Tx, agency, code string) error {
	err := db.DeleteOffice(ctx, tx, agencydb.DeleteOfficeParams{Agency: agency, Code: code})
	if pg.Constraint(err) != "" {
		return ErrImportUsed.Because(err)
	}
	return err
}

// deletePosition takes a position away that nobody holds or held and to which none reports.
func deletePosition(ctx context.Context, tx *pg.Tx, agency, code string) error {
	err := db.DeletePosition(ctx, tx, agencydb.DeletePositionParams{Agency: agency, Code: code})
	if pg.Constraint(err) != "" {
		return ErrImportUsed.Because(err)
	}
	return err
}
