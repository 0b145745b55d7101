package studio

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/studio/xliff"
	"digit/web/ui"
)

// xliffExport writes the texts as XLIFF 2.0: gaps have no target, and what was translated from other words is marked, with those.
func (s *Studio) xliffExport(r *frame.Request, d *desk) error {
	lang := d.target(r.Query("into"))
	if lang == "" {
		return fault.NotFound("page.not_found")
	}
	var stale map[string]string
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		stale, err = s.deps.Studio.Outdated(ctx, tx, *r.Principal, d.ID, lang)
		return err
	}); err != nil {
		return err
	}
	var list []xliff.Text
	for _, t := range studio.Texts(d.Pack) {
		if t.Text[d.lang()] == "" {
			continue // there is nothing to translate from
		}
		list = append(list, xliff.Text{
			Name: strings.Join(t.Keys, "/"), Where: s.where(r, d.Pack, t.Keys), Source: t.Text[d.lang()], Target: t.Text[lang], Was: stale[strings.Join(t.Keys, ".")],
		})
	}
	var out bytes.Buffer
	if err := xliff.Write(&out, d.Code, d.lang(), lang, list); err != nil {
		return err
	}
	return r.File(d.Code+"."+lang+".xlf", "application/xliff+xml", false, out.Bytes())
}

// xliffImport takes translations back from such a file. A text whose source says something else by now, or that is not there, or
// comes with marks, is refused in a sentence of its own, and with it the file, unless the others are wanted all the same.
func (s *Studio) xliffImport(r *frame.Request, d *desk, source []byte, lang string) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	units, err := xliff.Read(source, d.lang(), lang)
	if err != nil || lang == "" {
		code := "xliff"
		if errors.Is(err, xliff.ErrLanguages) {
			code = "xliff_languages"
		}
		return s.refuse(r, d, posted, studio.ErrFile.WithFields(fieldFault("file", code)))
	}
	if wrong := s.unfit(r, d, units); len(wrong) > 0 && !posted.Has("rest") {
		fresh, err := s.open(r, d.part)
		if err != nil {
			return err
		}
		fresh.posted, fresh.status, fresh.wrong = posted, 422, wrong
		return fresh.part.show(r, fresh)
	}
	what := studio.Step{Code: "translate.import", Part: []string{"code"}, Args: map[string]string{"lang": s.language(lang)}}
	for _, u := range units {
		what.Also = append(what.Also, append(strings.Split(u.Name, "/"), lang))
	}
	return s.change(r, d, what, d.here("?into="+lang+"&done=studio.imported"), func(p *servicespec.Pack) error {
		if !slices.Contains(p.Languages, lang) {
			return studio.ErrGone
		}
		now := textsByName(p)
		for _, u := range units {
			if t, there := now[u.Name]; there && !u.Marked && strings.TrimSpace(u.Target) != "" && t[p.Languages[0]] == u.Source {
				studio.SetText(p, strings.Split(u.Name, "/"), lang, u.Target)
			}
		}
		return nil
	})
}

func textsByName(p *servicespec.Pack) map[string]i18n.Text {
	out := map[string]i18n.Text{}
	for _, t := range studio.Texts(p) {
		out[strings.Join(t.Keys, "/")] = t.Text
	}
	return out
}

// maxRefused is how many texts of a file are refused in a sentence each; of the rest the number is told.
const maxRefused = 30

// unfit says of each text of a file that cannot be taken why.
func (s *Studio) unfit(r *frame.Request, d *desk, units []xliff.Text) (out []ui.Problem) {
	now := textsByName(d.Pack)
	more := 0
	for _, u := range units {
		t, there := now[u.Name]
		where := s.where(r, d.Pack, strings.Split(u.Name, "/"))
		text := ""
		switch {
		case strings.TrimSpace(u.Target) == "":
		case !there:
			text = r.T("studio.xliff.gone", "where", where)
		case u.Marked:
			text = r.T("studio.xliff.marked", "where", where)
		case t[d.lang()] != u.Source:
			text = r.T("studio.xliff.changed", "where", where, "file", u.Source, "now", t[d.lang()])
		}
		if text == "" {
			continue
		}
		if len(out) == maxRefused {
			more++
			continue
		}
		out = append(out, ui.Problem{Field: "file", Text: text})
	}
	if more > 0 {
		out = append(out, ui.Problem{Field: "file", Text: r.T("studio.xliff.more", "n", more)})
	}
	return out
}
