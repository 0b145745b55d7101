package servicespec

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
)

// region is a set of values of one input that all cells of the column treat alike.
type region struct {
	value  string  // text or truth; "" with rest
	rest   bool    // any other text
	lo, hi float64 // numbers and days, both ends included unless open
	open   bool
}

// column is one input of a table, cut into regions.
type column struct {
	input   tableInput
	regions []region
	ordered bool // regions lie side by side in their order
}

// The answers to whether a cell takes a region.
const (
	takesNot = iota
	takesPerhaps
	takes
)

// cut finds the regions of an input; none where its values cannot be told apart.
func (c *checker) cut(in tableInput, cells []string) column {
	col := column{input: in}
	q := c.asked(in.expr)
	switch in.t {
	case rule.Bool:
		col.regions = []region{{value: "true"}, {value: "false"}}
	case rule.String:
		if q != nil && q.Kind == KindChoice && q.RefData == "" {
			for _, o := range q.Options {
				col.regions = append(col.regions, region{value: o.Code})
			}
			return col
		}
		var said []string
		for _, cell := range cells {
			_, values := cellValues(cell)
			for _, v := range values {
				if text := unquoted(v); !slices.Contains(said, text) {
					said = append(said, text)
				}
			}
		}
		for _, v := range said {
			col.regions = append(col.regions, region{value: v})
		}
		col.regions = append(col.regions, region{rest: true})
	case rule.Int, rule.Money, rule.Decimal, rule.Date:
		lo, hi := math.Inf(-1), math.Inf(1)
		if q != nil && q.Min != nil {
			lo = *q.Min
		}
		if q != nil && q.Max != nil {
			hi = *q.Max
		}
		col.ordered, col.regions = true, in.intervals(cells, lo, hi)
	}
	return col
}

// asked returns the question whose answer an expression is; nil for anything else.
func (c *checker) asked(expr string) *Question {
	if q := c.findQuestion(expr); q != nil {
		return q
	}
	for i := range c.pack.Eligibility.Questions {
		if q := &c.pack.Eligibility.Questions[i]; q.Code == expr {
			return q
		}
	}
	return nil
}

// intervals cuts numbers or days at every value that the cells name.
func (in tableInput) intervals(cells []string, lo, hi float64) (out []region) {
	var at []float64
	for _, cell := range cells {
		_, values := cellValues(cell)
		for _, v := range values {
			if n, ok := in.numeric(v); ok && n >= lo && n <= hi {
				at = append(at, n)
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	add := func(r region) {
		if in.t != rule.Decimal { // whole numbers and days have neighbours
			r.lo, r.hi, r.open = math.Ceil(r.lo), math.Floor(r.hi), false
		}
		if r.lo < r.hi || r.lo == r.hi && !r.open {
			out = append(out, r)
		}
	}
	step := 0.0
	if in.t != rule.Decimal {
		step = 1
	}
	from := lo
	for _, n := range at {
		if from < n {
			add(region{lo: from, hi: n - step, open: true})
		}
		add(region{lo: n, hi: n})
		from = n + step
	}
	if from < hi || from == hi && step == 1 || len(at) == 0 {
		add(region{lo: from, hi: hi, open: len(at) > 0})
	}
	return out
}

// numeric is a value of a cell as a number: a day counts from 1970.
func (in tableInput) numeric(s string) (float64, bool) {
	if in.t == rule.Date {
		d, err := civil.Parse(s)
		return float64(d.In(time.UTC).Unix() / 86400), err == nil
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// cellValues takes a cell apart: the operator ("", a comparison, ".." for a range; "not" before any) and its values.
func cellValues(cell string) (op string, values []string) {
	cell = strings.TrimSpace(cell)
	if cell == "" || cell == "-" {
		return "-", nil
	}
	if rest, negated := strings.CutPrefix(cell, "not "); negated {
		inner, values := cellValues(rest)
		return "not " + inner, values
	}
	if m := cellRange.FindStringSubmatch(cell); m != nil {
		return "..", m[1:3]
	}
	if m := cellCompare.FindStringSubmatch(cell); m != nil {
		return m[1], []string{strings.TrimSpace(m[2])}
	}
	for part := range strings.SplitSeq(cell, ",") {
		values = append(values, strings.TrimSpace(part))
	}
	return "", values
}

func unquoted(v string) string {
	if s, err := strconv.Unquote(v); err == nil {
		return s
	}
	return v
}

// takes reports whether a cell takes a region.
func (col column) takes(cell string, r region) byte {
	op, values := cellValues(cell)
	if op == "-" {
		return takes
	}
	negated := false
	if rest, ok := strings.CutPrefix(op, "not "); ok {
		op, negated = rest, true
	}
	fits, sure := col.compare(op, values, r)
	switch {
	case !sure:
		return takesPerhaps
	case fits != negated:
		return takes
	}
	return takesNot
}

func (col column) compare(op string, values []string, r region) (fits, sure bool) {
	switch col.input.t {
	case rule.Bool, rule.String:
		same := slices.ContainsFunc(values, func(v string) bool {
			return !r.rest && (unquoted(v) == r.value || col.input.t == rule.Bool && map[string]string{"yes": "true", "no": "false"}[v] == r.value)
		})
		switch op {
		case "", "==":
			return same, true
		case "!=":
			return !same, true
		}
		return false, false // texts in alphabetical order
	case rule.Int, rule.Money, rule.Decimal, rule.Date:
		return col.within(op, values, r), true
	}
	return false, false
}

// within compares a region of numbers; its cuts are such that one of its values stands for all.
func (col column) within(op string, values []string, r region) bool {
	sample := r.lo
	switch {
	case math.IsInf(r.lo, -1) && math.IsInf(r.hi, 1):
		sample = 0
	case math.IsInf(r.lo, -1):
		sample = r.hi - 1
	case math.IsInf(r.hi, 1):
		sample = r.lo + 1
	case r.lo < r.hi:
		sample = r.lo/2 + r.hi/2
	}
	var of []float64
	for _, v := range values {
		n, _ := col.input.numeric(v)
		of = append(of, n)
	}
	switch op {
	case "..":
		return of[0] <= sample && sample <= of[1]
	case "<":
		return sample < of[0]
	case "<=":
		return sample <= of[0]
	case ">":
		return sample > of[0]
	case ">=":
		return sample >= of[0]
	case "!=":
		return sample != of[0]
	}
	return slices.Contains(of, sample)
}

// condition writes some regions of a column as a condition on its input.
func (col column) condition(regions []int) string {
	if col.input.t == rule.Bool {
		if col.regions[regions[0]].value == "true" {
			return col.input.expr
		}
		return "!(" + col.input.expr + ")"
	}
	if col.ordered {
		return col.span(regions)
	}
	list := func(keep func(m int) bool) string {
		var out []string
		for m, r := range col.regions {
			if !r.rest && keep(m) {
				out = append(out, strconv.Quote(r.value))
			}
		}
		if len(out) == 1 {
			return fmt.Sprintf("%s == %s", col.input.expr, out[0])
		}
		return fmt.Sprintf("%s in [%s]", col.input.expr, strings.Join(out, ", "))
	}
	if slices.ContainsFunc(regions, func(m int) bool { return col.regions[m].rest }) {
		return "!(" + list(func(m int) bool { return !slices.Contains(regions, m) }) + ")"
	}
	return list(func(m int) bool { return slices.Contains(regions, m) })
}

// span writes regions of numbers, which lie side by side or are joined by "or".
func (col column) span(regions []int) string {
	var parts []string
	for i := 0; i < len(regions); {
		k := i
		for k+1 < len(regions) && regions[k+1] == regions[k]+1 {
			k++
		}
		parts = append(parts, col.interval(col.regions[regions[i]], col.regions[regions[k]]))
		i = k + 1
	}
	slices.SortFunc(parts, cmp.Compare)
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// interval writes the numbers from one region to another.
func (col column) interval(first, last region) string {
	expr := col.input.expr
	low, high := col.literalOf(first.lo), col.literalOf(last.hi)
	atLeast, atMost := ">=", "<="
	if first.open && first.lo < first.hi {
		atLeast = ">"
	}
	if last.open && last.lo < last.hi {
		atMost = "<"
	}
	switch {
	case math.IsInf(first.lo, -1):
		return fmt.Sprintf("%s %s %s", expr, atMost, high)
	case math.IsInf(last.hi, 1):
		return fmt.Sprintf("%s %s %s", expr, atLeast, low)
	case first.lo == last.hi:
		return fmt.Sprintf("%s == %s", expr, low)
	case atLeast == ">=" && atMost == "<=":
		return fmt.Sprintf("between(%s, %s, %s)", expr, low, high)
	}
	return fmt.Sprintf("%s %s %s && %s %s %s", expr, atLeast, low, expr, atMost, high)
}

func (col column) literalOf(n float64) string {
	if math.IsInf(n, 0) {
		return ""
	}
	if col.input.t == rule.Date {
		return fmt.Sprintf("date(%q)", civil.Of(time.Unix(int64(n)*86400, 0).UTC()).String())
	}
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if col.input.t == rule.Decimal && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
