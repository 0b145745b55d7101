package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"digit/internal/infra/platform/sheet"
)

var most = sheet.Limits{Rows: 100, Columns: 10}

func written(t interface{ Fatal(...any) }, rows [][]string) []byte {
	var out bytes.Buffer
	if err := sheet.Write(&out, true, sheet.Table{Name: "Postos", Rows: rows}, sheet.Table{Name: "Ajuda", Rows: [][]string{{"?"}}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestNothingIsLost: what is written is read again, whatever a cell begins with.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(
		rapid.SampledFrom([]string{"", "=1+1", "+2382600000", "-5", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "'quoted", "007", "2026-11-26", "TRUE", "a\nb", "أهلا", " <&> "}),
		rapid.StringMatching(`[ -~À-ÿا-ي]{0,20}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		rows := [][]string{{"head"}}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := rapid.SliceOfN(cell, 0, 6).Draw(t, "row")
			for len(row) > 0 && strings.TrimSpace(row[len(row)-1]) == "" {
				row = row[:len(row)-1]
			}
			rows = append(rows, row)
		}
		for len(rows[len(rows)-1]) == 0 {
			rows = rows[:len(rows)-1]
		}
		got, err := sheet.Read(written(t, rows), most)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if len(got[i]) == 0 && len(rows[i]) == 0 {
				continue
			}
			if diff := cmp.Diff(rows[i], got[i]); diff != "" {
				t.Fatalf("row %d (-written +read):\n%s", i, diff)
			}
		}
		if len(got) != len(rows) {
			t.Fatalf("%d rows of %d", len(got), len(rows))
		}
	})
}

// TestNothingComputes: the file holds no formula and no number, so that opening it runs nothing.
func TestNothingComputes(t *testing.T) {
	t.Parallel()
	content := written(t, [][]string{{"a"}, {"=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0"}})
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"A2", "B2", "C2", "D2", "E2"} {
		formula, err1 := f.GetCellFormula("Postos", at)
		kind, err2 := f.GetCellType("Postos", at)
		if formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || err1 != nil || err2 != nil {
			t.Errorf("%s: formula %q, kind %v, %v %v", at, formula, kind, err1, err2)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tall := make([][]string, 101)
	for i := range tall {
		tall[i] = []string{"x"}
	}
	far := excelize.NewFile()
	if err := far.SetCellStr("Sheet1", "A1048576", "x"); err != nil {
		t.Fatal(err)
	}
	var distant bytes.Buffer
	if err := far.Write(&distant); err != nil {
		t.Fatal(err)
	}
	locked := excelize.NewFile()
	var protected bytes.Buffer
	if err := locked.Write(&protected, excelize.Options{Password: "secret"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"nothing":             {nil, sheet.ErrFile},
		"something else":      {[]byte("name;email\n"), sheet.ErrFile},
		"an archive of words": {archive(t, "x.txt", "hello"), sheet.ErrFile},
		"too many rows":       {written(t, tall), sheet.ErrRows},
		"too many columns":    {written(t, [][]string{strings.Split(strings.Repeat("x", 11), "")}), sheet.ErrRows},
		"a row far away":      {distant.Bytes(), sheet.ErrRows},
		"a bomb":              {archive(t, "xl/worksheets/sheet1.xml", strings.Repeat(" ", 65<<20)), sheet.ErrTooLarge},
		"a protected one":     {protected.Bytes(), sheet.ErrFile},
		"half of one":         {written(t, tall)[:2000], sheet.ErrFile},
	} {
		if _, err := sheet.Read(c.content, most); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func archive(t *testing.T, name, text string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	part, err := w.Create(name)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDay(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{"2026-11-26": "2026-11-26", " 2026-11-26 ": "2026-11-26", "46352": "2026-11-26", "46352.75": "2026-11-26", "61": "1900-03-01"} {
		if d, ok := sheet.Day(cell); !ok || d.String() != want {
			t.Errorf("%q: %s, %v, want %s", cell, d, ok, want)
		}
	}
	for _, cell := range []string{"", "soon", "26.11.2026", "2026-02-30", "-1", "5", "1e300", "NaN", "Inf"} {
		if d, ok := sheet.Day(cell); ok {
			t.Errorf("%q is read as %s", cell, d)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f, [][]string{{"a", "b"}, {"1", "2"}}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = sheet.Read(content, most) // whatever it is, it does not panic
	})
}
