package console

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// wording is a text of the product as one language says it beside another.
type wording struct {
	key                string
	source, text       i18n.Message
	own, gap, outdated bool // the tenant's own; nothing is said; the product says something else since
}

// wordingFilter is what a list of texts is narrowed to.
type wordingFilter struct{ words, show, part string }

func filterOf(r *frame.Request) wordingFilter {
	return wordingFilter{strings.ToLower(r.Query("q")), r.Query("show"), r.Query("part")}
}

// wordingsOf lists the texts of a language in the order of their keys. The catalogue is in memory: nothing is asked but what is own.
func wordingsOf(r *frame.Request, lang string, from i18n.Language, own map[string]tenancy.OwnText, f wordingFilter) (out []wording) {
	texts := r.Texts()
	for _, key := range texts.Keys("en") {
		x := wording{key: key, source: texts.Own(from.Code, key), text: texts.Own(lang, key)}
		if x.source == nil {
			x.source = texts.Own("en", key)
		}
		mine, ok := own[key]
		x.own, x.gap, x.outdated = ok, x.text == nil, ok && !i18n.Same(mine.Source, texts.Product().Own("en", key))
		if f.keeps(x) {
			out = append(out, x)
		}
	}
	return out
}

func (f wordingFilter) keeps(x wording) bool {
	switch {
	case f.show == "gaps" && !x.gap, f.show == "own" && !x.own, f.show == "outdated" && !x.outdated, f.part != "" && locale.Part(x.key) != f.part:
		return false
	case f.words == "" || strings.Contains(x.key, f.words):
		return true
	}
	for _, m := range []i18n.Message{x.source, x.text} {
		for _, s := range m {
			if strings.Contains(strings.ToLower(s), f.words) {
				return true
			}
		}
	}
	return false
}

// wordings lists the texts of a language beside those of another.
func (c *Console) wordings(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	from := sourceOf(r, r.Query("from"), l.Code)
	table := list[wording]{
		only: true, columns: []string{"language_source", "language_text", "state", "language_key"}, empty: empty(r, "languages.texts", "globe", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (found page.Page[wording], err error) {
			own, err := c.deps.Wording.Own(ctx, tx, l.Code)
			if err != nil {
				return found, err
			}
			rows := wordingsOf(r, l.Code, from, own, filterOf(r))
			if p.After != "" {
				after, err := page.Decode(p.After, 1)
				if err != nil {
					return found, err
				}
				rows = slices.DeleteFunc(rows, func(x wording) bool { return x.key <= after[0] })
			}
			return page.Of(p, rows[:min(len(rows), p.Limit()+1)], func(x wording) []string { return []string{x.key} }), nil
		},
		cells: func(x wording) []ui.Cell {
			href := wordingPath(l.Code, x.key) + "?" + url.Values{"from": {from.Code}}.Encode()
			return []ui.Cell{
				{Body: wordsLink(href, x.source["other"], from)}, {Body: wordsIn(x.text["other"], l)}, {Tag: wordingTag(r, x)}, {Body: keyText(x.key)},
			}
		},
	}
	v := languageView(r, l, "")
	keys := r.Texts().Keys("en")
	done := said(r, l.Code, keys)
	v.Lead = r.T("console.languages.state", "done", done, "all", len(keys), "percent", percent(r, done, len(keys)))
	v.Search = search(r, "console.languages.search")
	v.Chips = chips(r, "show", "console.languages.only.", "gaps", "own", "outdated")
	if part := r.Query("part"); part != "" {
		v.Chips = append(v.Chips, chip(r, "part", part, r.T("console.languages.part", "name", part)))
	}
	for _, other := range r.Texts().Languages() {
		if other.Code != l.Code && (contains(r.Settings.Languages, other.Code) || other.Code == "en") && other.Code != from.Code {
			v.Chips = append(v.Chips, ui.Chip{Label: r.T("console.languages.from", "name", other.Name), Href: r.With("from", other.Code)})
		}
	}
	if addedHere(r, l.Code) && r.Principal.MayIn("tenancy:change", "") && !contains(r.Settings.Languages, l.Code) {
		v.Actions = []ui.ButtonView{{Label: r.T("console.languages.remove"), Href: languagePath(l.Code) + "/remove", Variant: "tertiary", Icon: "trash-2"}}
	}
	return table.serve(r, v)
}

// addedHere reports whether the tenant added a language.
func addedHere(r *frame.Request, lang string) bool {
	return !slices.ContainsFunc(r.Texts().Product().Languages(), func(l i18n.Language) bool { return l.Code == lang })
}

func wordingTag(r *frame.Request, x wording) *ui.TagView {
	switch {
	case x.gap:
		return &ui.TagView{Text: r.T("console.languages.gap"), Kind: ui.Warning}
	case x.outdated:
		return &ui.TagView{Text: r.T("console.languages.outdated"), Kind: ui.Warning}
	case x.own:
		return &ui.TagView{Text: r.T("console.languages.own"), Kind: ui.Info}
	}
	return &ui.TagView{Text: r.T("console.languages.product"), Kind: ui.Neutral}
}

// keySteps are the steps of a key, each with the dot after it.
func keySteps(key string) []string { return strings.SplitAfter(key, ".") }

func wordingPath(lang, key string) string {
	return languagePath(lang) + "/texts/" + url.PathEscape(key)
}

// wordingHere are the language and the text of the path. Errors: tenancy.ErrNoLanguage, tenancy.ErrNoText.
func wordingHere(r *frame.Request) (i18n.Language, string, error) {
	l, err := languageHere(r)
	if err != nil {
		return l, "", err
	}
	key, err := url.PathUnescape(r.Param("key"))
	if err != nil || r.Texts().Own("en", key) == nil {
		return l, "", tenancy.ErrNoText
	}
	return l, key, nil
}

func (c *Console) wordingAsk(r *frame.Request) error {
	l, key, err := wordingHere(r)
	if err != nil {
		return err
	}
	v, err := c.wordingForm(r, l, key, r.Texts().Own(l.Code, key), r.Query("from"))
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

// formsOf are the plural forms that a text of the key takes in a language, the general one last.
func formsOf(r *frame.Request, lang, key string) []string {
	if len(r.Texts().Product().Own("en", key)) < 2 && len(r.Texts().Own(lang, key)) < 2 {
		return []string{"other"}
	}
	var out []string
	for _, form := range []string{"zero", "one", "two", "few", "many", "other"} {
		if contains(i18n.Forms(lang), form) {
			out = append(out, form)
		}
	}
	return out
}

// formName says which numbers a plural form is for: "One (1)".
func formName(r *frame.Request, lang, form string) string {
	if n, ok := i18n.Example(lang, form); ok {
		return r.T("console.languages.form."+form) + " (" + r.T("console.languages.as", "n", n) + ")"
	}
	return r.T("console.languages.form." + form)
}

// wordingForm is the page of one text: its source, the form, how it comes out, and what was done to it.
func (c *Console) wordingForm(r *frame.Request, l i18n.Language, key string, text i18n.Message, from string) (pageView, error) {
	src := sourceOf(r, from, l.Code)
	var own map[string]tenancy.OwnText
	var acts []tenancy.WordingAct
	var changes []tenancy.WordingChange
	people := map[uuid.UUID]string{}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if own, err = c.deps.Wording.Own(ctx, tx, l.Code); err != nil {
			return err
		}
		if acts, changes, err = c.deps.Wording.TextHistory(ctx, tx, l.Code, key, 20); err != nil {
			return err
		}
		for _, a := range acts {
			people[a.By] = ""
		}
		return c.nameAll(ctx, tx, people)
	})
	v := view(r, r.T("console.languages.text.title")).back(languagePath(l.Code), l.Name)
	x := wordingsOf(r, l.Code, src, own, wordingFilter{})
	at := slices.IndexFunc(x, func(w wording) bool { return w.key == key })
	v.Tag = wordingTag(r, x[at])
	v.Facts = wordingFacts(r, src, x[at])
	if x[at].outdated {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("console.languages.outdated.title"), Text: r.T("console.languages.outdated.text", "before", own[key].Source["other"])})
	}
	f := &formView{FormPage: ui.FormPage{Action: wordingPath(l.Code, key), Submit: r.T("console.save"), Hidden: [][2]string{{"from", src.Code}}, Second: &ui.ButtonView{
		Label: r.T("console.languages.preview"), Name: "act", Value: "preview", Variant: "secondary",
	}}}
	forms := formsOf(r, l.Code, key)
	for _, form := range forms {
		box := input(r, "text."+form, text[form], long, label(r.T("console.languages.text.in", "name", l.Name)))
		if len(forms) > 1 {
			box.Label = formName(r, l.Code, form)
		}
		box.Rows = 2 + len(x[at].source["other"])/80
		box.Attrs = map[string]any{"lang": l.Code, "dir": l.Dir}
		f.Fields = append(f.Fields, box)
	}
	v.Form = f
	for next := at + 1; next < len(x); next++ {
		if x[next].gap {
			v.Actions = []ui.ButtonView{{Label: r.T("console.languages.next"), Href: wordingPath(l.Code, x[next].key) + "?from=" + src.Code, Variant: "tertiary", IconAfter: "arrow-right"}}
			break
		}
	}
	v.Sections = append(v.Sections, previewSection(r, l, key, forms, text), wordingHistory(r, l, acts, changes, people))
	if x[at].own && r.Texts().Product().Own(l.Code, key) != nil {
		v.Sections = append(v.Sections, section{
			Title: r.T("console.languages.reset.title"), Text: r.T("console.languages.reset.text", "text", r.Texts().Product().Own(l.Code, key)["other"]),
			Posts: []postView{{Action: wordingPath(l.Code, key) + "/reset", Label: r.T("console.languages.reset")}},
		})
	}
	return v, err
}

// wordingFacts are the source, form by form, where the text stands and what is filled in.
func wordingFacts(r *frame.Request, src i18n.Language, x wording) (facts []ui.Fact) {
	for _, form := range slices.Sorted(maps.Keys(x.source)) {
		name := r.T("console.languages.source", "name", src.Name)
		if len(x.source) > 1 {
			name += ", " + formName(r, src.Code, form)
		}
		facts = append(facts, ui.Fact{Key: name, Body: wordsIn(x.source[form], src)})
	}
	facts = append(facts,
		ui.Fact{Key: r.T("console.column.language_key"), Body: keyText(x.key)}, ui.Fact{Key: r.T("console.column.language_part"), Body: codeText(locale.Part(x.key))})
	if names := x.source.Placeholders(); len(names) > 0 {
		facts = append(facts, ui.Fact{Key: r.T("console.languages.placeholders"), Body: codeText("{" + strings.Join(names, "}, {") + "}")})
	}
	return facts
}

// previewSection shows a text filled with examples, once for each plural form.
func previewSection(r *frame.Request, l i18n.Language, key string, forms []string, text i18n.Message) section {
	s := section{Title: r.T("console.languages.preview.title"), Text: r.T("console.languages.preview.text")}
	if text == nil {
		s.Text = r.T("console.languages.preview.gap")
		return s
	}
	for _, form := range forms {
		args := map[string]any{}
		for _, name := range r.Texts().Own("en", key).Placeholders() {
			args[name] = "[" + name + "]"
		}
		n, ok := i18n.Example(l.Code, form)
		if !ok {
			n = 1000000
		}
		if _, counted := args["n"]; counted || len(forms) > 1 {
			args["n"] = n
		}
		name := r.T("console.languages.preview.one")
		if len(forms) > 1 {
			name = r.T("console.languages.as", "n", n)
		}
		s.Facts = append(s.Facts, ui.Fact{Key: name, Body: wordsIn(i18n.Say(l.Code, text, args), l)})
	}
	return s
}

func wordingHistory(r *frame.Request, l i18n.Language, acts []tenancy.WordingAct, changes []tenancy.WordingChange, people map[uuid.UUID]string) section {
	s := section{Title: r.T("console.languages.tab.history"), Table: &ui.TableView{
		Caption: r.T("console.languages.tab.history"), HideCaption: true, Stack: true, Columns: columns(r, "time", "by", "language_before", "language_after", "state"),
		Empty: &ui.EmptyView{Icon: "history", Title: r.T("console.languages.history.none"), Text: r.T("console.languages.history.none.text")},
	}}
	for i, a := range acts {
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), a.At), Href: actPath(l.Code, a.ID)},
			{Text: orNone(r, people[a.By])},
			{Body: wordsIn(changes[i].Before["other"], l)},
			{Body: wordsIn(changes[i].After["other"], l)},
			{Tag: actTag(r, a)},
		}})
	}
	return s
}

// wordingSave gives a text the tenant's words, or shows how they would come out.
func (c *Console) wordingSave(r *frame.Request) error {
	l, key, err := wordingHere(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	text := i18n.Message{}
	for _, form := range formsOf(r, l.Code, key) {
		text[form] = strings.TrimSpace(strings.ReplaceAll(posted.Get("text."+form), "\r\n", "\n"))
	}
	if posted.Get("act") == "preview" {
		err = c.deps.Wording.CheckText(l.Code, key, text)
	} else {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			if err := c.deps.Wording.CheckText(l.Code, key, text); err != nil {
				return err
			}
			_, err := c.deps.Wording.Put(ctx, tx, l.Code, key, text)
			return err
		})
	}
	if err == nil && posted.Get("act") != "preview" {
		return r.Redirect(wordingPath(l.Code, key) + "?from=" + url.QueryEscape(posted.Get("from")) + "&done=console.saved")
	}
	v, failed := c.wordingForm(r, l, key, text, posted.Get("from"))
	if failed != nil {
		return failed
	}
	status := http.StatusOK
	if err != nil {
		if status = http.StatusUnprocessableEntity; !v.refusedText(r, err) {
			return err
		}
	}
	return r.HTMLStatus(status, consolePage(v))
}

// refusedText puts what is wrong with a text to the plural form that it is wrong with.
func (v *pageView) refusedText(r *frame.Request, err error) bool {
	e := fault.Of(err)
	if e == nil || e.Kind != fault.KindInvalid {
		return false
	}
	for _, f := range e.Fields {
		v.Form.problem(ui.Problem{Field: f.Path, Text: flawSentence(r, f)})
	}
	return true
}

// flawSentence says what is wrong with a text; a plural form by its name.
func flawSentence(r *frame.Request, f fault.Field) string {
	args := maps.Clone(f.Args)
	if form, ok := args["form"].(string); ok {
		args["form"] = form
		if key := "console.languages.form." + form; r.Texts().Has(r.Lang, key) {
			args["form"] = r.T(key)
		}
	}
	return r.FieldSentence(fault.Field{Path: f.Path, Code: f.Code, Args: args})
}

func (c *Console) wordingReset(r *frame.Request) error {
	l, key, err := wordingHere(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Wording.Put(ctx, tx, l.Code, key, nil)
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(wordingPath(l.Code, key) + "?done=console.saved")
}
