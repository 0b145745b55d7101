package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// importRows is how many rows a file of reference data may have.
const importRows = 5000

// record is a row of a file by the names of its columns.
type record struct {
	n     int // of its line
	cells map[string]string
}

// name is what the row says in each language of the state.
func (x record) name(r *frame.Request) i18n.Text {
	t := i18n.Text{}
	for _, lang := range r.Settings.Languages {
		if text := x.cells[lang]; text != "" {
			t[lang] = text
		}
	}
	return t
}

// readRecords reads a file whose first row names its columns; wrong are sentences about it.
func readRecords(r *frame.Request, text string, needed string) (rows []record, wrong []string) {
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil || !slices.Contains(head, needed) {
		return nil, []string{r.T("console.reference.import.head", "column", needed)}
	}
	for n := 2; n <= importRows+1; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil || len(row) > len(head) {
			return nil, []string{r.T("console.reference.import.row", "n", strconv.Itoa(n))}
		}
		x := record{n, map[string]string{}}
		for i, cell := range row {
			x.cells[strings.TrimSpace(head[i])] = strings.TrimSpace(cell)
		}
		rows = append(rows, x)
	}
	return nil, []string{r.T("console.holidays.many", "n", strconv.Itoa(importRows))}
}

// csvFile writes rows as CSV for people and for importing again.
func csvFile(r *frame.Request, name string, rows [][]string) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return err
	}
	return r.File(name, "text/csv; charset=utf-8", false, out.Bytes())
}

// importPage asks for a file, or shows what it would change.
func importPage(r *frame.Request, back, backLabel, lead, text string) pageView {
	v := view(r, r.T("console.reference.import")).back(back, backLabel)
	v.Lead = lead
	file := input(r, "file", "", optional, label(r.T("console.reference.import.file")))
	file.Kind, file.Accept = fileField, ".csv"
	pasted := input(r, "rows", text, long, optional, label(r.T("console.reference.import.rows")), hint(r.T("console.reference.import.rows.hint")))
	pasted.Rows, pasted.NoSpellcheck, pasted.Attrs = 8, true, map[string]any{"dir": "ltr"}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.reference.import.go"), Multipart: true, Icon: "upload"}, Fields: []field{
		file, pasted, input(r, "try", "", optional, options(checkField, []ui.Option{{Value: "yes", Label: r.T("console.reference.import.try"), Checked: text == ""}})),
	}}
	return v
}

// importing reads what was posted to an import page: the file, or else the pasted rows; try says that nothing is to be written.
func importing(r *frame.Request) (text string, try bool, err error) {
	posted, err := r.Form()
	if err != nil {
		return "", false, err
	}
	file, err := uploaded(r, "file")
	if text = string(file); text == "" {
		text = posted.Get("rows")
	}
	return text, posted.Get("try") == "yes", err
}

// imported answers an import: with what it would change where it was a try, with what is wrong, or by going back.
func imported(r *frame.Request, v pageView, wrong []string, ch refdata.Change, try bool, back string) error {
	for _, text := range wrong {
		v.Form.wrong("rows", text)
	}
	if len(wrong) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if !try {
		return r.Redirect(back + "?done=console.saved")
	}
	says := r.T("console.reference.import.would", "added", strconv.Itoa(len(ch.Added)), "changed", strconv.Itoa(len(ch.Changed)), "same", strconv.Itoa(len(ch.Same)))
	if named := slices.Concat(ch.Added, ch.Changed); len(named) > 0 {
		says += " " + strings.Join(named[:min(len(named), 50)], ", ")
	}
	v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("console.reference.import.tried"), Text: says}}
	return r.HTML(consolePage(v))
}

// attributeColumn is the beginning of the names of columns that hold attributes.
const attributeColumn = "attribute:"

// codeFile is a list as a file that importing takes back.
func (c *Console) codeFile(r *frame.Request) error {
	row, codes, err := c.listHere(r)
	if err != nil {
		return err
	}
	attributes := map[string]bool{}
	for _, x := range codes {
		for name := range x.Attributes {
			attributes[name] = true
		}
	}
	named := slices.Sorted(maps.Keys(attributes))
	head := append([]string{"code", "closed"}, r.Settings.Languages...)
	for _, a := range named {
		head = append(head, attributeColumn+a)
	}
	rows := [][]string{head}
	for _, x := range codes {
		closed := ""
		if !x.Active {
			closed = "yes"
		}
		line := []string{x.Code, closed}
		for _, lang := range r.Settings.Languages {
			line = append(line, x.Name[lang])
		}
		for _, a := range named {
			text := ""
			if v, ok := x.Attributes[a]; ok {
				text = attributeText(v)
			}
			line = append(line, text)
		}
		rows = append(rows, line)
	}
	return csvFile(r, row.Code+".csv", rows)
}

func (c *Console) codeImportAsk(r *frame.Request) error {
	row, _, err := c.listHere(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(codeImportPage(r, row, "")))
}

func codeImportPage(r *frame.Request, row listRow, text string) pageView {
	return importPage(r, listsPath+"/"+row.Code, r.Text(row.Name), r.T("console.codes.import", "languages", strings.Join(r.Settings.Languages, ", ")), text)
}

func (c *Console) codeImport(r *frame.Request) error {
	row, _, err := c.listHere(r)
	if err != nil {
		return err
	}
	text, try, err := importing(r)
	if err != nil {
		return err
	}
	v := codeImportPage(r, row, text)
	rows, wrong := readRecords(r, text, "code")
	var codes []refdata.Code
	for _, x := range rows {
		one := refdata.Code{Code: x.cells["code"], Name: x.name(r), Active: x.cells["closed"] != "yes"}
		if one.Code == "" || one.Name[r.Settings.DefaultLanguage] == "" {
			wrong = append(wrong, r.T("console.reference.import.row", "n", strconv.Itoa(x.n)))
		}
		for column, cell := range x.cells {
			if name, ok := strings.CutPrefix(column, attributeColumn); ok && cell != "" {
				if one.Attributes == nil {
					one.Attributes = map[string]any{}
				}
				one.Attributes[name] = attributeOf(cell)
			}
		}
		codes = append(codes, one)
	}
	var ch refdata.Change
	if len(wrong) == 0 {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			ch, err = c.deps.Refdata.ImportCodes(ctx, tx, row.Code, codes, try)
			return err
		})
		if v.refused(r, err) {
			return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
		}
		if err != nil {
			return err
		}
	}
	return imported(r, v, wrong, ch, try, listsPath+"/"+row.Code)
}

// areaFile is the tree of areas as a file that importing takes back.
func (c *Console) areaFile(r *frame.Request) error {
	var tree []refdata.Boundary
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		tree, err = c.deps.Refdata.Boundaries(ctx, tx, "", "")
		return err
	}); err != nil {
		return err
	}
	rows := [][]string{append([]string{"code", "parent", "level"}, r.Settings.Languages...)}
	for _, b := range tree {
		line := []string{b.Code, b.Parent, b.Level}
		for _, lang := range r.Settings.Languages {
			line = append(line, b.Name[lang])
		}
		rows = append(rows, line)
	}
	return csvFile(r, "areas.csv", rows)
}

func areaImportPage(r *frame.Request, text string) pageView {
	return importPage(r, areasPath, r.T("console.reference.areas"), r.T("console.areas.import", "languages", strings.Join(r.Settings.Languages, ", ")), text)
}

func (c *Console) areaImportAsk(r *frame.Request) error {
	return r.HTML(consolePage(areaImportPage(r, "")))
}

func (c *Console) areaImport(r *frame.Request) error {
	text, try, err := importing(r)
	if err != nil {
		return err
	}
	v := areaImportPage(r, text)
	rows, wrong := readRecords(r, text, "code")
	var areas []refdata.Boundary
	for _, x := range rows {
		one := refdata.Boundary{Code: x.cells["code"], Parent: x.cells["parent"], Level: x.cells["level"], Name: x.name(r)}
		if one.Code == "" || one.Level == "" || one.Name[r.Settings.DefaultLanguage] == "" {
			wrong = append(wrong, r.T("console.reference.import.row", "n", strconv.Itoa(x.n)))
		}
		areas = append(areas, one)
	}
	var ch refdata.Change
	if len(wrong) == 0 {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			ch, err = c.deps.Refdata.ImportBoundaries(ctx, tx, areas, try)
			return err
		})
		if v.refused(r, err) {
			return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
		}
		if err != nil {
			return err
		}
	}
	return imported(r, v, wrong, ch, try, areasPath)
}
