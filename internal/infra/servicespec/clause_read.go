package servicespec

import (
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
)

// ReadClause reads a condition from its expression, in normal form. What is not of the shape of clauses, as a whole or in
// part, stands in it as raw expressions; one that cannot be read at all is raw as it was written.
func ReadClause(expr string) Clause {
	expr = strings.TrimSpace(expr)
	if expr == "" {
		return Clause{}
	}
	n, err := rule.Parse(expr)
	if err != nil {
		return Clause{Kind: ClauseRaw, Raw: expr}
	}
	c := readNode(n)
	if c.Kind == ClauseRaw {
		c.Raw = expr
	}
	return c
}

func readNode(n *rule.Node) Clause {
	c, ok := readShape(n)
	if !ok {
		return Clause{Kind: ClauseRaw, Raw: n.String()}
	}
	return c
}

func readShape(n *rule.Node) (Clause, bool) {
	if n.Kind == rule.Named {
		return Clause{Kind: ClauseTest, Name: n.Name, Op: OpYes}, true
	}
	if n.Kind != rule.Call {
		return Clause{}, false
	}
	switch n.Name {
	case "&&":
		return readGroup(AllOf, n), true
	case "||":
		return readGroup(AnyOf, n), true
	case "!":
		return readNot(n.Args[0])
	case "==", "!=", "<", "<=", ">", ">=":
		return readComparison(n)
	case "in":
		return readIn(n)
	case "answered", "between", "contains", "startsWith":
		return readWord(n)
	case "any", "exists", "all":
		return readRows(n)
	}
	return Clause{}, false
}

func readGroup(join string, n *rule.Node) Clause {
	g := Clause{Join: join}
	for _, x := range n.Args {
		g.Of = append(g.Of, readNode(x))
	}
	return g.Normal()
}

// readNot turns a clause round. A group of all has no opposite of its own: none of it, as a whole, holds.
func readNot(n *rule.Node) (Clause, bool) {
	c, ok := readShape(n)
	if !ok {
		return c, false
	}
	if turned, ok := c.opposite(); ok {
		return turned, true
	}
	return Clause{Join: NoneOf, Of: []Clause{c}}, true
}

var comparisons = map[string]string{"==": OpIs, "!=": OpIsNot, "<": OpLess, "<=": OpAtMost, ">": OpMore, ">=": OpAtLeast}

func readComparison(n *rule.Node) (Clause, bool) {
	op, left, right := comparisons[n.Name], n.Args[0], n.Args[1]
	c, ok := readSubject(left)
	if !ok {
		if c, ok = readSubject(right); ok {
			op, right = mirrored[op], left
		} else if c, ok = readToday(left); !ok {
			return c, false
		}
	}
	v, ok := readOperand(right)
	if !ok {
		return c, false
	}
	if truth, isBool := v.Value.(bool); isBool {
		if c.Measure != "" || op != OpIs && op != OpIsNot {
			return c, false
		}
		c.Op = map[bool]string{true: OpYes, false: OpNo}[truth == (op == OpIs)]
		return c, true
	}
	c.Op, c.Values = op, []Operand{v}
	return c, true
}

// readSubject reads what a test looks at: an answer, or a measure of it.
func readSubject(n *rule.Node) (Clause, bool) {
	c := Clause{Kind: ClauseTest}
	switch {
	case n.Kind == rule.Named:
		c.Name = n.Name
		return c, n.Name != "today"
	case n.Kind != rule.Call:
		return c, false
	case n.Name == "size" && n.On == nil && len(n.Args) == 1 && n.Args[0].Kind == rule.Named:
		c.Name, c.Measure = n.Args[0].Name, MeasureSize
		return c, true
	case n.Name == "sum" && n.On != nil:
		return readSum(n)
	case (n.Name == "age" || n.Name == "days") && n.On == nil && len(n.Args) == 2 && n.Args[0].Kind == rule.Named && n.Args[1].Kind == rule.Named:
		from, to := n.Args[0].Name, n.Args[1].Name
		switch {
		case from != "today" && to == "today" && n.Name == "age":
			c.Name, c.Measure = from, MeasureAge
		case from != "today" && to == "today":
			c.Name, c.Measure = from, MeasureSince
		case from == "today" && to != "today" && n.Name == "days":
			c.Name, c.Measure = to, MeasureUntil
		default:
			return c, false
		}
		return c, true
	}
	return c, false
}

// readToday reads what is said of today, where that stands against a date: of an answer the answer is what is looked at.
func readToday(n *rule.Node) (Clause, bool) {
	return Clause{Kind: ClauseTest, Name: "today"}, n.Kind == rule.Named && n.Name == "today"
}

// readSum reads members.sum(m, m.income).
func readSum(n *rule.Node) (Clause, bool) {
	c := Clause{Kind: ClauseTest, Measure: MeasureSum}
	if n.On.Kind != rule.Named || len(n.Args) != 2 || n.Args[0].Kind != rule.Named || n.Args[1].Kind != rule.Named || strings.Contains(n.Args[0].Name, ".") {
		return c, false
	}
	c.Name, c.Each = n.On.Name, n.Args[0].Name
	field, of := strings.CutPrefix(n.Args[1].Name, c.Each+".")
	c.Field = field
	return c, of && !strings.Contains(field, ".")
}

func readOperand(n *rule.Node) (Operand, bool) {
	switch n.Kind {
	case rule.Literal:
		return Operand{Value: n.Value}, true
	case rule.Named:
		return Operand{Name: n.Name}, true
	case rule.Call:
		if n.Name != "date" || n.On != nil || len(n.Args) != 1 {
			return Operand{}, false
		}
		s, _ := n.Args[0].Value.(string)
		d, err := civil.Parse(s)
		return day(d), err == nil && d.String() == s
	}
	return Operand{}, false
}

func readOperands(nodes []*rule.Node) ([]Operand, bool) {
	out := make([]Operand, len(nodes))
	for i, n := range nodes {
		var ok bool
		if out[i], ok = readOperand(n); !ok {
			return nil, false
		}
		if _, isBool := out[i].Value.(bool); isBool {
			return nil, false
		}
	}
	return out, len(out) > 0
}

// readIn reads x in [a, b], and "a" in x where x holds several choices.
func readIn(n *rule.Node) (Clause, bool) {
	left, right := n.Args[0], n.Args[1]
	if right.Kind == rule.List {
		c, ok := readSubject(left)
		if !ok {
			return c, false
		}
		c.Op = OpIn
		c.Values, ok = readOperands(right.Args)
		return c, ok
	}
	if right.Kind != rule.Named {
		return Clause{}, false
	}
	values, ok := readOperands([]*rule.Node{left})
	return Clause{Kind: ClauseTest, Name: right.Name, Op: OpHas, Values: values}, ok
}

// readWord reads answered(x), between(x, a, b), x.contains("a") and x.startsWith("a").
func readWord(n *rule.Node) (Clause, bool) {
	switch {
	case n.Name == "answered" && n.On == nil && len(n.Args) == 1 && n.Args[0].Kind == rule.Named:
		return Clause{Kind: ClauseTest, Name: n.Args[0].Name, Op: OpAnswered}, true
	case n.Name == "between" && n.On == nil && len(n.Args) == 3:
		c, ok := readSubject(n.Args[0])
		if !ok {
			return c, false
		}
		c.Op = OpBetween
		c.Values, ok = readOperands(n.Args[1:])
		return c, ok
	case (n.Name == "contains" || n.Name == "startsWith") && n.On != nil && n.On.Kind == rule.Named && len(n.Args) == 1:
		op := map[string]string{"contains": OpContains, "startsWith": OpStarts}[n.Name]
		values, ok := readOperands(n.Args)
		return Clause{Kind: ClauseTest, Name: n.On.Name, Op: op, Values: values}, ok
	}
	return Clause{}, false
}

// readRows reads members.any(m, …) and members.all(m, …).
func readRows(n *rule.Node) (Clause, bool) {
	if n.On == nil || n.On.Kind != rule.Named || len(n.Args) != 2 || n.Args[0].Kind != rule.Named || strings.Contains(n.Args[0].Name, ".") {
		return Clause{}, false
	}
	join := AnyOf
	if n.Name == "all" {
		join = AllOf
	}
	return Clause{Kind: ClauseRows, Join: join, Name: n.On.Name, Each: n.Args[0].Name, Of: []Clause{readNode(n.Args[1])}}, true
}
