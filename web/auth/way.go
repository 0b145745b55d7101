package auth

import (
	"context"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// waysView are the ways to sign in that others provide: one button each.
type waysView struct {
	Staff       bool
	Next        string
	Providers   []wayView
	Directories []wayView
	Shut        bool // for staff: these are the ways, and the one here is for emergencies
}

type wayView struct{ Code, Name string }

// variant is how the buttons look: where the way in here is for emergencies, these are the page's own act.
func (v waysView) variant() string {
	if v.Shut {
		return ""
	}
	return "secondary"
}

func (v waysView) any() bool { return len(v.Providers)+len(v.Directories) > 0 }

// without leaves a provider out, which has just failed.
func (v waysView) without(code string) waysView {
	var rest []wayView
	for _, p := range v.Providers {
		if p.Code != code {
			rest = append(rest, p)
		}
	}
	v.Providers = rest
	return v
}

// ways lists what others provide at the door for people or for staff, and lets the page's forms lead there.
func (a *Auth) ways(r *frame.Request, staff bool, next string) (v waysView, err error) {
	v = waysView{Staff: staff, Next: next}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		providers, err := a.deps.Identity.Providers(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range providers {
			if !p.Enabled || staff && !p.Staff || !staff && !p.People {
				continue
			}
			v.Providers = append(v.Providers, wayView{Code: p.Code, Name: r.Text(p.Name)})
			r.AllowForms(p.AuthorizeURL)
		}
		if !staff {
			return nil
		}
		directories, err := a.deps.Identity.Directories(ctx, tx)
		if err != nil {
			return err
		}
		for _, d := range directories {
			if d.Enabled {
				v.Directories = append(v.Directories, wayView{Code: d.Code, Name: r.Text(d.Name)})
			}
		}
		door, err := a.deps.Identity.StaffDoor(ctx, tx)
		v.Shut = door == identity.DoorEmergency
		return err
	})
	return v, err
}
