package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// desk is a draft as it lies open before somebody, at one of its parts.
type desk struct {
	studio.Draft
	Pack *servicespec.Pack

	part     part
	way      studio.Way
	others   []studio.Presence
	names    map[uuid.UUID]string
	problems []servicespec.Problem
	design   bool // the reader may change it

	roles []identity.Role // of the state's staff, once they are wanted

	posted url.Values   // what was typed, where a change was refused; nil otherwise
	wrong  []ui.Problem // and what is wrong with it
	stale  *studio.Stale
	status int
}

// open opens a draft at a part, and notes that the reader is there.
func (s *Studio) open(r *frame.Request, p part) (*desk, error) {
	id, err := r.UUID("draft")
	if err != nil {
		return nil, err
	}
	d := &desk{part: p, names: map[uuid.UUID]string{}, status: http.StatusOK}
	return d, r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if d.Draft, d.Pack, err = s.deps.Studio.Open(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		d.design = r.Principal.MayIn(studio.Design, d.Agency)
		if d.way, err = s.deps.Studio.Way(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		if d.problems, err = s.deps.Studio.Check(ctx, tx, d.Pack); err != nil {
			return err
		}
		if d.others, err = s.deps.Studio.Appear(ctx, tx, *r.Principal, id, s.whereIs(r, p), r.Query("page")); err != nil {
			return err
		}
		for _, o := range d.others {
			d.know(o.Account)
		}
		d.know(d.ChangedBy)
		if d.way.Undo != nil {
			d.know(d.way.Undo.By)
		}
		return s.name(ctx, tx, d.names)
	})
}

// whereIs is the part at which the reader is: the one whose page is open, also where that asks who else is here.
func (s *Studio) whereIs(r *frame.Request, p part) string {
	for _, other := range s.parts {
		if p.code == "" && other.code == r.Query("part") {
			return other.code
		}
	}
	return p.code
}

// know notes that somebody's name will be wanted.
func (d *desk) know(account uuid.UUID) {
	if _, known := d.names[account]; !known {
		d.names[account] = ""
	}
}

// name reads what people are called, by their accounts; who is gone has no name.
func (s *Studio) name(ctx context.Context, tx *pg.Tx, names map[uuid.UUID]string) error {
	for account, name := range names {
		if name != "" || account == uuid.Nil {
			continue
		}
		found, err := s.deps.Identity.Name(ctx, tx, account)
		if f := fault.Of(err); f != nil && f.Kind != fault.KindNotFound {
			return err
		}
		names[account] = found
	}
	return nil
}

// who is what somebody is called.
func (d *desk) who(r *frame.Request, account uuid.UUID) string {
	if name := d.names[account]; name != "" {
		return name
	}
	return r.T("studio.somebody")
}

// href is the address of a part of this draft.
func (d *desk) href(code string) string {
	return strings.TrimSuffix("/studio/"+d.ID.String()+"/"+code, "/")
}

// here is the address of the part that is open, with more added.
func (d *desk) here(more string) string { return d.href(d.part.code) + more }

// lang is the language in which the agency writes the service.
func (d *desk) lang() string {
	if len(d.Pack.Languages) == 0 {
		return ""
	}
	return d.Pack.Languages[0]
}

// value is what stands in a field: what was typed where a change was refused, what the definition says otherwise.
func (d *desk) value(name, otherwise string) string {
	if d.posted != nil && d.posted.Has(name) {
		return d.posted.Get(name)
	}
	return otherwise
}

// checked is value for a box.
func (d *desk) checked(name string, otherwise bool) bool {
	if d.posted != nil {
		return d.posted.Has(name)
	}
	return otherwise
}

// wrongAt is what is wrong with a field: what was refused, or what the check says of a path of the definition.
func (s *Studio) wrongAt(r *frame.Request, d *desk, field, path string) string {
	for _, p := range d.wrong {
		if p.Field == field {
			return p.Text
		}
	}
	if d.posted != nil || path == "" {
		return ""
	}
	for _, p := range d.problems {
		if (p.Path == path || strings.HasPrefix(p.Path, path+".")) && !p.Warning && !untranslated(p) {
			return locale.Problem(s.deps.Texts, r.Lang, p)
		}
	}
	return ""
}

// untranslated reports whether a problem is that a text lacks a language: there are many of them, and they have a page of their own.
func untranslated(p servicespec.Problem) bool {
	return slices.Contains([]string{"translation_missing", "translations_missing"}, p.Code)
}

// look is what a part shows: the canvas, as the citizen or the officer will see it, and the properties beside it.
type look struct {
	Title      string // instead of the part's own
	Canvas     templ.Component
	Properties templ.Component
	// PropertiesTitle names what the properties are of, for readers who hear the page.
	PropertiesTitle string
	// Chosen says that a spot is chosen, so that small screens show its properties first.
	Chosen bool
}

// render answers with a page of the draft.
func (s *Studio) render(r *frame.Request, d *desk, l look) error {
	v := deskView{look: l, Wide: d.part.wide || l.Properties == nil, Notice: r.Done(), Wrong: d.wrong, ReadOnly: !d.design}
	v.Site = r.Site(frame.Studio)
	v.Site.Nav = s.outline(r, d)
	v.Caption, v.Home = d.title(r), d.href("")
	if v.Title == "" {
		v.Title = r.T("studio.part." + partKey(d.part.code))
	}
	if v.PropertiesTitle == "" {
		v.PropertiesTitle = r.T("studio.properties")
	}
	v.Draft, v.Rev, v.Here = d.ID.String(), d.Head, d.part.code
	v.Spot = url.QueryEscape(r.Query("page"))
	v.Undo, v.Redo = stepLabel(r, d.way.Undo), stepLabel(r, d.way.Redo)
	v.Back = r.URL.RequestURI()
	v.Present = s.present(r, d)
	v.Problems, v.Errors, v.Gaps = s.problemLines(r, d)
	if d.stale != nil {
		v.Stale = s.staleView(r, d)
	}
	return r.HTMLStatus(d.status, draftPage(v))
}

func partKey(code string) string {
	if code == "" {
		return "overview"
	}
	return code
}

// title is what the service is called, in the reader's language.
func (d *desk) title(r *frame.Request) string {
	if t := d.Name.In(r.Lang, d.lang()); t != "" {
		return t
	}
	return d.Code
}

// outline are the draft's parts, with how many errors each has.
func (s *Studio) outline(r *frame.Request, d *desk) []ui.NavItem {
	errs := map[string]int{}
	for _, p := range servicespec.Errors(d.problems) {
		if untranslated(p) {
			errs["translations"]++
			continue
		}
		errs[s.partOf(p.Path).code]++
	}
	if errs["translations"] > 0 { // the sum for each language is none of its own
		for _, p := range d.problems {
			if p.Code == "translations_missing" {
				errs["translations"]--
			}
		}
	}
	nav := make([]ui.NavItem, 0, len(s.parts))
	for _, p := range s.parts {
		n := ui.NavItem{
			Label: r.T("studio.part." + partKey(p.code)), Href: d.href(p.code), Icon: p.icon, Current: p.code == d.part.code, Group: r.T("studio.group." + p.group),
		}
		if count := errs[p.code]; count > 0 {
			n.Count, n.Urgent = &count, p.code != "translations"
		}
		nav = append(nav, n)
	}
	return nav
}

// problemLines are the problems of the whole definition, each leading to its spot; missing translations are one line together.
func (s *Studio) problemLines(r *frame.Request, d *desk) (lines []problemLine, errs, gaps int) {
	for _, p := range d.problems {
		if untranslated(p) {
			if p.Code == "translation_missing" {
				gaps++
			}
			continue
		}
		if !p.Warning {
			errs++
		}
		lines = append(lines, problemLine{
			Text: s.problemAt(r, d, p), Where: r.T("studio.part." + partKey(s.partOf(p.Path).code)), Href: s.problemHref(d, p.Path), Warning: p.Warning,
		})
	}
	return lines, errs, gaps
}

// present says who else has the draft open, and where.
func (s *Studio) present(r *frame.Request, d *desk) (out []string) {
	for _, o := range d.others {
		where := r.T("studio.part." + partKey(o.Part))
		if page := pageOf(d.Pack, o.Spot); page != nil {
			where += ", " + isolate(r, page.Title.In(r.Lang, d.lang()))
		}
		out = append(out, r.T("studio.present", "name", isolate(r, d.who(r, o.Account)), "part", where))
	}
	return out
}

// pageOf returns a page of the form by its code; nil for none.
func pageOf(p *servicespec.Pack, code string) *servicespec.Page {
	for i := range p.Form.Pages {
		if p.Form.Pages[i].Code == code {
			return &p.Form.Pages[i]
		}
	}
	return nil
}

// stepLabel says what a step did; "" for none.
func stepLabel(r *frame.Request, rev *studio.Revision) string {
	if rev == nil {
		return ""
	}
	args := []any{}
	for name, v := range rev.Step.Args {
		args = append(args, name, isolate(r, v))
	}
	return r.T("studio.step."+rev.Step.Code, args...)
}
