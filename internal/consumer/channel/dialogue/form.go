package dialogue

import (
	"slices"
	"strconv"

	"digit/internal/infra/servicespec"
)

// Progress is how far somebody is with a form, besides the answers.
type Progress struct {
	Question string            `json:"question,omitempty"` // asked out of turn: to change an answer, or after going back
	Parts    map[string]string `json:"parts,omitempty"`    // what was answered of a question that is asked in parts, by part
	Skipped  []string          `json:"skipped,omitempty"`  // questions that need no answer and got none
	Done     []string          `json:"done,omitempty"`     // groups that need no further row
	Row      string            `json:"row,omitempty"`      // the row that is being answered: members.2
	Trail    []string          `json:"trail,omitempty"`    // what was answered, in order, to go back
}

// Lists are what questions are answered from besides their own options.
type Lists struct {
	Areas       func(level, within string) ([]Option, error) // of a level, in another one; "" for anywhere
	Codes       func(list, of string) ([]Option, error)      // of a code list, those that belong to a code; "" for all
	Credentials func(kind string) ([]Option, error)          // in the person's wallet
	// File says how a file is handed in, with what there is to choose besides.
	File func(place string) (string, []Option, error)
}

// Form is a form that is being answered.
type Form struct {
	Spec    *servicespec.Service
	Facts   servicespec.Facts
	Answers servicespec.Answers
	Lang    string
	Words   servicespec.Words
	Say     func(key string, args map[string]any) string
	Lists   Lists
	// Editable reports whether a question may be answered now, by its path; Touches whether something in it may; Again whether it
	// must be although there is an answer. Nil for a form that is new.
	Editable, Touches, Again func(path string) bool
	*Progress
}

// Spot is a question that is to be asked.
type Spot struct {
	Page     string
	Path     string // members.2.age in a row
	Question servicespec.QuestionView
	Info     []string // words that stand before it
	Group    string   // of a row; "" elsewhere
	Row      int
	Menu     bool // what is to be done with a group
}

func (f Form) may(path string) bool  { return f.Editable == nil || f.Editable(path) }
func (f Form) anew(path string) bool { return f.Again != nil && f.Again(path) }
func (f Form) touches(code string) bool {
	return f.Touches == nil || f.Touches(code)
}

// Next returns the question to be asked now; false where everything is answered.
func (f Form) Next() (Spot, bool) {
	if f.Question != "" {
		if spot, ok := f.at(f.Question); ok {
			return spot, true
		}
		f.Question = ""
	}
	for _, p := range f.Spec.Pages(f.Answers, f.Facts) {
		var info []string
		if hint := p.Text(p.Hint, f.Lang, f.Words); hint != "" {
			info = append(info, hint)
		}
		for _, q := range p.Questions {
			spot := Spot{Page: p.Code, Path: q.Code, Question: q, Info: info}
			switch {
			case q.Kind == servicespec.KindInfo:
				info = append(info, q.Text(q.Label, f.Lang, f.Words))
				continue
			case q.Kind == servicespec.KindComputed:
			case q.Kind == servicespec.KindGroup:
				if spot, ok := f.group(spot); ok {
					return spot, true
				}
			case f.wants(q, q.Code):
				return spot, true
			}
			info = nil
		}
	}
	return Spot{}, false
}

// wants reports whether a question is still to be asked.
func (f Form) wants(q servicespec.QuestionView, path string) bool {
	switch {
	case q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindComputed || !f.may(path):
		return false
	case f.anew(path):
		return true
	}
	return f.open(q) && !(q.Optional && slices.Contains(f.Skipped, path))
}

// open reports whether there is no answer: a declaration that was not made is none.
func (f Form) open(q servicespec.QuestionView) bool {
	if v, isBool := q.Value.(bool); q.Kind == servicespec.KindDeclaration && isBool && !v {
		return true
	}
	return q.Value == nil
}

// group returns what is to be asked of a repeating group.
func (f Form) group(spot Spot) (Spot, bool) {
	code := spot.Question.Code
	if !f.touches(code) {
		return spot, false
	}
	if group, row, ok := rowOf(f.Row); ok && group == code {
		if in, ok := f.row(spot, row); ok {
			return in, true
		}
		f.Row = ""
	}
	for _, row := range spot.Question.Rows {
		if in, ok := f.row(spot, row.Index); ok && (!row.Complete || f.anew(in.Path)) {
			return in, true
		}
	}
	if !f.may(code) || slices.Contains(f.Done, code) {
		return spot, false
	}
	spot.Menu = true
	return spot, true
}

// row returns the next question of a row.
func (f Form) row(spot Spot, row int) (Spot, bool) {
	code := spot.Question.Code
	view, _, ok := f.Spec.RowView(code, row, f.Answers, f.Facts)
	if !ok || row >= spot.Question.MaxRows() {
		return spot, false
	}
	var info []string
	for _, q := range view.Questions {
		path := servicespec.RowPath(code, row, q.Code)
		if q.Kind == servicespec.KindInfo {
			info = append(info, q.Text(q.Label, f.Lang, f.Words))
			continue
		}
		if f.wants(q, path) {
			return Spot{Page: spot.Page, Path: path, Question: q, Info: info, Group: code, Row: row}, true
		}
		info = nil
	}
	return spot, false
}

func rowOf(at string) (group string, row int, ok bool) {
	group, row, _, ok = servicespec.SplitPath(at + ".x")
	return group, row, ok
}

// at finds a question by its path, where it is asked at all and may be answered.
func (f Form) at(path string) (Spot, bool) {
	if group, row, field, ok := servicespec.SplitPath(path); ok {
		view, _, ok := f.Spec.RowView(group, row, f.Answers, f.Facts)
		for _, q := range view.Questions {
			if ok && q.Code == field && f.may(path) {
				return Spot{Page: f.Spec.PageOf(group), Path: path, Question: q, Group: group, Row: row}, true
			}
		}
		return Spot{}, false
	}
	for _, p := range f.Spec.Pages(f.Answers, f.Facts) {
		for _, q := range p.Questions {
			if q.Code != path || q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindComputed {
				continue
			}
			if q.Kind == servicespec.KindGroup {
				return Spot{Page: p.Code, Path: path, Question: q, Menu: true}, f.may(path)
			}
			return Spot{Page: p.Code, Path: path, Question: q}, f.may(path)
		}
	}
	return Spot{}, false
}

// Goto asks a question out of turn.
func (f Form) Goto(path string) {
	f.Question, f.Parts = path, nil
	f.Done = slices.DeleteFunc(f.Done, func(code string) bool { return code == path })
	f.Skipped = slices.DeleteFunc(f.Skipped, func(code string) bool { return code == path })
}

// Return goes one step back: to the first part of a question, or to the one before; false at the beginning.
func (f Form) Return() bool {
	if len(f.Parts) > 0 {
		f.Parts = nil
		return true
	}
	for len(f.Trail) > 0 {
		last := f.Trail[len(f.Trail)-1]
		f.Trail = f.Trail[:len(f.Trail)-1]
		if _, ok := f.at(last); ok && last != f.Question {
			f.Goto(last)
			return true
		}
	}
	return false
}

// Settle notes that a question was answered, or passed over, and is not to be asked again.
func (f Form) Settle(spot Spot, skipped bool) {
	f.Trail = append(slices.DeleteFunc(f.Trail, func(p string) bool { return p == spot.Path }), spot.Path)
	if skipped && !slices.Contains(f.Skipped, spot.Path) {
		f.Skipped = append(f.Skipped, spot.Path)
	}
	f.Question, f.Parts = "", nil
}

// Begin begins another row of a group.
func (f Form) Begin(spot Spot) {
	f.Row = spot.Path + "." + strconv.Itoa(len(spot.Question.Rows))
	f.Skipped = slices.DeleteFunc(f.Skipped, func(p string) bool {
		group, row, _, ok := servicespec.SplitPath(p)
		return ok && group == spot.Path && row >= len(spot.Question.Rows)
	})
	f.Question, f.Parts = "", nil
}

// Close notes that a group needs no further row.
func (f Form) Close(spot Spot) {
	if !slices.Contains(f.Done, spot.Path) {
		f.Done = append(f.Done, spot.Path)
	}
	f.Settle(spot, false)
}

// Post returns the post of the page, or of the row, with the inputs of one question replaced.
func (f Form) Post(spot Spot, inputs map[string][]string) map[string][]string {
	out := map[string][]string{}
	put := func(name string, q servicespec.QuestionView) {
		if name == spot.Path || q.Kind == servicespec.KindGroup || q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindComputed {
			return
		}
		for input, values := range servicespec.Posted(name, q.Question, q.Value, f.Facts) {
			out[input] = values
		}
	}
	if spot.Group != "" {
		view, _, _ := f.Spec.RowView(spot.Group, spot.Row, f.Answers, f.Facts)
		for _, q := range view.Questions {
			put(servicespec.RowPath(spot.Group, spot.Row, q.Code), q)
		}
	} else {
		for _, p := range f.Spec.Pages(f.Answers, f.Facts) {
			if p.Code != spot.Page {
				continue
			}
			for _, q := range p.Questions {
				put(q.Code, q)
			}
		}
	}
	for input, values := range inputs {
		out[input] = values
	}
	return out
}
