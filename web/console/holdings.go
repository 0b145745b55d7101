package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

func holdingRow(r *frame.Request, h agency.Holding, name, here string, may bool) ui.Row {
	who := ui.Cell{Text: name}
	if r.Principal.May("identity:read") {
		who.Href = "/console/people/" + h.Account.String()
	}
	tag := &ui.TagView{Text: r.T("console.positions.over"), Kind: ui.Neutral}
	switch {
	case h.Current(r.Now):
		tag = &ui.TagView{Text: r.T("console.positions.now"), Kind: ui.Success}
	case r.Now.Before(h.From):
		tag = &ui.TagView{Text: r.T("console.positions.later"), Kind: ui.Info}
	}
	act := ui.Cell{}
	if may && (h.Until == nil || r.Now.Before(*h.Until)) {
		act = ui.Cell{Text: r.T("console.positions.vacate"), Href: here + "/holdings/" + h.ID.String() + "/vacate"}
	}
	return ui.Row{Cells: []ui.Cell{who, {Text: ui.Date(r.Context(), h.From)}, {Text: day(r, lastDay(h.Until))}, {Tag: tag}, act}}
}

// holdForm asks who is to hold a position, from when until when.
func (c *Console) holdForm(r *frame.Request, account, from, until string) (v pageView, err error) {
	people := []ui.Option{{Label: r.T("console.choose")}}
	var p agency.Position
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if p, _, err = c.deps.Agencies.Position(ctx, tx, *r.Principal, r.Param("agency"), r.Param("position"), page.Request{Size: 1}); err != nil {
			return err
		}
		people, err = c.staffOptions(ctx, tx, r, people, account)
		return err
	})
	here := "/console/agencies/" + r.Param("agency") + "/positions/" + r.Param("position")
	v = view(r, r.T("console.positions.hold")).back(here, r.Text(p.Title))
	v.Lead = r.T("console.positions.hold.lead")
	date := func(f *field) { f.Type, f.Width, f.Optional = "date", "10", true }
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.positions.hold")}, Fields: []field{
		input(r, "account", "", options(selectField, people)), input(r, "from", from, date, hint(r.T("console.positions.from.hint"))),
		input(r, "until", until, date, hint(r.T("console.grants.until.hint"))),
	}}
	return v, err
}

// staffOptions are the staff whom the reader may choose, by name.
func (c *Console) staffOptions(ctx context.Context, tx *pg.Tx, r *frame.Request, out []ui.Option, chosen string) ([]ui.Option, error) {
	for next := (page.Request{Size: 100}); ; {
		found, err := c.deps.Identity.Accounts(ctx, tx, identity.Filter{Kind: identity.KindStaff, Status: "active"}, next)
		if err != nil {
			return nil, err
		}
		for _, a := range found.Rows {
			out = append(out, ui.Option{Value: a.ID.String(), Label: a.Name, Checked: a.ID.String() == chosen})
		}
		if next.After = found.Next; found.Next == "" || len(out) > 1000 {
			slices.SortStableFunc(out[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
			return out, nil
		}
	}
}

func (c *Console) holdAsk(r *frame.Request) error {
	v, err := c.holdForm(r, "", "", "")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) hold(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, err := c.holdForm(r, posted.Get("account"), trimmed(posted, "from"), trimmed(posted, "until"))
	if err != nil {
		return err
	}
	in := agency.Hold{Agency: r.Param("agency"), Position: r.Param("position")}
	if in.Account, err = uuid.Parse(posted.Get("account")); err != nil {
		v.Form.wrong("account", r.T("console.choose_person"))
	}
	for _, name := range []string{"from", "until"} {
		text := trimmed(posted, name)
		if text == "" {
			continue
		}
		d, err := civil.Parse(text)
		switch {
		case err != nil:
			v.Form.wrong(name, r.T("console.date.wrong"))
		case name == "from":
			in.From = d.In(r.Settings.Location())
		default:
			end := d.AddDays(1).In(r.Settings.Location())
			in.Until = &end
		}
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Agencies.Hold(ctx, tx, *r.Principal, in)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(strings.TrimSuffix(r.URL.Path, "/hold") + "?done=console.saved")
}

// heldHere is the holding of the path, at the position of the path. Errors: agency.ErrUnknownHolding.
func (c *Console) heldHere(r *frame.Request) (h agency.Holding, err error) {
	id, err := r.UUID("holding")
	if err != nil {
		return h, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, held, err := c.deps.Agencies.Positions(ctx, tx, *r.Principal, r.Param("agency"))
		if err != nil {
			return err
		}
		for _, h = range held[r.Param("position")] {
			if h.ID == id {
				return nil
			}
		}
		return agency.ErrUnknownHolding
	})
	return h, err
}

func (c *Console) vacateAsk(r *frame.Request) error {
	h, err := c.heldHere(r)
	if err != nil {
		return err
	}
	var name string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		name, err = c.deps.Identity.Name(ctx, tx, h.Account)
		return err
	})
	if err != nil {
		return err
	}
	back := "/console/agencies/" + h.Agency + "/positions/" + h.Position
	return confirm(r, r.T("console.positions.vacate.title", "name", name), r.T("console.positions.vacate.text"), r.T("console.positions.vacate"), back)
}

func (c *Console) vacate(r *frame.Request) error {
	h, err := c.heldHere(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Agencies.Vacate(ctx, tx, *r.Principal, h.ID) }); err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + h.Agency + "/positions/" + h.Position + "?done=console.vacated")
}
