package desk

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

// findBill leads from the number on a bill to where it is paid.
func (d *Desk) findBill(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	number := strings.ToUpper(strings.TrimSpace(posted.Get("number")))
	var found page.Page[payment.Demand]
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if _, err = d.at(ctx, tx, r); err != nil || number == "" {
			return err
		}
		found, err = d.deps.Payments.Demands(ctx, tx, payment.DemandFilter{Number: number}, page.Request{})
		return err
	})
	if err != nil {
		return err
	}
	if len(found.Rows) == 0 {
		return d.tillPage(r, http.StatusUnprocessableEntity, posted, errNoBill)
	}
	return r.Redirect("/desk/bills/" + found.Rows[0].ID.String())
}

// errNoBill says that there is no bill of this number.
var errNoBill = fault.NotFound("desk.no_bill")

type payView struct {
	Site         ui.Site
	Demand       payment.Demand
	ID           string
	Lines        []ui.BillLine
	Status       *ui.TagView // of a bill that cannot be paid
	Key          string      // names this taking
	Means        ui.Field
	Tendered     ui.Field
	Cheque, Bank ui.Field
	Slip         ui.Field
	Problems     []ui.Problem
	NoTill       bool
	Facts        []ui.Fact
}

// payAsk asks how a bill is paid.
func (d *Desk) payAsk(r *frame.Request) error { return d.payPage(r, http.StatusOK, url.Values{}, nil) }

func (d *Desk) payPage(r *frame.Request, status int, typed url.Values, refused *fault.Error) error {
	demand, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := payView{Site: r.Site(frame.Desk), ID: demand.String(), Key: typed.Get("key")}
	if _, err := uuid.Parse(v.Key); err != nil {
		v.Key = id.New().String()
	}
	var credit payment.Credit
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Demand, err = d.deps.Payments.Demand(ctx, tx, demand); err != nil {
			return err
		}
		if credit, err = d.deps.Payments.Credit(ctx, tx, v.Demand.Subject, v.Demand.SubjectID); err != nil {
			return err
		}
		t, err := d.deps.Desk.MyTill(ctx, tx, *r.Principal, at)
		if errors.Is(err, counter.ErrNoTill) {
			v.NoTill = true
			return nil
		}
		v.NoTill = t.Status != counter.TillOpen
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range v.Demand.Lines {
		v.Lines = append(v.Lines, ui.BillLine{Label: r.Text(l.Name), Amount: l.Amount})
	}
	v.Facts = []ui.Fact{{Key: r.T("desk.pay.number"), Value: v.Demand.Number}}
	if v.Demand.Reference != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("desk.reference"), Value: v.Demand.Reference})
	}
	if credit.Amount.Minor > 0 {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("credit.fact"), Value: ui.Money(r.Context(), credit.Amount)})
	}
	if v.Demand.Status != payment.DemandOpen {
		v.Status = &ui.TagView{Text: r.T("desk.bill." + string(v.Demand.Status)), Kind: ui.Neutral}
	}
	v.fields(r, typed, refused)
	return r.HTMLStatus(status, payPage(v))
}

// fields are the inputs by which money is taken, with what was typed and what is wrong with it.
func (v *payView) fields(r *frame.Request, typed url.Values, refused *fault.Error) {
	text := func(name, width string) ui.Field {
		return ui.Field{Name: name, Label: r.T("desk.pay." + name), Value: typed.Get(name), Width: width, Autocomplete: "off"}
	}
	v.Tendered = text("tendered", "10")
	v.Tendered.InputMode, v.Tendered.Suffix, v.Tendered.Attrs = "decimal", v.Demand.Amount.Currency, map[string]any{"autofocus": true}
	if v.Tendered.Value == "" {
		v.Tendered.Value = v.Demand.Amount.Decimal()
	}
	v.Cheque, v.Bank, v.Slip = text("cheque", "20"), text("bank", ""), text("slip", "20")
	if refused != nil {
		v.Problems = r.Problems(refused.Fields)
		for _, f := range refused.Fields {
			for _, field := range []*ui.Field{&v.Tendered, &v.Cheque, &v.Bank, &v.Slip} {
				if field.Name == f.Path {
					field.Error = r.FieldSentence(f)
				}
			}
		}
		if len(refused.Fields) == 0 {
			v.Problems = []ui.Problem{{Text: r.Sentence(refused)}}
		}
	}
	means := typed.Get("means")
	if means == "" {
		means = payment.Cash
	}
	v.Means = ui.Field{Name: "means", Label: r.T("desk.pay.means"), Options: []ui.Option{
		{Value: payment.Cash, Label: r.T("desk.means.cash"), Checked: means == payment.Cash, Reveal: input(v.Tendered)},
		{Value: payment.Cheque, Label: r.T("desk.means.cheque"), Checked: means == payment.Cheque, Reveal: inputs(v.Cheque, v.Bank)},
		{Value: payment.Card, Label: r.T("desk.means.card"), Checked: means == payment.Card, Reveal: input(v.Slip)},
	}}
}

// take takes the money. Pressed twice, it is taken once.
func (d *Desk) take(r *frame.Request) error {
	demand, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	key, err := uuid.Parse(posted.Get("key"))
	if err != nil {
		return d.payPage(r, http.StatusUnprocessableEntity, posted, nil)
	}
	in := payment.Collect{
		ID: key, Demand: demand, Means: posted.Get("means"), Detail: payment.Detail{Cheque: posted.Get("cheque"), Bank: posted.Get("bank"), Slip: posted.Get("slip")},
	}
	in.Tendered, _ = typedMoney(posted.Get("tendered"), r.Settings.Currency)
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.Take(ctx, tx, *r.Principal, at, in)
		return err
	})
	for _, refusal := range []error{payment.ErrCounter, payment.ErrAlreadyPaid, payment.ErrCancelled, payment.ErrCollected, counter.ErrNoTill, counter.ErrTillCounted} {
		if errors.Is(err, refusal) {
			f := fault.Of(err)
			return d.payPage(r, r.Status(f), posted, f)
		}
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/taken/" + key.String() + "?done=desk.taken")
}

type takenView struct {
	Site       ui.Site
	Notice     *ui.NoticeView
	ID         string
	Money      payment.Collection
	Change     string // "" where there is none
	Facts      []ui.Fact
	Lines      []ui.BillLine
	State      string
	Office     string
	Tag        ui.TagView
	PDF        bool
	Waiting    bool
	MayReturn  bool
	Cheque     bool
	Settleable bool
	Reason     ui.Field
	Problems   []ui.Problem
	Bill       string
}

// taken is the receipt under the operator's hands: how much to give back, and the slip to print.
func (d *Desk) taken(r *frame.Request) error { return d.takenPage(r, http.StatusOK, "", nil) }

func (d *Desk) takenPage(r *frame.Request, status int, reason string, refused *fault.Error) error {
	key, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := takenView{Site: r.Site(frame.Desk), Notice: r.Done(), ID: key.String(), State: r.Text(r.Settings.Name)}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		if v.Money, err = d.deps.Desk.Collection(ctx, tx, *r.Principal, at, key); err != nil {
			return err
		}
		bill, err := d.deps.Payments.Demand(ctx, tx, v.Money.Demand)
		if err != nil {
			return err
		}
		for _, l := range bill.Lines {
			v.Lines = append(v.Lines, ui.BillLine{Label: r.Text(l.Name), Amount: l.Amount})
		}
		operator, err := d.nameOf(ctx, tx, v.Money.By)
		if err != nil {
			return err
		}
		v.Facts = takenFacts(r, v.Money, operator)
		v.MayReturn = r.Principal.MayIn(counter.Supervise, at.Agency)
		receipt, err := d.deps.Payments.Receipt(ctx, tx, v.Money.Demand)
		if errors.Is(err, payment.ErrNoReceipt) {
			return nil
		}
		v.PDF = err == nil && receipt.Number == v.Money.Receipt && receipt.Document != uuid.Nil
		v.Waiting = err == nil && receipt.Document == uuid.Nil
		return err
	})
	if err != nil {
		return err
	}
	v.Tag, v.Cheque, v.Bill = collectionTag(r, v.Money.Status), v.Money.Means == payment.Cheque, "/desk/bills/"+v.Money.Demand.String()
	v.Settleable = v.Money.Status == payment.Taken || v.Money.Status == payment.Cleared
	if v.Money.Change().Minor > 0 {
		v.Change = ui.Money(r.Context(), v.Money.Change())
	}
	v.Reason = ui.Field{Name: "reason", Label: r.T("desk.return.reason"), Hint: r.T("desk.till.reason_hint"), Value: reason, Autocomplete: "off"}
	if refused != nil {
		v.Reason.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: "reason", Text: v.Reason.Error}}
	}
	return r.HTMLStatus(status, takenPage(v))
}

func takenFacts(r *frame.Request, c payment.Collection, operator string) []ui.Fact {
	facts := []ui.Fact{
		{Key: r.T("desk.receipt.number"), Value: c.Receipt},
		{Key: r.T("desk.pay.number"), Value: c.Number},
		{Key: r.T("desk.taken.at"), Value: ui.DateTime(r.Context(), c.TakenAt)},
		{Key: r.T("desk.pay.means"), Value: r.T("desk.means." + c.Means)},
	}
	for _, f := range []ui.Fact{
		{Key: r.T("desk.reference"), Value: c.Reference},
		{Key: r.T("desk.pay.cheque"), Value: c.Detail.Cheque},
		{Key: r.T("desk.pay.bank"), Value: c.Detail.Bank},
		{Key: r.T("desk.pay.slip"), Value: c.Detail.Slip},
		{Key: r.T("desk.visit.by"), Value: operator},
		{Key: r.T("desk.return.reason"), Value: c.Reason},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	if c.Means == payment.Cash {
		facts = append(facts, ui.Fact{Key: r.T("desk.pay.tendered"), Value: ui.Money(r.Context(), c.Tendered)}, ui.Fact{Key: r.T("desk.change"), Value: ui.Money(r.Context(), c.Change())})
	}
	return facts
}

func collectionTag(r *frame.Request, s payment.CollectionStatus) ui.TagView {
	kind := map[payment.CollectionStatus]ui.Kind{payment.Taken: ui.Info, payment.Cleared: ui.Success, payment.Bounced: ui.Danger, payment.Reversed: ui.Neutral}[s]
	return ui.TagView{Text: r.T("desk.collection." + string(s)), Kind: kind}
}

// receipt returns the receipt as PDF.
func (d *Desk) receipt(r *frame.Request) error {
	key, err := r.UUID("id")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		c, err := d.deps.Desk.Collection(ctx, tx, *r.Principal, at, key)
		if err != nil {
			return err
		}
		receipt, err := d.deps.Payments.Receipt(ctx, tx, c.Demand)
		if err != nil {
			return err
		}
		if receipt.Number != c.Receipt {
			return payment.ErrNoReceipt
		}
		if f, err = d.deps.Documents.File(ctx, tx, receipt.Document); err != nil {
			return err
		}
		return d.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

// bounce, giveBack and clear are what a supervisor does to what was taken.
func (d *Desk) bounce(r *frame.Request) error   { return d.takeBack(r, payment.Bounced) }
func (d *Desk) giveBack(r *frame.Request) error { return d.takeBack(r, payment.Reversed) }

func (d *Desk) takeBack(r *frame.Request, as payment.CollectionStatus) error {
	key, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		return d.deps.Desk.Return(ctx, tx, *r.Principal, at, key, as, posted.Get("reason"))
	})
	for _, refusal := range []error{payment.ErrReason, payment.ErrNotCheque, payment.ErrTillClosed, counter.ErrTillCounted} {
		if errors.Is(err, refusal) {
			f := fault.Of(err)
			return d.takenPage(r, r.Status(f), posted.Get("reason"), f)
		}
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/taken/" + key.String() + "?done=desk.returned")
}

func (d *Desk) clear(r *frame.Request) error {
	key, err := r.UUID("id")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		return d.deps.Desk.Clear(ctx, tx, *r.Principal, at, key)
	})
	if errors.Is(err, payment.ErrNotBanked) {
		return d.takenPage(r, r.Status(fault.Of(err)), "", fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/taken/" + key.String() + "?done=desk.cleared")
}

type chequesView struct {
	Site  ui.Site
	Tabs  []ui.NavItem
	Table ui.TableView
	Pager ui.Pager
}

// cheques lists the cheques of the office, those first that wait for the bank.
func (d *Desk) cheques(r *frame.Request) error {
	status := payment.CollectionStatus(r.Query("status"))
	if status != payment.Cleared && status != payment.Bounced {
		status = payment.Taken
	}
	v := chequesView{Site: r.Site(frame.Desk), Table: ui.TableView{
		ID: "cheques", Caption: r.T("desk.cheques"), HideCaption: true, Stack: true, Empty: &ui.EmptyView{Icon: "receipt", Title: r.T("desk.cheques.none")},
		Columns: []ui.Column{{Label: r.T("desk.pay.cheque")}, {Label: r.T("desk.pay.bank")}, {Label: r.T("desk.pay.number")}, {Label: r.T("desk.taken.at")}, {Label: r.T("desk.amount"), Num: true}},
	}}
	for _, s := range []payment.CollectionStatus{payment.Taken, payment.Cleared, payment.Bounced} {
		v.Tabs = append(v.Tabs, ui.NavItem{Label: r.T("desk.cheques." + string(s)), Href: "/desk/cheques?status=" + string(s), Current: s == status})
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := d.deps.Desk.Cheques(ctx, tx, *r.Principal, at, status, r.Paging())
		if err != nil {
			return err
		}
		v.Pager = r.Pager(list.Next)
		for _, c := range list.Rows {
			v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: c.Detail.Cheque, Href: "/desk/taken/" + c.ID.String()},
				{Text: c.Detail.Bank},
				{Text: c.Number},
				{Text: ui.DateTime(r.Context(), c.TakenAt)},
				{Text: ui.Money(r.Context(), c.Amount)},
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(chequesPage(v))
}

// sumOf adds what was taken by means, without what was taken back.
func sumOf(list []payment.Collection, means, currency string) money.Amount {
	sum := money.Amount{Currency: currency}
	for _, c := range list {
		if c.Means == means && (c.Status == payment.Taken || c.Status == payment.Cleared) {
			sum.Minor += c.Amount.Minor
		}
	}
	return sum
}
