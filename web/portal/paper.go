package portal

import (
	"bytes"
	"context"

	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// answersPDF is what the reader has answered, on paper: to keep, to print, to take along.
func (p *Portal) answersPDF(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	name, number := r.Text(a.spec.Pack().Name), a.Reference
	if number == "" {
		number = r.T("request.status.draft")
	}
	d := pdf.New(pdf.Meta{Title: name + " " + number, Author: r.Text(r.Settings.Name), Subject: number, Language: r.Lang, Created: r.Now})
	d.Footer(r.T("paper.footer", "number", number))
	d.Heading(name, 1)
	rows := [][2]string{{r.T("paper.reference"), number}}
	if a.SubmittedAt != nil {
		rows = append(rows, [2]string{r.T("paper.sent"), ui.DateTime(r.Context(), *a.SubmittedAt)})
	}
	d.KeyValues(append(rows, [2]string{r.T("paper.printed"), ui.DateTime(r.Context(), r.Now)}))
	words := a.words(r)
	for _, page := range a.spec.Pages(a.Answers, a.facts) {
		if lines := answerLines(r, words, page.Questions); len(lines) > 0 {
			d.Heading(page.Text(page.Title, r.Lang, words), 2)
			d.KeyValues(lines)
		}
		for _, q := range page.Questions {
			for _, row := range q.Rows {
				d.Heading(row.Title(r.Lang, words), 3)
				d.KeyValues(answerLines(r, words, row.Questions))
			}
		}
	}
	var out bytes.Buffer
	if _, err := d.WriteTo(&out); err != nil {
		return err
	}
	return r.File(number+".pdf", "application/pdf", true, out.Bytes())
}

// answerLines are questions with their answers; those in rows stand below.
func answerLines(r *frame.Request, words servicespec.Words, questions []servicespec.QuestionView) (lines [][2]string) {
	for _, q := range questions {
		if !form.Said(q) {
			continue
		}
		said := servicespec.Display(q.Question, q.Value, r.Lang, words)
		if e, ok := q.Value.(servicespec.Evidence); ok && q.Document != nil {
			said = servicespec.DisplayEvidence(q.Document, e, r.Lang, words)
		}
		if said == "" {
			said = "–"
		}
		lines = append(lines, [2]string{q.Text(q.Label, r.Lang, words), said})
	}
	return lines
}
