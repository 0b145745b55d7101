package simulator

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

func direction(lang string) string { return i18n.Dir(lang) }

// magic are the card numbers with a behaviour of their own, in the order of the provider's documentation.
var magic = []struct{ number, key string }{
	{"4242 4242 4242 4242", "paid"},
	{"4000 0000 0000 0002", "declined"},
	{"4000 0000 0000 9995", "no_money"},
	{"4000 0000 0000 0119", "late"},
	{"4000 0000 0000 0259", "disputed"},
	{"4000 0000 0000 3220", "lost"},
}

func magicNumbers(r *frame.Request) []ui.Fact {
	var facts []ui.Fact
	for _, m := range magic {
		facts = append(facts, ui.Fact{Key: m.number, Value: r.T("simulator.card." + m.key)})
	}
	return facts
}

type chargesView struct {
	Site  ui.Site
	Table ui.TableView
	Pager ui.Pager
	Magic []ui.Fact
}

// charges lists the card payments, as the provider's own dashboard would.
func (s *Simulator) charges(r *frame.Request) error {
	var found page.Page[simulator.CardCharge]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = s.deps.Simulator.Charges(ctx, tx, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	v := chargesView{Site: s.site(r), Pager: r.Pager(found.Next), Magic: magicNumbers(r)}
	v.Table = ui.TableView{
		Caption: r.T("simulator.cards.title"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("simulator.cards.description")},
			{Label: r.T("simulator.cards.amount"), Num: true},
			{Label: r.T("simulator.cards.status")},
			{Label: r.T("simulator.cards.time")},
		},
		Empty: &ui.EmptyView{Icon: "wallet", Title: r.T("simulator.cards.none"), Text: r.T("simulator.cards.none.text")},
	}
	for _, c := range found.Rows {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Description, Href: "/sim/cards/pay/" + c.Ref.String()},
			{Text: ui.Money(r.Context(), c.Amount)},
			{Tag: chargeTag(r, c.Status)},
			{Text: ui.DateTime(r.Context(), c.CreatedAt)},
		}})
	}
	return r.HTML(chargesPage(v))
}

func chargeTag(r *frame.Request, s simulator.ChargeStatus) *ui.TagView {
	kind := map[simulator.ChargeStatus]ui.Kind{
		simulator.ChargePaid: ui.Success, simulator.ChargeFailed: ui.Danger, simulator.ChargeDisputed: ui.Warning, simulator.ChargeOpen: ui.Info,
	}[s]
	return &ui.TagView{Text: r.T("simulator.charge." + string(s)), Kind: kind}
}

type payView struct {
	Site                             ui.Site
	Ref, Amount, Description, Return string
	Open                             bool
	Status                           *ui.TagView
	Notice                           *ui.NoticeView
	Fields                           []ui.Field
	Problems                         []ui.Problem
	Magic                            []ui.Fact
}

// payAsk is the hosted payment page, to which the payer was sent.
func (s *Simulator) payAsk(r *frame.Request) error {
	c, err := s.charge(r)
	if err != nil {
		return err
	}
	return r.HTML(payPage(s.payView(r, c, cardForm{Number: "4242 4242 4242 4242", Expiry: "12/30", CVC: "123"}, nil)))
}

func (s *Simulator) charge(r *frame.Request) (c simulator.CardCharge, err error) {
	ref, err := r.UUID("ref")
	if err != nil {
		return c, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = s.deps.Simulator.Charge(ctx, tx, ref)
		return err
	})
	return c, err
}

// cardForm is the payment form as typed.
type cardForm struct{ Number, Expiry, CVC, Name string }

func (s *Simulator) payView(r *frame.Request, c simulator.CardCharge, form cardForm, wrong []fault.Field) payView {
	v := payView{
		Site: s.site(r), Ref: c.Ref.String(), Amount: ui.Money(r.Context(), c.Amount), Description: c.Description, Return: c.ReturnURL,
		Open: c.Status == simulator.ChargeOpen, Status: chargeTag(r, c.Status), Problems: r.Problems(wrong), Magic: magicNumbers(r),
	}
	v.Fields = []ui.Field{
		{Name: "number", Label: r.T("simulator.pay.number"), Value: form.Number, InputMode: "numeric", Autocomplete: "off", Width: "20", Code: true},
		{Name: "expiry", Label: r.T("simulator.pay.expiry"), Hint: r.T("simulator.pay.expiry.hint"), Value: form.Expiry, Autocomplete: "off", Width: "5"},
		{Name: "cvc", Label: r.T("simulator.pay.cvc"), Value: form.CVC, InputMode: "numeric", Autocomplete: "off", Width: "4"},
	}
	for i := range v.Fields {
		for _, p := range v.Problems {
			if p.Field == v.Fields[i].Name {
				v.Fields[i].Error = p.Text
			}
		}
	}
	return v
}

// pay pays and sends the payer back where the merchant wanted. Paying twice is paying once: who presses again is sent
// back as well. Where the bank does not answer, the page says so, as a real one would.
func (s *Simulator) pay(r *frame.Request) error {
	ref, err := r.UUID("ref")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	form := cardForm{Number: posted.Get("number"), Expiry: posted.Get("expiry"), CVC: strings.TrimSpace(posted.Get("cvc"))}
	month, year := expiry(form.Expiry)
	var out simulator.Outcome
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		out, err = s.deps.Simulator.Pay(ctx, tx, ref, simulator.Card{Number: form.Number, Month: month, Year: year, CVC: form.CVC})
		return err
	})
	switch {
	case err == nil && out.Status != simulator.ChargeProcessing:
		return r.RedirectOut(out.ReturnURL)
	case err != nil && !errors.Is(err, simulator.ErrOver) && !errors.Is(err, simulator.ErrCard):
		return err
	}
	c, loadErr := s.charge(r)
	if loadErr != nil {
		return loadErr
	}
	switch {
	case errors.Is(err, simulator.ErrCard):
		return r.HTMLStatus(http.StatusUnprocessableEntity, payPage(s.payView(r, c, form, fault.Of(err).Fields)))
	case errors.Is(err, simulator.ErrOver) && c.Status != simulator.ChargeProcessing:
		return r.RedirectOut(c.ReturnURL)
	}
	v := s.payView(r, c, form, nil)
	v.Notice = &ui.NoticeView{Kind: ui.Warning, Title: r.T("simulator.pay.late"), Text: r.T("simulator.pay.late.text")}
	return r.HTML(payPage(v))
}

// expiry reads "12/30" or "12/2030"; zeros where it is neither.
func expiry(s string) (month, year int) {
	m, y, _ := strings.Cut(strings.ReplaceAll(s, " ", ""), "/")
	month, _ = strconv.Atoi(m)
	year, _ = strconv.Atoi(y)
	if year > 0 && year < 100 {
		year += 2000
	}
	return month, year
}

// chargeCreate takes an order to pay from a merchant's program.
func (s *Simulator) chargeCreate(r *frame.Request) error {
	var order simulator.ChargeOrder
	if err := r.Decode(&order); err != nil {
		return err
	}
	var c simulator.CardCharge
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := s.deps.Simulator.CheckKey(ctx, tx, bearer(r)); err != nil {
			return err
		}
		c, err = s.deps.Simulator.CreateCharge(ctx, tx, order)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusCreated, c)
}

// chargeShow tells a merchant's program how a payment stands.
func (s *Simulator) chargeShow(r *frame.Request) error {
	ref, err := r.UUID("ref")
	if err != nil {
		return err
	}
	var c simulator.CardCharge
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := s.deps.Simulator.CheckKey(ctx, tx, bearer(r)); err != nil {
			return err
		}
		c, err = s.deps.Simulator.Charge(ctx, tx, ref)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, c)
}

// bearer returns the token of the Authorization header (RFC 6750), "" for none.
func bearer(r *frame.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
