package servicespec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
)

// Read takes in the post of one page. It returns the page's right answers in normal form and what is wrong with
// the others; Merge puts the answers with the rest. a holds the answers so far, those of this page too.
//
// The names of a question's inputs are those that Posted writes: its code, and the code with a part where the answer has
// parts (born.day, home.lines). The rows of a group that stands on the page as a table are posted whole, as
// members.0.name, with the mark members.rows; without the mark they stay as they are, since their rows are read one by
// one by ReadRow. Files do not come by this way: they are uploaded first (AcceptFile) and stand in a; a post of q
// lists the ids to keep, and without any post of q all are kept. Names that begin with "_" belong to the page itself and
// are passed over; other names that are no question of the page are refused. What the post hides by its own answers is
// dropped in silence, since the browser could not know.
func (s *Service) Read(pageCode string, posted map[string][]string, a Answers, f Facts) (Answers, []fault.Field) {
	i, ok := s.pageIndex[pageCode]
	if !ok {
		return Answers{}, []fault.Field{{Path: pageCode, Code: "unknown_field"}}
	}
	p := s.pages[i]
	fields := unknownNames(p.questions, "", posted)
	w, visible := s.until(p, a, &f)
	if !visible {
		return Answers{}, append(fields, fault.Field{Path: pageCode, Code: "unknown_field"})
	}
	out := Answers{}
	w.fields = nil
	says := &sayings{w: w}
	for _, q := range p.questions {
		if !w.asked(q) {
			continue
		}
		v, bad := w.posted(q, posted, a)
		before := len(w.fields)
		seen := w.question(q, v, says)
		w.fields = append(w.fields[:before], merged(w.fields[before:], bad)...)
		switch {
		case q.Kind == KindInfo || q.Kind == KindComputed:
		case q.Kind == KindGroup:
			if _, whole := posted[q.Code+rowsMark]; !whole {
				v = a[q.Code]
			} else if v = nil; len(w.right[q.Code]) > 0 {
				v = w.right[q.Code]
			}
			if !empty(v) {
				out[q.Code] = v
			}
		case !seen.wrong && len(bad) == 0 && !empty(v):
			out[q.Code] = v
		}
	}
	return out, append(fields, w.fields...)
}

// posted reads the answer to a question from a post of its page; bad is what could not be read.
func (w *walked) posted(q *question, posted map[string][]string, a Answers) (v any, bad []fault.Field) {
	if q.Kind == KindGroup {
		if _, whole := posted[q.Code+rowsMark]; whole {
			return w.postedRows(q, posted, a)
		}
		return a[q.Code], nil
	}
	in := input{posted: posted, name: q.Code, have: a[q.Code]}
	v, fault := q.parse(in, w.scope)
	if fault != nil {
		bad = append(bad, *fault)
		v = nil
	}
	return v, bad
}

// rowsMark says, after the code of a group, that all its rows are posted.
const rowsMark = ".rows"

// postedRows reads the rows of a table. Rows in which nothing was typed count as not there.
func (w *walked) postedRows(q *question, posted map[string][]string, a Answers) (any, []fault.Field) {
	have, _ := a[q.Code].(Rows)
	rows, bad := Rows{}, []fault.Field(nil)
	for _, i := range rowNumbers(q.Code, posted) {
		var before Answers
		if i < len(have) {
			before = have[i]
		}
		row, wrong := q.rows.parse(i, posted, before, w.scope)
		if len(row) == 0 && len(wrong) == 0 {
			continue
		}
		for _, f := range wrong {
			f.Path = fieldPath(q.Code, len(rows), strings.TrimPrefix(f.Path, fieldPath(q.Code, i, "")))
			bad = append(bad, f)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, bad
	}
	return rows, bad
}

// rowNumbers returns the rows that were posted, in order.
func rowNumbers(group string, posted map[string][]string) []int {
	seen := map[int]bool{}
	for name := range posted {
		if rest, ok := strings.CutPrefix(name, group+"."); ok {
			number, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 2*maxRows {
				seen[n] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// parse reads one row; the paths of what is wrong name the posted row.
func (g *group) parse(i int, posted map[string][]string, have Answers, sc *scope) (Answers, []fault.Field) {
	row, bad := Answers{}, []fault.Field(nil)
	for _, q := range g.fields {
		if q.Kind == KindInfo || q.Kind == KindComputed {
			continue
		}
		v, wrong := q.parse(input{posted: posted, name: fieldPath(g.of.Code, i, q.Code), have: have[q.Code]}, sc)
		if wrong != nil {
			wrong.Path = fieldPath(g.of.Code, i, q.Code)
			bad = append(bad, *wrong)
		} else if !empty(v) {
			row[q.Code] = v
		}
	}
	return row, bad
}

// ReadRow takes in the post of one row of a group, whose inputs are named members.<row>.<question>. The row after the last
// is a new one. It returns the row's right answers and what is wrong with the others, and whether the group takes the row
// at all.
func (s *Service) ReadRow(groupCode string, row int, posted map[string][]string, a Answers, f Facts) (Answers, []fault.Field) {
	p, q := s.groupPage(groupCode)
	rows, _ := a[groupCode].(Rows)
	if q == nil || row < 0 || row > len(rows) || row >= q.MaxRows() && row == len(rows) {
		return nil, []fault.Field{{Path: groupCode, Code: "unknown_field"}}
	}
	fields := unknownNames(q.rows.fields, fieldPath(groupCode, row, ""), posted)
	w, visible := s.until(p, a, &f)
	if !visible || !w.before(p, q, a) {
		return nil, append(fields, fault.Field{Path: groupCode, Code: "unknown_field"})
	}
	var have Answers
	if row < len(rows) {
		have = rows[row]
	}
	parsed, bad := q.rows.parse(row, posted, have, w.scope)
	w.fields = nil
	_, _, right := w.row(q.rows, row, parsed, &sayings{w: w})
	return right, append(fields, merged(w.fields, bad)...)
}

// before goes through the questions of a page that stand before a group, and reports whether the group is asked.
func (w *walked) before(p *page, group *question, a Answers) bool {
	says := &sayings{w: w}
	for _, q := range p.questions {
		if !w.asked(q) {
			continue
		}
		if q == group {
			return true
		}
		w.question(q, a[q.Code], says)
	}
	return false
}

func (s *Service) groupPage(code string) (*page, *question) {
	for _, p := range s.pages {
		for _, q := range p.questions {
			if q.Code == code && q.Kind == KindGroup {
				return p, q
			}
		}
	}
	return nil, nil
}

// RowView returns what a row of a group is asked with the answers so far; the row after the last is a new one; ok is false
// where the group is not asked or has no such row.
func (s *Service) RowView(groupCode string, row int, a Answers, f Facts) (view RowView, group *Question, ok bool) {
	p, q := s.groupPage(groupCode)
	rows, _ := a[groupCode].(Rows)
	if q == nil || row < 0 || row > len(rows) {
		return RowView{}, nil, false
	}
	w, visible := s.until(p, a, &f)
	if !visible || !w.before(p, q, a) {
		return RowView{}, nil, false
	}
	var have Answers
	if row < len(rows) {
		have = rows[row]
	}
	w.views = true
	view, _, _ = w.row(q.rows, row, have, &sayings{w: w})
	return view, &q.Question, true
}

// merged puts what could not be read in the place of what is then said to be missing.
func merged(judged, unreadable []fault.Field) []fault.Field {
	var out []fault.Field
	for _, f := range judged {
		if !slices.ContainsFunc(unreadable, func(u fault.Field) bool { return u.Path == f.Path }) {
			out = append(out, f)
		}
	}
	return append(unreadable, out...)
}

// partsOf returns the suffixes of a question's inputs.
func partsOf(q *question) []string {
	switch q.Kind {
	case KindInfo, KindComputed:
		return nil
	case KindDate:
		return []string{"", ".day", ".month", ".year"}
	case KindMonth:
		return []string{"", ".month", ".year"}
	case KindName:
		out := []string{""}
		for _, p := range q.Parts {
			out = append(out, "."+p)
		}
		return out
	case KindAddress, KindBoundary:
		out := []string{"", ".area", ".lines"}
		for _, l := range q.Levels {
			out = append(out, "."+l)
		}
		return out
	case KindPoint:
		return []string{"", ".lat", ".lng"}
	case KindDocument:
		out := []string{"", ".credential", ".keep"}
		for _, p := range q.doc.Proofs {
			out = append(out, "."+p.Code)
		}
		return out
	case KindSignature:
		return []string{"", ".drawing", ".clear"}
	}
	return []string{""}
}

// unknownNames finds posted names that belong to no question.
func unknownNames(questions []*question, prefix string, posted map[string][]string) []fault.Field {
	known := map[string]bool{}
	var groups []*question
	for _, q := range questions {
		if q.Kind == KindGroup {
			known[prefix+q.Code+rowsMark] = true
			groups = append(groups, q)
		}
		for _, part := range partsOf(q) {
			known[prefix+q.Code+part] = true
		}
	}
	var out []fault.Field
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		if !known[name] && !strings.HasPrefix(name, "_") && !slices.ContainsFunc(groups, func(g *question) bool { return g.rows.takes(name) }) {
			out = append(out, fault.Field{Path: name, Code: "unknown_field"})
		}
	}
	return out
}

// takes reports whether a posted name is an input of one of the group's rows.
func (g *group) takes(name string) bool {
	rest, ok := strings.CutPrefix(name, g.of.Code+".")
	number, rest, ok2 := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(number); !ok || !ok2 || err != nil || n < 0 || n >= 2*maxRows {
		return false
	}
	return slices.ContainsFunc(g.fields, func(q *question) bool {
		return slices.ContainsFunc(partsOf(q), func(part string) bool { return q.Code+part == rest })
	})
}

// AcceptFile says whether a file may be added to the answers, before it is stored: of a type asked for, not empty, not too
// large, not one too many. at is where it goes: a question of kind file, members.2.photo in a row, identity.passport for a
// proof of a document, signature.drawing. It returns nil if it may.
func (s *Service) AcceptFile(at string, file File, a Answers) []fault.Field {
	place, ok := s.FilePlace(at)
	if !ok {
		return []fault.Field{{Path: at, Code: "unknown_field"}}
	}
	have := place.files(a)
	if bad := place.question.checkFilesBy(append(slices.Clone(have), file), place.Accept, place.MaxSize, place.MaxFiles); bad != nil {
		bad.Path = place.Path
		return []fault.Field{*bad}
	}
	return nil
}
