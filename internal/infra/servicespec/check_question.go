package servicespec

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"digit/internal/infra/platform/rule"
)

// options checks what there is to choose from, and compiles the conditions under which an option is offered.
func (c *checker) options(p place, q *Question, out *question) {
	chooses := q.Kind == KindChoice || q.Kind == KindChoices
	switch {
	case !chooses && (len(q.Options) > 0 || q.RefData != ""):
		c.say(p.at+".options", "options_unused")
	case chooses && len(q.Options) == 0 && q.RefData == "":
		c.say(p.at+".options", "options_missing")
	case len(q.Options) > 0 && q.RefData != "":
		c.say(p.at+".refdata", "options_twice")
	case q.RefData != "" && c.known != nil && c.known.Lists != nil && c.known.Lists[q.RefData] == nil:
		c.say(p.at+".refdata", "list_unknown", "code", q.RefData)
	}
	if q.Of != "" {
		c.dependence(p, q)
		out.ofName = q.Of
		if p.asked[rowName+q.Of] {
			out.ofName = rowName + q.Of
		}
	}
	seen := map[string]bool{}
	for i, o := range q.Options {
		at := fmt.Sprintf("%s.options.%d", p.at, i)
		c.one(at+".code", o.Code, seen)
		if !optionCode.MatchString(o.Code) {
			c.say(at+".code", "option_malformed", "code", o.Code)
		}
		c.text(at+".label", o.Label, true)
		c.text(at+".hint", o.Hint, false)
		if o.Alone && q.Kind != KindChoices {
			c.say(at+".alone", "not_for_kind", "key", "alone", "kind", q.Kind)
		}
		if o.When == "" {
			continue
		}
		if out.offers == nil {
			out.offers = make([]*use, len(q.Options))
		}
		out.offers[i] = c.asks(p, Subject{"option", p.name(q) + "." + o.Code, "offered"}, at+".when", o.When)
	}
}

// dependence checks the earlier question that a choice depends on.
func (c *checker) dependence(p place, q *Question) {
	if q.RefData == "" && q.Kind != KindBoundary {
		c.say(p.at+".of", "of_unused")
	}
	if !p.asked[q.Of] && !p.asked[rowName+q.Of] {
		c.say(p.at+".of", "rule_looks_ahead", "name", q.Of)
	}
}

// sizes checks lengths, limits and what else numbers say.
func (c *checker) sizes(at string, q *Question) {
	const mostLength = 20_000
	if q.MaxLength < 0 || q.MaxLength > mostLength {
		c.say(at+".max_length", "out_of_range", "min", 1, "max", mostLength)
	}
	if q.Lines < 0 || q.Lines > 50 {
		c.say(at+".lines", "out_of_range", "min", 1, "max", 50)
	}
	if q.Places < 0 || q.Places > 6 || q.Places > 0 && q.Kind != KindNumber {
		c.say(at+".places", "places_wrong")
	}
	if q.Unit != "" && q.Kind != KindNumber && q.Kind != KindComputed {
		c.say(at+".unit", "not_for_kind", "key", "unit", "kind", q.Kind)
	}
	c.limits(at, q)
	if q.Kind == KindFile {
		c.fileLimits(at, q.Accept, q.MaxSize, q.MaxFiles)
	}
}

// limits checks the minimum and maximum of a number, or of how many.
func (c *checker) limits(at string, q *Question) {
	if q.Min == nil && q.Max == nil {
		return
	}
	if !slices.Contains([]string{KindNumber, KindMoney, KindChoices, KindGroup}, q.Kind) {
		c.say(at+".min", "range_unused")
		return
	}
	for key, x := range map[string]*float64{"min": q.Min, "max": q.Max} {
		if x == nil {
			continue
		}
		whole := *x == math.Trunc(*x) && math.Abs(*x) <= 1<<53
		if !whole && (q.Kind != KindNumber || q.Places == 0) {
			c.say(at+"."+key, "limit_not_whole")
		}
		if q.Kind == KindGroup && (*x < 0 || *x > maxRows) {
			c.say(at+"."+key, "out_of_range", "min", 0, "max", maxRows)
		}
		if q.Kind == KindChoices && *x < 0 {
			c.say(at+"."+key, "out_of_range", "min", 0, "max", maxOptions)
		}
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		c.say(at+".min", "range_empty")
	}
}

func (c *checker) fileLimits(at string, accept []string, maxSize int64, maxFiles int) {
	if maxFiles < 1 || maxFiles > 20 {
		c.say(at+".max_files", "out_of_range", "min", 1, "max", 20)
	}
	if maxSize < 1 || maxSize > 100<<20 {
		c.say(at+".max_size", "out_of_range", "min", 1, "max", 100<<20)
	}
	for i, m := range accept {
		if !mediaType.MatchString(m) {
			c.say(fmt.Sprintf("%s.accept.%d", at, i), "media_type_malformed", "type", m)
		}
	}
}

// details checks what only one kind has.
func (c *checker) details(p place, q *Question, out *question) {
	switch q.Kind {
	case KindBoundary:
		if q.Level == "" {
			c.say(p.at+".level", "level_missing")
		}
		c.levels(p.at, q)
	case KindAddress:
		c.levels(p.at, q)
	case KindID:
		if q.Scheme == "" && q.Pattern == "" {
			c.say(p.at+".scheme", "scheme_missing", "words", joined(Schemes()))
		} else if q.Scheme != "" {
			c.oneOf(p.at+".scheme", q.Scheme, Schemes()...)
		}
	case KindName:
		c.nameParts(p.at, q)
	case KindComputed:
		c.computed(p, q, out)
	case KindGroup:
		c.group(p, q, out)
	case KindDocument:
		if p.group != nil {
			c.say(p.at+".kind", "kind_not_here", "kind", q.Kind)
		}
	}
	for key, misplaced := range map[string]bool{
		"fields": len(q.Fields) > 0 && q.Kind != KindGroup, "value": q.Value != "" && q.Kind != KindComputed, "scheme": q.Scheme != "" && q.Kind != KindID,
		"parts": len(q.Parts) > 0 && q.Kind != KindName, "levels": len(q.Levels) > 0 && q.Kind != KindBoundary && q.Kind != KindAddress,
		"row": q.Row != "" && q.Kind != KindGroup,
	} {
		if misplaced {
			c.say(p.at+"."+key, "not_for_kind", "key", key, "kind", q.Kind)
		}
	}
}

func (c *checker) levels(at string, q *Question) {
	seen := map[string]bool{}
	for i, l := range q.Levels {
		lAt := fmt.Sprintf("%s.levels.%d", at, i)
		c.one(lAt, l, seen)
		if !optionCode.MatchString(l) || l == "area" || l == "lines" {
			c.say(lAt, "level_malformed", "level", l)
		} else if c.known != nil && c.known.Levels != nil && !slices.Contains(c.known.Levels, l) {
			c.say(lAt, "level_unknown", "level", l)
		}
	}
	if len(q.Levels) > 0 && q.Level != q.Levels[len(q.Levels)-1] {
		c.say(at+".level", "level_not_last")
	}
	if q.Within != "" && c.known != nil && c.known.Areas != nil && !c.known.Areas(q.Within) {
		c.say(at+".within", "area_unknown", "code", q.Within)
	}
}

func (c *checker) nameParts(at string, q *Question) {
	seen := map[string]bool{}
	for i, part := range q.Parts {
		pAt := fmt.Sprintf("%s.parts.%d", at, i)
		c.oneOf(pAt, part, PartGiven, PartFamily)
		c.one(pAt, part, seen)
	}
}

// computed compiles a computed value.
func (c *checker) computed(p place, q *Question, out *question) {
	want, ok := computedTypes[q.As]
	if !ok {
		c.oneOf(p.at+".as", q.As, slices.Sorted(maps.Keys(computedTypes))...)
		return
	}
	if q.Value == "" {
		c.say(p.at+".value", "rule_missing")
		return
	}
	out.value = c.compile(p.env, Subject{"question", p.name(q), "value"}, p.at+".value", q.Value, want)
	c.looksBack(p, p.at+".value", out.value)
}

// group checks a repeating group and its questions.
func (c *checker) group(p place, q *Question, out *question) {
	if p.group != nil || p.free {
		c.say(p.at+".kind", "kind_not_here", "kind", q.Kind)
		return
	}
	c.oneOf(p.at+".layout", q.Layout, "", LayoutPages, LayoutTable)
	if q.Row != "" {
		if !rule.Identifier(q.Row) || c.s.questions[q.Row] != nil || c.findQuestion(q.Row) != nil {
			c.say(p.at+".row", "name_malformed", "name", q.Row)
		}
	}
	if len(q.Fields) == 0 {
		c.say(p.at+".fields", "group_asks_nothing")
	}
	g := &group{of: out, byCode: map[string]*question{}}
	out.rows = g
	c.s.groups[q.Code] = g
	inner := place{env: c.rowEnvs[q.Code], asked: maps.Clone(p.asked), codes: map[string]bool{}, group: q}
	for i := range q.Fields {
		f := &q.Fields[i]
		inner.at = fmt.Sprintf("%s.fields.%d", p.at, i)
		cf := c.question(inner, f)
		g.fields = append(g.fields, cf)
		g.byCode[f.Code] = cf
		if f.Kind != KindInfo {
			inner.asked[rowName+f.Code] = true
		}
	}
	c.text(p.at+".row_title", q.RowTitle, false)
	c.saidBefore(p.at+".row_title", q.RowTitle, inner.asked, q)
	if q.Layout == LayoutTable {
		for i := range q.Fields {
			if !tableKind(&q.Fields[i]) {
				c.say(fmt.Sprintf("%s.fields.%d", p.at, i), "not_in_a_table", "kind", q.Fields[i].Kind)
			}
		}
	}
}

// tableKind reports whether a question can stand in a row of a table.
func tableKind(q *Question) bool {
	switch q.Kind {
	case KindText, KindName, KindNumber, KindMoney, KindChoice, KindYesNo, KindMonth, KindTime, KindDate, KindEmail, KindPhone, KindID, KindComputed:
		return len(q.Parts) == 0
	}
	return false
}
