package servicespec

import (
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Variable is something that a condition may look at.
type Variable struct {
	Name    string    // as rules write it: cars, row.age, rule.second_car
	Kind    string    // the kind of question; of a computed one what it works out; KindRule, KindToday
	Label   i18n.Text // what people know it by; nil for words of the product's own (today, state)
	Options []Option  // of choices, and the proofs of a document
	Unit    string
	Places  int        // number: decimals
	Page    string     // code of the page on which it is asked; "" for what no page asks
	Fields  []Variable // group: what is asked of a row, by code
}

// Kinds of names that are no questions.
const (
	KindRule  = "rule"
	KindToday = "today"
)

// VariablesAt returns what a condition at a place of a pack may look at, in the order of the pack: at a page's or a question's
// condition what is asked before it, at the condition of an action or a fee all answers, and what is known of the case. The
// pack need not be without problems. Path is as in Problem.
func VariablesAt(p *Pack, path string) []Variable {
	n := naming{pack: p, path: strings.Split(path, ".")}
	switch n.path[0] {
	case "eligibility":
		n.screening()
	case "form":
		n.screening()
		n.form(n.at(2), n.at(4), n.at(6))
	default:
		n.screening()
		n.form(-1, -1, -1)
		if n.path[0] != "rules" && n.path[0] != "fees" && n.path[0] != "tables" && n.path[0] != "documents" {
			n.running()
		}
	}
	n.rules()
	n.out = append(n.out, Variable{Name: "today", Kind: KindToday})
	return n.out
}

// naming collects names.
type naming struct {
	pack *Pack
	path []string
	out  []Variable
}

// at returns the number at a place of the path; -1 where there is none.
func (n *naming) at(i int) int {
	if i >= len(n.path) {
		return -1
	}
	v, err := strconv.Atoi(n.path[i])
	if err != nil {
		return -1
	}
	return v
}

func (n *naming) add(x Variable) {
	if x.Name != "" && !slices.ContainsFunc(n.out, func(y Variable) bool { return y.Name == x.Name }) {
		n.out = append(n.out, x)
	}
}

func (n *naming) screening() {
	for i := range n.pack.Eligibility.Questions {
		n.question("", "", &n.pack.Eligibility.Questions[i])
	}
}

// form adds what is asked before a place: a page, a question of it, a question of its rows. With -1 it is all of it.
func (n *naming) form(page, question, field int) {
	for i := range n.pack.Form.Pages {
		pg := &n.pack.Form.Pages[i]
		if page >= 0 && (i > page || i == page && question < 0) {
			return
		}
		for j := range pg.Questions {
			q := &pg.Questions[j]
			if i == page && j >= question {
				if field >= 0 && j == question {
					n.row(pg.Code, q, field)
				}
				if own := n.path[len(n.path)-1]; j == question && field < 0 && own == "valid" {
					n.question(pg.Code, "", q)
				}
				return
			}
			n.question(pg.Code, "", q)
		}
	}
}

// row adds what is asked of the same row before a question of it.
func (n *naming) row(page string, group *Question, field int) {
	for k := range group.Fields {
		if k < field || k == field && n.path[len(n.path)-1] == "valid" {
			n.question(page, rowName, &group.Fields[k])
		}
	}
}

// question adds an answer and, of what is asked in parts, the parts.
func (n *naming) question(page, prefix string, q *Question) {
	if x, ok := nameOf(n.pack, q); ok {
		x.Name, x.Page = prefix+x.Name, page
		n.add(x)
	}
}

func nameOf(p *Pack, q *Question) (Variable, bool) {
	x := Variable{Name: q.Code, Kind: q.Kind, Label: q.Label, Options: q.Options, Unit: q.Unit, Places: q.Places}
	switch q.Kind {
	case KindInfo, "":
		return x, false
	case KindComputed:
		x.Kind = q.As
		if q.As == "decimal" {
			x.Kind, x.Places = KindNumber, 2
		}
	case KindDocument:
		for i := range p.Documents {
			if d := &p.Documents[i]; d.Code == q.Code {
				if len(x.Label) == 0 {
					x.Label = d.Name
				}
				for _, proof := range d.Proofs {
					x.Options = append(x.Options, Option{Code: proof.Code, Label: proof.Name})
				}
			}
		}
	case KindGroup:
		for i := range q.Fields {
			if f, ok := nameOf(p, &q.Fields[i]); ok && f.Kind != KindGroup {
				x.Fields = append(x.Fields, f)
			}
		}
	}
	return x, true
}

// running adds what is known of a running case: what staff found out, how branches ended, what other agencies said, where the case stands.
func (n *naming) running() {
	for i := range n.pack.Workflow.Actions {
		questions := n.pack.Workflow.Actions[i].Questions
		for j := range questions {
			n.question("", "", &questions[j])
		}
	}
	states := Variable{Name: "state", Kind: KindChoice}
	n.pack.Workflow.Each(func(_ string, st *State, parent, _ string) {
		if parent == "" {
			states.Options = append(states.Options, Option{Code: st.Code, Label: st.Name})
		}
		for _, o := range st.Opinions {
			n.add(Variable{Name: opinionName(o.Code), Kind: KindChoice, Label: o.Name, Options: opinionOptions()})
		}
		for _, b := range st.Branches {
			branch := Variable{Name: "branch." + strings.ReplaceAll(b.Code, "-", "_"), Kind: KindChoice, Label: b.Name}
			for _, s := range b.States {
				if s.Kind == StateDone && s.Outcome != "" {
					branch.Options = append(branch.Options, Option{Code: s.Outcome, Label: s.Name})
				}
			}
			n.add(branch)
		}
	})
	n.add(states)
	n.add(Variable{Name: "submitted_on", Kind: KindDate})
	n.add(Variable{Name: "decided_on", Kind: KindDate})
}

// rules adds the named rules, those about a row inside its group alone.
func (n *naming) rules() {
	group := ""
	if n.path[0] == "form" && n.at(6) >= 0 && n.at(2) >= 0 && n.at(2) < len(n.pack.Form.Pages) {
		if q := n.pack.Form.Pages[n.at(2)].Questions; n.at(4) >= 0 && n.at(4) < len(q) {
			group = q[n.at(4)].Code
		}
	}
	for i, r := range n.pack.Rules {
		if n.path[0] == "rules" && n.at(1) == i || r.Each != "" && r.Each != group {
			continue
		}
		n.add(Variable{Name: "rule." + r.Name, Kind: KindRule, Label: r.Text})
	}
}

// FindVariable returns the name among those offered, and among the fields of rows where it is one of a row inside a rows
// clause; ok is false for any other, of which nothing is known.
func FindVariable(names []Variable, name string) (Variable, bool) {
	for _, x := range names {
		if x.Name == name {
			return x, true
		}
	}
	return Variable{}, false
}

// RowVariables returns what a condition over the rows of a group may look at, a row being called each.
func (x Variable) RowVariables(each string) []Variable {
	out := make([]Variable, len(x.Fields))
	for i, f := range x.Fields {
		f.Name = each + "." + f.Name
		out[i] = f
	}
	return out
}

// Measures returns what of a name a test may look at; "" is the answer itself.
func (x Variable) Measures() []string {
	switch x.Kind {
	case KindDate, KindMonth:
		return []string{"", MeasureAge, MeasureSince, MeasureUntil}
	case KindChoices, KindFile:
		return []string{"", MeasureSize}
	case KindGroup:
		return []string{MeasureSize}
	}
	return []string{""}
}

// Ops returns the operators for a measure of a name, the commonest first.
func (x Variable) Ops(measure string) []string {
	numbers := []string{OpAtLeast, OpAtMost, OpMore, OpLess, OpIs, OpIsNot, OpBetween}
	given := []string{OpAnswered, OpUnanswered}
	if measure != "" {
		return numbers
	}
	switch x.Kind {
	case KindRule:
		return []string{OpYes, OpNo}
	case KindYesNo, KindDeclaration:
		return append([]string{OpYes, OpNo}, given...)
	case KindNumber, KindMoney:
		return append(numbers, given...)
	case KindDate, KindMonth, KindToday:
		ops := []string{OpLess, OpAtMost, OpMore, OpAtLeast, OpIs, OpIsNot, OpBetween}
		if x.Kind == KindToday {
			return ops
		}
		return append(ops, given...)
	case KindChoice, KindBoundary, KindDocument:
		return append([]string{OpIs, OpIsNot, OpIn, OpNotIn}, given...)
	case KindChoices, KindFile:
		return append([]string{OpHas, OpHasNot}, given...)
	case KindPoint, KindSignature, KindGroup:
		return given
	}
	return append([]string{OpIs, OpIsNot, OpIn, OpNotIn, OpContains, OpContainsNot, OpStarts}, given...)
}
