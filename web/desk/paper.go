package desk

import (
	"context"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type ackView struct {
	Site                  ui.Site
	ID, State, URL        string
	Operator, Office, Now string
	Facts                 []ui.Fact
	Fees                  []ui.BillLine
	Total                 money.Amount
}

// acknowledgement is the paper that a person takes home, in their language.
func (d *Desk) acknowledgement(r *frame.Request) error {
	v := ackView{Operator: r.Principal.Name}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, visit, err := d.serving(ctx, tx, r)
		if err != nil {
			return err
		}
		a, err := d.open(ctx, tx, r)
		if err != nil {
			return err
		}
		p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, visit.Person)
		if err != nil {
			return err
		}
		r.Speak(p.Lang)
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		v.ID, v.State, v.URL, v.Now = a.ID.String(), r.Text(r.Settings.Name), r.Origin()+"/requests", ui.DateTime(r.Context(), r.Now)
		v.Facts = []ui.Fact{
			{Key: r.T("desk.reference"), Value: a.Reference}, {Key: r.T("desk.service"), Value: r.Text(a.spec.Pack().Name)}, {Key: r.T("desk.person.name"), Value: p.Name},
		}
		if a.SubmittedAt != nil {
			v.Facts = append(v.Facts, ui.Fact{Key: r.T("desk.ack.sent_at"), Value: ui.DateTime(r.Context(), *a.SubmittedAt)})
		}
		if a.Promised != nil && a.Outcome == "" {
			v.Facts = append(v.Facts, ui.Fact{Key: r.T("desk.ack.promised"), Value: ui.DateLong(r.Context(), *a.Promised)})
		}
		if lines, total, ok := a.fees(r); ok {
			v.Fees, v.Total = lines, total
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Site = r.Site(frame.Desk)
	return r.HTML(acknowledgementPage(v))
}

// hideCaption keeps a table's caption for readers who hear the page, below a heading that says the same.
func hideCaption(t ui.TableView) ui.TableView {
	t.HideCaption = true
	return t
}
