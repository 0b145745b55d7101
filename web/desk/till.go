package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type tillView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Office   string
	Problems []ui.Problem
	// Of nobody's till: what opens one.
	Counter, Float ui.Field
	// Of one that is open or counted.
	ID     string
	Till   *counter.Till
	Facts  []ui.Fact
	Number ui.Field // of the bill
	Mine   ui.TableView
	Wait   ui.TableView // for the supervisor: those to be approved
	Super  bool
}

// till is the operator's drawer: open it, take what is to be paid, close it.
func (d *Desk) till(r *frame.Request) error {
	return d.tillPage(r, http.StatusOK, url.Values{}, nil)
}

func (d *Desk) tillPage(r *frame.Request, status int, typed url.Values, refused *fault.Error) error {
	v := tillView{Site: r.Site(frame.Desk), Notice: r.Done()}
	v.Counter = ui.Field{Name: "counter", Label: r.T("desk.till.counter"), Hint: r.T("desk.till.counter_hint"), Value: typed.Get("counter"), Width: "20", Autocomplete: "off"}
	v.Float = ui.Field{Name: "float", Label: r.T("desk.till.float"), Hint: r.T("desk.till.float_hint"), Value: typed.Get("float"), Width: "10", InputMode: "decimal", Suffix: r.Settings.Currency, Autocomplete: "off"}
	v.Number = ui.Field{
		Name: "number", Label: r.T("desk.pay.number"), Hint: r.T("desk.pay.number_hint"), Value: typed.Get("number"), Width: "20", Code: true, Autocomplete: "off",
		Attrs: map[string]any{"autofocus": true},
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		t, err := d.deps.Desk.MyTill(ctx, tx, *r.Principal, at)
		switch {
		case err == nil:
			if err := d.openTillFacts(ctx, tx, r, &v, t); err != nil {
				return err
			}
		case !errors.Is(err, counter.ErrNoTill):
			return err
		}
		if v.Mine, err = d.tillTable(ctx, tx, r, at, "", "desk.till.sessions"); err != nil {
			return err
		}
		if v.Super = r.Principal.MayIn(counter.Supervise, at.Agency); v.Super {
			v.Wait, err = d.tillTable(ctx, tx, r, at, counter.TillCounted, "desk.till.waiting")
		}
		return err
	})
	if err != nil {
		return err
	}
	v.refuse(r, refused)
	return r.HTMLStatus(status, tillPage(v))
}

// refuse puts what was refused beside its field.
func (v *tillView) refuse(r *frame.Request, refused *fault.Error) {
	if refused == nil {
		return
	}
	v.Problems = r.Problems(refused.Fields)
	for _, f := range refused.Fields {
		for _, field := range []*ui.Field{&v.Counter, &v.Float} {
			if field.Name == f.Path {
				field.Error = r.FieldSentence(f)
			}
		}
	}
	if len(refused.Fields) > 0 {
		return
	}
	field := &v.Counter
	if v.Till != nil {
		field = &v.Number
	}
	field.Error = r.Sentence(refused)
	v.Problems = []ui.Problem{{Field: field.Name, Text: field.Error}}
}

// openTillFacts tells of the operator's own drawer what is known before it is counted: what was taken, by means.
func (d *Desk) openTillFacts(ctx context.Context, tx *pg.Tx, r *frame.Request, v *tillView, t counter.Till) error {
	e, err := d.deps.Desk.Expected(ctx, tx, *r.Principal, t.ID)
	if err != nil {
		return err
	}
	in := func(minor int64) string {
		return ui.Money(r.Context(), money.Amount{Minor: minor, Currency: t.Float.Currency})
	}
	v.ID, v.Till = t.ID.String(), &t
	v.Facts = []ui.Fact{
		{Key: r.T("desk.till.counter"), Value: t.Counter},
		{Key: r.T("desk.till.opened"), Value: ui.DateTime(r.Context(), t.OpenedAt)},
		{Key: r.T("desk.till.float"), Value: in(t.Float.Minor)},
		{Key: r.T("desk.till.cash_taken"), Value: in(e[payment.AccountCash] - t.Float.Minor)},
		{Key: r.T("desk.means.cheque"), Value: in(e[payment.AccountCheque])},
		{Key: r.T("desk.means.card"), Value: in(e[payment.AccountCard])},
	}
	return nil
}

// tillTable lists the sessions of an office that the reader may see.
func (d *Desk) tillTable(ctx context.Context, tx *pg.Tx, r *frame.Request, at counter.Place, status counter.TillStatus, caption string) (ui.TableView, error) {
	t := ui.TableView{
		ID: "tills-" + string(status), Caption: r.T(caption), Stack: true, HideCaption: true, Empty: &ui.EmptyView{Icon: "hand-coins", Title: r.T(caption + ".none")},
		Columns: []ui.Column{
			{Label: r.T("desk.till.opened")}, {Label: r.T("desk.till.counter")}, {Label: r.T("desk.till.operator")}, {Label: r.T("desk.state")}, {Label: r.T("desk.till.difference"), Num: true},
		},
	}
	list, err := d.deps.Desk.Tills(ctx, tx, *r.Principal, at, status, r.Paging())
	if err != nil {
		return t, err
	}
	for _, one := range list.Rows {
		operator, err := d.nameOf(ctx, tx, one.Operator)
		if err != nil {
			return t, err
		}
		difference := ""
		if one.Status != counter.TillOpen {
			difference = ui.Money(r.Context(), one.Difference())
		}
		tag := tillTag(r, one.Status)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), one.OpenedAt), Href: "/desk/tills/" + one.ID.String()}, {Text: one.Counter}, {Text: operator}, {Tag: &tag}, {Text: difference},
		}})
	}
	return t, nil
}

func tillTag(r *frame.Request, s counter.TillStatus) ui.TagView {
	kind := map[counter.TillStatus]ui.Kind{counter.TillOpen: ui.Info, counter.TillCounted: ui.Warning, counter.TillClosed: ui.Success}[s]
	return ui.TagView{Text: r.T("desk.till.status." + string(s)), Kind: kind}
}

// typedMoney reads a sum as people write it: with a comma or a point before the decimals.
func typedMoney(text, currency string) (money.Amount, bool) {
	clean := []rune{}
	for _, c := range latin(text) {
		switch {
		case c == ',' || c == '٫':
			clean = append(clean, '.')
		case c != ' ' && c != '\u00a0' && c != '\u202f':
			clean = append(clean, c)
		}
	}
	a, err := money.Parse(string(clean), currency)
	return a, err == nil && a.Minor >= 0
}

// openTill begins a session.
func (d *Desk) openTill(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	float, ok := typedMoney(posted.Get("float"), r.Settings.Currency)
	if !ok {
		float = money.Amount{Minor: -1, Currency: r.Settings.Currency}
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.OpenTill(ctx, tx, *r.Principal, at, posted.Get("counter"), float)
		return err
	})
	for _, refusal := range []error{counter.ErrTillFields, counter.ErrTillOpen, counter.ErrCounterTaken} {
		if errors.Is(err, refusal) {
			f := fault.Of(err)
			return d.tillPage(r, r.Status(f), posted, f)
		}
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/till?done=desk.till_open")
}

type countView struct {
	Site     ui.Site
	Till     counter.Till
	ID       string
	Fields   []ui.Field // one a note or coin
	Reason   ui.Field
	Problems []ui.Problem
	Asked    bool // the count differs, and the page asks why
	Counted  string
	Expected string
	Apart    string
}

// countAsk asks what lies in the drawer, note by note. What the books say is shown only once it was counted.
func (d *Desk) countAsk(r *frame.Request) error {
	return d.countPage(r, http.StatusOK, nil, counter.Till{}, nil)
}

func (d *Desk) countPage(r *frame.Request, status int, typed url.Values, counted counter.Till, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := countView{Site: r.Site(frame.Desk), ID: id.String()}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		v.Till, err = d.deps.Desk.Till(ctx, tx, *r.Principal, id)
		return err
	})
	if err != nil {
		return err
	}
	if v.Till.Status == counter.TillClosed || v.Till.Operator != r.Principal.Account {
		return r.Redirect("/desk/tills/" + v.ID)
	}
	for _, worth := range counter.Denominations(v.Till.Float.Currency) {
		name := "n." + strconv.FormatInt(worth, 10)
		f := ui.Field{
			Name: name, Label: ui.Money(r.Context(), money.Amount{Minor: worth, Currency: v.Till.Float.Currency}), Width: "5", InputMode: "numeric", Autocomplete: "off",
			Value: typed.Get(name),
		}
		if typed == nil && v.Till.Counts[worth] > 0 {
			f.Value = strconv.Itoa(v.Till.Counts[worth])
		}
		v.Fields = append(v.Fields, f)
	}
	v.Reason = ui.Field{Name: "reason", Label: r.T("desk.till.reason"), Hint: r.T("desk.till.reason_hint"), Rows: 3, MaxLength: 400, Value: typed.Get("reason")}
	if refused != nil {
		v.Problems = r.Problems(refused.Fields)
		for i, f := range refused.Fields {
			switch f.Path {
			case "reason":
				v.Reason.Error, v.Asked = r.FieldSentence(f), true
			case "counts":
				v.Problems[i].Field = v.Fields[0].Name
			}
		}
		v.Counted, v.Expected, v.Apart = ui.Money(r.Context(), counted.Counted), ui.Money(r.Context(), counted.Expected), ui.Money(r.Context(), counted.Difference())
	}
	return r.HTMLStatus(status, countPage(v))
}

// count takes what lies in the drawer.
func (d *Desk) count(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	counts := counter.Counts{}
	for _, worth := range counter.Denominations(r.Settings.Currency) {
		text := latin(posted.Get("n." + strconv.FormatInt(worth, 10)))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1
		}
		if n != 0 {
			counts[worth] = n
		}
	}
	var t counter.Till
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = d.deps.Desk.Count(ctx, tx, *r.Principal, id, counts, posted.Get("reason"))
		return err
	})
	if errors.Is(err, counter.ErrTillFields) {
		return d.countPage(r, http.StatusUnprocessableEntity, posted, t, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/tills/" + id.String() + "?done=desk.counted")
}

// approve closes a till that was counted.
func (d *Desk) approve(r *frame.Request) error {
	return d.decide(r, "desk.till_closed", func(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
		_, err := d.deps.Desk.Approve(ctx, tx, *r.Principal, id)
		return err
	})
}

// sendBack has a till counted anew.
func (d *Desk) sendBack(r *frame.Request) error {
	return d.decide(r, "desk.sent_back", func(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
		return d.deps.Desk.SendBack(ctx, tx, *r.Principal, id)
	})
}

func (d *Desk) decide(r *frame.Request, done string, act func(ctx context.Context, tx *pg.Tx, id uuid.UUID) error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/desk/tills/" + id.String() + "?done=" + done)
}
