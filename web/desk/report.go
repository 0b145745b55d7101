package desk

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

// report is a till session with all that was taken in it.
type report struct {
	till     counter.Till
	operator string
	office   string
	approver string
	taken    []payment.Collection
}

// mostTaken bounds what one session takes in, far above what one operator can.
const mostTaken = 2000

func (d *Desk) report(r *frame.Request) (out report, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return out, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if out.till, err = d.deps.Desk.Till(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		if out.office, err = d.placeName(ctx, tx, r, out.till.Place); err != nil {
			return err
		}
		if out.operator, err = d.nameOf(ctx, tx, out.till.Operator); err != nil {
			return err
		}
		if out.till.ClosedAt != nil {
			if out.approver, err = d.nameOf(ctx, tx, out.till.ClosedBy); err != nil {
				return err
			}
		}
		for next := (page.Request{Size: 100}); len(out.taken) < mostTaken; {
			found, err := d.deps.Desk.Taken(ctx, tx, *r.Principal, id, next)
			if err != nil {
				return err
			}
			out.taken = append(out.taken, found.Rows...)
			if next.After = found.Next; found.Next == "" {
				return nil
			}
		}
		return nil
	})
	return out, err
}

// facts tell how a session stands: the sums, and once it was counted, what was in the drawer.
func (p report) facts(r *frame.Request) []ui.Fact {
	t := p.till
	sum := func(a money.Amount) string { return ui.Money(r.Context(), a) }
	facts := []ui.Fact{
		{Key: r.T("desk.office"), Value: p.office},
		{Key: r.T("desk.till.counter"), Value: t.Counter},
		{Key: r.T("desk.till.operator"), Value: p.operator},
		{Key: r.T("desk.till.opened"), Value: ui.DateTime(r.Context(), t.OpenedAt)},
		{Key: r.T("desk.till.float"), Value: sum(t.Float)},
	}
	for _, means := range []string{payment.Cash, payment.Cheque, payment.Card} {
		facts = append(facts, ui.Fact{Key: r.T("desk.means." + means), Value: sum(sumOf(p.taken, means, t.Float.Currency))})
	}
	if t.CountAt != nil {
		facts = append(facts,
			ui.Fact{Key: r.T("desk.till.counted_at"), Value: ui.DateTime(r.Context(), *t.CountAt)}, ui.Fact{Key: r.T("desk.till.counted"), Value: sum(t.Counted)},
			ui.Fact{Key: r.T("desk.till.expected"), Value: sum(t.Expected)}, ui.Fact{Key: r.T("desk.till.difference"), Value: sum(t.Difference())},
		)
	}
	if t.Reason != "" {
		facts = append(facts, ui.Fact{Key: r.T("desk.till.reason"), Value: t.Reason})
	}
	if t.ClosedAt != nil {
		facts = append(facts,
			ui.Fact{Key: r.T("desk.till.closed_at"), Value: ui.DateTime(r.Context(), *t.ClosedAt)}, ui.Fact{Key: r.T("desk.till.approver"), Value: p.approver},
			ui.Fact{Key: r.T("desk.till.slip"), Value: t.Slip}, ui.Fact{Key: r.T("desk.till.deposit"), Value: sum(t.Deposit)},
		)
	}
	return facts
}

type reportView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	ID     string
	Tag    ui.TagView
	Facts  []ui.Fact
	Counts ui.TableView
	Taken  ui.TableView
	Mine   bool // the reader's own, to be counted
	Decide bool // the reader may approve it
	Closed bool
	Apart  string // the difference, where there is one
}

// showTill is one session, with what can be done to it.
func (d *Desk) showTill(r *frame.Request) error {
	p, err := d.report(r)
	if err != nil {
		return err
	}
	t := p.till
	v := reportView{
		Site: r.Site(frame.Desk), Notice: r.Done(), ID: t.ID.String(), Tag: tillTag(r, t.Status), Facts: p.facts(r), Mine: t.Operator == r.Principal.Account && t.Status != counter.TillClosed,
		Decide: t.Status == counter.TillCounted && t.Operator != r.Principal.Account && r.Principal.MayIn(counter.Supervise, t.Place.Agency), Closed: t.Status == counter.TillClosed,
	}
	if t.CountAt != nil && t.Difference().Minor != 0 {
		v.Apart = ui.Money(r.Context(), t.Difference())
	}
	v.Counts = ui.TableView{ID: "counts", Caption: r.T("desk.till.counts"), Columns: []ui.Column{{Label: r.T("desk.till.worth")}, {Label: r.T("desk.till.number"), Num: true}, {Label: r.T("desk.amount"), Num: true}}}
	for _, worth := range counter.Denominations(t.Float.Currency) {
		if n := t.Counts[worth]; n > 0 {
			in := func(minor int64) string {
				return ui.Money(r.Context(), money.Amount{Minor: minor, Currency: t.Float.Currency})
			}
			v.Counts.Rows = append(v.Counts.Rows, ui.Row{Cells: []ui.Cell{{Text: in(worth)}, {Text: ui.Number(r.Context(), n)}, {Text: in(worth * int64(n))}}})
		}
	}
	v.Taken = ui.TableView{
		ID: "taken", Caption: r.T("desk.till.taken"), Stack: true, Empty: &ui.EmptyView{Icon: "receipt", Title: r.T("desk.till.taken.none")},
		Columns: []ui.Column{{Label: r.T("desk.receipt.number")}, {Label: r.T("desk.pay.number")}, {Label: r.T("desk.pay.means")}, {Label: r.T("desk.taken.at")}, {Label: r.T("desk.state")}, {Label: r.T("desk.amount"), Num: true}},
	}
	for _, c := range p.taken {
		tag := collectionTag(r, c.Status)
		v.Taken.Rows = append(v.Taken.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Receipt, Href: "/desk/taken/" + c.ID.String()},
			{Text: c.Number},
			{Text: r.T("desk.means." + c.Means)},
			{Text: ui.DateTime(r.Context(), c.TakenAt)},
			{Tag: &tag},
			{Text: ui.Money(r.Context(), c.Amount)},
		}})
	}
	return r.HTML(reportPage(v))
}

// reportCSV writes what was taken in a session for spreadsheets.
func (d *Desk) reportCSV(r *frame.Request) error {
	p, err := d.report(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the letters of other alphabets for something else
	out := csv.NewWriter(&b)
	lines := [][]string{{
		r.T("desk.receipt.number"), r.T("desk.pay.number"), r.T("desk.reference"), r.T("desk.pay.means"), r.T("desk.taken.at"), r.T("desk.state"),
		r.T("desk.amount") + " (" + p.till.Float.Currency + ")",
	}}
	for _, c := range p.taken {
		lines = append(lines, []string{
			frame.Cell(c.Receipt), frame.Cell(c.Number), frame.Cell(c.Reference), c.Means, c.TakenAt.UTC().Format("2006-01-02T15:04:05Z"), string(c.Status), c.Amount.Decimal(),
		})
	}
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	return r.File(p.name()+".csv", "text/csv; charset=utf-8", false, b.Bytes())
}

// name is the name of the report's file.
func (p report) name() string {
	if p.till.Slip != "" {
		return p.till.Slip
	}
	return "till-" + p.till.OpenedAt.UTC().Format("2006-01-02-1504")
}

// reportPDF writes the report of a session, which with a closed one is its deposit slip.
func (d *Desk) reportPDF(r *frame.Request) error {
	p, err := d.report(r)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := p.compose(r).WriteTo(&file); err != nil {
		return err
	}
	return r.File(p.name()+".pdf", "application/pdf", true, file.Bytes())
}

func (p report) compose(r *frame.Request) *pdf.Document {
	title := r.T("desk.till.report")
	if p.till.Slip != "" {
		title = r.T("desk.till.slip") + " " + p.till.Slip
	}
	doc := pdf.New(pdf.Meta{Title: title, Author: r.Text(r.Settings.Name), Language: r.Lang, Created: p.till.OpenedAt})
	doc.Footer(r.T("desk.till.footer", "page", "{page}", "pages", "{pages}"))
	doc.Paragraph(r.Text(r.Settings.Name), pdf.Style{Size: 13, Bold: true})
	doc.Rule()
	doc.Heading(title, 1)
	var rows [][2]string
	for _, f := range p.facts(r) {
		rows = append(rows, [2]string{f.Key, f.Value})
	}
	doc.KeyValues(rows)
	doc.Space(6)
	in := func(minor int64) string {
		return ui.Money(r.Context(), money.Amount{Minor: minor, Currency: p.till.Float.Currency})
	}
	if p.till.CountAt != nil {
		counts := pdf.Table{
			Head: []string{r.T("desk.till.worth"), r.T("desk.till.number"), r.T("desk.amount")}, Weights: []float64{2, 1, 2},
			Align: []pdf.Align{pdf.Start, pdf.End, pdf.End}, Foot: []string{r.T("ui.total"), "", ui.Money(r.Context(), p.till.Counted)},
		}
		for _, worth := range counter.Denominations(p.till.Float.Currency) {
			if n := p.till.Counts[worth]; n > 0 {
				counts.Rows = append(counts.Rows, []string{in(worth), strconv.Itoa(n), in(worth * int64(n))})
			}
		}
		doc.Heading(r.T("desk.till.counts"), 2)
		doc.Table(counts)
		doc.Space(6)
	}
	if len(p.taken) > 0 {
		doc.Heading(r.T("desk.till.taken"), 2)
		table := pdf.Table{
			Head:    []string{r.T("desk.receipt.number"), r.T("desk.pay.number"), r.T("desk.pay.means"), r.T("desk.state"), r.T("desk.amount")},
			Weights: []float64{3, 3, 2, 2, 2}, Align: []pdf.Align{pdf.Start, pdf.Start, pdf.Start, pdf.Start, pdf.End},
		}
		for _, c := range p.taken {
			table.Rows = append(table.Rows, []string{c.Receipt, c.Number, r.T("desk.means." + c.Means), r.T("desk.collection." + string(c.Status)), ui.Money(r.Context(), c.Amount)})
		}
		doc.Table(table)
	}
	doc.Space(24)
	doc.Signature(r.T("desk.till.operator")+": "+p.operator, r.T("desk.till.approver")+": "+p.approver)
	return doc
}
