package studio

import (
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
)

func tableKey(list []servicespec.Table, i int) string { return list[i].Name }

// tablesPart has the decision tables: a value by rows of conditions, the first that fits.
func (s *Studio) tablesPart() part {
	sh := shelve("table", "tables", func(p *servicespec.Pack) *[]servicespec.Table { return &p.Tables }, tableKey,
		func(p *servicespec.Pack, code string, called i18n.Text) servicespec.Table {
			return servicespec.Table{
				Name: identifier(code), Text: called, Inputs: []string{firstInput(p)}, Rows: []servicespec.TableRow{{If: []string{"-"}, Then: "0"}},
			}
		}, func(x *servicespec.Table, code string) { x.Name = identifier(code) })
	sh.names = servicespec.NamesTable
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		x := find(d.Pack.Tables, tableKey, k)
		if x == nil {
			return k, ""
		}
		say := s.saying(r, d, "tables.0.inputs.0")
		var looks []string
		for _, expr := range x.Inputs {
			looks = append(looks, say.Label(expr))
		}
		return s.say(r, d, x.Text, k), r.T("studio.table.sub", "inputs", strings.Join(looks, ", "), "n", len(x.Rows))
	}
	sh.take = s.takeTable
	return part{
		code: "tables", icon: "list", group: "design", areas: []string{"tables"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error { return s.showTable(r, d, sh) },
	}
}

// inputsOf are the answers that a table may look at by themselves.
func inputsOf(p *servicespec.Pack) []servicespec.Variable {
	all := servicespec.VariablesAt(p, "tables.0.inputs.0")
	return slices.DeleteFunc(all, func(x servicespec.Variable) bool {
		return slices.Contains([]string{servicespec.KindGroup, servicespec.KindFile, servicespec.KindPoint, servicespec.KindSignature}, x.Kind)
	})
}

// firstInput is what a new table looks at: the first choice, or else the first thing there is.
func firstInput(p *servicespec.Pack) string {
	all := inputsOf(p)
	for _, x := range all {
		if x.Kind == servicespec.KindChoice {
			return x.Name
		}
	}
	return all[0].Name // today is always there
}

func (s *Studio) takeTable(r *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	x := find(p.Tables, tableKey, key)
	types := servicespec.TryTable(p, key, nil, servicespec.Facts{}).Types
	x.Text = textOf(posted, "table_text", x.Text)
	tableForm{posted: posted, currency: r.Settings.Currency, types: types}.take(x)
	rearrange(x, posted.Get("do"))
	return nil
}

// rearrange does what a button of the editor says: "row-up:2".
func rearrange(x *servicespec.Table, act string) {
	what, at, _ := strings.Cut(act, ":")
	i := numberOr(at, -1)
	switch {
	case what == "row":
		x.Rows = append(x.Rows, servicespec.TableRow{If: slices.Repeat([]string{"-"}, len(x.Inputs)), Then: "0"})
		if n := len(x.Rows); n > 1 {
			x.Rows[n-1].Then = x.Rows[n-2].Then
		}
	case what == "col":
		x.Inputs = append(x.Inputs, "today")
		for k := range x.Rows {
			x.Rows[k].If = append(x.Rows[k].If, "-")
		}
	case strings.HasPrefix(what, "row-") && i >= 0 && i < len(x.Rows):
		x.Rows = arranged(x.Rows, strings.TrimPrefix(what, "row-"), i)
		if what == "row-copy" {
			x.Rows[i+1].If = slices.Clone(x.Rows[i].If)
		}
	case strings.HasPrefix(what, "col-") && i >= 0 && i < len(x.Inputs):
		what = strings.TrimPrefix(what, "col-")
		x.Inputs = arranged(x.Inputs, what, i)
		for k := range x.Rows {
			if i < len(x.Rows[k].If) {
				x.Rows[k].If = arranged(x.Rows[k].If, what, i)
			}
		}
	}
}

// arranged moves, doubles or drops one of a list.
func arranged[T any](list []T, what string, i int) []T {
	switch what {
	case "up":
		if i > 0 {
			list[i-1], list[i] = list[i], list[i-1]
		}
	case "down":
		if i+1 < len(list) {
			list[i+1], list[i] = list[i], list[i+1]
		}
	case "copy":
		return slices.Insert(list, i+1, list[i])
	case "drop":
		return slices.Delete(list, i, i+1)
	}
	return list
}
