package agency

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// ImportKind says what the rows of a table are.
type ImportKind string

// Kinds of tables.
const (
	ImportOffices   ImportKind = "offices"
	ImportPositions ImportKind = "positions"
	ImportStaff     ImportKind = "staff"
)

// ImportKinds are all of them, in the order in which an agency is furnished.
var ImportKinds = []ImportKind{ImportOffices, ImportPositions, ImportStaff}

// Bounds of a table.
const (
	ImportRows    = 2000 // besides the head
	ImportColumns = 40
)

// ImportKept is how long the content of a table is kept, sealed; after that its import cannot be done any more. What became of the rows
// stays.
const ImportKept = 30 * 24 * time.Hour

// ImportState says how far an import is.
type ImportState string

// States of imports.
const (
	ImportChecked   ImportState = "checked"   // a dry run: nothing is done yet
	ImportApplying  ImportState = "applying"  // row by row
	ImportApplied   ImportState = "applied"   //
	ImportUndoing   ImportState = "undoing"   // row by row, backwards
	ImportUndone    ImportState = "undone"    //
	ImportDiscarded ImportState = "discarded" // it will not be done
)

// Verdict says what a row would do, or did.
type Verdict string

// Verdicts on rows.
const (
	RowNew       Verdict = "new"
	RowChanged   Verdict = "changed"
	RowUnchanged Verdict = "unchanged"
	RowWrong     Verdict = "wrong"
)

// RowState says what became of a row.
type RowState string

// States of rows.
const (
	RowNone    RowState = "none" // there is nothing to do
	RowPending RowState = "pending"
	RowDone    RowState = "done"
	RowFailed  RowState = "failed"
	RowUndone  RowState = "undone"
	RowKept    RowState = "kept" // it could not be undone
)

// Table is what a spreadsheet holds: rows of cells below the names of columns (see ImportColumnsOf). Row n of it is row n+2 of the
// spreadsheet.
type Table struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Import is a table that somebody took in.
type Import struct {
	ID         uuid.UUID
	Agency     string
	Kind       ImportKind
	State      ImportState
	Content    bool // it is still kept, so that it can be done
	By         uuid.UUID
	CreatedAt  time.Time
	FinishedAt *time.Time
	Verdicts   map[Verdict]int // rows by what they would do
	Rows       map[RowState]int
	file       *uuid.UUID
}

// Running reports whether rows are being done or undone.
func (i Import) Running() bool { return i.State == ImportApplying || i.State == ImportUndoing }

// MayApply reports whether there is something to do, and what it is done from.
func (i Import) MayApply() bool {
	return i.State == ImportChecked && i.Content && i.Rows[RowPending] > 0
}

// MayDiscard reports whether it can be given up.
func (i Import) MayDiscard() bool { return i.State == ImportChecked }

// MayUndo reports whether there is something to undo.
func (i Import) MayUndo() bool { return i.State == ImportApplied && i.Rows[RowDone] > 0 }

// ImportRow is what became of one row.
type ImportRow struct {
	Number   int // in the spreadsheet, whose head is row 1
	Label    string
	Verdict  Verdict
	State    RowState
	Columns  []string      // those that differ from what stands
	Problems []fault.Field // what is wrong, or why it failed or was kept; the path is a column, "" for the row
	object   string
	account  uuid.UUID
	seq      int
	before   []byte
	after    []byte
}

// many stands in a name of a column for each language.
const many = ".*"

var importColumns = map[ImportKind][]string{
	ImportOffices:   {"code", "name" + many, "address", "hours" + many, "boundary", "email", "phone", "closed"},
	ImportPositions: {"code", "title" + many, "office", "boundary", "roles", "reports_to", "seats", "closed"},
	ImportStaff:     {"name", "email", "phone", "office", "title" + many, "position", "from", "until"},
}

// ImportColumnsOf returns the names of the columns of a kind of table, those of texts once for each language ("name.pt").
func ImportColumnsOf(kind ImportKind, languages []string) (names []string) {
	for _, name := range importColumns[kind] {
		text, each := strings.CutSuffix(name, many)
		if !each {
			names = append(names, name)
			continue
		}
		for _, lang := range languages {
			names = append(names, text+"."+lang)
		}
	}
	return names
}

// record is one row under the names of its columns; what the table has no column for is left as it stands.
type record struct {
	number int
	cells  map[string]string
}

func (t Table) records() (list []record) {
	for n, row := range t.Rows {
		r := record{number: n + 2, cells: map[string]string{}}
		for i, name := range t.Columns {
			r.cells[name] = ""
			if i < len(row) {
				r.cells[name] = strings.TrimSpace(row[i])
			}
		}
		if slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			list = append(list, r)
		}
	}
	return list
}

// set puts a cell into a value and reports whether the table has a column for it.
func (r record) set(name string, into *string) {
	if text, ok := r.cells[name]; ok {
		*into = text
	}
}

// setText puts the cells of a text into it, one for each language; the other languages stay.
func (r record) setText(name string, into *i18n.Text) {
	t := i18n.Text{}
	for lang, text := range *into {
		t[lang] = text
	}
	for column, text := range r.cells {
		lang, ok := strings.CutPrefix(column, name+".")
		switch {
		case !ok:
		case text == "":
			delete(t, lang)
		default:
			t[lang] = text
		}
	}
	*into = t
}

// setClosed reads a yes or no.
func (r record) setClosed(into *bool) (ok bool) {
	switch text, there := r.cells["closed"]; {
	case !there:
	case slices.Contains([]string{"", "no", "false", "0"}, strings.ToLower(text)):
		*into = false
	case slices.Contains([]string{"yes", "true", "1"}, strings.ToLower(text)):
		*into = true
	default:
		return false
	}
	return true
}

// judged is a row with what it would do.
type judged struct {
	ImportRow
	record
	key string // what no other row may speak of
}

func (j *judged) wrong(column, code string, args ...any) {
	f := fault.Field{Path: column, Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[args[i].(string)] = args[i+1]
	}
	j.Problems = append(j.Problems, f)
}

// settle gives the verdict: wrong where something is, else new where nothing stood, else whether columns differ.
func (j *judged) settle(known bool) {
	switch {
	case len(j.Problems) > 0:
		j.Verdict, j.State, j.Columns = RowWrong, RowNone, nil
	case !known:
		j.Verdict, j.State, j.Columns = RowNew, RowPending, nil
	case len(j.Columns) > 0:
		j.Verdict, j.State = RowChanged, RowPending
	default:
		j.Verdict, j.State = RowUnchanged, RowNone
	}
}

// differs notes that a column differs from what stands.
func (j *judged) differs(column string, yes bool) {
	if yes && !slices.Contains(j.Columns, column) {
		j.Columns = append(j.Columns, column)
	}
}

func (j *judged) differsText(name string, a, b i18n.Text) {
	for column := range j.cells {
		if lang, ok := strings.CutPrefix(column, name+"."); ok {
			j.differs(column, a[lang] != b[lang])
		}
	}
	slices.Sort(j.Columns)
}
