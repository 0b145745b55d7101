package studio

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// change makes a change that was posted on a part, and sends the reader to the address to; a refusal shows the part again with what
// was typed. The form names the revision that it was made of in the field rev. change finds its place by codes, and may
// be called on a newer definition than d.Pack; it answers with a fault of kind Invalid, whose fields are those of the form,
// for what cannot be taken at all. What is merely not right yet is taken: the problems panel says so.
func (s *Studio) change(r *frame.Request, d *desk, what studio.Step, to string, change func(*servicespec.Pack) error) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(posted.Get("rev"))
	var now studio.Draft
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		now, err = s.deps.Studio.Edit(ctx, tx, *r.Principal, d.ID, rev, what, change)
		return err
	})
	if err == nil && r.Header.Get(autosave) != "" {
		r.W.Header().Set("X-Revision", strconv.Itoa(now.Head))
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err == nil {
		return r.Redirect(to)
	}
	return s.refuse(r, d, posted, err)
}

// autosave is the header by which the page's script says that it saves while somebody types: the answer is the new revision alone.
const autosave = "X-Autosave"

// refuse shows the part again with what was typed, and what is wrong with it.
func (s *Studio) refuse(r *frame.Request, d *desk, posted url.Values, err error) error {
	e := fault.Of(err)
	if e.Kind != fault.KindInvalid && e.Kind != fault.KindConflict {
		return err
	}
	fresh, oops := s.open(r, d.part)
	if oops != nil {
		return oops
	}
	fresh.posted, fresh.status = posted, http.StatusUnprocessableEntity
	if stale, ok := studio.StaleOf(err); ok {
		fresh.stale, fresh.status = &stale, http.StatusConflict
	} else {
		fresh.wrong = r.Problems(e.Fields)
		if len(fresh.wrong) == 0 {
			fresh.wrong = []ui.Problem{{Text: r.Sentence(e)}}
		}
	}
	return d.part.show(r, fresh)
}

// staleView says who changed the same part meanwhile, and what; saving again puts what was typed in its place.
func (s *Studio) staleView(r *frame.Request, d *desk) *staleView {
	v := &staleView{}
	var names []string
	_ = r.Read(func(ctx context.Context, tx *pg.Tx) error { // names are a courtesy
		for _, by := range d.stale.By {
			d.know(by)
		}
		return s.name(ctx, tx, d.names)
	})
	for _, by := range d.stale.By {
		names = append(names, isolate(r, d.who(r, by)))
	}
	v.Who = strings.Join(names, ", ")
	for _, c := range d.stale.Changes {
		v.Changes = append(v.Changes, s.changeView(r, d.Pack, c))
	}
	return v
}

// changeView says one difference between two definitions in words.
func (s *Studio) changeView(r *frame.Request, p *servicespec.Pack, c servicespec.Change) changeView {
	return changeView{
		What: r.T("studio.change." + c.What), Kind: map[string]ui.Kind{servicespec.Added: ui.Success, servicespec.Removed: ui.Danger, servicespec.Changed: ui.Info}[c.What],
		Where: s.where(r, p, c.Path), Old: plain(r, p, c.Old), New: plain(r, p, c.New),
	}
}

// containers are the steps of a path that say nothing where what is in them is named.
var containers = []string{"form", "pages", "questions", "fields", "workflow"}

// where writes a path of the definition in words: what has a name by its name, the words of the language in the reader's, and codes as
// they are.
func (s *Studio) where(r *frame.Request, p *servicespec.Pack, path []string) string {
	var words []string
	for i, step := range path {
		if name := studio.NameAt(p, path[:i+1]); name != nil {
			words = append(words, isolate(r, name.In(r.Lang, r.Settings.DefaultLanguage)))
			continue
		}
		if slices.Contains(containers, step) && i < len(path)-1 {
			continue
		}
		words = append(words, isolate(r, s.stepWord(r, step)))
	}
	return strings.Join(words, " › ")
}

// stepWord is a word of the service language in the reader's.
func (s *Studio) stepWord(r *frame.Request, step string) string {
	if key := "studio.word." + step; s.deps.Texts.Has(r.Lang, key) {
		return r.T(key)
	}
	for _, l := range r.Texts().Languages() {
		if l.Code == step {
			return l.Name
		}
	}
	return step
}

// isolate keeps a name of another script from turning the sentence around it, in languages that are written from right to left
// (Unicode FSI and PDI).
func isolate(r *frame.Request, name string) string {
	if name == "" || i18n.Dir(r.Lang) != "rtl" {
		return name
	}
	return "\u2068" + name + "\u2069"
}

// plain writes a value of the definition on a line: a text in the reader's language, anything else as it is.
func plain(r *frame.Request, p *servicespec.Pack, v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case map[string]any:
		for _, name := range []string{"label", "name", "title", "text"} {
			if t, ok := x[name].(map[string]any); ok {
				return plain(r, p, t)
			}
		}
		if len(p.Languages) > 0 {
			for _, lang := range []string{r.Lang, p.Languages[0]} {
				if t, ok := x[lang].(string); ok {
					return t
				}
			}
		}
	}
	const most = 160
	text := []rune(fmt.Sprint(v))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// problem says what is wrong with a definition in the reader's language.
func (s *Studio) problem(r *frame.Request, p servicespec.Problem) string {
	return locale.Problem(s.deps.Texts, r.Lang, p)
}

// problemAt is problem with conditions in words, where they can be said so.
func (s *Studio) problemAt(r *frame.Request, d *desk, p servicespec.Problem) string {
	if expr, ok := p.Args["rule"].(string); ok && p.Warning {
		args := maps.Clone(p.Args)
		args["rule"] = s.saying(r, d, p.Path).Plain(servicespec.ReadClause(expr))
		p.Args = args
	}
	return s.problem(r, p)
}

// undo takes the last change back.
func (s *Studio) undo(r *frame.Request) error { return s.move(r, s.deps.Studio.Undo) }

// redo makes it again.
func (s *Studio) redo(r *frame.Request) error { return s.move(r, s.deps.Studio.Redo) }
