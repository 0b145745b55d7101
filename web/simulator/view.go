package simulator

import (
	"context"

	"digit/web/ui"
)

func staffTable(ctx context.Context, staff []staffView) ui.TableView {
	t := ui.TableView{
		Caption: ui.T(ctx, "simulator.staff.title"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: ui.T(ctx, "simulator.people.name")},
			{Label: ui.T(ctx, "simulator.staff.roles")},
			{Label: ui.T(ctx, "simulator.staff.address")},
			{Label: ui.T(ctx, "simulator.staff.use"), HideLabel: true},
		},
	}
	for _, s := range staff {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Name}, {Text: s.Roles}, {Text: s.Address}, {Body: signInAs(s)}}})
	}
	return t
}
