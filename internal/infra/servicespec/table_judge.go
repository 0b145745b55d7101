package servicespec

import (
	"slices"
	"strings"
)

// TableFindings are what can be said of a decision table by looking at its cells alone. Conditions are expressions over the
// inputs.
type TableFindings struct {
	Gaps     []string       // answers that no row is for; none where the table says what counts otherwise
	Never    []int          // rows that never decide, since rows before them take all their cases
	Overlaps []TableOverlap // rows that meet in some cases and give different values there
	// Whole is false where a column, or their number, keeps cases from being looked at one by one.
	Whole bool
}

// TableOverlap are two rows that both fit where the condition holds; the first of them decides.
type TableOverlap struct {
	First, Second int
	When          string
}

// Limits of looking through a table: cases (combinations of what the columns tell apart) and what is told of each kind.
const (
	maxTableCases    = 20_000
	maxTableLooks    = 400_000
	maxTableFindings = 5
)

// judging looks through a table.
type judging struct {
	columns []column
	fits    [][][]byte // by row, column and region
	sizes   []int
	rows    int
}

// judge says what is to be said of a table whose cells are right.
func (c *checker) judge(t *Table, inputs []tableInput) TableFindings {
	j := judging{rows: len(t.Rows)}
	cases := 1
	whole := true
	for k, in := range inputs {
		var cells []string
		for _, r := range t.Rows {
			cells = append(cells, r.If[k])
		}
		col := c.cut(in, cells)
		if len(col.regions) == 0 {
			col.regions, whole = []region{{}}, false
		}
		j.columns, j.sizes = append(j.columns, col), append(j.sizes, len(col.regions))
		if cases *= len(col.regions); cases > maxTableCases || cases*len(t.Rows) > maxTableLooks {
			return TableFindings{}
		}
	}
	for _, r := range t.Rows {
		var row [][]byte
		for k, col := range j.columns {
			cell := make([]byte, len(col.regions))
			for m, reg := range col.regions {
				cell[m] = col.takes(r.If[k], reg)
			}
			row = append(row, cell)
		}
		j.fits = append(j.fits, row)
	}
	f := TableFindings{Whole: whole}
	if strings.TrimSpace(t.Otherwise) == "" {
		f.Gaps = j.gaps(cases)
	}
	f.Never = j.never(cases)
	f.Overlaps = j.overlaps(t)
	return f
}

// at takes a case apart into a region for each column.
func (j *judging) at(n int) []int {
	out := make([]int, len(j.sizes))
	for k := len(j.sizes) - 1; k >= 0; k-- {
		out[k], n = n%j.sizes[k], n/j.sizes[k]
	}
	return out
}

func (j *judging) fit(row int, at []int) byte {
	fit := byte(takes)
	for k, m := range at {
		fit = min(fit, j.fits[row][k][m])
	}
	return fit
}

// gap reports whether surely no row takes a case.
func (j *judging) gap(at []int) bool {
	for i := range j.rows {
		if j.fit(i, at) != takesNot {
			return false
		}
	}
	return true
}

// gaps joins the cases without a row into as few conditions as it easily can.
func (j *judging) gaps(cases int) (out []string) {
	var told []box
	for n := range cases {
		at := j.at(n)
		if !j.gap(at) || slices.ContainsFunc(told, func(b box) bool { return b.has(at) }) {
			continue
		}
		b := j.grow(at)
		if told = append(told, b); len(told) <= maxTableFindings {
			out = append(out, j.condition(b))
		} else {
			return out
		}
	}
	return out
}

// never returns the rows that decide no case at all.
func (j *judging) never(cases int) (out []int) {
	decides := make([]bool, j.rows)
	for n := range cases {
		at := j.at(n)
		for i := range j.rows {
			fit := j.fit(i, at)
			decides[i] = decides[i] || fit != takesNot
			if fit == takes {
				break
			}
		}
	}
	for i, d := range decides {
		if !d {
			out = append(out, i)
		}
	}
	return out
}

// overlaps returns rows that meet although neither is the general case of the other, and differ.
func (j *judging) overlaps(t *Table) (out []TableOverlap) {
	for second := range t.Rows {
		for first := range second {
			if len(out) == maxTableFindings {
				return out
			}
			if strings.TrimSpace(t.Rows[first].Then) == strings.TrimSpace(t.Rows[second].Then) {
				continue
			}
			if b, partly := j.meet(first, second); partly {
				out = append(out, TableOverlap{first, second, j.condition(b)})
			}
		}
	}
	return out
}

// meet returns the cases that two rows share; partly is false where they share none, or one has all of the other's.
func (j *judging) meet(first, second int) (shared box, partly bool) {
	firstMore, secondMore := false, false
	for k := range j.columns {
		var both []int
		for m := range j.columns[k].regions {
			a, b := j.fits[first][k][m] == takes, j.fits[second][k][m] == takes
			if a && b {
				both = append(both, m)
			}
			firstMore, secondMore = firstMore || a && !b, secondMore || b && !a
		}
		if len(both) == 0 {
			return nil, false
		}
		shared = append(shared, both)
	}
	return shared, firstMore && secondMore
}

// box is a set of cases: some regions of each column.
type box [][]int

func (b box) has(at []int) bool {
	for k, m := range at {
		if !slices.Contains(b[k], m) {
			return false
		}
	}
	return true
}

// each visits the cases of a box until f says no.
func (b box) each(f func(at []int) bool) bool {
	at := make([]int, len(b))
	var visit func(k int) bool
	visit = func(k int) bool {
		if k == len(b) {
			return f(at)
		}
		for _, m := range b[k] {
			if at[k] = m; !visit(k + 1) {
				return false
			}
		}
		return true
	}
	return visit(0)
}

// grow widens a case to a box of cases that no row takes.
func (j *judging) grow(at []int) box {
	b := make(box, len(at))
	for k, m := range at {
		b[k] = []int{m}
	}
	for k := range b {
		for m := at[k] + 1; m < j.sizes[k]; m++ { // an earlier case would have grown to this one
			if !j.widen(b, k, m) && j.columns[k].ordered {
				break
			}
		}
	}
	return b
}

func (j *judging) widen(b box, k, m int) bool {
	more := slices.Clone(b)
	more[k] = []int{m}
	if !more.each(j.gap) {
		return false
	}
	b[k] = append(b[k], m)
	return true
}

// condition writes a box as a condition on the inputs; "true" for all there is.
func (j *judging) condition(b box) string {
	var all []string
	for k, regions := range b {
		if len(regions) < j.sizes[k] {
			all = append(all, j.columns[k].condition(regions))
		}
	}
	if len(all) == 0 {
		return "true"
	}
	return strings.Join(all, " && ")
}
