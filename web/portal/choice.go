package portal

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// words write answers for the reader.
func (a application) words(r *frame.Request) servicespec.Words {
	return servicespec.Words{
		T:        func(key string) string { return r.T(key) },
		Boundary: func(code string) string { return a.areaName(r, code) },
		RefData: func(list, code string) string {
			if a.facts.Code == nil {
				return code
			}
			if c, ok := a.facts.Code(list, code); ok {
				return r.Text(c.Name)
			}
			return code
		},
		Currency: r.Settings.Currency, Fallback: a.spec.Pack().Languages[0], Spoken: r.Spoken,
	}
}

// areaName is the area's name with the one it lies in, since parishes of different islands share names.
func (a application) areaName(r *frame.Request, code string) string {
	area, ok := a.facts.Area(code)
	if !ok {
		return code
	}
	name := r.Text(area.Name)
	if n := len(area.Within); n > namedAlone {
		if above, ok := a.facts.Area(area.Within[n-2]); ok {
			name += ", " + r.Text(above.Name)
		}
	}
	return name
}

// namedAlone is down to which depth of the tree areas need no other to be told apart.
const namedAlone = 3

// reader writes answers for the citizen they belong to.
func (a application) reader(r *frame.Request) form.Reader {
	return form.Reader{Lang: r.Lang, Words: a.words(r), File: func(place string, f servicespec.File) ui.FileItem {
		return ui.FileItem{Href: a.filePath(place, f), Status: form.ScanTag(r.Context(), a.scans[f.ID])}
	}}
}

// formView is the page's form for the reader.
func (p *Portal) formView(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, page servicespec.PageView, in shown) (form.View, error) {
	errs := map[string]string{}
	for _, f := range in.wrong {
		if errs[f.Path] == "" {
			errs[f.Path] = r.FieldSentence(f)
		}
	}
	v := form.View{
		Page: page, Prefix: in.prefix, Title: in.title, Caption: r.Text(a.spec.Pack().Name), Lang: r.Lang, Words: a.words(r), Facts: a.facts, Answers: a.Answers,
		Posted: in.posted, Errors: errs, Extra: in.extra, Editable: a.Editable, Touched: a.Touches, Sources: a.Sources, Purposes: a.purposes(r),
		File: func(place string, f servicespec.File) ui.FileItem {
			href := a.filePath(place, f)
			return ui.FileItem{Href: href, RemoveHref: href + "/remove?page=" + r.Param("page"), Status: form.ScanTag(r.Context(), a.scans[f.ID])}
		},
	}
	if err := p.earlier(ctx, tx, r, a, &v); err != nil {
		return v, err
	}
	return v, p.choices(ctx, tx, r, a, &v)
}

// purposes tell, by the question that agrees to it, why a register is looked at.
func (a application) purposes(r *frame.Request) map[string]string {
	out := map[string]string{}
	for _, l := range a.spec.Pack().Lookups {
		out[l.Consent] = r.Text(l.Purpose)
	}
	return out
}

// choices reads what the page's questions are answered from.
func (p *Portal) choices(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, v *form.View) error {
	var err error
	if v.Areas, err = p.areas(ctx, tx, r, v.Lists()); err != nil {
		return err
	}
	if v.Codes, err = p.codes(ctx, tx, r, v.CodeLists()); err != nil {
		return err
	}
	if !v.Asks(servicespec.KindDocument) {
		return nil
	}
	held, err := p.deps.Requests.Credentials(ctx, tx, a.Request, a.spec)
	v.Wallet = map[string][]ui.Option{}
	for _, h := range held {
		v.Wallet[h.Type] = append(v.Wallet[h.Type], ui.Option{Value: h.ID.String(), Label: r.Text(h.Title) + " · " + h.Number})
	}
	return err
}

func (p *Portal) areas(ctx context.Context, tx *pg.Tx, r *frame.Request, lists []form.AreaList) (map[form.AreaList][]ui.Option, error) {
	out := map[form.AreaList][]ui.Option{}
	for _, list := range lists {
		if out[list] != nil {
			continue
		}
		choices, err := p.deps.Refdata.Choices(ctx, tx, list.Level, list.Within)
		if err != nil {
			return nil, err
		}
		for _, c := range choices {
			o := ui.Option{Value: c.Code, Label: r.Text(c.Name)}
			if list.Within == "" && c.Depth > namedAlone {
				o.Label += ", " + r.Text(c.In)
			}
			out[list] = append(out[list], o)
		}
		slices.SortFunc(out[list], func(x, y ui.Option) int { return strings.Compare(x.Label, y.Label) })
	}
	return out, nil
}

func (p *Portal) codes(ctx context.Context, tx *pg.Tx, r *frame.Request, lists []string) (map[string][]form.Code, error) {
	out := map[string][]form.Code{}
	for _, list := range lists {
		codes, err := p.deps.Refdata.Codes(ctx, tx, list)
		if err != nil {
			return nil, err
		}
		for _, c := range codes {
			if of, _ := c.Attributes["of"].(string); c.Active {
				out[list] = append(out[list], form.Code{Code: c.Code, Label: r.Text(c.Name), Of: of})
			}
		}
	}
	return out, nil
}
