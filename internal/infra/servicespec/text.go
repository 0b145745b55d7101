package servicespec

import (
	"maps"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// sayings fill the merge fields of a form's texts with the answers given so far.
type sayings struct {
	w     *walked
	group *group  // inside a row
	row   Answers // of the row
	outer *sayings
	sees  func(q *Question) bool // whether an answer may be said; nil: all
}

// limit keeps texts from saying what their reader may not see.
func (s *sayings) limit(sees func(q *Question) bool) {
	for ; s != nil; s = s.outer {
		s.sees = sees
	}
}

// say writes an answer, if it may be said.
func (s *sayings) say(q *Question, v any, lang string, w Words) (string, bool) {
	if s.sees != nil && !s.sees(q) {
		return "…", true
	}
	return Display(q, v, lang, w), true
}

// fill writes a text of the form in a language.
func (s *sayings) fill(t i18n.Text, lang string, w Words) string {
	text, in := t.Spoken(lang, w.Fallback)
	if s != nil && strings.Contains(text, "{") {
		text = s.merged(text, lang, w)
	}
	if w.Spoken != nil {
		w.Spoken(in, text)
	}
	return text
}

// merged puts the answers into a text that speaks of them.
func (s *sayings) merged(text, lang string, w Words) string {
	fields := map[string]string{}
	for _, name := range mergeFieldsOf(text) {
		if v, ok := s.answer(name, lang, w); ok {
			fields[name] = v
		}
	}
	return Fill(text, fields)
}

// answer writes the answer that a merge field names; ok is false for a field that is none of the form.
func (s *sayings) answer(name, lang string, w Words) (string, bool) {
	if of, field, inRow := strings.Cut(name, "."); inRow {
		if s.group == nil || of != "row" && of != s.group.of.Row {
			return "", false
		}
		q := s.group.field(field)
		if q == nil {
			return "", false
		}
		return s.say(&q.Question, s.row[field], lang, w)
	}
	q := s.w.s.questions[name]
	if q == nil {
		return s.finding(name, lang, w)
	}
	if q.Kind == KindComputed {
		return s.say(&q.Question, plain(s.w.vars[name]), lang, w)
	}
	return s.say(&q.Question, s.w.answer[name], lang, w)
}

// finding writes what staff found out, for the letters of a case that runs.
func (s *sayings) finding(name, lang string, w Words) (string, bool) {
	q := s.w.s.findings[name]
	if q == nil || s.w.f == nil || s.w.f.Case == nil {
		return "", false
	}
	return s.say(&q.Question, s.w.f.Case.Findings[name], lang, w)
}

// Text writes a text of the page for a reader, with the answers that it speaks of.
func (v PageView) Text(t i18n.Text, lang string, w Words) string { return v.says.fill(t, lang, w) }

// Text writes a text of the question for a reader, with the answers that it speaks of.
func (v QuestionView) Text(t i18n.Text, lang string, w Words) string { return v.says.fill(t, lang, w) }

// Title names the row for a reader, by the group's row_title; "" where that says nothing yet.
func (v RowView) Title(lang string, w Words) string {
	title := strings.TrimSpace(v.says.fill(v.of.RowTitle, lang, w))
	if strings.Trim(title, " -–—,.:;()") == "" {
		return ""
	}
	return title
}

// told fills the label in a fault with the answers that it speaks of, in every language of the service.
func (w *walked) told(f *fault.Field, says *sayings) *fault.Field {
	label, ok := f.Args["question"].(i18n.Text)
	if !ok {
		return f
	}
	var out i18n.Text
	for lang, text := range label {
		if !strings.Contains(text, "{") {
			continue
		}
		if out == nil {
			out = maps.Clone(label)
		}
		out[lang] = says.fill(label, lang, w.words(lang))
	}
	if out != nil {
		f.Args["question"] = out
	}
	return f
}
