package console

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
	"digit/web/ui"
)

func actPath(lang string, act uuid.UUID) string {
	return languagePath(lang) + "/history/" + act.String()
}

func actTag(r *frame.Request, a tenancy.WordingAct) *ui.TagView {
	kind := map[tenancy.ActState]ui.Kind{tenancy.ActChecked: ui.Warning, tenancy.ActDone: ui.Success}[a.State]
	if kind == "" {
		kind = ui.Neutral
	}
	return &ui.TagView{Text: r.T("console.languages.act." + string(a.State)), Kind: kind}
}

// wordingActs lists what was done to the texts of a language.
func (c *Console) wordingActs(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	people := map[uuid.UUID]string{}
	table := list[tenancy.WordingAct]{
		name: "texts-" + l.Code + "-history", columns: []string{"time", "language_act", "by", "language_texts#", "state"}, empty: empty(r, "languages.history", "history", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[tenancy.WordingAct], error) {
			found, err := c.deps.Wording.Acts(ctx, tx, l.Code, p)
			if err != nil {
				return found, err
			}
			for _, a := range found.Rows {
				people[a.By] = ""
			}
			return found, c.nameAll(ctx, tx, people)
		},
		cells: func(a tenancy.WordingAct) []ui.Cell {
			return []ui.Cell{
				{Text: ui.DateTime(r.Context(), a.At), Href: actPath(l.Code, a.ID)},
				{Text: r.T("console.languages.act." + string(a.Kind)), Body: actName(r, a)},
				{Text: orNone(r, people[a.By])},
				{Text: ui.Number(r.Context(), actTexts(a))},
				{Tag: actTag(r, a)},
			}
		},
	}
	return table.serve(r, languageView(r, l, "history"))
}

// actTexts is how many texts an act is about.
func actTexts(a tenancy.WordingAct) (n int) {
	for _, count := range a.Outcomes {
		n += count
	}
	return n
}

// actName says what an act was, of an edit with the text it was about.
func actName(r *frame.Request, a tenancy.WordingAct) templ.Component {
	if a.Key == "" {
		return nil
	}
	return actOf(r.T("console.languages.act."+string(a.Kind)), a.Key)
}

// actHere is the act of the path. Errors: tenancy.ErrNoAct.
func (c *Console) actHere(ctx context.Context, tx *pg.Tx, r *frame.Request) (tenancy.WordingAct, error) {
	id, err := r.UUID("act")
	if err != nil {
		return tenancy.WordingAct{}, err
	}
	a, err := c.deps.Wording.Act(ctx, tx, id)
	if err == nil && a.Lang != r.Param("lang") {
		err = tenancy.ErrNoAct
	}
	return a, err
}

// wordingAct shows text by text what was done, or what a file would do.
func (c *Console) wordingAct(r *frame.Request) error {
	l, err := languageHere(r)
	if err != nil {
		return err
	}
	var a tenancy.WordingAct
	var rows page.Page[tenancy.WordingChange]
	people := map[uuid.UUID]string{}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.actHere(ctx, tx, r); err != nil {
			return err
		}
		if rows, err = c.deps.Wording.Changes(ctx, tx, a.ID, tenancy.Outcome(r.Query("outcome")), r.Paging()); err != nil {
			return err
		}
		people[a.By], people[a.EndedBy] = "", ""
		return c.nameAll(ctx, tx, people)
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.languages.act."+string(a.Kind))).back(languagePath(l.Code)+"/history", r.T("console.languages.tab.history"))
	v.Caption, v.Tag, v.Lead = l.Name, actTag(r, a), r.T("console.languages.act."+string(a.State)+".text")
	v.Facts = []ui.Fact{{Key: r.T("console.column.time"), Value: ui.DateTime(r.Context(), a.At)}, {Key: r.T("console.column.by"), Value: orNone(r, people[a.By])}}
	if !a.Ended.IsZero() {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.languages.act." + string(a.State)), Value: ui.DateTime(r.Context(), a.Ended) + ", " + orNone(r, people[a.EndedBy])})
	}
	for _, o := range tenancy.Outcomes {
		if n := a.Outcomes[o]; n > 0 {
			ch := chip(r, "outcome", string(o), r.T("console.languages.outcome."+string(o)))
			ch.Count = &n
			v.Chips = append(v.Chips, ch)
		}
	}
	v.Table, v.Pager = c.changeTable(r, l, a, rows.Rows), r.Pager(rows.Next)
	if s := wordingActsOf(r, l, a); s != nil {
		v.Sections = []section{*s}
	}
	return r.HTML(consolePage(v))
}

func (c *Console) changeTable(r *frame.Request, l i18n.Language, a tenancy.WordingAct, rows []tenancy.WordingChange) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("console.column.rows"), HideCaption: true, Stack: true, Columns: columns(r, "language_key", "language_before", "language_after", "verdict", "detail"),
		Empty: empty(r, "languages.texts", "list", nil),
	}
	kinds := map[tenancy.Outcome]ui.Kind{
		tenancy.OutcomeNew: ui.Success, tenancy.OutcomeChanged: ui.Info, tenancy.OutcomeRemoved: ui.Info, tenancy.OutcomeRefused: ui.Danger,
		tenancy.OutcomeMoved: ui.Warning, tenancy.OutcomeKept: ui.Warning, tenancy.OutcomeSame: ui.Neutral,
	}
	for _, x := range rows {
		before := x.Before
		if before == nil {
			before = r.Texts().Product().Own(l.Code, x.Key)
		}
		key := ui.Cell{Body: keyText(x.Key)}
		if r.Texts().Own("en", x.Key) != nil {
			key.Body = keyLink(wordingPath(l.Code, x.Key), x.Key)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			key,
			{Body: wordsIn(shownForms(before), l)},
			{Body: wordsIn(shownForms(x.After), l)},
			{Tag: &ui.TagView{Text: r.T("console.languages.outcome." + string(x.Outcome)), Kind: kinds[x.Outcome]}},
			{Text: c.changeDetail(r, a, x)},
		}})
	}
	return t
}

// shownForms are the forms of a text below each other.
func shownForms(m i18n.Message) string {
	var lines []string
	for _, form := range []string{"zero", "one", "two", "few", "many", "other"} {
		if s, ok := m[form]; ok && s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}

// changeDetail says what is wrong with a refused row, and why others were left out.
func (c *Console) changeDetail(r *frame.Request, a tenancy.WordingAct, x tenancy.WordingChange) string {
	switch x.Outcome {
	case tenancy.OutcomeMoved, tenancy.OutcomeKept:
		return r.T("console.languages.outcome." + string(x.Outcome) + ".text")
	case tenancy.OutcomeRefused:
		e := fault.Of(c.deps.Wording.CheckText(a.Lang, x.Key, x.After))
		if e == nil {
			return ""
		}
		var lines []string
		for _, f := range e.Fields {
			lines = append(lines, flawSentence(r, f))
		}
		if len(lines) == 0 {
			lines = append(lines, r.Sentence(e))
		}
		return strings.Join(lines, "\n")
	}
	return ""
}

// wordingActsOf are what can be done with an act as it stands.
func wordingActsOf(r *frame.Request, l i18n.Language, a tenancy.WordingAct) *section {
	here := actPath(l.Code, a.ID)
	s := section{Title: r.T("console.import.next")}
	if a.MayApply() {
		s.Text = r.T("console.languages.apply.text", "n", a.Outcomes[tenancy.OutcomeNew]+a.Outcomes[tenancy.OutcomeChanged]+a.Outcomes[tenancy.OutcomeRemoved])
		s.Posts = append(s.Posts, postView{Action: here + "/apply", Label: r.T("console.languages.apply")})
	}
	if a.MayDiscard() {
		if !a.MayApply() {
			s.Text = r.T("console.languages.apply.nothing")
		}
		s.Posts = append(s.Posts, postView{Action: here + "/discard", Label: r.T("console.languages.discard")})
	}
	if a.MayUndo() {
		s.Text = r.T("console.languages.undo.text")
		s.Posts = append(s.Posts, postView{Action: here + "/undo", Label: r.T("console.languages.undo")})
	}
	if s.Posts == nil {
		return nil
	}
	return &s
}

// wordingDo has a file taken in or given up, or an act undone. All of it can be undone again.
func (c *Console) wordingDo(r *frame.Request) error {
	to := ""
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		a, err := c.actHere(ctx, tx, r)
		if err != nil {
			return err
		}
		to = actPath(a.Lang, a.ID)
		switch r.Param("do") {
		case "apply":
			return c.deps.Wording.Apply(ctx, tx, a.ID)
		case "discard":
			return c.deps.Wording.Discard(ctx, tx, a.ID)
		case "undo":
			undone, err := c.deps.Wording.Undo(ctx, tx, a.ID)
			to = actPath(a.Lang, undone)
			return err
		}
		return frame.Lost(r)
	})
	if err != nil {
		return err
	}
	return r.Redirect(to)
}
