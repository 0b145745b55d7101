package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// spreadsheetMost is how large a spreadsheet may be, in bytes.
const spreadsheetMost = 5 << 20

func importsPath(code string) string { return "/console/agencies/" + code + "/imports" }

// imports offers an agency's offices, positions and staff as spreadsheets, takes spreadsheets in, and lists those that were.
func (c *Console) imports(r *frame.Request) error { return c.importsPage(r, http.StatusOK, "", "") }

// importsPage is that page, with what is wrong with a file that was handed in.
func (c *Console) importsPage(r *frame.Request, status int, kind, wrong string) error {
	code := r.Param("agency")
	var a agency.Agency
	var found page.Page[agency.Import]
	people := map[uuid.UUID]string{}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Agencies.Agency(ctx, tx, code); err != nil {
			return err
		}
		if found, err = c.deps.Imports.Imports(ctx, tx, *r.Principal, code, r.Paging()); err != nil {
			return err
		}
		for _, x := range found.Rows {
			people[x.By] = ""
		}
		return c.nameAll(ctx, tx, people)
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.imports")).back("/console/agencies/"+code, r.Text(a.Name))
	v.Lead = r.T("console.imports.lead")
	v.Sections = []section{c.uploadSection(r, kind, wrong), templates(r, code), c.importList(r, found, people)}
	return r.HTMLStatus(status, consolePage(v))
}

func (c *Console) uploadSection(r *frame.Request, kind, wrong string) section {
	var kinds []ui.Option
	for _, k := range agency.ImportKinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: r.T("console.import.kind." + string(k)), Checked: string(k) == kind})
	}
	file := input(r, "file", "", label(r.T("console.import.file")), hint(r.T("console.import.file.hint", "rows", agency.ImportRows)))
	file.Kind, file.Accept = fileField, ".xlsx"
	f := &formView{
		FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.import.check"), Multipart: true, Icon: "upload"},
		Fields:   []field{input(r, "kind", "", label(r.T("console.import.kind")), options(radioField, kinds)), file},
	}
	switch {
	case wrong != "" && kind == "":
		f.wrong("kind", wrong)
	case wrong != "":
		f.wrong("file", wrong)
	}
	return section{Title: r.T("console.import.upload"), Text: r.T("console.import.upload.text"), Form: f}
}

// templates are the spreadsheets to begin with: what stands, and empty ones.
func templates(r *frame.Request, code string) section {
	s := section{Title: r.T("console.import.templates"), Text: r.T("console.import.templates.text"), Table: &ui.TableView{
		Caption: r.T("console.import.templates"), HideCaption: true, Stack: true, Columns: columns(r, "table", "act", "template"),
	}}
	for _, k := range agency.ImportKinds {
		href := "/console/agencies/" + code + "/exports/" + string(k)
		what := r.T("console.import.kind." + string(k))
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: what}, {Body: downloadLink(href, r.T("console.import.export"), what)}, {Body: downloadLink(href+"?empty=yes", r.T("console.import.template"), what)},
		}})
	}
	return s
}

func (c *Console) importList(r *frame.Request, found page.Page[agency.Import], people map[uuid.UUID]string) section {
	s := section{Title: r.T("console.imports.list"), Pager: r.Pager(found.Next), Table: &ui.TableView{
		Caption: r.T("console.imports.list"), HideCaption: true, Stack: true, Columns: columns(r, "time", "table", "by", "rows", "state"),
		Empty: &ui.EmptyView{Icon: "list", Title: r.T("console.imports.none"), Text: r.T("console.imports.none.text")},
	}}
	for _, x := range found.Rows {
		total := 0
		for _, n := range x.Verdicts {
			total += n
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), x.CreatedAt), Href: importsPath(x.Agency) + "/" + x.ID.String()},
			{Text: r.T("console.import.kind." + string(x.Kind))},
			{Text: orNone(r, people[x.By])},
			{Text: ui.Number(r.Context(), total)},
			{Tag: importTag(r, x)},
		}})
	}
	return s
}

func importTag(r *frame.Request, x agency.Import) *ui.TagView {
	kind := map[agency.ImportState]ui.Kind{
		agency.ImportChecked: ui.Warning, agency.ImportApplying: ui.Info, agency.ImportApplied: ui.Success, agency.ImportUndoing: ui.Info,
	}[x.State]
	if kind == "" {
		kind = ui.Neutral
	}
	return &ui.TagView{Text: r.T("console.import.state." + string(x.State)), Kind: kind}
}

// importCheck looks at a spreadsheet that is handed in, without doing anything yet.
func (c *Console) importCheck(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	kind := agency.ImportKind(posted.Get("kind"))
	if !slices.Contains(agency.ImportKinds, kind) {
		return c.importsPage(r, http.StatusUnprocessableEntity, "", r.T("console.import.kind.choose"))
	}
	content, err := uploaded(r, "file")
	if err != nil {
		return err
	}
	t, err := c.readTable(r, kind, content)
	var id uuid.UUID
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = c.deps.Imports.Check(ctx, tx, *r.Principal, r.Param("agency"), kind, t)
			return err
		})
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.KindInvalid {
		return c.importsPage(r, http.StatusUnprocessableEntity, string(kind), r.Sentence(f))
	}
	if err != nil {
		return err
	}
	return r.Redirect(importsPath(r.Param("agency")) + "/" + id.String())
}

// importHere is the import of the path. Errors: agency.ErrUnknownImport.
func (c *Console) importHere(ctx context.Context, tx *pg.Tx, r *frame.Request) (x agency.Import, err error) {
	id, err := r.UUID("import")
	if err != nil {
		return x, err
	}
	if x, err = c.deps.Imports.Import(ctx, tx, *r.Principal, id); err == nil && x.Agency != r.Param("agency") {
		err = agency.ErrUnknownImport
	}
	return x, err
}

// importShow shows row by row what an import would do, does, or did.
func (c *Console) importShow(r *frame.Request) error {
	var x agency.Import
	var a agency.Agency
	var rows page.Page[agency.ImportRow]
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) { // that the content is read is on record
		if x, err = c.importHere(ctx, tx, r); err != nil {
			return err
		}
		if a, err = c.deps.Agencies.Agency(ctx, tx, x.Agency); err != nil {
			return err
		}
		rows, err = c.deps.Imports.Rows(ctx, tx, *r.Principal, x.ID, agency.Verdict(r.Query("verdict")), agency.RowState(r.Query("state")), r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.import.kind."+string(x.Kind))).back(importsPath(x.Agency), r.T("console.imports"))
	v.Caption, v.Tag, v.Refresh, v.Live = r.Text(a.Name), importTag(r, x), x.Running(), r.URL.RequestURI()
	v.Lead = r.T("console.import.state." + string(x.State) + ".text")
	for _, verdict := range []agency.Verdict{agency.RowNew, agency.RowChanged, agency.RowUnchanged, agency.RowWrong} {
		v.Tiles = append(v.Tiles, ui.TileView{Label: r.T("console.import.verdict." + string(verdict)), Value: ui.Number(r.Context(), x.Verdicts[verdict])})
		v.Chips = append(v.Chips, chip(r, "verdict", string(verdict), r.T("console.import.verdict."+string(verdict))))
	}
	for _, state := range []agency.RowState{agency.RowPending, agency.RowDone, agency.RowFailed, agency.RowUndone, agency.RowKept} {
		if x.State != agency.ImportChecked && x.Rows[state] > 0 {
			v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.import.row." + string(state)), Value: ui.Number(r.Context(), x.Rows[state])})
		}
	}
	v.Table = c.importRows(r, rows)
	v.Pager = r.Pager(rows.Next)
	if s := importActs(r, x); s != nil {
		v.Sections = []section{*s}
	}
	return r.HTML(consolePage(v))
}

// importActs are what can be done with an import as it stands.
func importActs(r *frame.Request, x agency.Import) *section {
	here := importsPath(x.Agency) + "/" + x.ID.String()
	s := section{Title: r.T("console.import.next")}
	if x.MayApply() {
		s.Text = r.T("console.import.apply.text", "n", x.Rows[agency.RowPending])
		s.Posts = append(s.Posts, postView{Action: here + "/apply", Label: r.T("console.import.apply")})
	}
	if x.State == agency.ImportChecked && !x.MayApply() {
		s.Text = r.T("console.import.nothing")
	}
	if x.MayDiscard() {
		s.Posts = append(s.Posts, postView{Action: here + "/discard", Label: r.T("console.import.discard")})
	}
	if x.MayUndo() {
		s.Text = r.T("console.import.undo.text")
		s.Actions = []ui.ButtonView{{Label: r.T("console.import.undo"), Href: here + "/undo", Variant: "warning"}}
	}
	if x.Verdicts[agency.RowWrong] > 0 && x.State == agency.ImportChecked {
		s.Actions = append(s.Actions, ui.ButtonView{Label: r.T("console.import.again"), Href: importsPath(x.Agency), Variant: "secondary"})
	}
	if s.Text == "" && s.Posts == nil && s.Actions == nil {
		return nil
	}
	return &s
}

func (c *Console) importRows(r *frame.Request, rows page.Page[agency.ImportRow]) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("console.column.rows"), HideCaption: true, Stack: true, Columns: columns(r, "row", "name", "verdict", "detail", "state"),
		Empty: empty(r, "import.rows", "list", nil),
	}
	for _, row := range rows.Rows {
		kind := map[agency.Verdict]ui.Kind{agency.RowNew: ui.Success, agency.RowChanged: ui.Info, agency.RowWrong: ui.Danger}[row.Verdict]
		if kind == "" {
			kind = ui.Neutral
		}
		state := ui.Cell{}
		if row.State != agency.RowNone {
			state.Tag = &ui.TagView{Text: r.T("console.import.row." + string(row.State)), Kind: map[agency.RowState]ui.Kind{
				agency.RowPending: ui.Warning, agency.RowDone: ui.Success, agency.RowFailed: ui.Danger, agency.RowUndone: ui.Neutral, agency.RowKept: ui.Danger,
			}[row.State]}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.Number(r.Context(), row.Number)},
			{Text: row.Label},
			{Tag: &ui.TagView{Text: r.T("console.import.verdict." + string(row.Verdict)), Kind: kind}},
			{Text: c.rowDetail(r, row)},
			state,
		}})
	}
	return t
}

// rowDetail says what is wrong with a row, each with its column, or which columns differ.
func (c *Console) rowDetail(r *frame.Request, row agency.ImportRow) string {
	var lines []string
	for _, p := range row.Problems {
		text := r.FieldSentence(p)
		if p.Path != "" {
			text = c.columnName(r, p.Path) + ": " + text
		}
		lines = append(lines, text)
	}
	if len(lines) > 0 {
		return strings.Join(lines, "\n")
	}
	for _, column := range row.Columns {
		lines = append(lines, c.columnName(r, column))
	}
	return strings.Join(lines, ", ")
}

func (c *Console) importUndoAsk(r *frame.Request) error {
	var x agency.Import
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		x, err = c.importHere(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.import.undo.title"), r.T("console.import.undo.text"), r.T("console.import.undo"), importsPath(x.Agency)+"/"+x.ID.String())
}

// importAct has an import done, undone or given up.
func (c *Console) importAct(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		x, err := c.importHere(ctx, tx, r)
		if err != nil {
			return err
		}
		switch r.Param("act") {
		case "apply":
			return c.deps.Imports.Apply(ctx, tx, *r.Principal, x.ID)
		case "undo":
			return c.deps.Imports.Undo(ctx, tx, *r.Principal, x.ID)
		case "discard":
			return c.deps.Imports.Discard(ctx, tx, *r.Principal, x.ID)
		}
		return frame.Lost(r)
	})
	if err != nil {
		return err
	}
	return r.Redirect(importsPath(r.Param("agency")) + "/" + r.Param("import"))
}
