package field

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/servicespec"
	outside "digit/internal/provider/field"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// shellView is the page that the application runs in. Words are the sentences that it says by itself.
type shellView struct {
	Site  ui.Site
	Days  int
	Lang  string
	Words []ui.Fact
}

// visitData is a visit as the device shows it.
type visitData struct {
	Reference, Service, State, Area, Due, Name string
	Sections                                   []section
	Checks                                     []ui.Field // a point each: yes or no
	Result                                     ui.Field
	Parts                                      []part // what each result asks for
	Comment                                    ui.Field
	Signature                                  ui.SignatureView
}

type section struct {
	Title string
	Facts []ui.Fact
}

// part is what one result asks for.
type part struct {
	Code           string
	Reasons, Items *ui.Field
	Questions      templ.Component
	Documents      []ui.Field
}

func (p part) empty() bool {
	return p.Reasons == nil && p.Items == nil && p.Questions == nil && len(p.Documents) == 0
}

// visitView makes of what an officer takes along the page that the device shows.
func visitView(r *frame.Request, w words, t outside.Taken) visitData {
	about := visitOf(r, w, t.Visit)
	v := visitData{
		Reference: about.Reference, Service: about.Service, State: about.State, Area: about.Area, Due: about.Due, Name: t.Application.Name,
		Sections: sections(r, w, t), Checks: checks(r, t),
		Result: ui.Field{Name: "action", Label: r.T("field.visit.result")},
		Comment: ui.Field{
			Name: "comment", Label: r.T("field.visit.comment"), Hint: r.T("field.visit.comment_hint"), Rows: 3, MaxLength: 2000, Optional: true,
		},
		Signature: ui.SignatureView{
			Field: ui.Field{Name: "present", Label: r.T("field.visit.signature"), Hint: r.T("field.visit.signature_hint"), Optional: true},
			Full:  r.T("field.visit.present"), DrawingName: "drawing",
		},
	}
	for _, a := range t.Actions {
		v.Result.Options = append(v.Result.Options, ui.Option{Value: a.Code, Label: r.Text(a.Name)})
		if p := partOf(r, w, t, a); !p.empty() {
			v.Parts = append(v.Parts, p)
		}
		if a.Comment == "required" {
			v.Comment.Optional = false
		}
	}
	return v
}

// sections are the answers that the officer may see, page by page, as the citizen was asked. Files stay behind.
func sections(r *frame.Request, w words, t outside.Taken) (list []section) {
	said := w.of(r, t.Spec)
	reader := form.Reader{Lang: r.Lang, Words: said}
	for _, p := range t.Pages {
		s := section{Title: p.Text(p.Title, r.Lang, said)}
		for _, q := range p.Questions {
			if !slices.Contains(t.Application.Hidden, q.Code) && form.Said(q) {
				s.Facts = append(s.Facts, reader.Fact(r.Context(), q))
			}
		}
		if len(s.Facts) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// checks are the points of all results' checklists, each once.
func checks(r *frame.Request, t outside.Taken) (list []ui.Field) {
	seen := map[string]bool{}
	for _, a := range t.Actions {
		for _, item := range t.Spec.ChecklistOf(a.Code, t.Application.Ground(t.Facts).Answers, t.Facts) {
			if seen[item.Code] {
				continue
			}
			seen[item.Code] = true
			list = append(list, ui.Field{
				Name: "check." + item.Code, Label: r.Text(item.Label), Inline: true,
				Options: []ui.Option{{Value: outside.Yes, Label: r.T("field.yes")}, {Value: outside.No, Label: r.T("field.no")}},
			})
		}
	}
	return list
}

func partOf(r *frame.Request, w words, t outside.Taken, a servicespec.Action) part {
	p := part{Code: a.Code}
	if len(a.Reasons) > 0 {
		p.Reasons = &ui.Field{Name: a.Code + ":reasons", Label: r.T("workbench.act.reasons"), Hint: r.T("workbench.act.reasons_hint")}
		for _, code := range a.Reasons {
			if reason := t.Spec.Reason(code); reason != nil {
				p.Reasons.Options = append(p.Reasons.Options, ui.Option{Value: code, Label: r.Text(reason.Name)})
			}
		}
	}
	if a.Has(servicespec.EffectCorrection) {
		p.Items = &ui.Field{Name: a.Code + ":items", Label: r.T("workbench.act.items"), Hint: r.T("workbench.act.items_hint"), Options: items(r, w, t)}
	}
	ground := t.Application.Ground(t.Facts).Answers
	if len(a.Questions) > 0 {
		p.Questions = form.Questions(form.View{
			Page: t.Spec.FindingsPage(a.Code, nil, ground, t.Facts), Lang: r.Lang, Words: w.of(r, t.Spec), Facts: t.Facts, Answers: ground, Prefix: a.Code + ".", Codes: w.lists(r),
		})
	}
	for _, d := range a.Documents {
		p.Documents = append(p.Documents, ui.Field{
			Name: "document:" + d.Code, ID: a.Code + "-document-" + d.Code, Label: r.Text(d.Label), Optional: d.Optional, Accept: strings.Join(d.Accept, ","),
			Attrs: templ.Attributes{"data-keep": d.Code},
		})
	}
	return p
}

// items are the questions that a correction can be asked of.
func items(r *frame.Request, w words, t outside.Taken) (list []ui.Option) {
	said := w.of(r, t.Spec)
	for _, p := range t.Pages {
		for _, q := range p.Questions {
			switch q.Kind {
			case servicespec.KindInfo, servicespec.KindDeclaration, servicespec.KindComputed:
			default:
				list = append(list, ui.Option{Value: q.Code, Label: q.Text(q.Label, r.Lang, said)})
			}
		}
	}
	return list
}

func (w words) lists(r *frame.Request) map[string][]form.Code {
	lists := map[string][]form.Code{}
	for name, codes := range w.codes {
		for _, code := range codes {
			lists[name] = append(lists[name], form.Code{Code: code.Code, Label: r.Text(code.Name)})
		}
	}
	return lists
}
