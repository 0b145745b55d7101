package servicespec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"digit/internal/infra/platform/rule"
)

// tables checks and compiles the decision tables.
func (c *checker) tables() {
	seen := map[string]bool{}
	for i := range c.pack.Tables {
		t := &c.pack.Tables[i]
		at := fmt.Sprintf("tables.%d", i)
		c.name(at+".name", t.Name, seen)
		c.text(at+".text", t.Text, false)
		if len(t.Rows) == 0 {
			c.say(at+".rows", "table_empty")
			continue
		}
		want := rule.Any
		if c.answers != nil {
			if want = c.answers.Type("table." + t.Name); want == "" {
				want = rule.Any
			}
		}
		inputs, ok := c.tableInputs(at, t)
		for _, in := range inputs {
			c.inputTypes[t.Name] = append(c.inputTypes[t.Name], string(in.t))
		}
		if rows := c.tableRows(at, t, inputs, want); ok && rows != nil && rule.Identifier(t.Name) {
			c.deriveTable(t.Name, rows)
			c.tableFindings(at, t, inputs)
		}
	}
}

// tableFindings says which cases a table forgets, and which of its rows do nothing.
func (c *checker) tableFindings(at string, t *Table, inputs []tableInput) {
	f := c.judge(t, inputs)
	c.judged[t.Name] = f
	for _, gap := range f.Gaps {
		c.say(at+".rows", "table_gap", "rule", gap)
	}
	for _, i := range f.Never {
		c.say(fmt.Sprintf("%s.rows.%d", at, i), "table_row_never", "n", i+1)
	}
}

// tableInput is what a column looks at.
type tableInput struct {
	expr string
	t    rule.Type
}

func (c *checker) tableInputs(at string, t *Table) ([]tableInput, bool) {
	if len(t.Inputs) == 0 {
		c.say(at+".inputs", "table_inputs_missing")
	}
	var out []tableInput
	for i, expr := range t.Inputs {
		path := fmt.Sprintf("%s.inputs.%d", at, i)
		if strings.Contains(expr, "table.") {
			c.say(path, "table_of_tables")
			return nil, false
		}
		p := c.program(c.answers, path, expr, rule.Any)
		if p == nil {
			return nil, false
		}
		out = append(out, tableInput{p.String(), p.Type()})
	}
	return out, len(out) > 0
}

// tableRow is a compiled row; the condition is nil where every cell takes anything.
type tableRow struct{ when, then *use }

func (c *checker) tableRows(at string, t *Table, inputs []tableInput, want rule.Type) []tableRow {
	var rows []tableRow
	ok := true
	for i, r := range t.Rows {
		path := fmt.Sprintf("%s.rows.%d", at, i)
		if len(r.If) != len(t.Inputs) {
			c.say(path+".if", "table_cells", "n", len(r.If), "want", len(t.Inputs))
			ok = false
			continue
		}
		row := tableRow{}
		if condition := c.rowCondition(path, r.If, inputs); condition != "" {
			if p := c.program(c.answers, path+".if", condition, rule.Bool); p != nil {
				row.when = c.s.compiled(Subject{"table", t.Name, "value"}, path+".if", p, nil)
			} else {
				ok = false
			}
		}
		row.then = c.tableValue(path+".then", t.Name, r.Then, want)
		ok = ok && row.then != nil
		rows = append(rows, row)
	}
	if t.Otherwise != "" {
		row := tableRow{then: c.tableValue(at+".otherwise", t.Name, t.Otherwise, want)}
		ok = ok && row.then != nil
		rows = append(rows, row)
	}
	if !ok {
		return nil
	}
	return rows
}

func (c *checker) tableValue(path, table, expr string, want rule.Type) *use {
	p := c.program(c.answers, path, expr, want)
	if p == nil {
		return nil
	}
	return c.s.compiled(Subject{"table", table, "value"}, path, p, nil)
}

func (c *checker) rowCondition(path string, cells []string, inputs []tableInput) string {
	var all []string
	for i, cell := range cells {
		if i >= len(inputs) {
			break
		}
		condition, ok := inputs[i].matches(cell)
		if !ok {
			c.say(fmt.Sprintf("%s.if.%d", path, i), "table_cell", "cell", cell, "type", string(inputs[i].t))
			continue
		}
		if condition != "" {
			all = append(all, "("+condition+")")
		}
	}
	return strings.Join(all, " && ")
}

func (c *checker) deriveTable(name string, rows []tableRow) {
	var uses []*use
	for _, r := range rows {
		if r.when != nil {
			uses = append(uses, r.when)
		}
		uses = append(uses, r.then)
	}
	full := "table." + name
	c.derive(full, true, uses, func(sc *scope) (any, bool) {
		compiled := c.s.derivedUses[full] // in the order of uses
		for _, r := range rows {
			if r.when != nil {
				v, known, _ := sc.value(compiled[0])
				compiled = compiled[1:]
				if !known {
					return nil, false
				}
				if v != true {
					compiled = compiled[1:]
					continue
				}
			}
			v, known, _ := sc.value(compiled[0])
			return v, known
		}
		return nil, false
	})
}

var (
	cellRange   = regexp.MustCompile(`^\[\s*(\S+?)\s*\.\.\s*(\S+?)\s*\]$`)
	cellCompare = regexp.MustCompile(`^(<=|>=|<|>|!=|==)\s*(.+)$`)
	cellInt     = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	cellDecimal = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`)
	cellDate    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	cellWord    = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)
)

// matches writes a cell as a condition on the input; "" takes anything, ok is false for a cell that is none.
func (in tableInput) matches(cell string) (condition string, ok bool) {
	cell = strings.TrimSpace(cell)
	if cell == "" || cell == "-" {
		return "", true
	}
	if rest, negated := strings.CutPrefix(cell, "not "); negated {
		inner, ok := in.matches(rest)
		return "!(" + inner + ")", ok && inner != ""
	}
	if m := cellRange.FindStringSubmatch(cell); m != nil {
		low, ok := in.literal(m[1])
		high, ok2 := in.literal(m[2])
		return fmt.Sprintf("between(%s, %s, %s)", in.expr, low, high), ok && ok2 && in.t != rule.String && in.t != rule.Bool
	}
	if m := cellCompare.FindStringSubmatch(cell); m != nil {
		v, ok := in.literal(m[2])
		return fmt.Sprintf("(%s) %s %s", in.expr, m[1], v), ok
	}
	var any []string
	for part := range strings.SplitSeq(cell, ",") {
		v, ok := in.literal(strings.TrimSpace(part))
		if !ok {
			return "", false
		}
		if in.t == rule.Strings {
			any = append(any, fmt.Sprintf("%s in (%s)", v, in.expr))
		} else {
			any = append(any, fmt.Sprintf("(%s) == %s", in.expr, v))
		}
	}
	return strings.Join(any, " || "), true
}

// literal writes a value of a cell as the rule language has it.
func (in tableInput) literal(s string) (string, bool) {
	switch in.t {
	case rule.String, rule.Strings:
		if unquoted, err := strconv.Unquote(s); err == nil {
			return strconv.Quote(unquoted), true
		}
		return strconv.Quote(s), cellWord.MatchString(s)
	case rule.Int, rule.Money:
		return s, cellInt.MatchString(s)
	case rule.Decimal:
		if !strings.Contains(s, ".") {
			return s + ".0", cellDecimal.MatchString(s)
		}
		return s, cellDecimal.MatchString(s)
	case rule.Bool:
		word, ok := map[string]string{"true": "true", "yes": "true", "false": "false", "no": "false"}[s]
		return word, ok
	case rule.Date:
		return fmt.Sprintf("date(%q)", s), cellDate.MatchString(s)
	}
	return "", false
}
