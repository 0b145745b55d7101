package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/sheet"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/studio/xliff"
	"digit/web/ui"
)

// What a file of texts can be refused for.
var (
	errWordingFile      = fault.Invalid("console.wording_file")
	errWordingLanguages = fault.Invalid("console.wording_languages")
)

// wordingColumns are the heads of a file of texts before the two languages.
var wordingColumns = []string{"key", "form"}

// wordingFiles offers the texts of a language as files, and takes files in.
func (c *Console) wordingFiles(r *frame.Request) error { return c.filesPage(r, http.StatusOK, nil) }

func (c *Console) filesPage(r *frame.Request, status int, wrong *fault.Error) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	from := sourceOf(r, r.Query("from"), l.Code)
	v := languageView(r, l, "files")
	v.Lead = r.T("console.languages.files.lead", "from", from.Name, "into", l.Name)
	table := &ui.TableView{Caption: r.T("console.languages.export"), HideCaption: true, Stack: true, Columns: columns(r, "language_format", "language_all", "language_gaps")}
	for _, format := range []string{"xlsx", "csv", "xlf"} {
		href := languagePath(l.Code) + "/files/" + format + "?from=" + from.Code
		name := r.T("console.languages.format." + format)
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: name}, {Body: downloadLink(href, r.T("console.languages.export.all"), name)}, {Body: downloadLink(href+"&show=gaps", r.T("console.languages.export.gaps"), name)},
		}})
	}
	file := input(r, "file", "", label(r.T("console.languages.file")), hint(r.T("console.languages.file.hint")))
	file.Kind, file.Accept = fileField, ".xlsx,.csv,.xlf,.xliff"
	f := &formView{
		FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.languages.check"), Multipart: true, Icon: "upload", Hidden: [][2]string{{"from", from.Code}}},
		Fields:   []field{file},
	}
	if wrong != nil {
		f.wrong("file", r.Sentence(wrong))
	}
	v.Sections = []section{
		{Title: r.T("console.languages.export"), Text: r.T("console.languages.export.text"), Table: table},
		{Title: r.T("console.languages.import"), Text: r.T("console.languages.import.text"), Form: f},
	}
	return r.HTMLStatus(status, consolePage(v))
}

// wordingExport writes the texts of a language beside those of another as a file: a row, or a unit, for each plural form.
func (c *Console) wordingExport(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	from := sourceOf(r, r.Query("from"), l.Code)
	var own map[string]tenancy.OwnText
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		own, err = c.deps.Wording.Own(ctx, tx, l.Code)
		return err
	})
	if err != nil {
		return err
	}
	rows := [][]string{append(slices.Clone(wordingColumns), from.Code, l.Code)}
	for _, x := range wordingsOf(r, l.Code, from, own, filterOf(r)) {
		for _, form := range formsOf(r, l.Code, x.key) {
			src, ok := x.source[form]
			if !ok {
				src = x.source["other"]
			}
			rows = append(rows, []string{x.key, form, src, x.text[form]})
		}
	}
	var out bytes.Buffer
	mediaType := ""
	switch r.Param("format") {
	case "xlsx":
		mediaType, err = sheet.MediaType, sheet.Write(&out, i18n.Dir(r.Lang) == "rtl", sheet.Table{Name: l.Code, Rows: rows})
	case "csv":
		mediaType, err = "text/csv; charset=utf-8", writeWordings(&out, rows)
	case "xlf":
		mediaType, err = "application/xliff+xml", xliff.Write(&out, "digit", from.Code, l.Code, units(r, rows[1:]))
	default:
		return frame.Lost(r)
	}
	if err != nil {
		return err
	}
	return r.File("texts-"+l.Code+"."+r.Param("format"), mediaType, false, out.Bytes())
}

func writeWordings(out *bytes.Buffer, rows [][]string) error {
	out.WriteString("\ufeff")
	w := csv.NewWriter(out)
	for _, row := range rows {
		if err := w.Write([]string{row[0], row[1], frame.Cell(row[2]), frame.Cell(row[3])}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// units are the rows of a file as units of XLIFF, each named by its key and its form.
func units(r *frame.Request, rows [][]string) (out []xliff.Text) {
	for _, row := range rows {
		where := r.T("console.languages.part", "name", locale.Part(row[0]))
		if row[1] != "other" {
			where += ", " + r.T("console.languages.form."+row[1])
		}
		out = append(out, xliff.Text{Name: row[0] + "#" + row[1], Where: where, Source: row[2], Target: row[3]})
	}
	return out
}

// wordingCheck looks at a file of texts that is handed in, without changing anything yet.
func (c *Console) wordingCheck(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	content, err := uploaded(r, "file")
	if err != nil {
		return err
	}
	from := sourceOf(r, posted.Get("from"), l.Code)
	rows, err := readWordings(content, from.Code, l.Code)
	var act uuid.UUID
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			act, err = c.deps.Wording.Stage(ctx, tx, l.Code, from.Code, rows)
			return err
		})
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.KindInvalid {
		return c.filesPage(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.Redirect(actPath(l.Code, act))
}

// readWordings reads a file of texts: a spreadsheet, CSV or XLIFF. Rows without a translation say nothing. Errors: errWordingFile,
// errWordingLanguages, those of sheet.Read.
func readWordings(content []byte, from, into string) ([]tenancy.WordingRow, error) {
	var rows [][]string
	var err error
	switch {
	case len(content) == 0:
		return nil, errWordingFile
	case xliff.IsXML(content):
		rows, err = readUnits(content, from, into)
	case bytes.HasPrefix(content, []byte("PK")):
		rows, err = sheet.Read(content, sheet.Limits{Rows: 2 * tenancy.WordingRows, Columns: 20})
		rows, err = tableRows(rows, err, from, into, func(s string) string { return s })
	default:
		rows, err = readCSV(content)
		rows, err = tableRows(rows, err, from, into, unmarked)
	}
	if err != nil {
		return nil, err
	}
	return joinForms(rows), nil
}

// readUnits reads XLIFF as rows of key, form, source and text. A unit with marks beside its words comes without a text, which is refused.
func readUnits(content []byte, from, into string) (rows [][]string, err error) {
	found, err := xliff.Read(content, from, into)
	switch {
	case errors.Is(err, xliff.ErrLanguages):
		return nil, errWordingLanguages
	case err != nil:
		return nil, errWordingFile.Because(err)
	}
	for _, t := range found {
		key, form, ok := strings.Cut(t.Name, "#")
		if !ok {
			form = "other"
		}
		if t.Marked {
			t.Target = "{}"
		}
		rows = append(rows, []string{key, form, t.Source, t.Target})
	}
	return rows, nil
}

// readCSV reads a table, with semicolons where the head has them, as spreadsheets of some countries save it.
func readCSV(content []byte) (rows [][]string, err error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	head, _, _ := bytes.Cut(content, []byte("\n"))
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		reader.Comma = ';'
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil || len(rows) > 2*tenancy.WordingRows {
			return nil, errWordingFile
		}
		rows = append(rows, row)
	}
}

// tableRows finds the columns of a table by their heads.
func tableRows(table [][]string, err error, from, into string, plain func(string) string) (rows [][]string, _ error) {
	if err != nil {
		return nil, err
	}
	if len(table) == 0 {
		return nil, errWordingFile
	}
	at := map[string]int{}
	for i, head := range table[0] {
		at[strings.ToLower(strings.TrimSpace(head))] = i
	}
	columns := append(slices.Clone(wordingColumns), strings.ToLower(from), strings.ToLower(into))
	for i, name := range columns {
		if _, ok := at[name]; !ok && i < len(wordingColumns) {
			return nil, errWordingFile
		} else if !ok {
			return nil, errWordingLanguages
		}
	}
	for _, line := range table[1:] {
		row := make([]string, len(columns))
		for i, name := range columns {
			if n := at[name]; n < len(line) {
				row[i] = plain(line[n])
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// unmarked takes the mark away by which a cell of CSV is kept from being reckoned.
func unmarked(cell string) string {
	if bare, ok := strings.CutPrefix(cell, "'"); ok && frame.Cell(bare) == cell {
		return bare
	}
	return cell
}

// joinForms makes one row of the plural forms of a text. Forms without a text are left out, and so are texts without any.
func joinForms(rows [][]string) (out []tenancy.WordingRow) {
	at := map[string]int{}
	for _, row := range rows {
		key, form := strings.TrimSpace(row[0]), strings.ToLower(strings.TrimSpace(row[1]))
		if strings.TrimSpace(row[3]) == "" {
			continue
		}
		if form == "" {
			form = "other"
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, tenancy.WordingRow{Key: key, Source: i18n.Message{}, Text: i18n.Message{}})
		}
		out[i].Source[form], out[i].Text[form] = row[2], row[3]
	}
	return out
}
