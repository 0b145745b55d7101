package servicespec

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// What can be renamed. A document and the question that asks for it have one code.
const (
	NamesQuestion    = "question" // of the form, of eligibility and of actions: rules see them by one name
	NamesPage        = "page"
	NamesRule        = "rule"
	NamesTable       = "table"
	NamesLookup      = "lookup"
	NamesFee         = "fee"
	NamesState       = "state"
	NamesBranch      = "branch"
	NamesOpinion     = "opinion"
	NamesAction      = "action"
	NamesReason      = "reason"
	NamesEscalation  = "escalation"
	NamesCertificate = "certificate"
	NamesLetter      = "letter"
)

// Renaming gives something of a pack another code.
type Renaming struct {
	Kind     string // see above
	Of       string // a question of rows: the group
	From, To string
}

// Rewritten is a place of a pack that says something else after a renaming. Path leads to it as in Problem; what is renamed
// itself is among them.
type Rewritten struct{ Path, Old, New string }

// ErrRename refuses a renaming; the field "to" says why: servicespec.rename.missing (there is nothing of that code), .same, .taken,
// .malformed, .reserved, or .unreadable for a rule, named by path, that cannot be rewritten.
var ErrRename = fault.Invalid("servicespec.rename.refused")

// Rename returns a copy of the pack in which something has another code, and everything that names it too: rules, merge fields
// of texts, references, effects, scenarios. Rules are rewritten where a name stands in them, never as text. The pack says the
// same as before; it need not be without problems. Errors: ErrRename.
func Rename(p *Pack, n Renaming) (*Pack, []Rewritten, error) {
	refuse := func(code string, args ...string) error {
		f := fault.Field{Path: "to", Code: "servicespec.rename." + code}
		if len(args) > 0 {
			f.Args = map[string]any{"path": args[0]}
		}
		return ErrRename.WithFields(f)
	}
	if code := n.refusal(p); code != "" {
		return nil, nil, refuse(code)
	}
	out := clone(p)
	w := &renamer{Renaming: n, before: p, ruleAlone: !exists(p, Renaming{Kind: NamesQuestion, From: n.From})}
	w.visit(reflect.ValueOf(out).Elem(), nil, rowPlace{})
	if w.unreadable != "" {
		return nil, nil, refuse("unreadable", w.unreadable)
	}
	if !w.found {
		return nil, nil, refuse("missing")
	}
	_, before := build(p, nil)
	if _, after := build(out, nil); len(Errors(after)) > len(Errors(before)) {
		return nil, nil, refuse("reserved") // what the language would refuse by that name
	}
	return out, w.done, nil
}

// refusal is why a renaming cannot be, by what stands in it and what is there already; "" for no reason.
func (n Renaming) refusal(p *Pack) string {
	names := slices.Contains([]string{NamesQuestion, NamesRule, NamesTable, NamesLookup}, n.Kind)
	switch {
	case n.From == n.To:
		return "same"
	case names && !rule.Identifier(n.To), !names && (!slug.MatchString(n.To) || len(n.To) > maxSlug):
		return "malformed"
	case exists(p, Renaming{Kind: n.Kind, Of: n.Of, From: n.To}):
		return "taken"
	case n.Kind == NamesRule && exists(p, Renaming{Kind: NamesQuestion, From: n.To}), n.Kind == NamesQuestion && n.Of == "" && exists(p, Renaming{Kind: NamesRule, From: n.To}):
		return "taken" // a condition may name a rule by its name alone
	case n.Kind == NamesQuestion && slices.Contains(NoticeFields, n.To), n.Kind == NamesQuestion && strings.HasSuffix(n.To, labelSuffix):
		return "reserved"
	case n.Kind == NamesQuestion && slices.Contains(loopNames(p), n.To):
		return "taken" // what a loop calls its rows would hide it
	}
	return ""
}

// exists reports whether a pack has something of a code (From).
func exists(p *Pack, n Renaming) bool {
	w := &renamer{Renaming: n, before: p, looking: true}
	w.To = n.From
	w.visit(reflect.ValueOf(p).Elem(), nil, rowPlace{})
	return w.found
}

// loopNames are what loops and groups call their rows.
func loopNames(p *Pack) (names []string) {
	var see func(v reflect.Value)
	see = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				see(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				t := v.Type().Field(i)
				if !t.IsExported() {
					continue
				}
				at := v.Type().Name() + "." + t.Name
				if f := v.Field(i); f.Kind() == reflect.String && slices.Contains(ruleFields, at) {
					found, _ := rule.LoopNames(f.String())
					names = append(names, found...)
				} else if at == "Question.Row" && f.String() != "" {
					names = append(names, f.String())
				} else {
					see(f)
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				see(v.Index(i))
			}
		}
	}
	see(reflect.ValueOf(p).Elem())
	return names
}

// ruleFields hold rules, by type and field.
var ruleFields = []string{
	"Rule.When", "Table.Inputs", "TableRow.Then", "Table.Otherwise", "Lookup.Key", "Condition.When", "Page.When", "Question.Required",
	"Question.When", "Question.Valid", "Question.Value", "Option.When", "Document.When", "Fee.When", "Fee.Amount", "Slabs.By",
	"PerUnit.Count", "Percent.Amount", "Percent.Times", "TargetCase.When", "Branch.When", "Opinion.When", "Assignment.When", "Action.Guard",
	"ChecklistItem.When", "Notice.When", "Certificate.When", "Certificate.ValidUntil", "Claim.From", "Letter.When", "Record.When", "Record.Key",
}

// codeFields hold codes, or lists of them, by type and field.
var codeFields = map[string]string{
	"Document.Code": NamesQuestion, "Lookup.Consent": NamesQuestion, "Assignment.Area": NamesQuestion, "Rule.Each": NamesQuestion,
	"Expect.Documents": NamesQuestion, "Opinion.Shows": NamesQuestion, "Opinion.Code": NamesOpinion,
	"Page.Code": NamesPage, "Rule.Name": NamesRule, "Table.Name": NamesTable, "Lookup.Name": NamesLookup, "Proof.Lookup": NamesLookup,
	"Fee.Code": NamesFee, "Percent.Of": NamesFee,
	"Workflow.Start": NamesState, "State.Code": NamesState, "Action.From": NamesState, "Action.To": NamesState, "Branch.Start": NamesState, "Expect.State": NamesState,
	"Branch.Code": NamesBranch,
	"Action.Code": NamesAction, "Action.SeparateFrom": NamesAction, "Assignment.As": NamesAction, "Escalation.Action": NamesAction, "Fee.Again": NamesAction,
	"Step.Do": NamesAction, "Expect.Actions": NamesAction,
	"Reason.Code": NamesReason, "Action.Reasons": NamesReason, "Step.Reasons": NamesReason,
	"Escalation.Code": NamesEscalation, "Certificate.Type": NamesCertificate, "Letter.Code": NamesLetter, "Expect.Letters": NamesLetter,
}

// owning are the fields among them by which a thing has its code.
var owning = []string{
	"Question.Code", "Document.Code", "Page.Code", "Rule.Name", "Table.Name", "Lookup.Name", "Fee.Code", "State.Code", "Branch.Code", "Opinion.Code", "Action.Code", "Reason.Code",
	"Escalation.Code", "Certificate.Type", "Letter.Code",
}

// pathFields hold questions, those of rows by their place: members.2.age.
var pathFields = []string{"Step.Items", "Expect.Visible", "Expect.Hidden"}

// keyFields are mappings by codes.
var keyFields = map[string]string{
	"Scenario.Answers": NamesQuestion, "Step.Correct": NamesQuestion, "Step.Findings": NamesQuestion, "Expect.Problems": NamesQuestion, "Expect.Values": NamesQuestion,
	"Scenario.Lookups": NamesLookup, "Expect.Fees": NamesFee, "Expect.Branches": NamesBranch, "Step.Opinions": NamesOpinion, "Expect.Opinions": NamesOpinion, "Expect.Certificates": NamesCertificate,
}

// textFields are the types whose texts show answers.
var textFields = []string{"Page", "Question", "Notice", "Letter"}

// rowPlace is where in a pack the renamer is: the group in whose rows, and what that calls one.
type rowPlace struct {
	group, row string
	feedback   bool // whose questions are of a world of their own
}

// renamer goes through a pack and rewrites it.
type renamer struct {
	Renaming
	before     *Pack
	ruleAlone  bool // the code alone can only be the rule
	looking    bool
	found      bool
	done       []Rewritten
	unreadable string
}

func (w *renamer) visit(v reflect.Value, path []string, at rowPlace) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.visit(v.Elem(), path, at)
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.visit(v.Index(i), append(slices.Clone(path), strconv.Itoa(i)), at)
		}
	case reflect.Struct:
		w.structure(v, path, at)
	}
}

func (w *renamer) structure(v reflect.Value, path []string, at rowPlace) {
	kind := v.Type().Name()
	switch x := v.Addr().Interface().(type) {
	case *Question:
		inner := at
		if x.Kind == KindGroup && !at.feedback {
			inner = rowPlace{group: x.Code, row: x.Row}
		}
		w.questionCode(x, path, at)
		w.fields(v, kind, path, at, func(field string) rowPlace {
			if field == "Fields" || field == "RowTitle" {
				return inner
			}
			return at
		})
		return
	case *Rule:
		if x.Each != "" {
			at = rowPlace{group: x.Each, row: w.rowOf(x.Each)}
		}
	case *Feedback:
		at.feedback = true
	}
	w.fields(v, kind, path, at, func(string) rowPlace { return at })
}

// rowOf is what the group of a code calls one of its rows.
func (w *renamer) rowOf(group string) string {
	for _, pg := range w.before.Form.Pages {
		for i := range pg.Questions {
			if pg.Questions[i].Code == group {
				return pg.Questions[i].Row
			}
		}
	}
	return ""
}

func (w *renamer) questionCode(q *Question, path []string, at rowPlace) {
	if w.Kind == NamesQuestion && q.Code == w.From && at.group == w.Of && !at.feedback {
		w.found = true
		w.set(&q.Code, w.To, append(slices.Clone(path), "code"))
	}
}

func (w *renamer) fields(v reflect.Value, kind string, path []string, at rowPlace, placeOf func(field string) rowPlace) {
	for i := range v.NumField() {
		t := v.Type().Field(i)
		if !t.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(t.Tag.Get("json"), ",")
		full, f, here, inside := kind+"."+t.Name, v.Field(i), append(slices.Clone(path), name), placeOf(t.Name)
		switch {
		case f.Type() == textType:
			if slices.Contains(textFields, kind) && !at.feedback {
				w.text(f.Interface().(i18n.Text), here, inside, kind)
			}
		case slices.Contains(ruleFields, full):
			w.strings(f, here, func(s string, at []string) string { return w.rule(s, at, inside) })
		case codeFields[full] != "":
			w.strings(f, here, func(s string, _ []string) string { return w.code(s, full) })
		case slices.Contains(pathFields, full):
			w.strings(f, here, func(s string, _ []string) string { return w.questionPath(s) })
		case full == "Question.Prefill", full == "Notice.On", full == "Action.Effect", full == "Expect.Notices":
			w.strings(f, here, func(s string, _ []string) string { return w.prefixed(s, full) })
		case f.Kind() == reflect.Map:
			w.mapping(f, full, here)
		case full == "Question.Of":
			w.strings(f, here, func(s string, _ []string) string { return w.earlier(s, inside) })
		case full == "Question.Code":
		default:
			w.visit(f, here, inside)
		}
	}
}

var textType = reflect.TypeFor[i18n.Text]()

// set writes a text of the pack and notes it.
func (w *renamer) set(s *string, to string, path []string) {
	if w.looking || *s == to {
		return
	}
	w.done = append(w.done, Rewritten{strings.Join(path, "."), *s, to})
	*s = to
}

// strings rewrites a field that is a text or a list of them.
func (w *renamer) strings(f reflect.Value, path []string, change func(s string, path []string) string) {
	if f.Kind() == reflect.Slice {
		for i := range f.Len() {
			w.strings(f.Index(i), append(slices.Clone(path), strconv.Itoa(i)), change)
		}
		return
	}
	if s := f.Addr().Interface().(*string); *s != "" {
		w.set(s, change(*s, path), path)
	}
}
