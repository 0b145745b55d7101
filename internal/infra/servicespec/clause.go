package servicespec

import (
	"slices"

	"digit/internal/infra/platform/civil"
)

// Clause is a condition as people put one together: tests of answers, joined by "all of" and "any of", as deep as it needs
// to be. ReadClause reads one from an expression, CEL writes it, and what is not of this shape is kept as Raw, so that
// nothing is lost on the way there and back.
type Clause struct {
	Kind    ClauseKind
	Join    string    // group: all, any, none of the clauses hold; rows: all, any, none of the rows
	Of      []Clause  // group: what is joined; rows: the one thing that is asked of a row
	Name    string    // test: what is looked at, as rules name it; rows: the group
	Each    string    // rows, and tests by sum: what a row is called inside
	Measure string    // test: what of it is looked at; the value itself where empty
	Field   string    // test by sum: the question of the rows that is summed up
	Op      string    // test
	Values  []Operand // test: as many as Op takes
	Raw     string    // an expression of any other shape
}

// ClauseKind is what a clause is.
type ClauseKind string

// The kinds of clauses. The zero Clause is a group without anything in it: no condition.
const (
	ClauseGroup ClauseKind = ""
	ClauseTest  ClauseKind = "test"
	ClauseRows  ClauseKind = "rows"
	ClauseRaw   ClauseKind = "raw"
)

// How clauses are joined, and for how many rows something must hold.
const (
	AllOf  = "all"
	AnyOf  = "any"
	NoneOf = "none"
)

// What a test looks at, where that is not the answer itself.
const (
	MeasureAge   = "age"   // full years from the date to today
	MeasureSince = "since" // days from the date to today
	MeasureUntil = "until" // days from today to the date
	MeasureSize  = "size"  // how many rows, or how many are chosen
	MeasureSum   = "sum"   // of Field over the rows
)

// The operators of tests.
const (
	OpIs          = "is"
	OpIsNot       = "is_not"
	OpIn          = "in"     // is one of
	OpNotIn       = "not_in" // is none of
	OpLess        = "less"
	OpAtMost      = "at_most"
	OpMore        = "more"
	OpAtLeast     = "at_least"
	OpBetween     = "between" // both ends count
	OpNotBetween  = "not_between"
	OpHas         = "has"     // of several choices: this one is among them
	OpHasNot      = "has_not" //
	OpContains    = "contains"
	OpContainsNot = "contains_not"
	OpStarts      = "starts"
	OpStartsNot   = "starts_not"
	OpAnswered    = "answered"
	OpUnanswered  = "unanswered"
	OpYes         = "yes" // of yes or no, and of a named rule: it holds
	OpNo          = "no"
)

// Operand is what something is compared with: a value, or the answer to another question (or today).
type Operand struct {
	Name  string // as rules name it; "" for a value
	Value any    // string, int64, float64, bool or civil.Date
}

// opposites of operators; an undecided test stays undecided when it is turned round.
var opposites = bothWays(map[string]string{
	OpIs: OpIsNot, OpIn: OpNotIn, OpLess: OpAtLeast, OpMore: OpAtMost, OpBetween: OpNotBetween, OpHas: OpHasNot,
	OpContains: OpContainsNot, OpStarts: OpStartsNot, OpAnswered: OpUnanswered, OpYes: OpNo,
})

// mirrored operators say the same with the sides exchanged.
var mirrored = bothWays(map[string]string{OpLess: OpMore, OpAtMost: OpAtLeast, OpIs: OpIs, OpIsNot: OpIsNot})

func bothWays(m map[string]string) map[string]string {
	out := map[string]string{}
	for a, b := range m {
		out[a], out[b] = b, a
	}
	return out
}

// Arity is how many values an operator takes: 0, 1 or 2, and -1 for one or more.
func Arity(op string) int {
	switch op {
	case OpAnswered, OpUnanswered, OpYes, OpNo:
		return 0
	case OpBetween, OpNotBetween:
		return 2
	case OpIn, OpNotIn:
		return -1
	}
	return 1
}

// Empty reports whether a clause says nothing.
func (c Clause) Empty() bool {
	switch c.Kind {
	case ClauseGroup:
		return !slices.ContainsFunc(c.Of, func(x Clause) bool { return !x.Empty() })
	case ClauseRaw:
		return c.Raw == ""
	case ClauseRows:
		return c.Name == "" || len(c.Of) == 0 || c.Of[0].Empty()
	}
	return c.Name == ""
}

// Normal returns the clause with nothing said twice over: no empty groups, no group of one, no "all of" directly within "all
// of". It says the same, and is what ReadClause makes of what CEL writes.
func (c Clause) Normal() Clause {
	switch c.Kind {
	case ClauseGroup:
		return c.normalGroup()
	case ClauseRows:
		if len(c.Of) == 1 {
			c.Of = []Clause{c.Of[0].Normal()}
		}
	}
	return c
}

func (c Clause) normalGroup() Clause {
	if c.Join == "" {
		c.Join = AllOf
	}
	var of []Clause
	for _, x := range c.Of {
		if x.Empty() {
			continue
		}
		x = x.Normal()
		inner := c.Join
		if inner == NoneOf {
			inner = AnyOf
		}
		if x.Kind == ClauseGroup && x.Join == inner {
			of = append(of, x.Of...)
		} else {
			of = append(of, x)
		}
	}
	switch {
	case len(of) == 0:
		return Clause{}
	case len(of) == 1 && c.Join != NoneOf:
		return of[0]
	case len(of) == 1:
		if turned, ok := of[0].opposite(); ok {
			return turned
		}
	}
	c.Of = of
	return c
}

// opposite returns the clause that holds where this one does not, if it has a shape of its own. It is normal where this is.
func (c Clause) opposite() (Clause, bool) {
	switch c.Kind {
	case ClauseTest:
		if op, ok := opposites[c.Op]; ok {
			c.Op = op
			return c, true
		}
	case ClauseGroup:
		switch {
		case c.Join == AnyOf:
			c.Join = NoneOf
			return c, true
		case c.Join == NoneOf && len(c.Of) > 1:
			c.Join = AnyOf
			return c, true
		case c.Join == NoneOf:
			return c.Of[0], true
		}
	case ClauseRaw:
		c.Raw = "!(" + c.Raw + ")"
		return c, true
	case ClauseRows:
		if c.Join == AnyOf || c.Join == NoneOf {
			c.Join = map[string]string{AnyOf: NoneOf, NoneOf: AnyOf}[c.Join]
			return c, true
		}
	}
	return c, false
}

// day makes a value of a date for tests.
func day(d civil.Date) Operand { return Operand{Value: d} }
