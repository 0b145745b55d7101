package console

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

func (c *Console) doorSection(r *frame.Request, in signInData) section {
	s := section{Title: r.T("console.door"), Text: r.T("console.door.text"), Facts: []ui.Fact{{Key: r.T("console.field.door"), Value: r.T("console.door." + in.door)}}}
	if manages(r) {
		s.Actions = []ui.ButtonView{{Label: r.T("console.door.change"), Href: signInHome + "/door", Variant: "secondary"}}
	}
	return s
}

func (c *Console) emergencySection(r *frame.Request, in signInData) section {
	s := section{Title: r.T("console.emergency"), Text: r.T("console.emergency.text"), Table: &ui.TableView{
		Caption: r.T("console.emergency"), HideCaption: true, Stack: true, Columns: columns(r, "name", "contact", "state", "act"),
		Empty: &ui.EmptyView{Icon: "shield-check", Title: r.T("console.emergency.none"), Text: r.T("console.emergency.none.text")},
	}}
	for _, a := range in.emergency {
		act := ui.Cell{}
		if manages(r) {
			act.Body = post(postView{Action: signInHome + "/emergency/" + a.ID.String() + "/remove", Label: r.T("console.emergency.remove"), Hidden: a.Name})
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: nameOf(r, a.Name), Href: "/console/people/" + a.ID.String()}, {Text: masked(a.Contacts)}, {Tag: statusTag(r, a.Status)}, act,
		}})
	}
	if manages(r) {
		s.Form = emergencyForm(r, "")
	}
	return s
}

func emergencyForm(r *frame.Request, address string) *formView {
	return &formView{
		FormPage: ui.FormPage{Action: signInHome + "/emergency", Submit: r.T("console.emergency.add")},
		Fields:   []field{input(r, "address", address, label(r.T("console.emergency.address")), hint(r.T("console.emergency.address.hint")))},
	}
}

// emergencyAdd marks the member of staff whose address is typed as one for emergencies.
func (c *Console) emergencyAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	address := trimmed(posted, "address")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		found, err := c.deps.Identity.Accounts(ctx, tx, identity.Filter{Kind: identity.KindStaff, Query: address}, page.Request{Size: 2})
		if err != nil {
			return err
		}
		if address == "" || len(found.Rows) != 1 {
			return errNoOne
		}
		return c.deps.Identity.SetEmergency(ctx, tx, found.Rows[0].ID, true)
	})
	v := view(r, r.T("console.emergency.add")).back(signInHome, r.T("site.console.sign_in"))
	v.Form = emergencyForm(r, address)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(signInHome + "?done=console.saved")
}

// errNoOne says that what was typed leads to no one member of staff.
var errNoOne = fault.Invalid("console.no_one")

func (c *Console) emergencyRemove(r *frame.Request) error {
	account, err := uuid.Parse(r.Param("account"))
	if err != nil {
		return identity.ErrNotFound
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Identity.SetEmergency(ctx, tx, account, false)
	})
	if err != nil {
		return err
	}
	return r.Redirect(signInHome + "?done=console.saved")
}

func (c *Console) doorAsk(r *frame.Request) error {
	var door string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		door, err = c.deps.Identity.StaffDoor(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(doorForm(r, door)))
}

func doorForm(r *frame.Request, door string) pageView {
	v := view(r, r.T("console.door")).back(signInHome, r.T("site.console.sign_in"))
	v.Lead = r.T("console.door.text")
	var choices []ui.Option
	for _, d := range []string{identity.DoorAllowed, identity.DoorEmergency} {
		choices = append(choices, ui.Option{Value: d, Label: r.T("console.door." + d), Hint: r.T("console.door." + d + ".hint"), Checked: d == door})
	}
	v.Form = &formView{
		FormPage: ui.FormPage{Action: signInHome + "/door", Submit: r.T("console.save")},
		Fields:   []field{input(r, "door", "", options(radioField, choices))},
	}
	return v
}

// door decides who of the staff may sign in here.
func (c *Console) door(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Identity.PutStaffDoor(ctx, tx, posted.Get("door"))
	})
	v := doorForm(r, posted.Get("door"))
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(signInHome + "?done=console.saved")
}
