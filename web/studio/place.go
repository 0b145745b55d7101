package studio

import (
	"net/url"
	"slices"
	"strconv"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
)

// spot is a place in the form: a page, one of its questions, and a question in the rows of that. Codes lead to it, so that it is
// found on a newer definition too.
type spot struct{ Page, Question, Field string }

// spotOf reads a spot from a query or a posted form.
func spotOf(q url.Values) spot { return spot{q.Get("page"), q.Get("question"), q.Get("field")} }

// query writes the spot as a query.
func (at spot) query() string {
	q := url.Values{}
	for name, v := range map[string]string{"page": at.Page, "question": at.Question, "field": at.Field} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return "?" + q.Encode()
}

// part is the spot as a part of the definition, for studio.Step.
func (at spot) part() []string {
	out := []string{"form", "pages", at.Page}
	if at.Question != "" {
		out = append(out, "questions", at.Question)
	}
	if at.Field != "" {
		out = append(out, "fields", at.Field)
	}
	return out
}

// page returns the page of the spot; nil where it is gone.
func (at spot) page(p *servicespec.Pack) *servicespec.Page { return pageOf(p, at.Page) }

// list returns the questions among which the spot's is: those of the page, or of the group in whose rows it is asked.
func (at spot) list(p *servicespec.Pack) *[]servicespec.Question {
	pg := at.page(p)
	if pg == nil {
		return nil
	}
	if at.Field == "" {
		return &pg.Questions
	}
	i := indexQuestion(pg.Questions, at.Question)
	if i < 0 {
		return nil
	}
	return &pg.Questions[i].Fields
}

// code is the code of the spot's question among its list.
func (at spot) code() string {
	if at.Field != "" {
		return at.Field
	}
	return at.Question
}

// question returns the question of the spot; nil for none.
func (at spot) question(p *servicespec.Pack) *servicespec.Question {
	list := at.list(p)
	if list == nil || at.Question == "" {
		return nil
	}
	if i := indexQuestion(*list, at.code()); i >= 0 {
		return &(*list)[i]
	}
	return nil
}

// path is the spot as problems of the check name it.
func (at spot) path(p *servicespec.Pack) string {
	i := slices.IndexFunc(p.Form.Pages, func(x servicespec.Page) bool { return x.Code == at.Page })
	if i < 0 {
		return "form"
	}
	path := "form.pages." + strconv.Itoa(i)
	if at.Question == "" {
		return path
	}
	j := indexQuestion(p.Form.Pages[i].Questions, at.Question)
	path += ".questions." + strconv.Itoa(j)
	if at.Field != "" && j >= 0 {
		path += ".fields." + strconv.Itoa(indexQuestion(p.Form.Pages[i].Questions[j].Fields, at.Field))
	}
	return path
}

func indexQuestion(list []servicespec.Question, code string) int {
	return slices.IndexFunc(list, func(q servicespec.Question) bool { return q.Code == code })
}

// formSpot leads to the place in the form that a problem is about.
func formSpot(p *servicespec.Pack, path string) string {
	page, q := questionAt(p, path)
	if page == nil {
		return ""
	}
	at := spot{Page: page.Code}
	if q != nil {
		at.Question = q.Code
		j := indexQuestion(page.Questions, q.Code)
		i := slices.IndexFunc(p.Form.Pages, func(x servicespec.Page) bool { return x.Code == page.Code })
		before := "form.pages." + strconv.Itoa(i) + ".questions." + strconv.Itoa(j) + ".fields"
		if k := numbered(path, before); k >= 0 && k < len(q.Fields) {
			at.Field = q.Fields[k].Code
		}
	}
	return at.query() + "#properties"
}

// shift moves an item of a list: up, down, or to the place of another. It reports whether it was there.
func shift[T any](list []T, code func(T) string, which, to string) ([]T, bool) {
	find := func(c string) int { return slices.IndexFunc(list, func(x T) bool { return code(x) == c }) }
	i := find(which)
	if i < 0 {
		return list, false
	}
	j := i
	switch to {
	case "up":
		j = max(i-1, 0)
	case "down":
		j = min(i+1, len(list)-1)
	default:
		if j = find(to); j < 0 {
			return list, false
		}
	}
	x := list[i]
	list = slices.Delete(slices.Clone(list), i, i+1)
	return slices.Insert(list, j, x), true
}

func pageCode(p servicespec.Page) string         { return p.Code }
func questionCode(q servicespec.Question) string { return q.Code }

// codes are all codes of questions and pages, so that a new one is none of them.
func codes(p *servicespec.Pack) (out []string) {
	var each func(list []servicespec.Question)
	each = func(list []servicespec.Question) {
		for _, q := range list {
			out = append(out, q.Code)
			each(q.Fields)
		}
	}
	for _, pg := range p.Form.Pages {
		out = append(out, pg.Code)
		each(pg.Questions)
	}
	return out
}

// fresh makes a code of words that is not among the taken ones; rules speak of it, so it has no hyphens.
func fresh(words, otherwise string, taken []string) string {
	code := nameOf(studio.CodeOf(words))
	if studio.CodeOf(words) == "service" {
		code = otherwise
	}
	for n, try := 2, code; ; n++ {
		if !slices.Contains(taken, try) {
			return try
		}
		try = code + "_" + strconv.Itoa(n)
	}
}

// nameOf makes a name for rules of a code.
func nameOf(code string) string {
	out := []rune(code)
	for i, c := range out {
		if c == '-' {
			out[i] = '_'
		}
	}
	return string(out)
}
