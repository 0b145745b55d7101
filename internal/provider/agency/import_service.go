package agency

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
)

// People finds and enters staff; identity does.
type People interface {
	Standing(ctx context.Context, tx *pg.Tx, account uuid.UUID) (identity.Principal, error)
	Name(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error)
	Account(ctx context.Context, tx *pg.Tx, account uuid.UUID) (identity.AccountView, error)
	FindStaff(ctx context.Context, tx *pg.Tx, addresses []string) (map[string]uuid.UUID, error)
	AddStaff(ctx context.Context, tx *pg.Tx, in identity.AddStaff) (uuid.UUID, error)
	Suspend(ctx context.Context, tx *pg.Tx, account uuid.UUID) error
	Roles(ctx context.Context, tx *pg.Tx) ([]identity.Role, error)
}

// Files keeps the content of tables, sealed; document does.
type Files interface {
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	Read(ctx context.Context, tx *pg.Tx, file uuid.UUID, w io.Writer) error
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// Areas knows the boundaries; refdata does.
type Areas interface {
	Boundaries(ctx context.Context, tx *pg.Tx, level, parent string) ([]refdata.Boundary, error)
}

// Settings tells a tenant's zone and languages; tenancy does.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// ImporterDeps is what taking in tables needs.
type ImporterDeps struct {
	Agencies *Service
	People   People
	Files    Files
	Areas    Areas
	Settings Settings
}

// Importer takes offices, positions and staff in from tables and gives them out as such.
type Importer struct{ d ImporterDeps }

// NewImporter returns the importer; it panics if a dependency is missing.
func NewImporter(d ImporterDeps) *Importer {
	if d.Agencies == nil || d.People == nil || d.Files == nil || d.Areas == nil || d.Settings == nil {
		panic("agency.NewImporter: a dependency is missing")
	}
	return &Importer{d}
}

// Check looks at a table without doing anything: each row is found new, changed, unchanged or wrong. The content is kept, sealed, until it
// is applied or ImportKept is over. Permission: agency:manage; for staff identity:manage besides. Errors: ErrForbidden, ErrUnknown,
// ErrImportColumns, ErrImportEmpty, ErrImportRows, those of identity.FindStaff.
func (i *Importer) Check(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, kind ImportKind, t Table) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Check(%s, %s)", agency, kind)
	if err := authorise(tx, by, Manage, agency); err != nil {
		return uuid.Nil, err
	}
	if _, err := agencyRow(ctx, tx, agency); err != nil {
		return uuid.Nil, err
	}
	switch {
	case !hasKey(kind, t.Columns):
		return uuid.Nil, ErrImportColumns
	case len(t.Rows) > ImportRows:
		return uuid.Nil, ErrImportRows.With("rows", ImportRows)
	}
	rows, err := i.judge(ctx, tx, agency, kind, t)
	if err != nil {
		return uuid.Nil, err
	}
	if len(rows) == 0 {
		return uuid.Nil, ErrImportEmpty
	}
	content, err := json.Marshal(t)
	if err != nil {
		return uuid.Nil, err
	}
	in := Import{ID: id.New(), Agency: agency, Kind: kind, State: ImportChecked, By: by.Account, CreatedAt: tx.Now}
	file, err := i.d.Files.Store(ctx, tx, document.Store{Name: "import.json", Purpose: "agency.import", Accept: []string{"application/json", "text/plain"}}, bytes.NewReader(content))
	if err != nil {
		return uuid.Nil, err
	}
	in.file = &file.ID
	if err := insertImport(ctx, tx, in); err != nil {
		return uuid.Nil, err
	}
	for _, j := range rows {
		if err := insertImportRow(ctx, tx, in.ID, j.ImportRow); err != nil {
			return uuid.Nil, err
		}
	}
	if err := tx.At(ctx, tx.Now.Add(ImportKept), "agency.import:"+in.ID.String(), ForgetImportArgs{Import: in.ID}); err != nil {
		return uuid.Nil, err
	}
	return in.ID, recordImport(ctx, tx, "agency.import.check", in)
}

// hasKey reports whether a table has the columns by which its rows are told apart.
func hasKey(kind ImportKind, columns []string) bool {
	for _, c := range columns {
		if c == "code" || kind == ImportStaff && (c == "email" || c == "phone") {
			return true
		}
	}
	return false
}

func recordImport(ctx context.Context, tx *pg.Tx, action string, in Import) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "agency.import", ObjectID: in.ID, Detail: map[string]any{"agency": in.Agency, "kind": in.Kind},
	})
}

// Apply has an import done in the background, row by row, as the caller, whose permissions count for each row. Permission:
// agency:manage. Errors: ErrForbidden, ErrUnknownImport, ErrImportState.
func (i *Importer) Apply(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID) (err error) {
	defer fault.Wrap(&err, "agency.Apply(%s)", imp)
	return i.begin(ctx, tx, by, imp, Import.MayApply, ImportApplying, "agency.import.apply")
}

// Undo has what an import did taken back in the background, the last row first, as far as nobody changed it since. Permission:
// agency:manage. Errors: ErrForbidden, ErrUnknownImport, ErrImportState.
func (i *Importer) Undo(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID) (err error) {
	defer fault.Wrap(&err, "agency.Undo(%s)", imp)
	return i.begin(ctx, tx, by, imp, Import.MayUndo, ImportUndoing, "agency.import.undo")
}

func (i *Importer) begin(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID, may func(Import) bool, next ImportState, action string) error {
	in, err := lockImport(ctx, tx, imp)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Manage, in.Agency); err != nil {
		return err
	}
	if !may(in) {
		return ErrImportState
	}
	in.State = next
	if err := setImport(ctx, tx, in); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, RunImportArgs{Import: in.ID, As: by.Account}); err != nil {
		return err
	}
	return recordImport(ctx, tx, action, in)
}

// Discard gives up an import that is not done, and removes its content. Permission: agency:manage. Errors: ErrForbidden,
// ErrUnknownImport, ErrImportState.
func (i *Importer) Discard(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID) (err error) {
	defer fault.Wrap(&err, "agency.Discard(%s)", imp)
	in, err := lockImport(ctx, tx, imp)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Manage, in.Agency); err != nil {
		return err
	}
	if !in.MayDiscard() {
		return ErrImportState
	}
	in.State = ImportDiscarded
	if err := i.forget(ctx, tx, &in); err != nil {
		return err
	}
	return recordImport(ctx, tx, "agency.import.discard", in)
}

// forget removes the content of an import; one that was not done cannot be done any more.
func (i *Importer) forget(ctx context.Context, tx *pg.Tx, in *Import) error {
	if in.file != nil {
		if err := i.d.Files.Delete(ctx, tx, *in.file); err != nil {
			return err
		}
	}
	in.file, in.Content = nil, false
	if in.State == ImportChecked {
		in.State = ImportDiscarded
	}
	return setImport(ctx, tx, *in)
}

// Import returns an import with what became of its rows. Permission: agency:manage. Errors: ErrForbidden, ErrUnknownImport.
func (i *Importer) Import(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID) (in Import, err error) {
	defer fault.Wrap(&err, "agency.Import(%s)", imp)
	if in, err = importRow(ctx, tx, imp); err != nil {
		return in, err
	}
	return in, authorise(tx, by, Manage, in.Agency)
}

// Imports returns the imports of an agency, the latest first. Permission: agency:manage. Errors: ErrForbidden, page.ErrCursor.
func (i *Importer) Imports(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, req page.Request) (p page.Page[Import], err error) {
	defer fault.Wrap(&err, "agency.Imports(%s)", agency)
	if err := authorise(tx, by, Manage, agency); err != nil {
		return p, err
	}
	after, err := req.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := importRows(ctx, tx, agency, after, req.Limit()+1)
	return page.Of(req, rows, func(in Import) []string { return []string{in.ID.String()} }), err
}

// Rows returns rows of an import by number, those of one verdict or state where one is named ("" for any); Label is the first cell, while
// the content is kept and nothing runs: reading it is on record, which needs a transaction that writes. Permission: agency:manage. Errors: ErrForbidden, ErrUnknownImport, page.ErrCursor.
func (i *Importer) Rows(ctx context.Context, tx *pg.Tx, by identity.Principal, imp uuid.UUID, verdict Verdict, state RowState, req page.Request) (p page.Page[ImportRow], err error) {
	defer fault.Wrap(&err, "agency.Rows(%s)", imp)
	in, err := i.Import(ctx, tx, by, imp)
	if err != nil {
		return p, err
	}
	after, err := afterNumber(req)
	if err != nil {
		return p, err
	}
	rows, err := listRows(ctx, tx, imp, verdict, state, after, req.Limit()+1)
	if err != nil {
		return p, err
	}
	if in.Content && !in.Running() { // a page that is looked at again and again does not read it each time
		byNumber, err := i.content(ctx, tx, in)
		if err != nil {
			return p, err
		}
		for n := range rows {
			cells := byNumber[rows[n].Number].cells
			rows[n].Label = orText(cells["code"], cells["name"])
		}
	}
	return page.Of(req, rows, func(r ImportRow) []string { return []string{number(r.Number)} }), nil
}

// content reads what is kept of an import, by the numbers of rows.
func (i *Importer) content(ctx context.Context, tx *pg.Tx, in Import) (map[int]record, error) {
	rows := map[int]record{}
	if in.file == nil {
		return rows, nil
	}
	var out bytes.Buffer
	if err := i.d.Files.Read(ctx, tx, *in.file, &out); err != nil {
		return nil, err
	}
	var t Table
	if err := json.Unmarshal(out.Bytes(), &t); err != nil {
		return nil, err
	}
	for _, r := range t.records() {
		rows[r.number] = r
	}
	return rows, nil
}
