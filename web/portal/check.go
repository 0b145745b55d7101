package portal

import (
	"context"
	"errors"

	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

type checkView struct {
	Site       ui.Site
	ID, Name   string
	Back       string
	Sections   []section
	Fees       []ui.BillLine
	Total      money.Amount
	Problems   []ui.Problem
	Correction bool
	Note       string
	Reached    bool // false where a guest has not said yet where they are reached
	Notice     *ui.NoticeView
	Device     form.DeviceView
}

// check shows all answers before they are sent. Whoever comes too early is led to the first page with something missing.
func (p *Portal) check(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if a.Status != request.Draft && a.Status != request.Correction {
		return r.Redirect(a.path())
	}
	for _, page := range a.pages() {
		if !page.Complete || len(a.infected("", page.Questions)) > 0 {
			return r.Redirect(a.path() + "/pages/" + page.Code)
		}
	}
	if !a.eligible() {
		return r.Redirect(a.path() + "/stop")
	}
	v, err := p.checkView(r, a, nil)
	if err != nil {
		return err
	}
	if v.Reached, err = p.reached(r); err != nil {
		return err
	}
	return r.HTML(checkPage(v))
}

func (p *Portal) checkView(r *frame.Request, a application, wrong []fault.Field) (checkView, error) {
	pages := a.pages()
	v := checkView{
		Site: r.Site(frame.Portal), ID: a.ID.String(), Name: r.Text(a.spec.Pack().Name), Sections: p.sections(r, a, true),
		Problems: r.Problems(wrong), Correction: a.Status == request.Correction, Note: a.Note, Reached: true, Notice: r.Done(),
		Total: money.Amount{Currency: r.Settings.Currency}, Device: a.device(r, "", ""),
	}
	v.Device.Reload = true
	if v.Back = a.path(); len(pages) > 0 {
		v.Back = a.path() + "/pages/" + pages[len(pages)-1].Code
	}
	if v.Correction {
		return v, nil // paid for already, or not at all
	}
	lines, _, err := a.spec.FeesAtReceipt(a.Answers, a.facts)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		amount := money.Amount{Minor: l.Minor, Currency: r.Settings.Currency}
		v.Fees = append(v.Fees, ui.BillLine{Label: r.Text(l.Name), Amount: amount})
		if v.Total, err = v.Total.Add(amount); err != nil {
			return v, err
		}
	}
	return v, nil
}

// submit sends the application. Pressed twice, it answers with the same reference.
func (p *Portal) submit(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if !posted.Has("another") {
		if _, list, err := p.nearby(r); err != nil || len(list) > 0 {
			if err != nil {
				return err
			}
			return r.Redirect("/requests/" + id.String() + "/near")
		}
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.deps.Requests.Submit(ctx, tx, r.Person(), id)
		return err
	})
	if errors.Is(err, identity.ErrGuestAddress) {
		return r.Redirect("/requests/" + id.String() + "/contact")
	}
	if errors.Is(err, request.ErrIncomplete) { // something changed meanwhile: a birthday, a withdrawn area, a file found malicious
		return r.Redirect("/requests/" + id.String() + "/check")
	}
	if err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "/sent")
}

type sentView struct {
	Site                ui.Site
	ID, Name, Reference string
	Promise, ToPay      string
	Waiting, Correction bool
	Guest               bool
}

// sent confirms the application: the reference, what happens next and when. It can be bookmarked.
func (p *Portal) sent(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if a.Reference == "" {
		return r.Redirect(a.path())
	}
	v := sentView{Site: r.Site(frame.Portal), ID: a.ID.String(), Name: r.Text(a.spec.Pack().Name), Reference: a.Reference, Waiting: a.State == "" && a.Outcome == "", Guest: r.IsGuest()}
	if a.Promised != nil {
		v.Promise = ui.DateLong(r.Context(), *a.Promised)
	}
	if a.ToPay() {
		v.ToPay = ui.Money(r.Context(), a.Demand.Amount)
	}
	return r.HTML(sentPage(v))
}
