package studio

import (
	"net/http"
	"net/url"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// renameField shows the code of something, and leads to where it gets another one.
func (s *Studio) renameField(r *frame.Request, d *desk, n servicespec.Renaming) field {
	f := field{Kind: linkField, Link: ui.Link{Href: s.renameHref(d, n), Label: r.T("studio.rename.go")}}
	f.Label, f.Value = r.T("studio.rename.code"), n.From
	return f
}

func (s *Studio) renameHref(d *desk, n servicespec.Renaming) string {
	q := url.Values{"kind": {n.Kind}, "code": {n.From}}
	if n.Of != "" {
		q.Set("of", n.Of)
	}
	return d.href("rename") + "?" + q.Encode()
}

// renamingOf reads a renaming from a query or a form.
func renamingOf(q url.Values) servicespec.Renaming {
	return servicespec.Renaming{Kind: q.Get("kind"), Of: q.Get("of"), From: q.Get("code"), To: strings.TrimSpace(q.Get("to"))}
}

// renameView is the page on which something gets another code: first the code is asked for, then everything that will change
// with it is shown.
type renameView struct {
	Back    ui.Link
	Keep    [][2]string
	To      ui.Field
	Action  string
	Rev     [2]string
	Changes []changeView
	Intro   string
	Sure    bool // the code can be taken; it is shown what changes
}

// renameAsk asks for the new code, and shows what it would change.
func (s *Studio) renameAsk(r *frame.Request, d *desk) error {
	q := r.URL.Query()
	if d.posted != nil {
		q = d.posted
	}
	n := renamingOf(q)
	v := renameView{
		Action: d.href("rename"), Rev: revField(d), Keep: [][2]string{{"kind", n.Kind}, {"of", n.Of}, {"code", n.From}},
		To:    ui.Field{Name: "to", Label: r.T("studio.rename.to"), Hint: r.T("studio.rename.hint"), Value: n.To, Code: true, NoSpellcheck: true, Width: "20"},
		Intro: r.T("studio.rename.intro"),
	}
	if v.To.Value == "" {
		v.To.Value = n.From
	}
	try := n
	if n.To == "" || n.To == n.From { // whether there is such a thing at all
		try.To = "renamed-thing"
		if n.Kind == servicespec.NamesQuestion || n.Kind == servicespec.NamesRule || n.Kind == servicespec.NamesTable || n.Kind == servicespec.NamesLookup {
			try.To = "renamed_thing"
		}
	}
	_, done, err := servicespec.Rename(d.Pack, try)
	if refusal(err) == "servicespec.rename.missing" {
		return fault.NotFound("page.not_found")
	}
	if err != nil {
		d.wrong, d.status = s.renameProblems(r, d, err), http.StatusUnprocessableEntity
		v.To.Error = d.wrong[0].Text
	}
	v.Back = ui.Link{Href: s.renamedHref(d, d.Pack, done), Label: r.T("studio.back")}
	if err == nil && try == n {
		v.Sure, v.Changes = true, s.rewritten(r, d, done)
	}
	return s.render(r, d, look{Title: r.T("studio.rename.title", "code", n.From), Canvas: renamePage(v)})
}

// refusal is the code of why a renaming cannot be.
func refusal(err error) string {
	if e := fault.Of(err); err != nil && e != nil && len(e.Fields) > 0 {
		return e.Fields[0].Code
	}
	return ""
}

// renameProblems says why a renaming cannot be.
func (s *Studio) renameProblems(r *frame.Request, d *desk, err error) []ui.Problem {
	e := fault.Of(err)
	for i := range e.Fields {
		if path, ok := e.Fields[i].Args["path"].(string); ok {
			e.Fields[i].Args["path"] = s.where(r, d.Pack, studio.KeysAt(d.Pack, path))
		}
	}
	return r.Problems(e.Fields)
}

// rewritten says what changes, place by place.
func (s *Studio) rewritten(r *frame.Request, d *desk, done []servicespec.Rewritten) (out []changeView) {
	for _, x := range done {
		out = append(out, changeView{
			What: r.T("studio.change.changed"), Kind: ui.Info, Where: s.where(r, d.Pack, studio.KeysAt(d.Pack, x.Path)), Old: x.Old, New: x.New,
		})
	}
	return out
}

// renamedHref leads to the thing itself, which is where its own code is written.
func (s *Studio) renamedHref(d *desk, p *servicespec.Pack, done []servicespec.Rewritten) string {
	for _, x := range done {
		if strings.HasSuffix(x.Path, ".code") || strings.HasSuffix(x.Path, ".name") || strings.HasSuffix(x.Path, ".type") {
			at := *d
			at.Pack = p
			return s.problemHref(&at, x.Path)
		}
	}
	return d.href("")
}

// rename gives something another code, in one step that can be undone.
func (s *Studio) rename(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	n := renamingOf(posted)
	to := d.href("")
	if renamed, done, err := servicespec.Rename(d.Pack, n); err == nil {
		to = s.renamedHref(d, renamed, done)
	}
	href, anchor, _ := strings.Cut(to, "#")
	if strings.Contains(href, "?") {
		href += "&"
	} else {
		href += "?"
	}
	href += "done=studio.renamed"
	if anchor != "" {
		href += "#" + anchor
	}
	d.part.show = s.renameAsk // where it is refused
	return s.change(r, d, studio.Step{Code: "rename", Args: map[string]string{"from": n.From, "to": n.To}}, href, func(p *servicespec.Pack) error {
		out, _, err := servicespec.Rename(p, n)
		if err != nil {
			return err
		}
		*p = *out
		return nil
	})
}
