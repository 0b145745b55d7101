package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// MediaType is that of the files.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Table is one sheet of a file: its first row is a head, which stays in view.
type Table struct {
	Name string // of the sheet, 31 characters at most, none of []:*?/\
	Rows [][]string
}

// textFormat is the number format of cells that hold text (ECMA-376, 18.8.30): what somebody types there later stays text too.
const textFormat = 49

// Write writes tables as one file, from right to left where rtl is set. Every cell is text: one that begins with = + - or @ is shown as
// it is and computes nothing.
func Write(w io.Writer, rtl bool, tables ...Table) (err error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // it holds no file
	head, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: textFormat, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: textFormat, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	for n, t := range tables {
		if n == 0 {
			err = f.SetSheetName(f.GetSheetName(0), t.Name)
		} else {
			_, err = f.NewSheet(t.Name)
		}
		if err != nil {
			return fmt.Errorf("sheet %q: %w", t.Name, err)
		}
		if err := f.SetSheetView(t.Name, 0, &excelize.ViewOptions{RightToLeft: &rtl}); err != nil {
			return err
		}
		if err := writeTable(f, t, head, text); err != nil {
			return err
		}
	}
	return f.Write(w)
}

func writeTable(f *excelize.File, t Table, head, text int) error {
	sw, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	if len(t.Rows) > 0 && len(t.Rows[0]) > 0 {
		if err := sw.SetColWidth(1, len(t.Rows[0]), columnWidth); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for n, row := range t.Rows {
		style := text
		if n == 0 {
			style = head
		}
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = excelize.Cell{StyleID: style, Value: c}
		}
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return err
		}
		if err := sw.SetRow(at, cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// columnWidth is wide enough for a name, in characters.
const columnWidth = 26
