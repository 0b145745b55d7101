package portal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

type requestsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Table  ui.TableView
	Tabs   []ui.NavItem
	Pager  ui.Pager
	Device form.DeviceView
}

// requests lists the reader's applications, open ones first of all.
func (p *Portal) requests(r *frame.Request) error {
	all := r.Query("show") == "all"
	var list page.Page[request.Request]
	names := map[uuid.UUID]string{}
	var unread map[uuid.UUID]int
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = p.deps.Requests.Mine(ctx, tx, r.Person(), request.Filter{OpenOnly: !all}, r.Paging()); err != nil {
			return err
		}
		for _, q := range list.Rows {
			spec, err := p.deps.Catalog.Service(ctx, tx, q.Service, q.Version)
			if err != nil {
				return err
			}
			names[q.ID] = r.Text(spec.Pack().Name)
		}
		unread, err = p.deps.Requests.Unread(ctx, tx, slices.Collect(maps.Keys(names))...)
		return err
	})
	if err != nil {
		return err
	}
	v := requestsView{
		Site: r.Site(frame.Portal), Notice: r.Done(), Pager: r.Pager(list.Next),
		Device: form.DeviceView{Person: person(r), Later: later, Itself: byItself, Reload: true},
		Tabs: []ui.NavItem{
			{Label: r.T("request.list.open"), Href: "/requests", Current: !all},
			{Label: r.T("request.list.all"), Href: "/requests?show=all", Current: all},
		},
		Table: ui.TableView{
			ID: "requests", Caption: r.T("request.list.title"), HideCaption: true, Stack: true,
			Columns: []ui.Column{{Label: r.T("request.service")}, {Label: r.T("request.state")}, {Label: r.T("request.promised")}, {Label: r.T("request.updated")}},
			Empty: &ui.EmptyView{
				Icon: "file-text", Title: r.T("request.list.none"), Text: r.T("request.list.none_text"),
				Action: &ui.ButtonView{Label: r.T("request.list.find"), Href: "/services"},
			},
		},
	}
	for _, q := range list.Rows {
		tag := statusTag(r, q)
		promised := ""
		if q.Promised != nil && q.Outcome == "" {
			promised = ui.DateLong(r.Context(), *q.Promised)
		}
		sub := q.Reference
		if sub == "" {
			sub = r.T("request.draft_of", "date", ui.Date(r.Context(), q.CreatedAt))
		}
		if n := unread[q.ID]; n > 0 {
			sub += " · " + r.T("thread.unread", "n", n)
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: names[q.ID], Sub: sub, Href: "/requests/" + q.ID.String()}, {Tag: &tag}, {Text: promised}, {Text: ui.Date(r.Context(), q.UpdatedAt)},
		}})
	}
	return r.HTML(requestsPage(v))
}

// statusTag says in a word where an application stands for its citizen.
func statusTag(r *frame.Request, q request.Request) ui.TagView {
	switch {
	case q.Status == request.Draft || q.Status == request.Discarded:
		return ui.TagView{Text: r.T("request.status.draft"), Kind: ui.Neutral}
	case q.Status == request.Correction:
		return ui.TagView{Text: r.T("request.status.correction"), Kind: ui.Warning}
	case q.ToPay():
		return ui.TagView{Text: r.T("request.status.to_pay"), Kind: ui.Warning}
	case q.Outcome == "approved":
		return ui.TagView{Text: r.T("request.status.approved"), Kind: ui.Success}
	case q.Outcome != "":
		return ui.TagView{Text: r.T("request.status." + q.Outcome), Kind: ui.Neutral}
	case len(q.StateName) > 0:
		return ui.TagView{Text: r.Text(q.StateName), Kind: ui.Info}
	}
	return ui.TagView{Text: r.T("request.status.sent"), Kind: ui.Info}
}

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
	CertificateHref                 string
	Refresh                         bool
	Again                           []againLink
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
		Note: a.Note, Receipt: a.Receipt, CertificateHref: wallet, Thread: talk, Subject: subject, Guest: r.IsGuest(),
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

type confirmView struct {
	Site                                ui.Site
	Title, Text, Action, Submit, Cancel string
}

// ask shows a question about one of the reader's requests.
func (p *Portal) ask(r *frame.Request, view func(path string) confirmView) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(confirmPage(view(a.path())))
}

func (p *Portal) withdrawAsk(r *frame.Request) error {
	return p.ask(r, func(path string) confirmView {
		return confirmView{
			Site: r.Site(frame.Portal), Title: r.T("request.withdraw.title"), Text: r.T("request.withdraw.text"), Action: path + "/withdraw",
			Submit: r.T("request.withdraw.submit"), Cancel: path,
		}
	})
}

func (p *Portal) withdraw(r *frame.Request) error {
	return p.act(r, "request.withdrawn", p.deps.Requests.Withdraw)
}

func (p *Portal) discardAsk(r *frame.Request) error {
	return p.ask(r, func(path string) confirmView {
		return confirmView{
			Site: r.Site(frame.Portal), Title: r.T("request.discard.title"), Text: r.T("request.discard.text"), Action: path + "/discard",
			Submit: r.T("request.discard.submit"), Cancel: path,
		}
	})
}

func (p *Portal) discard(r *frame.Request) error {
	return p.act(r, "request.discarded", p.deps.Requests.Discard)
}

func (p *Portal) resume(r *frame.Request) error {
	return p.act(r, "request.resumed", p.deps.Requests.Resume)
}

func (p *Portal) act(r *frame.Request, done string, do func(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "?done=" + done)
}

type payView struct {
	Site                    ui.Site
	ID, Name, Reference     string
	Lines                   []ui.BillLine
	Total                   money.Amount
	Number                  string
	Failed, Pending, Nobody bool
	Failure                 string
}

// payAsk says what is to be paid, and for what, before the reader leaves for the payment page.
func (p *Portal) payAsk(r *frame.Request) error {
	v, a, _, err := p.demand(r)
	if err != nil {
		return err
	}
	if !a.ToPay() {
		return r.Redirect(a.path())
	}
	return r.HTML(payPage(v))
}

func (p *Portal) demand(r *frame.Request) (v payView, a application, charges []payment.Charge, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || a.Demand == nil {
			return err
		}
		d, err := p.deps.Payments.Demand(ctx, tx, a.Demand.ID)
		if err != nil {
			return err
		}
		for _, l := range d.Lines {
			v.Lines = append(v.Lines, ui.BillLine{Label: r.Text(l.Name), Amount: l.Amount})
		}
		v.Total, v.Number = d.Amount, d.Number
		charges, err = p.deps.Payments.Charges(ctx, tx, d.ID)
		return err
	})
	v.Site, v.ID, v.Name, v.Reference = r.Site(frame.Portal), a.ID.String(), "", a.Reference
	if a.spec != nil {
		v.Name = r.Text(a.spec.Pack().Name)
	}
	return v, a, charges, err
}

// pay starts the charge and sends the reader to the gateway's page. Pressed twice, it leads to the same page.
func (p *Portal) pay(r *frame.Request) error {
	_, a, _, err := p.demand(r)
	if err != nil {
		return err
	}
	if !a.ToPay() {
		return r.Redirect(a.path())
	}
	var charge payment.Charge
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		charge, err = p.deps.Payments.StartCharge(ctx, tx, a.Demand.ID, returnTo(a.ID))
		return err
	})
	if errors.Is(err, payment.ErrAlreadyPaid) {
		return r.Redirect(a.path())
	}
	if err != nil {
		return err
	}
	url, err := p.deps.Payments.Begin(r.Context(), r.DB(), r.Scope(false), charge.ID)
	if err != nil {
		return err
	}
	return r.RedirectOut(url)
}

// paid is where the gateway sends people back to. Only what the gateway tells us, signed, counts as payment: until
// then the page waits and looks again.
func (p *Portal) paid(r *frame.Request) error {
	v, a, charges, err := p.demand(r)
	if err != nil {
		return err
	}
	if a.Receipt != "" {
		return r.Leave(a.path() + "?done=request.paid")
	}
	v.Pending = true
	if len(charges) > 0 {
		newest := slices.MaxFunc(charges, func(x, y payment.Charge) int { return x.CreatedAt.Compare(y.CreatedAt) })
		if newest.Status == payment.FailedPay || newest.Status == payment.Expired {
			v.Pending, v.Failed, v.Failure = false, true, r.T("pay.failure."+newest.Failure)
		}
	}
	if !v.Pending && r.Part() {
		return r.Leave(r.URL.Path)
	}
	return r.HTML(paidPage(v))
}

// receipt returns the receipt as PDF.
func (p *Portal) receipt(r *frame.Request) error {
	var f document.File
	var body bytes.Buffer
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		if a.Demand == nil {
			return document.ErrNotFound
		}
		rec, err := p.deps.Payments.Receipt(ctx, tx, a.Demand.ID)
		if err != nil {
			return err
		}
		if f, err = p.deps.Documents.File(ctx, tx, rec.Document); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}
