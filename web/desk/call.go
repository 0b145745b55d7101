package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type callView struct {
	Site      ui.Site
	ID        string
	Person    ui.PersonView
	Way       ui.Field
	Outcome   ui.Field
	Reference ui.Field
	Text      ui.Field
	Problems  []ui.Problem
	Table     ui.TableView
	Pager     ui.Pager
}

// callAsk is what a person has asked so far, and where the next is written down.
func (d *Desk) callAsk(r *frame.Request) error {
	return d.callPage(r, http.StatusOK, url.Values{}, nil)
}

func (d *Desk) callPage(r *frame.Request, status int, typed url.Values, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := callView{Site: r.Site(frame.Desk), ID: id.String()}
	choice := func(name string, codes []string) ui.Field {
		f := ui.Field{Name: name, Label: r.T("desk.call." + name)}
		for _, code := range codes {
			f.Options = append(f.Options, ui.Option{Value: code, Label: r.T("desk.call." + name + "." + code), Checked: typed.Get(name) == code})
		}
		return f
	}
	v.Way, v.Outcome = choice("way", counter.Ways), choice("outcome", counter.Outcomes)
	v.Text = ui.Field{Name: "text", Label: r.T("desk.call.text"), Hint: r.T("desk.call.text_hint"), Rows: 4, MaxLength: 2000, Value: typed.Get("text")}
	v.Reference = ui.Field{Name: "reference", Label: r.T("desk.reference"), Optional: true, Code: true, Width: "20", Value: typed.Get("reference"), Autocomplete: "off"}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, id)
		if err != nil {
			return err
		}
		v.Person = personHead(r, p)
		v.Person.Href = "/desk/people/" + v.ID
		v.Table, v.Pager, err = d.callTable(ctx, tx, r, at, id, "")
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		v.Problems = r.Problems(refused.Fields)
		for _, f := range refused.Fields {
			for _, field := range []*ui.Field{&v.Way, &v.Outcome, &v.Reference, &v.Text} {
				if field.Name == f.Path {
					field.Error = r.FieldSentence(f)
				}
			}
		}
	}
	return r.HTMLStatus(status, callPage(v))
}

// callTable lists notes: of a person, or of the office with whom they were about.
func (d *Desk) callTable(ctx context.Context, tx *pg.Tx, r *frame.Request, at counter.Place, person uuid.UUID, outcome string) (ui.TableView, ui.Pager, error) {
	t := ui.TableView{
		ID: "calls", Caption: r.T("desk.calls"), HideCaption: true, Stack: true, Empty: &ui.EmptyView{Icon: "phone", Title: r.T("desk.calls.none"), Text: r.T("desk.calls.none_text")},
		Columns: []ui.Column{{Label: r.T("desk.call.at")}, {Label: r.T("desk.call.text")}, {Label: r.T("desk.call.way")}, {Label: r.T("desk.call.outcome")}, {Label: r.T("desk.visit.by")}},
	}
	if person == uuid.Nil {
		t.Columns = append(t.Columns, ui.Column{Label: r.T("desk.person.name")})
	}
	list, err := d.deps.Desk.Calls(ctx, tx, *r.Principal, at, person, outcome, r.Paging())
	if err != nil {
		return t, ui.Pager{}, err
	}
	for _, c := range list.Rows {
		by, err := d.nameOf(ctx, tx, c.By)
		if err != nil {
			return t, ui.Pager{}, err
		}
		tag := ui.TagView{Text: r.T("desk.call.outcome." + c.Outcome), Kind: map[string]ui.Kind{"answered": ui.Success, "follow_up": ui.Warning, "not_reached": ui.Neutral}[c.Outcome]}
		row := ui.Row{Cells: []ui.Cell{{Text: ui.DateTime(r.Context(), c.At)}, {Text: c.Text, Sub: c.Reference}, {Text: r.T("desk.call.way." + c.Way)}, {Tag: &tag}, {Text: by}}}
		if person == uuid.Nil {
			name, err := d.nameOf(ctx, tx, c.Person)
			if err != nil {
				return t, ui.Pager{}, err
			}
			if name == "" {
				name = r.T("desk.nameless")
			}
			row.Cells = append(row.Cells, ui.Cell{Text: name, Href: "/desk/people/" + c.Person.String() + "/calls"})
		}
		t.Rows = append(t.Rows, row)
	}
	return t, r.Pager(list.Next), nil
}

// noteCall writes down what a person asked.
func (d *Desk) noteCall(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.NoteCall(ctx, tx, *r.Principal, at, counter.Call{
			Person: id, Way: posted.Get("way"), Outcome: posted.Get("outcome"), Reference: posted.Get("reference"), Text: posted.Get("text"),
		})
		return err
	})
	if errors.Is(err, counter.ErrCall) {
		return d.callPage(r, http.StatusUnprocessableEntity, posted, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/people/" + id.String() + "/calls?done=desk.noted")
}

type callsView struct {
	Site  ui.Site
	Tabs  []ui.NavItem
	Table ui.TableView
	Pager ui.Pager
}

// calls lists the notes of the office; those first that somebody has to come back to, where that is asked for.
func (d *Desk) calls(r *frame.Request) error {
	open := r.Query("show") == "open"
	v := callsView{Site: r.Site(frame.Desk), Tabs: []ui.NavItem{
		{Label: r.T("desk.calls.all"), Href: "/desk/calls", Current: !open}, {Label: r.T("desk.call.outcome.follow_up"), Href: "/desk/calls?show=open", Current: open},
	}}
	outcome := ""
	if open {
		outcome = "follow_up"
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		v.Table, v.Pager, err = d.callTable(ctx, tx, r, at, uuid.Nil, outcome)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(callsPage(v))
}
