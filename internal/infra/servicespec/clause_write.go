package servicespec

import (
	"strconv"
	"strings"

	"digit/internal/infra/platform/civil"
)

// CEL writes a clause as an expression; "" for one that says nothing. Raw parts are written as they are: whether the whole
// is right is for Check to say.
func (c Clause) CEL() string {
	text, _ := c.Normal().write()
	return text
}

// write returns the expression and whether it needs parentheses as a part of another.
func (c Clause) write() (text string, open bool) {
	switch c.Kind {
	case ClauseRaw:
		return c.Raw, true
	case ClauseRows:
		return c.writeRows(), false
	case ClauseTest:
		return c.writeTest()
	}
	if len(c.Of) == 0 {
		return "", false
	}
	parts := make([]string, len(c.Of))
	for i, x := range c.Of {
		parts[i] = x.within()
	}
	switch c.Join {
	case AnyOf:
		return strings.Join(parts, " || "), true
	case NoneOf:
		if len(parts) == 1 {
			return "!" + c.Of[0].closed(), false
		}
		return "!(" + strings.Join(parts, " || ") + ")", false
	}
	return strings.Join(parts, " && "), true
}

// within writes a part of a group: groups and raw parts in parentheses, comparisons without, which bind closer.
func (c Clause) within() string {
	text, open := c.write()
	if open && c.Kind != ClauseTest {
		return "(" + text + ")"
	}
	return text
}

// closed writes something that can be negated.
func (c Clause) closed() string {
	text, open := c.write()
	if open {
		return "(" + text + ")"
	}
	return text
}

func (c Clause) writeRows() string {
	word := ".any("
	if c.Join == AllOf {
		word = ".all("
	}
	not := ""
	if c.Join == NoneOf {
		not = "!"
	}
	inner := ""
	if len(c.Of) > 0 {
		inner, _ = c.Of[0].write()
	}
	return not + c.Name + word + c.each() + ", " + inner + ")"
}

// each is what a row is called.
func (c Clause) each() string {
	if c.Each == "" {
		return "m"
	}
	return c.Each
}

var comparisonSigns = map[string]string{OpIs: " == ", OpIsNot: " != ", OpLess: " < ", OpAtMost: " <= ", OpMore: " > ", OpAtLeast: " >= "}

// turned are the operators that are written as the opposite of another.
var turned = map[string]bool{OpNotIn: true, OpNotBetween: true, OpHasNot: true, OpContainsNot: true, OpStartsNot: true, OpUnanswered: true, OpNo: true}

func (c Clause) writeTest() (text string, open bool) {
	if turned[c.Op] {
		c.Op = opposites[c.Op]
		text, open = c.writeTest()
		if open {
			return "!(" + text + ")", false
		}
		return "!" + text, false
	}
	subject, values := c.subject(), make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = v.CEL()
	}
	first := ""
	if len(values) > 0 {
		first = values[0]
	}
	switch c.Op {
	case OpYes:
		return subject, false
	case OpAnswered:
		return "answered(" + subject + ")", false
	case OpIn:
		return subject + " in [" + strings.Join(values, ", ") + "]", true
	case OpHas:
		return first + " in " + subject, true
	case OpBetween:
		return "between(" + strings.Join(append([]string{subject}, values...), ", ") + ")", false
	case OpContains:
		return subject + ".contains(" + first + ")", false
	case OpStarts:
		return subject + ".startsWith(" + first + ")", false
	}
	return subject + comparisonSigns[c.Op] + first, true
}

func (c Clause) subject() string {
	switch c.Measure {
	case MeasureAge:
		return "age(" + c.Name + ", today)"
	case MeasureSince:
		return "days(" + c.Name + ", today)"
	case MeasureUntil:
		return "days(today, " + c.Name + ")"
	case MeasureSize:
		return "size(" + c.Name + ")"
	case MeasureSum:
		return c.Name + ".sum(" + c.each() + ", " + c.each() + "." + c.Field + ")"
	}
	return c.Name
}

// CEL writes an operand.
func (o Operand) CEL() string {
	if o.Name != "" {
		return o.Name
	}
	switch v := o.Value.(type) {
	case string:
		return strconv.Quote(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	case bool:
		return strconv.FormatBool(v)
	case civil.Date:
		return `date("` + v.String() + `")`
	}
	return `""`
}
