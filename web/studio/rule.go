package studio

import (
	"net/http"
	"net/url"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/studio/condition"
	"digit/web/ui"
)

// rule asks for a rule: of is what it is about. A condition is put together in rows or written as text; anything else is
// written. An error in it stands at the field, as the check says it for path.
func (s *Studio) rule(r *frame.Request, d *desk, name, value, path string, of ruleSubject, change ...func(*field)) field {
	f := input(r, name, d.value(name, value), change...)
	f.Kind, f.Rows, f.Optional, f.Subject = ruleField, 2, true, of
	f.Subject.Draft = d.ID.String()
	f.Code, f.Width, f.Attrs = true, "", map[string]any{"dir": "ltr"}
	f.Error = s.wrongAt(r, d, name, path)
	if of.Want != "" && of.Want != "bool" {
		say := s.saying(r, d, path)
		f.Names, f.NamesLabel = say.Names, say.Label
		return f
	}
	place := s.place(r, d, name, path)
	place.Label, place.Hint = f.Label, f.Hint
	if d.posted != nil {
		f.Rule, _ = condition.Read(place, d.posted, value)
	} else {
		f.Rule = condition.Show(place, value)
	}
	for _, p := range d.problems {
		if p.Path == path && !p.Warning && d.posted == nil {
			f.Rule.Refuse(p)
		}
	}
	return f
}

// place is where a condition stands in the definition.
func (s *Studio) place(r *frame.Request, d *desk, name, path string) condition.Place {
	return condition.Place{
		Name: name, Lead: r.T("studio.when"), Pack: d.Pack, Path: path, Saying: s.saying(r, d, path), Today: civil.Of(r.Now.In(r.Settings.Location())),
	}
}

// saying says conditions at a place of the definition to the reader.
func (s *Studio) saying(r *frame.Request, d *desk, path string) locale.Saying {
	return locale.Saying{
		Texts: s.deps.Texts, Lang: r.Lang, Fallback: d.lang(), Currency: r.Settings.Currency, Names: servicespec.VariablesAt(d.Pack, path),
	}
}

// sentence says a condition as a sentence, "" for none.
func (s *Studio) sentence(r *frame.Request, d *desk, lead, expr, path string) string {
	if expr == "" {
		return ""
	}
	return lead + " " + s.saying(r, d, path).Plain(servicespec.ReadClause(expr))
}

// conditions reads the conditions that were put together in rows, as if they had been written as text. Where a button of
// one was pressed, or a row is not right, the part is shown again, and the post goes no further: then done is true.
func (s *Studio) conditions(r *frame.Request, d *desk) (done bool, err error) {
	posted, err := r.Form()
	if err != nil {
		return true, err
	}
	acted := false
	var wrong []ui.Problem
	for name, path := range builders(posted) {
		c, pressed := condition.Read(s.place(r, d, name, path), posted, "")
		expr, fine := c.Expr()
		if acted = acted || pressed; !fine && !pressed {
			wrong = append(wrong, c.Problems()...)
		}
		posted.Set(name, expr)
	}
	if !acted && len(wrong) == 0 {
		return false, nil
	}
	d.posted = posted
	if !acted {
		d.wrong, d.status = wrong, http.StatusUnprocessableEntity
	}
	return true, d.part.show(r, d)
}

// builders are the conditions in a form, with where they stand.
func builders(posted url.Values) map[string]string {
	out := map[string]string{}
	for key := range posted {
		if name, ok := strings.CutSuffix(key, ".path"); ok && posted.Has(name+".mode") {
			out[name] = posted.Get(key)
		}
	}
	return out
}
