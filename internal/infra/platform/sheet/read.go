package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
)

// What callers must expect.
var (
	// ErrFile says that the content is no spreadsheet that can be read: another kind of file, a damaged or a protected one.
	ErrFile = fault.Invalid("sheet.file")
	// ErrTooLarge says that it unpacks to more than is read.
	ErrTooLarge = fault.Invalid("sheet.too_large")
	// ErrRows says that it has more rows or columns than asked for; arguments rows and columns.
	ErrRows = fault.Invalid("sheet.rows")
)

// Bounds of what is read.
const (
	unpackedMost = 64 << 20 // bytes of all parts together
	partsMost    = 2000     // files in the archive
	cellMost     = 32767    // characters of a cell, as the format has it
)

// Limits bound a table: its rows, the head included, and its columns.
type Limits struct{ Rows, Columns int }

// Read returns the rows of a file's first sheet as they are stored: numbers and days as numbers (see Day), formulas as what they last
// gave. Empty rows at the end are left out, and so are empty cells at the end of a row. Errors: ErrFile, ErrTooLarge, ErrRows.
func Read(content []byte, most Limits) (rows [][]string, err error) {
	if err := bounded(content); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // the library's trouble with a strange file is not ours
			rows, err = nil, ErrFile
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true, UnzipSizeLimit: unpackedMost, UnzipXMLSizeLimit: unpackedMost})
	if err != nil {
		return nil, ErrFile.Because(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, ErrFile
	}
	in, err := f.Rows(sheets[0])
	if err != nil {
		return nil, ErrFile.Because(err)
	}
	defer func() { _ = in.Close() }()
	filled := 0
	for in.Next() {
		row, err := in.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, ErrFile.Because(err)
		}
		for len(row) > 0 && strings.TrimSpace(row[len(row)-1]) == "" {
			row = row[:len(row)-1]
		}
		if len(rows) > 10*most.Rows || len(row) > 0 && (len(rows) >= most.Rows || len(row) > most.Columns) {
			return nil, ErrRows.With("rows", most.Rows, "columns", most.Columns)
		}
		if slices.ContainsFunc(row, func(c string) bool { return len(c) > 4*cellMost }) {
			return nil, ErrFile
		}
		if rows = append(rows, row); len(row) > 0 {
			filled = len(rows)
		}
	}
	if err := in.Error(); err != nil {
		return nil, ErrFile.Because(err)
	}
	return rows[:filled], nil
}

// bounded unpacks the archive without keeping it: what its directory says of sizes need not be true.
func bounded(content []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return ErrFile.Because(err)
	}
	if len(archive.File) > partsMost {
		return ErrTooLarge
	}
	left := int64(unpackedMost)
	for _, part := range archive.File {
		if part.UncompressedSize64 > unpackedMost {
			return ErrTooLarge
		}
		r, err := part.Open()
		if err != nil {
			return ErrFile.Because(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left+1))
		_ = r.Close() // it was only read
		if left -= n; left < 0 {
			return ErrTooLarge
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return ErrFile.Because(err)
		}
	}
	return nil
}

// Day reads a day from a cell: written as 2026-11-26, or one that the spreadsheet keeps as a number of days since 1900.
func Day(cell string) (civil.Date, bool) {
	cell = strings.TrimSpace(cell)
	if d, err := civil.Parse(cell); err == nil {
		return d, true
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n < 61 || n >= 2958466 || math.IsNaN(n) { // before March 1900 the format counts a day that never was; it ends with 9999
		return civil.Date{}, false
	}
	t, err := excelize.ExcelDateToTime(math.Floor(n), false)
	return civil.Of(t), err == nil
}
