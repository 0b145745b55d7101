package workbench

import (
	"bytes"
	"context"
	"slices"

	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// casePDF writes a case as a file to read and to put away: what the reader sees of it, with the notes between colleagues where they ask for
// those. That it was taken along is on record.
func (w *Workbench) casePDF(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	notes := r.Query("notes") == "1"
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := w.deps.Workbench.TakeAlong(ctx, tx, *r.Principal, id, notes); err != nil {
			return err
		}
		c, err = w.open(ctx, tx, r, id)
		return err
	}); err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := casePaper(r, c, notes).WriteTo(&file); err != nil {
		return err
	}
	return r.File(c.Application.Reference+".pdf", "application/pdf", true, file.Bytes())
}

// paper is the document with what its parts need.
type paper struct {
	*pdf.Document
	r *frame.Request
	c opened
}

func casePaper(r *frame.Request, c opened, notes bool) *pdf.Document {
	app, service := c.Application, r.Text(c.Spec.Pack().Name)
	p := paper{pdf.New(pdf.Meta{
		Title: app.Reference + " – " + service, Author: r.Text(r.Settings.Name), Subject: app.Reference, Language: r.Lang, Created: r.Now,
	}), r, c}
	p.Footer(r.T("paper.case.footer", "reference", app.Reference, "page", "{page}", "pages", "{pages}"))
	p.cover(service)
	for _, s := range p.answers() {
		p.Heading(s.title, 2)
		p.KeyValues(s.rows)
	}
	p.said(r.T("workbench.payment"), moneyFacts(r, c))
	p.said(r.T("workbench.findings"), findings(r, c))
	for _, o := range c.asked {
		p.said(r.T("opinion.panel")+": "+o.Name, append([]ui.Fact{{Key: r.T("opinion.column.status"), Value: o.Tag.Text}}, o.Facts...))
	}
	for _, d := range rounds(r, c) {
		p.said(d.Title, d.Facts)
	}
	p.said(r.T("workbench.decision"), decisionFacts(r, c, c.Decision))
	p.history()
	p.stays()
	p.documents()
	if notes {
		p.notes()
	}
	return p.Document
}

// cover says what case it is, whose, and where it stands; who made the file, when.
func (p paper) cover(service string) {
	r, app := p.r, p.c.Application
	p.Paragraph(r.Text(r.Settings.Name), pdf.Style{Size: 13, Bold: true})
	p.Rule()
	p.Heading(service, 1)
	rows := [][2]string{
		{r.T("workbench.reference"), app.Reference}, {r.T("workbench.person"), app.Name}, {r.T("workbench.received"), ui.DateTime(r.Context(), app.ReceivedAt)},
	}
	if area := p.c.areas.name(r, app.Boundary); area != "" {
		rows = append(rows, [2]string{r.T("workbench.area"), area})
	}
	rows = append(rows, [2]string{r.T("workbench.step"), nameOr(r, p.c.State.Name, p.c.State.Code)})
	if p.c.AssigneeName != "" {
		rows = append(rows, [2]string{r.T("workbench.holder"), p.c.AssigneeName})
	}
	if app.Case.TotalDueAt != nil && !app.Case.Ended {
		rows = append(rows, [2]string{r.T("workbench.promised"), ui.DateLong(r.Context(), *app.Case.TotalDueAt)})
	}
	p.KeyValues(append(rows, [2]string{r.T("paper.case.made"), r.Principal.Name}, [2]string{r.T("paper.case.made_on"), ui.DateTime(r.Context(), r.Now)}))
}

// said adds facts under a heading, those that are words.
func (p paper) said(title string, facts []ui.Fact) {
	var rows [][2]string
	for _, f := range facts {
		if f.Value != "" {
			rows = append(rows, [2]string{f.Key, f.Value})
		}
	}
	if len(rows) > 0 {
		p.Heading(title, 2)
		p.KeyValues(rows)
	}
}

type paperSection struct {
	title string
	rows  [][2]string
}

// answers are those that the reader sees, page by page, as the citizen was asked.
func (p paper) answers() (list []paperSection) {
	words := p.c.words(p.r)
	for _, page := range p.c.Pages {
		s := paperSection{title: page.Text(page.Title, p.r.Lang, words)}
		for _, q := range page.Questions {
			if form.Said(q) {
				s.rows = append(s.rows, p.answer(q, q.Text(q.Label, p.r.Lang, words))...)
			}
		}
		if len(s.rows) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// answer is one line, or those of the rows of a group.
func (p paper) answer(q servicespec.QuestionView, label string) (rows [][2]string) {
	words := p.c.words(p.r)
	switch {
	case q.Concealed || slices.Contains(p.c.Application.Hidden, q.Code):
		return [][2]string{{label, p.r.T("workbench.hidden")}}
	case q.Kind == servicespec.KindGroup && len(q.Rows) > 0:
		for _, row := range q.Rows {
			title := row.Title(p.r.Lang, words)
			if title == "" {
				title = p.r.T("form.rows.number", "n", row.Index+1)
			}
			for _, f := range row.Questions {
				rows = append(rows, p.answer(f, label+" – "+title+" – "+f.Text(f.Label, p.r.Lang, words))...)
			}
		}
		return rows
	}
	value := p.c.display(p.r, q.Question, q.Value)
	if value == "" {
		value = p.r.T("ui.not_given")
	}
	return [][2]string{{label, value}}
}

// history is what happened, the first first, with how long each state lasted.
func (p paper) history() {
	t := pdf.Table{Head: []string{p.r.T("paper.case.when"), p.r.T("paper.case.what"), p.r.T("paper.case.who"), p.r.T("paper.case.dwell")}, Weights: []float64{2, 5, 2, 2}}
	for _, s := range p.c.History {
		what := stepTitle(p.r, p.c, s)
		if text := stepText(p.r, p.c, s); text != "" {
			what += "\n" + text
		}
		dwell := ""
		if s.From != "" && !workflow.Still(s.Cause) {
			dwell = span(p.r, s.Dwell.Calendar)
		}
		t.Rows = append(t.Rows, []string{ui.DateTime(p.r.Context(), s.At), what, actor(p.r, s), dwell})
	}
	p.Heading(p.r.T("workbench.history"), 2)
	p.Table(t)
}

// stays is how long the case was in each state altogether.
func (p paper) stays() {
	if len(p.c.Stays) == 0 {
		return
	}
	t := pdf.Table{
		Head:    []string{p.r.T("workbench.step"), p.r.T("workbench.stays.working"), p.r.T("workbench.stays.calendar"), p.r.T("workbench.stays.times")},
		Weights: []float64{3, 2, 2, 2},
	}
	for _, s := range p.c.Stays {
		t.Rows = append(t.Rows, []string{nameOr(p.r, s.Name, s.State), span(p.r, s.Working), span(p.r, s.Calendar), p.r.T("workbench.times", "n", s.Times)})
	}
	p.Heading(p.r.T("workbench.stays"), 2)
	p.Table(t)
}

// documents lists the files of the answers and the letters: they lie with the case, not in the file.
func (p paper) documents() {
	if len(p.c.Files)+len(p.c.Letters) == 0 {
		return
	}
	t := pdf.Table{Head: []string{p.r.T("paper.case.document"), p.r.T("paper.case.kind"), p.r.T("paper.case.size")}, Weights: []float64{5, 2, 2}}
	for _, f := range p.c.Files {
		t.Rows = append(t.Rows, []string{f.Name, f.MediaType, form.Size(f.Size)})
	}
	for _, l := range p.c.Letters {
		t.Rows = append(t.Rows, []string{p.r.Text(l.Title) + " " + l.Number, p.r.T("paper.case.letter"), ""})
	}
	p.Heading(p.r.T("workbench.files"), 2)
	p.Table(t)
}

// notes are those between colleagues, which the file says.
func (p paper) notes() {
	p.Heading(p.r.T("workbench.notes"), 2)
	p.Paragraph(p.r.T("paper.case.internal"), pdf.Style{Bold: true})
	for _, n := range p.c.Notes {
		p.KeyValues([][2]string{{n.AuthorName + "\n" + ui.DateTime(p.r.Context(), n.At), n.Text}})
	}
	if len(p.c.Notes) == 0 {
		p.Paragraph(p.r.T("paper.case.no_notes"), pdf.Style{})
	}
}
