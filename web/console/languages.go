package console

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

const languagesPath = "/console/languages"

func languagePath(lang string) string { return languagesPath + "/" + lang }

// languageRoutes lists the routes of the pages on which the texts of the portal are translated and worded anew.
func (c *Console) languageRoutes(whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post, change, translate = http.MethodGet, http.MethodPost, "tenancy:change", "tenancy:translate"
	file := whole(post, "/languages/{lang}/files", translate, c.wordingCheck)
	file.MaxBody, file.PerMinute = spreadsheetMost, spreadsheetsPerMinute
	return []frame.Route{
		whole(get, "/languages", translate, c.languages),
		whole(get, "/languages/new", change, c.languageAsk),
		whole(post, "/languages/new", change, c.languageAdd),
		whole(get, "/languages/{lang}", translate, c.wordings),
		whole(get, "/languages/{lang}/parts", translate, c.wordingParts),
		whole(get, "/languages/{lang}/remove", change, c.languageRemoveAsk),
		whole(post, "/languages/{lang}/remove", change, c.languageRemove),
		whole(post, "/languages/{lang}/show", change, c.languageShow),
		whole(post, "/languages/{lang}/hide", change, c.languageHide),
		whole(get, "/languages/{lang}/texts/{key}", translate, c.wordingAsk),
		whole(post, "/languages/{lang}/texts/{key}", translate, c.wordingSave),
		whole(post, "/languages/{lang}/texts/{key}/reset", translate, c.wordingReset),
		whole(get, "/languages/{lang}/files", translate, c.wordingFiles),
		file,
		whole(get, "/languages/{lang}/files/{format}", translate, c.wordingExport),
		whole(get, "/languages/{lang}/history", translate, c.wordingActs),
		whole(get, "/languages/{lang}/history/{act}", translate, c.wordingAct),
		whole(post, "/languages/{lang}/history/{act}/{do}", translate, c.wordingDo),
	}
}

// languageRow is a language with how much of it there is.
type languageRow struct {
	i18n.Language
	own       bool // the tenant added it
	shown     bool // people are offered it
	said, all int  // texts that it has, and that there are
	worded    int  // texts that the tenant says otherwise
}

// languages lists the languages with what each lacks.
func (c *Console) languages(r *frame.Request) error {
	l := list[languageRow]{
		name: "languages", columns: []string{"language", "language_done#", "language_gaps#", "language_own#", "state", "act"},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[languageRow], error) {
			return all(c.languageRows(ctx, tx, r))
		},
		cells: func(x languageRow) []ui.Cell { return languageCells(r, x) },
	}
	v := view(r, r.T("site.console.languages"))
	v.Lead = r.T("console.languages.lead")
	if r.Principal.MayIn("tenancy:change", "") {
		v.Actions = []ui.ButtonView{{Label: r.T("console.languages.new"), Href: languagesPath + "/new", Icon: "plus"}}
	}
	return l.serve(r, v)
}

func (c *Console) languageRows(ctx context.Context, tx *pg.Tx, r *frame.Request) (rows []languageRow, err error) {
	own, err := c.deps.Wording.Languages(ctx, tx)
	if err != nil {
		return nil, err
	}
	keys := r.Texts().Keys("en")
	for _, l := range r.Texts().Languages() {
		x := languageRow{Language: l, shown: contains(r.Settings.Languages, l.Code), all: len(keys)}
		x.own = slices.ContainsFunc(own, func(o tenancy.OwnLanguage) bool { return o.Code == l.Code })
		x.said = said(r, l.Code, keys)
		worded, err := c.deps.Wording.Own(ctx, tx, l.Code)
		if err != nil {
			return nil, err
		}
		x.worded = len(worded)
		rows = append(rows, x)
	}
	return rows, nil
}

// said counts the texts that a language has.
func said(r *frame.Request, lang string, keys []string) (n int) {
	for _, key := range keys {
		if r.Texts().Own(lang, key) != nil {
			n++
		}
	}
	return n
}

func languageCells(r *frame.Request, x languageRow) []ui.Cell {
	state := &ui.TagView{Text: r.T("console.languages.hidden"), Kind: ui.Neutral}
	switch {
	case x.Code == r.Settings.DefaultLanguage:
		state = &ui.TagView{Text: r.T("console.languages.main"), Kind: ui.Success}
	case x.shown:
		state = &ui.TagView{Text: r.T("console.languages.shown"), Kind: ui.Success}
	}
	act := ui.Cell{}
	if r.Principal.MayIn("tenancy:change", "") && x.Code != r.Settings.DefaultLanguage {
		act.Body = post(postView{Action: languagePath(x.Code) + "/show", Label: r.T("console.languages.show"), Hidden: x.Name})
		if x.shown {
			act.Body = post(postView{Action: languagePath(x.Code) + "/hide", Label: r.T("console.languages.hide"), Hidden: x.Name})
		}
	}
	return []ui.Cell{
		{Body: languageLink(languagePath(x.Code), x.Language)},
		{Text: percent(r, x.said, x.all)},
		{Text: ui.Number(r.Context(), x.all-x.said)},
		{Text: ui.Number(r.Context(), x.worded)},
		{Tag: state},
		act,
	}
}

// percent says how much of something is done; only what is whole is 100 %.
func percent(r *frame.Request, done, all int) string {
	share := 100
	if all > 0 {
		share = int(math.Floor(100 * float64(done) / float64(all)))
	}
	return r.T("console.languages.percent", "n", share)
}

// languageAsk asks for a language to add.
func (c *Console) languageAsk(r *frame.Request) error {
	return r.HTML(consolePage(c.languageForm(r, "", "")))
}

func (c *Console) languageForm(r *frame.Request, codeText, name string) pageView {
	v := view(r, r.T("console.languages.new")).back(languagesPath, r.T("site.console.languages"))
	v.Lead = r.T("console.languages.new.lead")
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.languages.new")}, Fields: []field{
		input(r, "code", codeText, code, label(r.T("console.languages.code")), hint(r.T("console.languages.code.hint"))),
		input(r, "language_name", name, label(r.T("console.languages.name")), hint(r.T("console.languages.name.hint"))),
	}}
	return v
}

func (c *Console) languageAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := c.languageForm(r, trimmed(posted, "code"), trimmed(posted, "language_name"))
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Wording.AddLanguage(ctx, tx, trimmed(posted, "code"), posted.Get("language_name"))
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(languagePath(trimmed(posted, "code")) + "?done=console.language_added")
}

// languageHere is the language of the path. Errors: tenancy.ErrNoLanguage.
func languageHere(r *frame.Request) (i18n.Language, error) {
	for _, l := range r.Texts().Languages() {
		if l.Code == r.Param("lang") {
			return l, nil
		}
	}
	return i18n.Language{}, tenancy.ErrNoLanguage
}

func (c *Console) languageShow(r *frame.Request) error {
	return c.offer(r, func(languages []string, lang string) []string {
		if contains(languages, lang) {
			return languages
		}
		return append(languages, lang)
	})
}

func (c *Console) languageHide(r *frame.Request) error {
	return c.offer(r, func(languages []string, lang string) []string {
		return slices.DeleteFunc(languages, func(l string) bool { return l == lang && l != r.Settings.DefaultLanguage })
	})
}

// offer changes which languages people can choose.
func (c *Console) offer(r *frame.Request, change func(languages []string, lang string) []string) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		s, err := c.deps.Tenancy.Settings(ctx, tx)
		if err != nil {
			return err
		}
		s.Languages = change(slices.Clone(s.Languages), l.Code)
		return c.changeSettings(ctx, tx, s)
	})
	if err != nil {
		return err
	}
	return r.Redirect(languagesPath + "?done=console.saved")
}

// changeSettings changes the settings, and has services found in the languages that they name.
func (c *Console) changeSettings(ctx context.Context, tx *pg.Tx, s tenancy.Settings) error {
	if err := c.deps.Tenancy.Change(ctx, tx, s); err != nil {
		return err
	}
	return tx.Enqueue(ctx, &catalog.ReindexArgs{})
}

func (c *Console) languageRemoveAsk(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.languages.remove.title", "name", l.Name), r.T("console.languages.remove.text"), r.T("console.languages.remove"), languagePath(l.Code))
}

func (c *Console) languageRemove(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Wording.RemoveLanguage(ctx, tx, r.Param("lang"))
	})
	if err != nil {
		return err
	}
	return r.Redirect(languagesPath + "?done=console.language_removed")
}

// languageTabs are the pages of a language.
func languageTabs(r *frame.Request, lang, current string) (tabs []ui.NavItem) {
	for _, t := range []string{"", "parts", "files", "history"} {
		href := languagePath(lang)
		if t != "" {
			href += "/" + t
		}
		key := "console.languages.tab." + t
		if t == "" {
			key += "texts"
		}
		tabs = append(tabs, ui.NavItem{Label: r.T(key), Href: href, Current: t == current})
	}
	return tabs
}

// languageView begins a page of a language.
func languageView(r *frame.Request, l i18n.Language, tab string) pageView {
	v := view(r, l.Name).back(languagesPath, r.T("site.console.languages"))
	v.Caption, v.Tabs = l.Code, languageTabs(r, l.Code, tab)
	return v
}

// sourceOf is the language from which a language is translated: the one asked for, else the tenant's own where it is another, else English.
func sourceOf(r *frame.Request, asked, lang string) i18n.Language {
	var out i18n.Language
	for _, want := range []string{"en", "pt", r.Settings.DefaultLanguage, "en", asked} {
		for _, l := range r.Texts().Languages() {
			if l.Code == want && want != lang {
				out = l
			}
		}
	}
	return out
}

// wordingParts counts what a language lacks, part by part.
func (c *Console) wordingParts(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	type count struct {
		part      string
		said, all int
	}
	var rows []count
	at := map[string]int{}
	for _, key := range r.Texts().Keys("en") {
		part := locale.Part(key)
		if _, ok := at[part]; !ok {
			at[part] = len(rows)
			rows = append(rows, count{part: part})
		}
		x := &rows[at[part]]
		x.all++
		if r.Texts().Own(l.Code, key) != nil {
			x.said++
		}
	}
	slices.SortFunc(rows, func(a, b count) int { return strings.Compare(a.part, b.part) })
	v := languageView(r, l, "parts")
	v.Lead = r.T("console.languages.parts.lead")
	table := list[count]{
		name: l.Code + "-parts", columns: []string{"language_part", "language_done#", "language_gaps#", "language_texts#"},
		fetch: func(context.Context, *pg.Tx, page.Request) (page.Page[count], error) { return all(rows, nil) },
		orders: map[string]func(a, b count) int{
			"language_part": words(func(x count) string { return x.part }), "language_gaps": func(a, b count) int { return (a.all - a.said) - (b.all - b.said) },
		},
		cells: func(x count) []ui.Cell {
			href := languagePath(l.Code) + "?part=" + url.QueryEscape(x.part)
			if x.said < x.all {
				href += "&show=gaps"
			}
			return []ui.Cell{{Text: x.part, Href: href}, {Text: percent(r, x.said, x.all)}, {Text: ui.Number(r.Context(), x.all-x.said)}, {Text: ui.Number(r.Context(), x.all)}}
		},
	}
	return table.serve(r, v)
}
