package studio

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
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

// translatePart sets the texts side by side.
func (s *Studio) translatePart() part {
	return part{
		code: "translations", icon: "globe", group: "publish", show: s.translations, wide: true,
		posts: []action{{do: s.translate}, {path: "/import", do: s.translationsImport, body: uploadLimit}},
		gets:  []action{{path: "/export", do: s.translationsExport}, {path: "/xliff", do: s.xliffExport}},
	}
}

// pairView is a text with its translation.
type pairView struct {
	Where, Source string
	SourceLang    string
	Field         ui.Field
	Stale         string // says that the source has changed since, "" where it has not
	Href          string // where the text is edited
}

// translateView is the page of translations into one language.
type translateView struct {
	Targets  []ui.Chip
	Filters  []ui.Chip
	Form     formView
	Pairs    []pairView
	Empty    *ui.EmptyView
	Done     string // how much is done
	Pager    ui.Pager
	Import   *formView
	Export   []ui.ButtonView
	ReadOnly bool
}

// pairsOnPage is how many texts stand on a page.
const pairsOnPage = 25

// target is the language that is translated into: the one asked for, else the first that is not the agency's.
func (d *desk) target(asked string) string {
	rest := d.Pack.Languages[min(1, len(d.Pack.Languages)):]
	if slices.Contains(rest, asked) {
		return asked
	}
	if len(rest) > 0 {
		return rest[0]
	}
	return ""
}

func (s *Studio) translations(r *frame.Request, d *desk) error {
	lang := d.target(r.Query("into"))
	v := translateView{ReadOnly: !d.design}
	if lang == "" {
		v.Empty = &ui.EmptyView{Icon: "globe", Title: r.T("studio.translate.one"), Text: r.T("studio.translate.one.text"), Action: &ui.ButtonView{Label: r.T("studio.part.texts"), Href: d.href("texts"), Variant: "secondary"}}
		return s.render(r, d, look{Canvas: translateCanvas(v)})
	}
	var stale map[string]string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		stale, err = s.deps.Studio.Outdated(ctx, tx, *r.Principal, d.ID, lang)
		return err
	})
	if err != nil {
		return err
	}
	all := studio.Texts(d.Pack)
	for _, l := range d.Pack.Languages[1:] {
		n := missing(all, l)
		v.Targets = append(v.Targets, ui.Chip{Label: s.language(l), Href: d.here("?into=" + l), On: l == lang, Count: &n})
	}
	show := r.Query("show")
	if show == "" {
		show = "missing"
	}
	var list []studio.TextAt
	for _, t := range all {
		_, old := stale[strings.Join(t.Keys, ".")]
		if show == "all" || show == "missing" && (t.Text[lang] == "" || old) {
			list = append(list, t)
		}
	}
	for _, f := range []string{"missing", "all"} {
		v.Filters = append(v.Filters, ui.Chip{Label: r.T("studio.translate." + f), Href: d.here("?into=" + lang + "&show=" + f), On: f == show})
	}
	v.Done = r.T("studio.translate.done", "done", len(all)-missing(all, lang), "all", len(all))
	from := min(max(0, number0(r.Query("from"))), len(list))
	page := list[from:min(from+pairsOnPage, len(list))]
	v.Form = d.form(r, "?into="+lang+"&show="+show)
	v.Form.Submit = r.T("studio.translate.save")
	v.Form.Hidden = append(v.Form.Hidden, [2]string{"into", lang}, [2]string{"show", show})
	for _, t := range page {
		v.Pairs = append(v.Pairs, s.pair(r, d, t, lang, stale[strings.Join(t.Keys, ".")]))
	}
	if from > 0 {
		v.Pager.PreviousHref = d.here("?into=" + lang + "&show=" + show + "&from=" + strconv.Itoa(max(0, from-pairsOnPage)))
	}
	if from+pairsOnPage < len(list) {
		v.Pager.NextHref = d.here("?into=" + lang + "&show=" + show + "&from=" + strconv.Itoa(from+pairsOnPage))
	}
	if len(list) == 0 {
		v.Empty = &ui.EmptyView{Icon: "circle-check", Title: r.T("studio.translate.none"), Text: r.T("studio.translate.none.text")}
	}
	v.Export = []ui.ButtonView{
		{Label: r.T("studio.translate.export"), Href: d.here("/export?into=" + lang), Icon: "download", Variant: "secondary"},
		{Label: r.T("studio.xliff.export"), Href: d.here("/xliff?into=" + lang), Icon: "download", Variant: "secondary"},
	}
	if d.design {
		f := d.form(r, "/import?into="+lang)
		f.Multipart, f.Submit, f.Quiet, f.Icon = true, r.T("studio.translate.import"), true, "upload"
		f.Hidden = append(f.Hidden, [2]string{"into", lang})
		file := input(r, "file", "", hint(r.T("studio.translate.import.hint")), label(r.T("studio.translate.file")))
		file.Kind, file.Accept = fileField, ".csv,.xlf,.xliff"
		f.Fields = []field{file, box(r, "rest", d.checked("rest", false), label(r.T("studio.xliff.rest")), hint(r.T("studio.xliff.rest.hint")))}
		f.wrong(d.wrong)
		v.Import = &f
	}
	return s.render(r, d, look{Canvas: translateCanvas(v)})
}

func number0(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func missing(all []studio.TextAt, lang string) (n int) {
	for _, t := range all {
		if strings.TrimSpace(t.Text[lang]) == "" {
			n++
		}
	}
	return n
}

// pair is a text with the field for its translation. The field carries the source that the translator saw.
func (s *Studio) pair(r *frame.Request, d *desk, t studio.TextAt, lang, old string) pairView {
	name := "text:" + strings.Join(t.Keys, "/")
	p := pairView{Where: s.where(r, d.Pack, t.Keys), Source: t.Text.In(d.lang(), d.lang()), SourceLang: d.lang(), Href: s.problemHref(d, t.Path)}
	p.Field = ui.Field{Name: name, Label: s.language(lang) + ": " + p.Where, HideLabel: true, Value: d.value(name, t.Text[lang]), Rows: 1 + len(p.Source)/60}
	p.Field.Attrs = map[string]any{"lang": lang, "dir": i18n.Dir(lang)}
	if old != "" && t.Text[lang] != "" {
		p.Stale = r.T("studio.translate.stale", "before", old)
	}
	return p
}

// translate saves the translations of a page.
func (s *Studio) translate(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	lang := d.target(posted.Get("into"))
	what := studio.Step{Code: "translate", Part: []string{"code"}, Args: map[string]string{"lang": s.language(lang)}}
	words := map[string]string{}
	for name := range posted {
		if keys, ok := strings.CutPrefix(name, "text:"); ok {
			words[keys] = trimmed(posted, name)
			what.Also = append(what.Also, append(strings.Split(keys, "/"), lang))
		}
	}
	return s.change(r, d, what, d.here("?into="+lang+"&show="+posted.Get("show")+"&done=studio.saved"), func(p *servicespec.Pack) error {
		if !slices.Contains(p.Languages, lang) {
			return studio.ErrGone
		}
		for keys, text := range words {
			studio.SetText(p, strings.Split(keys, "/"), lang, text)
		}
		return nil
	})
}

// translationsExport writes the texts as CSV: where each is, the source, and the translation.
func (s *Studio) translationsExport(r *frame.Request, d *desk) error {
	lang := d.target(r.Query("into"))
	if lang == "" {
		return fault.NotFound("page.not_found")
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	if err := w.Write([]string{"key", d.lang(), lang}); err != nil {
		return err
	}
	for _, t := range studio.Texts(d.Pack) {
		if err := w.Write([]string{strings.Join(t.Keys, "/"), frame.Cell(t.Text[d.lang()]), frame.Cell(t.Text[lang])}); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return r.File(d.Code+"."+lang+".csv", "text/csv; charset=utf-8", false, out.Bytes())
}

// translationsImport takes translations back from such a file. Texts that are not in it stay as they are, and so do those whose source
// says something else by now: they are told.
func (s *Studio) translationsImport(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	lang := d.target(posted.Get("into"))
	source, err := uploaded(r, "file")
	if err != nil {
		return err
	}
	if xliff.IsXML(source) {
		return s.xliffImport(r, d, source, lang)
	}
	rows, ok := tableOf(source, d.lang(), lang)
	if !ok || lang == "" {
		return s.refuse(r, d, posted, studio.ErrFile.WithFields(fieldFault("file", "csv")))
	}
	what := studio.Step{Code: "translate.import", Part: []string{"code"}, Args: map[string]string{"lang": s.language(lang)}}
	for _, row := range rows {
		what.Also = append(what.Also, append(strings.Split(row[0], "/"), lang))
	}
	return s.change(r, d, what, d.here("?into="+lang+"&done=studio.imported"), func(p *servicespec.Pack) error {
		now := map[string]i18n.Text{}
		for _, t := range studio.Texts(p) {
			now[strings.Join(t.Keys, "/")] = t.Text
		}
		for _, row := range rows {
			if t, there := now[row[0]]; there && row[2] != "" && frame.Cell(t[d.lang()]) == row[1] {
				studio.SetText(p, strings.Split(row[0], "/"), lang, plainCell(row[2], t[lang]))
			}
		}
		return nil
	})
}

// plainCell takes the mark away by which a cell was kept from being reckoned.
func plainCell(cell, before string) string {
	if cell == frame.Cell(before) {
		return before
	}
	if bare, ok := strings.CutPrefix(cell, "'"); ok && frame.Cell(bare) == cell {
		return bare
	}
	return cell
}

// tableOf reads a file of translations; ok is false for what is none, or one of other languages.
func tableOf(source []byte, from, into string) (rows [][]string, ok bool) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(source, []byte("\ufeff"))))
	head, err := reader.Read()
	if err == nil && len(head) == 1 && strings.Count(head[0], ";") == 2 { // as spreadsheets of some countries save it
		reader = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(source, []byte("\ufeff"))))
		reader.Comma = ';'
		head, err = reader.Read()
	}
	if err != nil || !slices.Equal(head, []string{"key", from, into}) {
		return nil, false
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, true
		}
		if err != nil || len(rows) > 20000 {
			return nil, false
		}
		rows = append(rows, row)
	}
}
