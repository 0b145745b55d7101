package portal

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

type requestView struct {
	Site                            ui.Site
	Notice                          *ui.NoticeView
	ID, Name, Reference, Lead, Note string
	Heading                         string
	Tag                             ui.TagView
	Draft, Correction, Open         bool
	Discarded                       bool
	Tasks                           []ui.Task
	Timeline                        ui.TimelineView
	Answers                         []ui.Fact
	ToPay                           string
	ContinueHref                    string
	Receipt                         string
	Credit, GivenBack               string // what was paid too much, and what was given back of it
	CertificateHref                 string
	Refresh                         bool
	Again                           []againLink
	Rate                            *rateLink
	Thread                          *threadLink
	Subject                         *ui.Fact // for whom a draft is
	Guest                           bool     // without an account: it opens on no other device
}

// request shows a draft as a list of what is left to do, and what was sent as a timeline with its next step.
func (p *Portal) request(r *frame.Request) error {
	var a application
	var wallet string
	var ways []request.Again
	var talk *threadLink
	var subject *ui.Fact
	var credit payment.Credit
	var rate *rateLink
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if talk, err = p.conversation(ctx, tx, a); err != nil {
			return err
		}
		if subject, err = p.subjectFact(ctx, tx, r, a); err != nil {
			return err
		}
		if ways, err = p.deps.Requests.Again(ctx, tx, a.Request); err != nil {
			return err
		}
		if credit, err = p.deps.Payments.Credit(ctx, tx, orchestration.Subject, a.ID); err != nil {
			return err
		}
		if rate, err = p.rateLink(ctx, tx, r, a); err != nil {
			return err
		}
		if a.Certificate != uuid.Nil {
			wallet, err = p.walletHref(ctx, tx, r, a.Certificate)
		}
		return err
	})
	if err != nil {
		return err
	}
	v := requestView{
		Site: r.Site(frame.Portal), Notice: r.Done(), ID: a.ID.String(), Name: r.Text(a.spec.Pack().Name), Reference: a.Reference,
		Tag: statusTag(r, a.Request), Draft: a.Status == request.Draft, Correction: a.Status == request.Correction,
		Discarded: a.Status == request.Discarded, Open: a.Status == request.Submitted || a.Status == request.Correction,
		Note: a.Note, Receipt: a.Receipt, CertificateHref: wallet, Thread: talk, Subject: subject, Rate: rate, Guest: r.IsGuest(),
	}
	v.Again = againLinks(r, a, ways)
	if v.Draft || v.Correction {
		v.Tasks, v.ContinueHref = p.tasks(r, a)
	}
	if !v.Draft {
		v.Heading, v.Lead = r.Text(a.StateName), r.Text(a.StateText)
		v.Timeline = p.timeline(r, a)
		v.Answers = p.answers(r, a, false)
		v.Refresh = a.State == "" && a.Outcome == "" // sent, and on its way through the exchange
	}
	if credit.Amount.Minor > 0 {
		v.Credit = ui.Money(r.Context(), credit.Amount)
	}
	if credit.GivenBack.Minor > 0 {
		v.GivenBack = ui.Money(r.Context(), credit.GivenBack)
	}
	if a.ToPay() {
		v.ToPay = ui.Money(r.Context(), a.Demand.Amount)
	}
	if a.Promised != nil && a.Outcome == "" && !v.Correction {
		v.Lead += " " + r.T("request.promise", "date", ui.DateLong(r.Context(), *a.Promised))
	}
	if v.Heading == "" {
		v.Heading = r.T("request.status.sent")
	}
	return r.HTML(requestPage(v))
}

// tasks are the pages of the form with what is done; the second value leads to the first that is not.
func (p *Portal) tasks(r *frame.Request, a application) ([]ui.Task, string) {
	next := a.path() + "/check"
	var tasks []ui.Task
	open := true
	for _, page := range a.pages() {
		href := a.path() + "/pages/" + page.Code
		t := ui.Task{Label: r.Text(page.Title), Href: href, Done: page.Complete && a.Status == request.Draft}
		if !t.Done && open {
			next, open = href, false
		}
		tasks = append(tasks, t)
	}
	return tasks, next
}

// timeline tells what happened, newest first, and what comes next.
func (p *Portal) timeline(r *frame.Request, a application) ui.TimelineView {
	var v ui.TimelineView
	if a.Promised != nil && a.Outcome == "" {
		v.Events = append(v.Events, ui.Event{State: ui.Ahead, Title: r.T("request.timeline.answer"), When: ui.DateLong(r.Context(), *a.Promised)})
	}
	for i, e := range slices.Backward(a.Timeline) {
		event := ui.Event{State: ui.Done, Title: entryTitle(r, a, e), Time: e.At}
		if e.Kind == exchange.Moved || e.Kind == a.Outcome {
			event.Text = r.Text(e.Text) // the state's words, told once and not again with its fee or its receipt
		}
		if e.Kind == exchange.Letter {
			event.Body = letterLink(a.path() + "/letters/" + e.Detail.Document.String())
		}
		if i == len(a.Timeline)-1 && a.Outcome == "" {
			event.State = ui.Current
		}
		if e.Kind == exchange.Refused || e.Kind == "rejected" {
			event.State = ui.Trouble
		}
		if e.Note != "" {
			event.Text = e.Note
		}
		v.Events = append(v.Events, event)
	}
	return v
}

func entryTitle(r *frame.Request, a application, e request.Entry) string {
	switch e.Kind {
	case exchange.Moved:
		return r.Text(e.Name)
	case exchange.DemandMade:
		if e.Detail.Demand != nil {
			return r.T("request.timeline.demand", "amount", ui.Money(r.Context(), e.Detail.Demand.Amount))
		}
	case exchange.Paid:
		return r.T("request.timeline.paid", "receipt", e.Detail.Receipt)
	case exchange.Certificate:
		return r.T("request.timeline.certificate", "number", e.Detail.Certificate)
	case exchange.Letter:
		return r.T("request.timeline.letter", "title", r.Text(e.Name))
	case exchange.Opinion:
		return r.T("request.timeline.opinion."+cmp.Or(e.Detail.Opinion, "asked"), "name", r.Text(e.Name))
	}
	return r.T("request.timeline." + e.Kind)
}

// answers are what was answered, page after page; with change, each with a link to its question.
func (p *Portal) answers(r *frame.Request, a application, change bool) (facts []ui.Fact) {
	for _, s := range p.sections(r, a, change) {
		facts = append(facts, s.Facts...)
	}
	return facts
}

type section struct {
	Title string
	Facts []ui.Fact
}

func (p *Portal) sections(r *frame.Request, a application, change bool) []section {
	var out []section
	reader := a.reader(r)
	for _, page := range a.spec.Pages(a.Answers, a.facts) {
		s := section{Title: page.Text(page.Title, r.Lang, a.words(r))}
		for _, q := range page.Questions {
			if !form.Said(q) {
				continue
			}
			f := reader.Fact(r.Context(), q)
			if change && q.Kind != servicespec.KindComputed && a.Touches(q.Code) {
				f.ChangeHref, f.ChangeHidden = a.path()+"/pages/"+page.Code+"?edit=1#"+q.Code, f.Key
			}
			s.Facts = append(s.Facts, f)
		}
		if len(s.Facts) > 0 {
			out = append(out, s)
		}
	}
	return out
}
