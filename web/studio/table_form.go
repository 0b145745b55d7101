package studio

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
)

// What the rows of a table give.
const (
	givesNumber = "number"
	givesText   = "text"
	givesYesNo  = "yesno"
	givesRule   = "rule"
)

// otherRule is chosen for a column that looks at no answer alone but at what a rule works out.
const otherRule = "="

// cellKind says how a cell is edited.
type cellKind int

const (
	cellPlain  cellKind = iota // as the language writes it, amounts as people write them
	cellTruth                  // anything, yes or no
	cellChosen                 // some of the options, or all but some
)

// tableForm reads the posted editor of a table.
type tableForm struct {
	posted   url.Values
	currency string
	types    []string // of the columns as they were
}

func numberOr(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return n
}

// The most columns and rows that the editor reads; the language has limits of its own.
const (
	maxColumns = 12
	maxRows    = 250
)

// take puts what was posted in place of the columns, rows and values of a table.
func (f tableForm) take(x *servicespec.Table) {
	columns, rows := min(numberOr(f.posted.Get("cols"), 0), maxColumns), min(numberOr(f.posted.Get("rows"), 0), maxRows)
	x.Inputs, x.Rows = nil, nil
	for k := range columns {
		x.Inputs = append(x.Inputs, f.input(k))
	}
	for i := range rows {
		row := servicespec.TableRow{If: []string{}}
		for k := range columns {
			row.If = append(row.If, f.cell(i, k))
		}
		row.Then = f.value("then." + strconv.Itoa(i))
		x.Rows = append(x.Rows, row)
	}
	x.Otherwise = f.value("otherwise")
}

func (f tableForm) input(k int) string {
	name := f.posted.Get(fmt.Sprint("col.", k))
	if name != otherRule {
		return name
	}
	if rule := trimmed(f.posted, fmt.Sprint("colrule.", k)); rule != "" {
		return rule
	}
	return f.posted.Get(fmt.Sprint("was.", k))
}

func (f tableForm) cell(i, k int) string {
	name := fmt.Sprintf("cell.%d.%d", i, k)
	if f.posted.Has(name + ".boxes") {
		chosen := strings.Join(f.posted[name], ", ")
		if chosen != "" && f.posted.Get(name+".not") != "" {
			return "not " + chosen
		}
		return anything(chosen)
	}
	cell := trimmed(f.posted, name)
	if k < len(f.types) && f.posted.Get(fmt.Sprint("was.", k)) == f.input(k) {
		cell = cellCode(cell, f.types[k], f.currency)
	}
	return anything(cell)
}

func anything(cell string) string {
	if cell == "" {
		return "-"
	}
	return cell
}

// value reads a result as the kind of result has it.
func (f tableForm) value(name string) string {
	text := trimmed(f.posted, name)
	gave, gives := f.posted.Get("gave"), f.posted.Get("gives")
	if text == "" {
		return ""
	}
	expr := text
	switch gave {
	case givesText:
		expr = strconv.Quote(text)
	case givesNumber:
		expr = strings.ReplaceAll(text, ",", ".")
	}
	said, err := strconv.Unquote(expr)
	switch {
	case gives == givesText && err != nil:
		return strconv.Quote(expr)
	case (gives == givesNumber || gives == givesYesNo) && err == nil:
		return said
	}
	return expr
}

// givesOf finds out what the rows of a table give.
func givesOf(x *servicespec.Table) string {
	values := []string{}
	for _, r := range x.Rows {
		values = append(values, r.Then)
	}
	if x.Otherwise != "" {
		values = append(values, x.Otherwise)
	}
	all := func(is func(v string) bool) bool {
		return !slices.ContainsFunc(values, func(v string) bool { return !is(v) })
	}
	switch {
	case all(func(v string) bool { _, err := strconv.ParseFloat(v, 64); return err == nil }):
		return givesNumber
	case all(func(v string) bool { _, err := strconv.Unquote(v); return err == nil && v[0] == '"' }):
		return givesText
	case all(func(v string) bool { return v == "true" || v == "false" }):
		return givesYesNo
	}
	return givesRule
}

var (
	cellNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	cellSpan   = regexp.MustCompile(`^\[?\s*(-?[0-9][0-9.-]*?)\s*(?:\.\.|…|–| - )\s*(-?[0-9][0-9.-]*?)\s*\]?$`)
	cellSigns  = strings.NewReplacer("≤", "<=", "≥", ">=", "≠", "!=")
)

// cellCode writes a cell that people typed as the language has it: "≤ 25" is <= 25, "26..100" is [26..100], and amounts are in
// minor units.
func cellCode(cell, kind, currency string) string {
	switch kind {
	case "int", "decimal", "money", "date":
	default:
		return cell
	}
	cell = cellSigns.Replace(cell)
	negated := ""
	if rest, ok := strings.CutPrefix(cell, "not "); ok {
		negated, cell = "not ", strings.TrimSpace(rest)
	}
	if m := cellSpan.FindStringSubmatch(cell); m != nil {
		cell = "[" + m[1] + ".." + m[2] + "]"
	}
	if kind == "money" {
		cell = eachNumber(cell, func(n string) string {
			if a, err := money.Parse(n, currency); err == nil {
				return strconv.FormatInt(a.Minor, 10)
			}
			return n
		})
	}
	return negated + cell
}

// cellText is the other way round.
func cellText(cell, kind, currency string) string {
	if cell == "-" {
		return ""
	}
	if kind == "money" {
		cell = eachNumber(cell, func(n string) string {
			if minor, err := strconv.ParseInt(n, 10, 64); err == nil {
				return money.Amount{Minor: minor, Currency: currency}.Decimal()
			}
			return n
		})
	}
	if rest, ok := strings.CutPrefix(cell, "["); ok {
		return strings.TrimSuffix(rest, "]")
	}
	return cell
}

// eachNumber replaces the numbers of a cell; ends of a range stand beside two points, which are no decimal point.
func eachNumber(cell string, f func(n string) string) string {
	parts := strings.Split(cell, "..")
	for i := range parts {
		parts[i] = cellNumber.ReplaceAllStringFunc(parts[i], f)
	}
	return strings.Join(parts, "..")
}

// chosenOf reads a cell that names options; ok is false for one that says something else.
func chosenOf(cell string, options []servicespec.Option) (chosen []string, not, ok bool) {
	cell = strings.TrimSpace(cell)
	if cell == "" || cell == "-" {
		return nil, false, true
	}
	for _, sign := range []string{"not ", "!="} {
		if rest, negated := strings.CutPrefix(cell, sign); negated {
			cell, not = strings.TrimSpace(rest), true
			break
		}
	}
	for part := range strings.SplitSeq(cell, ",") {
		code := strings.TrimSpace(part)
		if text, err := strconv.Unquote(code); err == nil {
			code = text
		}
		if !slices.ContainsFunc(options, func(o servicespec.Option) bool { return o.Code == code }) {
			return nil, false, false
		}
		chosen = append(chosen, code)
	}
	return chosen, not, true
}
