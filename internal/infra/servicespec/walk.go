package servicespec

import (
	"maps"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// PageView is a page as a person with certain answers sees it.
type PageView struct {
	Code      string
	Title     i18n.Text
	Hint      i18n.Text
	Questions []QuestionView
	Complete  bool // every required question answered and every answer valid

	says *sayings
}

// QuestionView is a visible question with its answer so far (nil if there is none).
type QuestionView struct {
	*Question
	Optional bool
	Value    any
	Options  []Option  // what is offered with the answers so far
	Rows     []RowView // group
	Blank    RowView   // group: the row that could come next
	Document *Document // document

	Concealed bool // the reader may not see the answer; see Conceal

	says *sayings
}

// RowView is a row of a group, with the questions that it is asked.
type RowView struct {
	Index     int // from 0
	Questions []QuestionView
	Complete  bool

	says *sayings
	of   *Question
}

// walked is the outcome of going through a form with some answers.
type walked struct {
	*scope
	pages  []PageView
	answer Answers // what was answered of what is asked, right or wrong, without empty ones
	seen   map[string]bool
	right  map[string]Rows // of groups, the right answers alone
	fields []fault.Field
	views  bool // whether pages are wanted
}

// walk goes through the form from the first page on, so that each rule sees the valid visible answers before it.
func (s *Service) walk(a Answers, f *Facts, views bool) *walked {
	return s.walkIn(s.scope(f), a, views)
}

func (s *Service) walkIn(sc *scope, a Answers, views bool) *walked {
	w := &walked{scope: sc, answer: Answers{}, seen: map[string]bool{}, right: map[string]Rows{}, views: views}
	for _, p := range s.pages {
		if w.holds(p.when) {
			w.page(p, a)
		}
	}
	return w
}

// until goes through the form up to a page and returns what rules see there; visible is false where the page is not asked.
func (s *Service) until(at *page, a Answers, f *Facts) (_ *walked, visible bool) {
	w := &walked{scope: s.scope(f), answer: Answers{}, seen: map[string]bool{}, right: map[string]Rows{}}
	for _, p := range s.pages {
		if p == at {
			return w, w.holds(p.when)
		}
		if w.holds(p.when) {
			w.page(p, a)
		}
	}
	return w, false
}

func (w *walked) page(p *page, a Answers) {
	says := &sayings{w: w}
	view := PageView{Code: p.Code, Title: p.Title, Hint: p.Hint, Complete: true, says: says}
	for _, q := range p.questions {
		if !w.asked(q) {
			continue
		}
		qv := w.question(q, a[q.Code], says)
		view.Complete = view.Complete && !qv.wrong
		if w.views && !(q.Kind == KindComputed && q.Hidden) {
			view.Questions = append(view.Questions, qv.QuestionView)
		}
	}
	if w.views {
		w.pages = append(w.pages, view)
	}
}

// asked reports whether a question is asked. A document is asked where it is needed.
func (w *walked) asked(q *question) bool {
	return w.holds(q.when) && (q.doc == nil || w.holds(q.needed))
}

// viewed is a question that was looked at, with whether something is wrong with its answer.
type viewed struct {
	QuestionView
	wrong bool
}

// question judges the answer to a visible question and, if it is right, makes it known to the rules that follow.
func (w *walked) question(q *question, v any, says *sayings) viewed {
	out := viewed{QuestionView: QuestionView{Question: &q.Question, says: says}}
	switch q.Kind {
	case KindInfo:
		return out
	case KindComputed:
		out.Value = w.compute(q, q.Code)
		return out
	}
	w.seen[q.Code] = true
	required := w.required(q)
	out.Optional, out.Value = !required, v
	if w.views {
		out.Options, out.Document = w.offered(q), q.doc
	}
	if q.Kind == KindGroup {
		return w.group(q, v, required, out)
	}
	if !empty(v) {
		w.answer[q.Code] = v
	}
	if bad := w.judge(q, q.Code, v, required); bad != nil {
		w.fields = append(w.fields, *w.told(bad, says))
		out.wrong = true
	}
	return out
}

func (w *walked) required(q *question) bool {
	if q.required == nil {
		return !q.optional
	}
	v, known, err := w.value(q.required)
	return err != nil || known && v == true // a rule that cannot be calculated lets nobody off
}

// compute works out a computed question and makes it known under a name.
func (w *walked) compute(q *question, name string) any {
	v, known, _ := w.value(q.value)
	w.unset(q, name)
	if !known {
		return nil
	}
	v = plain(v)
	w.set(q, name, v)
	if x, ok := v.(float64); ok {
		return Decimal(x)
	}
	return v
}

// judge checks one answer and, if it is right, makes it known under a name to the rules that follow.
func (sc *scope) judge(q *question, name string, v any, required bool) *fault.Field {
	sc.unset(q, name)
	if empty(v) || q.Kind == KindDeclaration && v == false {
		if required {
			return q.fault("required")
		}
		return nil
	}
	if bad := q.check(v, sc); bad != nil {
		return bad
	}
	sc.set(q, name, v)
	if q.valid != nil && sc.refuted(q.valid) {
		sc.unset(q, name)
		return q.fault("custom", "message", q.Message)
	}
	return nil
}

// offered returns the options that may be chosen now.
func (sc *scope) offered(q *question) []Option {
	if len(q.Options) == 0 {
		return nil
	}
	if q.offers == nil {
		return q.Options
	}
	out := make([]Option, 0, len(q.Options))
	for i, o := range q.Options {
		if sc.holds(q.offers[i]) {
			out = append(out, o)
		}
	}
	return out
}

// Pages returns the visible pages with their visible questions, in order.
func (s *Service) Pages(a Answers, f Facts) []PageView { return s.walk(a, &f, true).pages }

// Validate checks all answers of a form that is to be submitted: every visible required question answered,
// every answer valid, no answer to what is not asked (Clean drops those), and no condition of eligibility that is known to
// fail (at the path EligibilityPath). It returns nil if all is well.
func (s *Service) Validate(a Answers, f Facts) []fault.Field {
	w := s.walk(a, &f, false)
	fields := w.fields
	for _, code := range slices.Sorted(maps.Keys(a)) {
		if !w.seen[code] && a[code] != nil {
			fields = append(fields, fault.Field{Path: code, Code: "unknown_field"})
		}
	}
	fields = append(fields, w.hiddenInRows(a)...)
	for _, r := range w.verdict().Failing() {
		if !r.Advisory {
			fields = append(fields, fault.Field{Path: EligibilityPath, Code: "not_eligible", Args: map[string]any{"message": r.No}})
			break
		}
	}
	return fields
}

// EligibilityPath is the path of a fault that is of no question: the person may not have the service.
const EligibilityPath = "eligibility"

// hiddenInRows finds answers in rows to what the row is not asked.
func (w *walked) hiddenInRows(a Answers) []fault.Field {
	var out []fault.Field
	for _, q := range w.s.groups {
		given, _ := a[q.of.Code].(Rows)
		asked, _ := w.answer[q.of.Code].(Rows)
		for i, row := range given[:min(len(given), len(asked))] {
			for _, f := range q.fields {
				if v := row[f.Code]; !empty(v) && f.Kind != KindComputed && asked[i][f.Code] == nil {
					out = append(out, fault.Field{Path: fieldPath(q.of.Code, i, f.Code), Code: "unknown_field"})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(x, y fault.Field) int { return comparePaths(x.Path, y.Path) })
	return out
}

// Clean returns the answers that count: those to visible questions, without empty ones; of rows too.
func (s *Service) Clean(a Answers, f Facts) Answers {
	out := s.walk(a, &f, false).answer
	for code, v := range out {
		rows, ok := v.(Rows)
		if !ok {
			continue
		}
		g := s.groups[code]
		kept := make(Rows, 0, len(rows))
		for _, row := range rows {
			answers := Answers{}
			for field, v := range row {
				if q := g.field(field); q != nil && q.Kind != KindComputed {
					answers[field] = v
				}
			}
			kept = append(kept, answers)
		}
		out[code] = kept
	}
	return out
}

// Values returns what is worked out of the answers: computed questions by their code, rules as rule.<name> and tables as
// table.<name>; what is undecided is left out.
func (s *Service) Values(a Answers, f Facts) map[string]any {
	w := s.walk(a, &f, false)
	out := map[string]any{}
	for code, q := range s.questions {
		if v, ok := w.vars[code]; ok && q.Kind == KindComputed {
			out[code] = plain(v)
		}
	}
	for name, d := range s.derivations {
		if d.public {
			w.prepare([]*derived{d})
			if v, ok := w.vars[name]; ok {
				out[name] = plain(v)
			}
		}
	}
	return out
}
