package studio

import (
	"strconv"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// overview is the draft's first page: its parts with how far each is, and what the draft is.
func (s *Studio) overview(r *frame.Request, d *desk) error {
	return s.render(r, d, look{Canvas: ui.TaskList(s.tasks(r, d)), Properties: overviewSide(s.facts(r, d), s.overviewActs(r, d)), PropertiesTitle: r.T("studio.about")})
}

// tasks are the parts, each with its errors.
func (s *Studio) tasks(r *frame.Request, d *desk) (out []ui.Task) {
	for _, n := range s.outline(r, d)[1:] {
		p := s.parts[len(out)+1]
		t := ui.Task{Label: n.Label, Href: n.Href, Hint: r.T("studio.part." + p.code + ".text"), Status: &ui.TagView{Text: r.T("studio.part.fine"), Kind: ui.Neutral, Icon: "check"}}
		if n.Count != nil {
			t.Status = &ui.TagView{Text: r.T("studio.problems.n", "n", *n.Count), Kind: ui.Danger}
			if p.code == "translations" {
				t.Status = &ui.TagView{Text: r.T("studio.gaps.n", "n", *n.Count), Kind: ui.Info, Icon: "globe"}
			}
		}
		out = append(out, t)
	}
	return out
}

func (s *Studio) facts(r *frame.Request, d *desk) []ui.Fact {
	live := r.T("studio.state.new")
	if d.Base > 0 {
		live = r.T("studio.state.live", "version", d.Base)
	}
	questions := 0
	for _, p := range d.Pack.Form.Pages {
		questions += len(p.Questions)
	}
	return []ui.Fact{
		{Key: r.T("studio.fact.code"), Value: d.Code},
		{Key: r.T("studio.fact.state"), Value: live},
		{Key: r.T("studio.fact.languages"), Value: strings.Join(s.languageNames(d.Pack.Languages), ", ")},
		{Key: r.T("studio.fact.questions"), Value: strconv.Itoa(questions)},
		{Key: r.T("studio.fact.states"), Value: strconv.Itoa(len(d.Pack.Workflow.States))},
		{Key: r.T("studio.fact.changed"), Value: ui.DateTime(r.Context(), d.ChangedAt) + ", " + d.who(r, d.ChangedBy)},
	}
}

func (s *Studio) overviewActs(r *frame.Request, d *desk) []ui.ButtonView {
	export := ui.ButtonView{Label: r.T("studio.export"), Href: d.href("export"), Variant: "secondary", Icon: "download"}
	if !d.design {
		return []ui.ButtonView{export}
	}
	return []ui.ButtonView{export, {Label: r.T("studio.discard"), Href: d.href("discard"), Variant: "tertiary", Icon: "trash-2"}}
}

// numbered reads a number out of a path of the definition: form.pages.2.questions, form.pages gives 2; -1 for none.
func numbered(path, before string) int {
	rest, ok := strings.CutPrefix(path, before+".")
	if !ok {
		return -1
	}
	n, _, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(n)
	if err != nil {
		return -1
	}
	return i
}

// questionAt returns the page and the question that a path of the definition lies in; nil where it is in none.
func questionAt(p *servicespec.Pack, path string) (page *servicespec.Page, q *servicespec.Question) {
	i := numbered(path, "form.pages")
	if i < 0 || i >= len(p.Form.Pages) {
		return nil, nil
	}
	page = &p.Form.Pages[i]
	if j := numbered(path, "form.pages."+strconv.Itoa(i)+".questions"); j >= 0 && j < len(page.Questions) {
		q = &page.Questions[j]
	}
	return page, q
}
