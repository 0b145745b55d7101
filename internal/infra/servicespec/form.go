package servicespec

import (
	"maps"
	"slices"
	"strings"

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
}

// QuestionView is a visible question with its answer so far (nil if there is none).
type QuestionView struct {
	Question
	Optional bool
	Value    any
}

// walked is the outcome of going through a form with some answers.
type walked struct {
	pages  []PageView
	vars   map[string]any // valid answers to visible questions, and today, as rules see them
	seen   map[string]bool
	fields []fault.Field
}

// walk goes through the form from the first page on, so that each rule sees the valid visible answers before it.
func (s *Service) walk(a Answers, f Facts) walked {
	w := walked{vars: map[string]any{"today": f.Today}, seen: map[string]bool{}}
	for i := range s.pages {
		if p := &s.pages[i]; p.visible(w.vars) {
			w.page(p, a, f)
		}
	}
	return w
}

func (w *walked) page(p *page, a Answers, f Facts) {
	view := PageView{Code: p.Code, Title: p.Title, Hint: p.Hint, Complete: true}
	for _, q := range p.questions {
		if !q.visible(w.vars) {
			continue
		}
		qv := QuestionView{Question: q.Question, Optional: !q.isRequired(w.vars)}
		if q.Kind != KindInfo {
			w.seen[q.Code] = true
			qv.Value = a[q.Code]
			if bad := q.judge(qv.Value, !qv.Optional, w.vars, f); bad != nil {
				w.fields = append(w.fields, *bad)
				view.Complete = false
			}
		}
		view.Questions = append(view.Questions, qv)
	}
	w.pages = append(w.pages, view)
}

func (p *page) visible(vars map[string]any) bool {
	if p.when == nil {
		return true
	}
	yes, err := p.when.Bool(vars)
	return yes && err == nil
}

func (q *question) visible(vars map[string]any) bool {
	if q.when == nil {
		return true
	}
	yes, err := q.when.Bool(vars)
	return yes && err == nil
}

func (q *question) isRequired(vars map[string]any) bool {
	if q.required == nil {
		return !q.optional
	}
	yes, err := q.required.Bool(vars)
	return yes || err != nil // a rule that cannot be calculated lets nobody off
}

func (q *question) fault(code string, pairs ...any) *fault.Field {
	args := map[string]any{"question": q.Label}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return &fault.Field{Path: q.Code, Code: code, Args: args}
}

// judge checks one answer and, if it is right, makes it known to the rules that follow.
func (q *question) judge(v any, required bool, vars map[string]any, f Facts) *fault.Field {
	if empty(v) || q.Kind == KindDeclaration && v == false {
		if required {
			return q.fault("required")
		}
		return nil
	}
	if bad := q.check(v, f); bad != nil {
		return bad
	}
	vars[q.Code] = asRuleValue(v)
	if q.valid != nil {
		got, known, err := q.valid.Value(vars)
		if err != nil || known && got != true {
			delete(vars, q.Code)
			return q.fault("custom", "message", q.Message)
		}
	}
	return nil
}

func asRuleValue(v any) any {
	files, ok := v.([]File)
	if !ok {
		return v
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name
	}
	return names
}

// Pages returns the visible pages with their visible questions, in order.
func (s *Service) Pages(a Answers, f Facts) []PageView { return s.walk(a, f).pages }

// Validate checks all answers of a form that is to be submitted: every visible required question answered,
// every answer valid, and no answer to what is not asked (Clean drops those). It returns nil if all is well.
func (s *Service) Validate(a Answers, f Facts) []fault.Field {
	w := s.walk(a, f)
	fields := w.fields
	for _, code := range slices.Sorted(maps.Keys(a)) {
		if !w.seen[code] && a[code] != nil {
			fields = append(fields, fault.Field{Path: code, Code: "unknown_field"})
		}
	}
	return fields
}

// Read takes in the post of one page. It returns the page's right answers in normal form and what is wrong with
// the others; Merge puts the answers with the rest. a holds the answers so far, those of this page too.
//
// A date is posted as q.day, q.month and q.year or as q (2006-01-02). Files do not come by this way: they are
// uploaded first (AcceptFile) and stand in a; a post of q lists the ids to keep, and without any post of q all
// are kept. Names that begin with "_" belong to the page itself and are passed over; other names that are no
// question of the page are refused. What the post hides by its own answers is dropped in silence, since the
// browser could not know.
func (s *Service) Read(pageCode string, posted map[string][]string, a Answers, f Facts) (Answers, []fault.Field) {
	out := Answers{}
	i, ok := s.pageIndex[pageCode]
	if !ok {
		return out, []fault.Field{{Path: pageCode, Code: "unknown_field"}}
	}
	p := &s.pages[i]
	fields := unknownNames(p, posted)
	before := walked{vars: map[string]any{"today": f.Today}, seen: map[string]bool{}}
	for j := range s.pages[:i] {
		if earlier := &s.pages[j]; earlier.visible(before.vars) {
			before.page(earlier, a, f)
		}
	}
	vars := before.vars
	if !p.visible(vars) {
		return out, append(fields, fault.Field{Path: pageCode, Code: "unknown_field"})
	}
	for _, q := range p.questions {
		if q.Kind == KindInfo || !q.visible(vars) {
			continue
		}
		v, bad := q.parse(posted, a, f)
		if bad == nil {
			bad = q.judge(v, q.isRequired(vars), vars, f)
		}
		if bad != nil {
			fields = append(fields, *bad)
		} else if !empty(v) {
			out[q.Code] = v
		}
	}
	return out, fields
}

func unknownNames(p *page, posted map[string][]string) []fault.Field {
	known := map[string]bool{}
	for _, q := range p.questions {
		if q.Kind == KindInfo {
			continue
		}
		known[q.Code] = true
		if q.Kind == KindDate {
			known[q.Code+".day"], known[q.Code+".month"], known[q.Code+".year"] = true, true, true
		}
	}
	var out []fault.Field
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		if !known[name] && !strings.HasPrefix(name, "_") {
			out = append(out, fault.Field{Path: name, Code: "unknown_field"})
		}
	}
	return out
}

// AcceptFile says whether a file may be added to the answers of a question, before it is stored: of a type asked
// for, not empty, not too large, not one too many. It returns nil if it may.
func (s *Service) AcceptFile(code string, file File, a Answers) []fault.Field {
	q, ok := s.questions[code]
	if !ok || q.Kind != KindFile {
		return []fault.Field{{Path: code, Code: "unknown_field"}}
	}
	have, _ := a[code].([]File)
	if bad := q.checkFiles(append(slices.Clone(have), file)); bad != nil {
		return []fault.Field{*bad}
	}
	return nil
}
