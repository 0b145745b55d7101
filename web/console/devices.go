package console

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	outside "digit/internal/provider/field"
	"digit/web/frame"
	"digit/web/ui"
)

var deviceKind = map[string]ui.Kind{outside.Active: ui.Success, outside.Asked: ui.Warning, outside.Wiped: ui.Neutral, outside.Left: ui.Neutral}

// devices lists the devices with which staff work outside.
func (c *Console) devices(r *frame.Request) error {
	v := view(r, r.T("field.devices"))
	v.Lead = r.T("field.devices.lead", "n", int(outside.HeldFor.Hours()/24))
	v.Chips = chips(r, "status", "field.devices.", outside.Active, outside.Asked, outside.Wiped, outside.Left)
	account, err := uuid.Parse(r.Query("person"))
	if err != nil {
		account = uuid.Nil // anything else narrows nothing
	}
	l := list[outside.Device]{
		name: "devices", people: true, columns: []string{"officer", "browser", "heard", "unsent#", "state", "wipe"}, empty: &ui.EmptyView{Icon: "phone", Title: r.T("field.devices.empty"), Text: r.T("field.devices.empty_text")},
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[outside.Device], error) {
			return c.deps.Devices.Devices(ctx, tx, *r.Principal, r.Query("status"), account, p)
		},
		cells: func(d outside.Device) []ui.Cell {
			wipe := ui.Cell{}
			if d.Status == outside.Active {
				wipe = ui.Cell{Text: r.T("field.devices.wipe"), Href: "/console/devices/" + d.ID.String() + "/wipe"}
			}
			return []ui.Cell{
				{Text: d.Owner, Href: r.With("person", d.Account.String())},
				{Text: d.Name},
				{Text: ui.DateTime(r.Context(), d.Seen)},
				{Text: ui.Number(r.Context(), d.Unsent)},
				{Tag: &ui.TagView{Text: r.T("field.devices." + d.Status), Kind: deviceKind[d.Status]}},
				wipe,
			}
		},
	}
	return l.serve(r, v)
}

func (c *Console) wipeAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var d outside.Device
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = c.deps.Devices.Device(ctx, tx, *r.Principal, id)
		return err
	}); err != nil {
		return err
	}
	return confirm(r, r.T("field.devices.wipe_title", "name", d.Owner, "device", d.Name), r.T("field.devices.wipe_text", "n", d.Unsent), r.T("field.devices.wipe"), "/console/devices")
}

func (c *Console) wipe(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Devices.Wipe(ctx, tx, *r.Principal, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/devices?done=field.wiped")
}
