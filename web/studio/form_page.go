package studio

import (
	"encoding/json"
	"slices"

	"github.com/a-h/templ"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
)

// pageProperties are what can be set about a page.
func (s *Studio) pageProperties(r *frame.Request, d *desk, at spot, pg *servicespec.Page) templ.Component {
	path := at.path(d.Pack)
	f := d.form(r, "/page"+at.query())
	f.Auto = true
	f.Hidden = append(f.Hidden, [2]string{"page", at.Page})
	f.Fields = append(f.Fields, s.text(r, d, "title", pg.Title, path+".title")...)
	f.Fields = append(f.Fields, s.text(r, d, "hint", pg.Hint, path+".hint", optional, long)...)
	f.Fields = append(f.Fields, s.rule(r, d, "when", pg.When, path+".when", ruleSubject{Path: append(at.part(), "when"), Want: "bool"}, label(r.T("studio.field.page_when")), hint(r.T("studio.field.when.hint"))))
	f.Fields = append(f.Fields, s.renameField(r, d, servicespec.Renaming{Kind: servicespec.NamesPage, From: pg.Code}))
	f.wrong(d.wrong)
	return form(f)
}

// pageOfPost is the page that a posted form is about.
func pageOfPost(p *servicespec.Pack, code string) (*servicespec.Page, error) {
	if pg := pageOf(p, code); pg != nil {
		return pg, nil
	}
	return nil, studio.ErrGone
}

func (s *Studio) pageSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := spot{Page: posted.Get("page")}
	what := studio.Step{Code: "page.save", Part: append(at.part(), "title"), Also: [][]string{append(at.part(), "hint"), append(at.part(), "when")}, Args: d.named(r, at)}
	return s.change(r, d, what, d.here(at.query()+"&at=page&done=studio.saved"), func(p *servicespec.Pack) error {
		pg, err := pageOfPost(p, at.Page)
		if err != nil {
			return err
		}
		pg.Title, pg.Hint, pg.When = textOf(posted, "title", pg.Title), textOf(posted, "hint", pg.Hint), trimmed(posted, "when")
		return nil
	})
}

// named is the name of what is at a spot, for the sentence in the history.
func (d *desk) named(r *frame.Request, at spot) map[string]string {
	name := at.code()
	if q := at.question(d.Pack); q != nil {
		name = questionTitle(r, d, q)
	} else if pg := at.page(d.Pack); pg != nil {
		name = pg.Title.In(r.Lang, d.lang())
	}
	return map[string]string{"name": cutWords(name)}
}

// cutWords keeps the beginning of a long name.
func cutWords(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

// freshPage makes a code for a page that is not among the taken ones; pages have hyphens in theirs.
func freshPage(title string, taken []string) string {
	code := studio.CodeOf(title)
	if code == "service" {
		code = "page"
	}
	return unused(code, taken)
}

func (s *Studio) pageAdd(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	title := trimmed(posted, "page_title")
	code := freshPage(title, codes(d.Pack))
	at := spot{Page: code}
	what := studio.Step{Code: "page.add", Part: []string{"form", "pages", code}, Args: map[string]string{"name": cutWords(title)}}
	return s.change(r, d, what, d.here(at.query()+"&at=page"), func(p *servicespec.Pack) error {
		if title == "" {
			return studio.ErrBegin.WithFields(fieldFault("page_title", "title"))
		}
		if pageOf(p, code) == nil {
			p.Form.Pages = append(p.Form.Pages, servicespec.Page{Code: code, Title: map[string]string{d.lang(): title}})
		}
		return nil
	})
}

func (s *Studio) pageMove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code, to := posted.Get("code"), posted.Get("to")
	at := spot{Page: code}
	what := studio.Step{Code: "page.move", Part: []string{"form", "pages"}, Args: d.named(r, at)}
	if to == "up" || to == "down" { // a step is made whatever the others did meanwhile
		what.Part = []string{"form", "pages", code, "code"}
	}
	return s.change(r, d, what, d.here(at.query()+"&at=page&moved="+code), func(p *servicespec.Pack) error {
		var ok bool
		if p.Form.Pages, ok = shift(p.Form.Pages, pageCode, code, to); !ok {
			return studio.ErrGone
		}
		return nil
	})
}

func (s *Studio) pageDuplicate(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code := posted.Get("code")
	taken := codes(d.Pack)
	twin := freshPage(code, taken)
	at := spot{Page: code}
	return s.change(r, d, studio.Step{Code: "page.duplicate", Part: at.part(), Args: d.named(r, at)}, d.here(spot{Page: twin}.query()+"&at=page"), func(p *servicespec.Pack) error {
		i := slices.IndexFunc(p.Form.Pages, func(x servicespec.Page) bool { return x.Code == code })
		if i < 0 {
			return studio.ErrGone
		}
		pg, err := copyOf(p.Form.Pages[i])
		if err != nil {
			return err
		}
		pg.Code = twin
		all := append(codes(p), twin)
		for j := range pg.Questions {
			pg.Questions[j].Code = fresh(pg.Questions[j].Code, "question", all)
			all = append(all, pg.Questions[j].Code)
		}
		p.Form.Pages = slices.Insert(p.Form.Pages, i+1, pg)
		return nil
	})
}

// copyOf copies plain data.
func copyOf[T any](x T) (out T, err error) {
	data, err := json.Marshal(x)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(data, &out)
}

func (s *Studio) pageRemove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := spot{Page: posted.Get("code")}
	return s.change(r, d, studio.Step{Code: "page.remove", Part: at.part(), Args: d.named(r, at)}, d.here("?done=studio.removed"), func(p *servicespec.Pack) error {
		n := len(p.Form.Pages)
		p.Form.Pages = slices.DeleteFunc(p.Form.Pages, func(x servicespec.Page) bool { return x.Code == at.Page })
		if len(p.Form.Pages) == n {
			return studio.ErrGone
		}
		return nil
	})
}

// usedView is a line of what a question is used by, or affects.
type usedView struct{ Text, Href string }

// affects lists what hangs on a question.
func (s *Studio) affects(r *frame.Request, d *desk, at spot) (out []usedView) {
	svc, _ := studio.Mended(d.Pack)
	if svc == nil {
		return nil
	}
	code := at.Question
	if at.Field != "" {
		code += "." + at.Field
	}
	for _, a := range svc.Affects(code) {
		out = append(out, s.usedLine(r, d, svc, a))
	}
	return out
}

// usedLine says what hangs on something, and leads there.
func (s *Studio) usedLine(r *frame.Request, d *desk, svc *servicespec.Service, a servicespec.Affected) usedView {
	name := svc.Named(a.Subject).In(r.Lang, d.lang())
	if name == "" {
		name = a.Code
	}
	u := usedView{Text: r.T("studio.affects.line", "kind", s.word(r, "studio.subject.", a.Kind), "name", name, "how", s.word(r, "studio.how.", a.How))}
	if a.Path != "" {
		u.Href = s.problemHref(d, a.Path)
	}
	return u
}

// word is a word of the catalogue, or the code where it has none.
func (s *Studio) word(r *frame.Request, prefix, code string) string {
	if s.deps.Texts.Has(r.Lang, prefix+code) {
		return r.T(prefix + code)
	}
	return code
}

// usedBy lists the questions that a question hangs on: the other way round.
func (s *Studio) usedBy(r *frame.Request, d *desk, at spot) (out []usedView) {
	svc, _ := studio.Mended(d.Pack)
	if svc == nil || at.Field != "" {
		return nil
	}
	for _, pg := range d.Pack.Form.Pages {
		for i := range pg.Questions {
			q := &pg.Questions[i]
			if q.Code == at.Question {
				continue
			}
			for _, a := range svc.Affects(q.Code) {
				if a.Kind == "question" && a.Code == at.Question && a.How != "said" {
					out = append(out, usedView{Text: questionTitle(r, d, q), Href: d.here(spot{Page: pg.Code, Question: q.Code}.query() + "#properties")})
					break
				}
			}
		}
	}
	return out
}

func currentItem(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func moveAttrs(v itemView, readOnly bool) templ.Attributes {
	if readOnly {
		return nil
	}
	a := templ.Attributes{"data-move": v.Code, "data-edge": v.Edge}
	if v.Moved != "" {
		a["data-moved"] = v.Moved
	}
	return a
}

func orText(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}
