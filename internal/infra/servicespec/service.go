package servicespec

import (
	"encoding/json"
	"fmt"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// Service is a compiled pack. It is immutable and safe for concurrent use.
type Service struct {
	pack      *Pack
	pages     []page
	pageIndex map[string]int
	questions map[string]*question
	fees      []fee
	guards    map[string]*rule.Program
	claims    []*rule.Program
	recordKey *rule.Program
	record    []*rule.Program
}

type page struct {
	Page
	when      *rule.Program
	questions []*question
}

type question struct {
	Question
	when, required, valid *rule.Program // nil: always, always, anything
	optional              bool
}

type fee struct {
	Fee
	when, amount *rule.Program
}

// ErrPack is returned by Compile for a pack that has problems; its fields name them.
var ErrPack = fault.Invalid("servicespec.pack.has_problems")

// Compile makes a Service of a pack without problems. It copies the pack, which may change afterwards.
// Errors: ErrPack with a field for each problem.
func Compile(p *Pack) (*Service, error) {
	s, problems := build(p)
	if len(problems) > 0 {
		fields := make([]fault.Field, len(problems))
		for i, pr := range problems {
			fields[i] = fault.Field{Path: pr.Path, Code: pr.Code, Args: map[string]any{"sentence": pr.Sentence, "line": pr.Line}}
		}
		return nil, ErrPack.WithFields(fields...)
	}
	return s, nil
}

// Check returns everything that is wrong with a pack, in the order of the pack; nil for a pack that can be published.
func Check(p *Pack) []Problem {
	_, problems := build(p)
	return problems
}

// build checks and compiles in one go: a rule is right if it compiles.
func build(p *Pack) (*Service, []Problem) {
	c := &checker{pack: clone(p)}
	c.pack.lines = p.lines
	if c.tooLarge() {
		return nil, c.problems
	}
	fillDefaults(c.pack)
	c.service()
	s := &Service{pack: c.pack, pageIndex: map[string]int{}, questions: map[string]*question{}, guards: map[string]*rule.Program{}}
	c.environments()
	c.form(s)
	c.feesOf(s)
	c.workflow(s)
	c.notices()
	c.certificate(s)
	return s, c.problems
}

func clone(p *Pack) *Pack {
	data, err := json.Marshal(p)
	out := &Pack{}
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		panic(err) // a Pack is plain data, which JSON carries whole
	}
	return out
}

// fillDefaults writes out what the language lets a designer leave away.
func fillDefaults(p *Pack) {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	for i := range p.Form.Pages {
		for j := range p.Form.Pages[i].Questions {
			questionDefaults(&p.Form.Pages[i].Questions[j])
		}
	}
	roles := map[string]string{}
	for i := range p.Workflow.States {
		st := &p.Workflow.States[i]
		set(&st.Kind, "work")
		switch st.Kind {
		case "end":
			set(&st.Clock, "stop")
		case "citizen", "payment":
			set(&st.Clock, "pause")
		}
		set(&st.Clock, "run")
		roles[st.Code] = st.Role
	}
	for i := range p.Workflow.Actions {
		a := &p.Workflow.Actions[i]
		set(&a.By, "staff")
		set(&a.Comment, "none")
		set(&a.Style, "secondary")
		if a.By == "staff" {
			set(&a.Role, roles[a.From])
		}
	}
	if p.Target.WarnPercent == 0 {
		p.Target.WarnPercent = 75
	}
}

// Sizes where a question does not say its own.
const (
	defaultLength     = 200
	defaultLongLength = 2000
	defaultFileSize   = 10 << 20
)

func questionDefaults(q *Question) {
	if q.Required == "" {
		q.Required = "true"
	}
	switch q.Kind {
	case KindText, KindName:
		if q.MaxLength == 0 {
			q.MaxLength = defaultLength
		}
	case KindLongText:
		if q.MaxLength == 0 {
			q.MaxLength = defaultLongLength
		}
		if q.Rows == 0 {
			q.Rows = 5
		}
	case KindFile:
		if q.MaxFiles == 0 {
			q.MaxFiles = 1
		}
		if q.MaxSize == 0 {
			q.MaxSize = defaultFileSize
		}
		if len(q.Accept) == 0 {
			q.Accept = []string{"application/pdf", "image/jpeg", "image/png"}
		}
	}
}

// Pack returns the pack with its defaults filled in. It is shared: read it, do not change it.
func (s *Service) Pack() *Pack { return s.pack }

// Code returns the service's code.
func (s *Service) Code() string { return s.pack.Code }

// Question returns the question of that code; nil if there is none.
func (s *Service) Question(code string) *Question {
	if q, ok := s.questions[code]; ok {
		return &q.Question
	}
	return nil
}

// Personal reports whether the answers to a question are about a person and to be protected as such: the pack
// says so, or they are a name, an address to reach somebody at, or a file, whose content nobody knows.
func (s *Service) Personal(code string) bool {
	q, ok := s.questions[code]
	if !ok {
		return false
	}
	return q.Sensitivity != "" || slices.Contains([]string{KindName, KindEmail, KindPhone, KindFile}, q.Kind)
}

// Special returns the codes of the questions whose answers are of a special kind (health, faith, origin), in the order of the form.
func (s *Service) Special() (codes []string) {
	for _, p := range s.pack.Form.Pages {
		for _, q := range p.Questions {
			if q.Sensitivity == "special" {
				codes = append(codes, q.Code)
			}
		}
	}
	return codes
}

// StateOf returns the state of that code; nil if there is none.
func (s *Service) StateOf(code string) *State {
	for i := range s.pack.Workflow.States {
		if st := &s.pack.Workflow.States[i]; st.Code == code {
			return st
		}
	}
	return nil
}

// Action returns the action of that code; nil if there is none.
func (s *Service) Action(code string) *Action {
	for i := range s.pack.Workflow.Actions {
		if a := &s.pack.Workflow.Actions[i]; a.Code == code {
			return a
		}
	}
	return nil
}

// ActionsFrom returns the actions that lead out of a state, in the order of the pack.
func (s *Service) ActionsFrom(state string) []Action {
	var out []Action
	for _, a := range s.pack.Workflow.Actions {
		if a.From == state {
			out = append(out, a)
		}
	}
	return out
}

// NoticesOn returns the notices of an event, such as "submitted" or "state:verification".
func (s *Service) NoticesOn(event string) []Notice {
	var out []Notice
	for _, n := range s.pack.Notices {
		if n.On == event {
			out = append(out, n)
		}
	}
	return out
}

// Guard reports whether an action's guard lets it be taken. An unknown action may not be; a guard that is
// undecided or fails to calculate holds the action back.
func (s *Service) Guard(action string, a Answers, f Facts) bool {
	if s.Action(action) == nil {
		return false
	}
	g, ok := s.guards[action]
	if !ok {
		return true
	}
	yes, err := g.Bool(s.walk(a, f).vars)
	return yes && err == nil
}

// FeeLine is one line of what is to pay, in minor units of the tenant's currency.
type FeeLine struct {
	Code  string
	Name  i18n.Text
	Minor int64
}

// ErrFee is returned where a fee cannot be worked out from the answers.
var ErrFee = fault.Invalid("servicespec.fee.undecided")

// Fees returns what is to pay for these answers; lines of nothing are left out. Errors: ErrFee where an amount
// hangs on an unanswered question, is negative or cannot be calculated.
func (s *Service) Fees(a Answers, f Facts) (lines []FeeLine, err error) {
	defer fault.Wrap(&err, "servicespec.Fees(%s)", s.pack.Code)
	vars := s.walk(a, f).vars
	for _, fe := range s.fees {
		if fe.when != nil {
			applies, err := fe.when.Bool(vars)
			if err != nil {
				return nil, ErrFee.With("fee", fe.Code).Because(err)
			}
			if !applies {
				continue
			}
		}
		v, known, err := fe.amount.Value(vars)
		if err != nil {
			return nil, ErrFee.With("fee", fe.Code).Because(err)
		}
		minor, isInt := v.(int64)
		if !known || !isInt || minor < 0 {
			return nil, ErrFee.With("fee", fe.Code).Because(fmt.Errorf("%s = %v", fe.amount, v))
		}
		if minor > 0 {
			lines = append(lines, FeeLine{fe.Code, fe.Name, minor})
		}
	}
	return lines, nil
}
