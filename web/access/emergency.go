package access

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// emergencyView is the form by which staff take a role in an emergency.
type emergencyView struct {
	Site                   ui.Site
	Home                   string
	Running                string // until when one is in force, "" for none
	Roles, Agencies, Hours []ui.Option
	Reason                 string
	RoleError, ReasonError string
	HoursError             string
	Problems               []ui.Problem
}

func (v *emergencyView) wrong(field, text string) {
	switch field {
	case "role":
		v.RoleError = text
	case "reason":
		v.ReasonError = text
	case "hours":
		v.HoursError = text
	}
	v.Problems = append(v.Problems, ui.Problem{Field: field, Text: text})
}

func (a *Access) emergencyForm(r *frame.Request, role, agency, hours, reason string) (v emergencyView, err error) {
	v = emergencyView{Site: r.Site(""), Home: frame.StaffHome(*r.Principal), Reason: reason, Roles: []ui.Option{{Label: r.T("emergency.choose")}}}
	if emergency, until := r.Principal.InEmergency(); emergency != uuid.Nil {
		v.Running = ui.DateTime(r.Context(), until)
	}
	for n := 1; n <= int(identity.EmergencyMost.Hours()); n++ {
		v.Hours = append(v.Hours, ui.Option{Value: strconv.Itoa(n), Label: r.T("emergency.hours", "n", n), Checked: strconv.Itoa(n) == hours})
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		roles, err := a.deps.Identity.Roles(ctx, tx)
		if err != nil {
			return err
		}
		for _, x := range roles {
			v.Roles = append(v.Roles, ui.Option{Value: x.Code, Label: r.Text(x.Name), Checked: x.Code == role})
		}
		if r.Principal.MayIn("identity:break-glass", "") {
			v.Agencies = append(v.Agencies, ui.Option{Label: r.T("emergency.state"), Checked: agency == ""})
		}
		list, err := a.deps.Agencies.Agencies(ctx, tx)
		for _, x := range list {
			if r.Principal.MayIn("identity:break-glass", x.Code) {
				v.Agencies = append(v.Agencies, ui.Option{Value: x.Code, Label: r.Text(x.Name), Checked: x.Code == agency})
			}
		}
		return err
	})
	return v, err
}

func (a *Access) emergencyAsk(r *frame.Request) error {
	agency := ""
	if own := r.Principal.Agencies(); len(own) > 0 {
		agency = own[0]
	}
	v, err := a.emergencyForm(r, "", agency, "1", "")
	if err != nil {
		return err
	}
	return r.HTML(emergencyPage(v))
}

// emergencyTake takes the role. Whatever was typed stays on the form when it is refused.
func (a *Access) emergencyTake(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	hours, _ := strconv.Atoi(posted.Get("hours")) // what is none is refused as too short
	in := identity.TakeRole{
		Role: posted.Get("role"), Agency: posted.Get("agency"), For: time.Duration(hours) * time.Hour, Reason: strings.TrimSpace(posted.Get("reason")),
	}
	v, err := a.emergencyForm(r, in.Role, in.Agency, posted.Get("hours"), in.Reason)
	if err != nil {
		return err
	}
	if in.Role == "" {
		v.wrong("role", r.T("emergency.role.none"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, emergencyPage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := a.deps.Identity.TakeInEmergency(ctx, tx, in)
		return err
	})
	if e := fault.Of(err); e != nil && (e.Kind == fault.KindInvalid || e.Kind == fault.KindConflict) {
		for _, f := range e.Fields {
			v.wrong(f.Path, r.FieldSentence(f))
		}
		if len(e.Fields) == 0 {
			v.wrong("role", r.Sentence(e))
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, emergencyPage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/staff/emergency?done=emergency.taken")
}

// emergencyEnd gives the role back before its time.
func (a *Access) emergencyEnd(r *frame.Request) error {
	emergency, _ := r.Principal.InEmergency()
	if emergency != uuid.Nil {
		if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.EndEmergency(ctx, tx, emergency) }); err != nil {
			return err
		}
	}
	return r.Redirect(frame.StaffHome(*r.Principal))
}
