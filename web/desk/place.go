package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

// placeCookie remembers at which of their offices an operator is.
const placeCookie = "desk-place"

// placeLasts is for how long it does: a working day.
const placeLasts = 12 * time.Hour

func placeValue(p counter.Place) string { return p.Agency + "/" + p.Office }

// at returns the office at which the reader is: the one they chose, else the first at which they work.
func (d *Desk) at(ctx context.Context, tx *pg.Tx, r *frame.Request) (counter.Place, error) {
	places, err := d.deps.Desk.Places(ctx, tx, *r.Principal)
	if err != nil {
		return counter.Place{}, err
	}
	if len(places) == 0 {
		return counter.Place{}, counter.ErrForbidden
	}
	chosen := r.Recall(placeCookie)
	if i := slices.IndexFunc(places, func(p counter.Place) bool { return placeValue(p) == chosen }); i >= 0 {
		return places[i], nil
	}
	return places[0], nil
}

// choosePlace changes the office at which the reader is.
func (d *Desk) choosePlace(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		places, err := d.deps.Desk.Places(ctx, tx, *r.Principal)
		if err == nil && !slices.ContainsFunc(places, func(p counter.Place) bool { return placeValue(p) == posted.Get("place") }) {
			err = counter.ErrForbidden
		}
		return err
	})
	if err != nil {
		return err
	}
	r.Keep(placeCookie, posted.Get("place"), placeLasts)
	return r.Redirect("/desk")
}

// placeName is what an office is called, in the reader's language.
func (d *Desk) placeName(ctx context.Context, tx *pg.Tx, r *frame.Request, p counter.Place) (string, error) {
	offices, err := d.deps.Agencies.Offices(ctx, tx, p.Agency)
	for _, o := range offices {
		if o.Code == p.Office {
			return r.Text(o.Name), nil
		}
	}
	return p.Office, err
}

// placeField lets an operator who works at several offices say where they are; no options where there is one.
func (d *Desk) placeField(ctx context.Context, tx *pg.Tx, r *frame.Request, here counter.Place) (f ui.Field, err error) {
	f = ui.Field{Name: "place", Label: r.T("desk.place")}
	places, err := d.deps.Desk.Places(ctx, tx, *r.Principal)
	if err != nil || len(places) < 2 {
		return f, err
	}
	for _, p := range places {
		name, err := d.placeName(ctx, tx, r, p)
		if err != nil {
			return f, err
		}
		f.Options = append(f.Options, ui.Option{Value: placeValue(p), Label: name, Checked: p == here})
	}
	return f, nil
}

// nameOf is what somebody is called, "" for who is forgotten.
func (d *Desk) nameOf(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error) {
	name, err := d.deps.Identity.Name(ctx, tx, account)
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		return "", nil
	}
	return strings.TrimSpace(name), err
}
