package payment

import (
	"bytes"
	"context"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
)

// paper is all that stands on a receipt.
type paper struct {
	lang    string
	state   State
	demand  Demand
	receipt Receipt
	payer   string
	texts   *i18n.Catalog
}

// makeReceipt writes the PDF of a receipt and keeps it. The same receipt always gives the same bytes, and it is kept
// once, however often the job runs.
func (s *Service) makeReceipt(ctx context.Context, db *pg.DB, j *river.Job[ReceiptArgs]) (err error) {
	defer fault.Wrap(&err, "payment.receipt(%s)", j.Args.Receipt)
	var p paper
	err = db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = s.paper(ctx, tx, j.Args.Receipt)
		return err
	})
	if err != nil || p.receipt.Document != uuid.Nil {
		return err
	}
	var file bytes.Buffer
	if _, err := p.compose().WriteTo(&file); err != nil {
		return err
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
		r, err := lockReceipt(ctx, tx, j.Args.Receipt)
		if err != nil || r.Document != uuid.Nil {
			return err
		}
		document, err := s.deps.Documents.Keep(ctx, tx, r.Number+".pdf", p.demand.Payer, file.Bytes())
		if err != nil {
			return err
		}
		return setReceiptDocument(ctx, tx, r.ID, document)
	})
}

func (s *Service) paper(ctx context.Context, tx *pg.Tx, receipt uuid.UUID) (p paper, err error) {
	if p.receipt, err = receiptByID(ctx, tx, receipt); err != nil {
		return p, err
	}
	if p.demand, err = getDemand(ctx, tx, p.receipt.Demand); err != nil {
		return p, err
	}
	if p.payer, err = s.payerName(ctx, tx, p.demand.ID); err != nil {
		return p, err
	}
	if p.state, err = s.deps.State(ctx, tx); err != nil {
		return p, err
	}
	if p.texts, err = s.deps.Texts(ctx, tx); err != nil {
		return p, err
	}
	p.lang = p.demand.Lang
	if p.lang == "" {
		p.lang = p.state.Language
	}
	return p, nil
}

func (p paper) compose() *pdf.Document {
	say := func(key string, args map[string]any) string { return p.texts.T(p.lang, "receipt."+key, args) }
	state := p.state.Name.In(p.lang, p.state.Language)
	doc := pdf.New(pdf.Meta{
		Title: say("title", nil) + " " + p.receipt.Number, Author: state, Subject: p.demand.Reference,
		Language: p.lang, Created: p.receipt.PaidAt,
	})
	doc.Footer(say("footer", map[string]any{"number": p.receipt.Number, "page": "{page}", "pages": "{pages}"}))
	doc.Paragraph(state, pdf.Style{Size: 13, Bold: true})
	doc.Rule()
	doc.Heading(say("title", nil), 1)
	rows := [][2]string{
		{say("number", nil), p.receipt.Number},
		{say("paid_at", nil), i18n.FormatDateTime(p.lang, p.receipt.PaidAt, p.state.Zone)},
	}
	if p.payer != "" {
		rows = append(rows, [2]string{say("payer", nil), p.payer})
	}
	rows = append(rows, [2]string{say("demand", nil), p.demand.Number})
	if p.demand.Reference != "" {
		rows = append(rows, [2]string{say("reference", nil), p.demand.Reference})
	}
	doc.KeyValues(rows)
	doc.Space(6)
	table := pdf.Table{
		Head: []string{say("item", nil), say("amount", nil)}, Weights: []float64{3, 1}, Align: []pdf.Align{pdf.Start, pdf.End},
		Foot: []string{say("total", nil), i18n.FormatMoney(p.lang, p.receipt.Amount)},
	}
	for _, l := range p.demand.Lines {
		table.Rows = append(table.Rows, []string{l.Name.In(p.lang, p.state.Language), i18n.FormatMoney(p.lang, l.Amount)})
	}
	doc.Table(table)
	doc.Space(6)
	doc.Paragraph(say("thanks", nil), pdf.Style{})
	if p.state.Contact != "" {
		doc.Paragraph(say("contact", map[string]any{"contact": p.state.Contact}), pdf.Style{Size: 9})
	}
	return doc
}
