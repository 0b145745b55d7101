package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type homeView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Office   string
	Place    ui.Field
	Text     ui.Field
	Name     ui.Field
	Born     ui.Field
	Problems []ui.Problem
	ByName   bool // the search by name is open
	Found    *ui.TableView
	Serving  *panelView // whom the reader acts for
}

// searchFields are the inputs of a search, with what was typed.
func searchFields(r *frame.Request, v *homeView, get func(string) string) {
	v.Text = ui.Field{
		Name: "text", Label: r.T("desk.find.text"), Hint: r.T("desk.find.text_hint"), Value: get("text"), NoSpellcheck: true, Autocomplete: "off",
		Attrs: map[string]any{"autofocus": true},
	}
	v.Name = ui.Field{Name: "name", Label: r.T("desk.person.name"), Hint: r.T("desk.find.name_hint"), Value: get("name"), NoSpellcheck: true, Autocomplete: "off"}
	v.Born = ui.Field{Name: "born", Label: r.T("desk.person.born"), Hint: r.T("desk.born_hint"), Day: get("born.day"), Month: get("born.month"), Year: get("born.year")}
}

// home is where an operator begins: whom to serve.
func (d *Desk) home(r *frame.Request) error {
	v := homeView{Site: r.Site(frame.Desk), Notice: r.Done()}
	searchFields(r, &v, func(string) string { return "" })
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return d.homeHead(ctx, tx, r, &v) })
	if err != nil {
		return err
	}
	return r.HTML(homePage(v))
}

// homeHead fills in where the reader is and whom they serve.
func (d *Desk) homeHead(ctx context.Context, tx *pg.Tx, r *frame.Request, v *homeView) error {
	at, err := d.at(ctx, tx, r)
	if err != nil {
		return err
	}
	if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
		return err
	}
	if v.Place, err = d.placeField(ctx, tx, r, at); err != nil {
		return err
	}
	visit, err := d.deps.Desk.Current(ctx, tx, *r.Principal, at)
	if f := fault.Of(err); f != nil && f.Code == counter.ErrNoVisit.Code {
		return nil
	}
	if err != nil {
		return err
	}
	v.Serving, err = d.panel(ctx, tx, r, at, visit)
	return err
}

// find looks for the person. What was typed is personal, so it is posted, and the page says it again.
func (d *Desk) find(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := homeView{Site: r.Site(frame.Desk), ByName: posted.Get("name") != ""}
	searchFields(r, &v, posted.Get)
	born, bornOK := typedDate(posted.Get, "born")
	in := counter.Search{Text: posted.Get("text"), Name: posted.Get("name"), Born: born}
	var found []counter.Match
	var refused *fault.Error
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if err := d.homeHead(ctx, tx, r, &v); err != nil {
			return err
		}
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		found, err = d.deps.Desk.Find(ctx, tx, *r.Principal, at, in)
		if f := fault.Of(err); f != nil && f.Code == counter.ErrSearch.Code {
			refused, err = f, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		field := &v.Text
		switch {
		case in.Name != "" && (!bornOK || born.IsZero()):
			v.Born.Error, field = r.T("desk.find.born_missing"), &v.Born
		default:
			v.Text.Error = r.Sentence(refused)
		}
		v.Problems = []ui.Problem{{Field: field.Name, Text: field.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, homePage(v))
	}
	table := d.foundTable(r, found, "desk.find.found")
	table.Empty = &ui.EmptyView{
		Icon: "search", Title: r.T("desk.find.none"), Text: r.T("desk.find.none_text"), Action: &ui.ButtonView{Label: r.T("desk.register"), Href: "/desk/people/new", Icon: "plus"},
	}
	v.Found = &table
	return r.HTML(homePage(v))
}

// foundTable lists who was found, with what speaks for it.
func (d *Desk) foundTable(r *frame.Request, found []counter.Match, caption string) ui.TableView {
	t := ui.TableView{
		ID: "found", Caption: r.T(caption, "n", len(found)), Stack: true,
		Columns: []ui.Column{{Label: r.T("desk.person.name")}, {Label: r.T("desk.person.born")}, {Label: r.T("desk.person.reached")}, {Label: r.T("desk.match")}},
	}
	for _, m := range found {
		name := m.Person.Name
		if name == "" {
			name = r.T("desk.nameless")
		}
		born := ""
		if !m.Card.Born.IsZero() {
			born = dateWords(r, m.Card.Born)
		}
		var why []string
		for _, reason := range m.Reasons() {
			why = append(why, r.T("desk.match."+reason))
		}
		tag := ui.TagView{Text: r.T("desk.match.score", "n", m.Score()), Kind: ui.Neutral}
		if m.Score() >= counter.Likely {
			tag.Kind = ui.Info
		}
		cells := []ui.Cell{{Text: name, Href: "/desk/people/" + m.ID.String()}, {Text: born}, {Text: strings.Join(m.Masked(), ", ")}, {Text: strings.Join(why, ", ")}}
		if len(why) > 0 {
			cells[3] = ui.Cell{Tag: &tag, Sub: strings.Join(why, ", ")}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

// typedDate reads a date typed in three parts; ok is false for what is none, and true for nothing typed.
func typedDate(get func(string) string, name string) (date civil.Date, ok bool) {
	parts := []string{get(name + ".day"), get(name + ".month"), get(name + ".year")}
	if strings.TrimSpace(strings.Join(parts, "")) == "" {
		return date, true
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(latin(p)); err != nil {
			return date, false
		}
	}
	date, err := civil.Parse(pad(n[2], 4) + "-" + pad(n[1], 2) + "-" + pad(n[0], 2))
	return date, err == nil
}

// latin is a number in the digits of programs.
func latin(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '٠' && c <= '٩':
			return '0' + c - '٠'
		case c >= '۰' && c <= '۹':
			return '0' + c - '۰'
		}
		return c
	}, strings.TrimSpace(text))
}

func pad(n, size int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, size-len(s))) + s
}

func dateWords(r *frame.Request, d civil.Date) string {
	return ui.Date(r.Context(), d.In(r.Settings.Location()))
}

type visitsView struct {
	Site  ui.Site
	Table ui.TableView
	Pager ui.Pager
	Tabs  []ui.NavItem
}

// visits lists who was served at the office.
func (d *Desk) visits(r *frame.Request) error {
	mine := r.Query("show") != "all"
	v := visitsView{
		Site: r.Site(frame.Desk),
		Tabs: []ui.NavItem{
			{Label: r.T("desk.visits.mine"), Href: "/desk/visits", Current: mine}, {Label: r.T("desk.visits.all"), Href: "/desk/visits?show=all", Current: !mine},
		},
		Table: ui.TableView{
			ID: "visits", Caption: r.T("desk.visits.title"), HideCaption: true, Stack: true,
			Columns: []ui.Column{{Label: r.T("desk.person.name")}, {Label: r.T("desk.visit.begun")}, {Label: r.T("desk.visit.proof")}, {Label: r.T("desk.visit.by")}, {Label: r.T("desk.visit.ended")}},
			Empty:   &ui.EmptyView{Icon: "history", Title: r.T("desk.visits.none"), Text: r.T("desk.visits.none_text")},
		},
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		var f counter.VisitFilter
		if mine {
			f.Operator = r.Principal.Account
		}
		list, err := d.deps.Desk.Visits(ctx, tx, *r.Principal, at, f, r.Paging())
		if err != nil {
			return err
		}
		v.Pager = r.Pager(list.Next)
		return d.visitRows(ctx, tx, r, list, &v.Table)
	})
	if err != nil {
		return err
	}
	return r.HTML(visitsPage(v))
}

func (d *Desk) visitRows(ctx context.Context, tx *pg.Tx, r *frame.Request, list page.Page[counter.Visit], t *ui.TableView) error {
	for _, visit := range list.Rows {
		person, err := d.nameOf(ctx, tx, visit.Person)
		if err != nil {
			return err
		}
		if person == "" {
			person = r.T("desk.nameless")
		}
		operator, err := d.nameOf(ctx, tx, visit.Operator)
		if err != nil {
			return err
		}
		ended := r.T("desk.visit.open")
		switch {
		case visit.EndedAt != nil:
			ended = ui.DateTime(r.Context(), *visit.EndedAt)
		case !r.Now.Before(visit.Until):
			ended = ui.DateTime(r.Context(), visit.Until)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: person, Href: "/desk/people/" + visit.Person.String()},
			{Text: ui.DateTime(r.Context(), visit.BegunAt)},
			{Text: r.T("desk.proof." + visit.Proof)},
			{Text: operator},
			{Text: ended},
		}})
	}
	return nil
}

// panelView is the person at the start edge of a page.
type panelView struct {
	Person ui.PersonView
	Facts  []ui.Fact
	End    bool // the visit can be ended here
	Nav    []ui.NavItem
}

// panel shows whom the reader acts for.
func (d *Desk) panel(ctx context.Context, tx *pg.Tx, r *frame.Request, at counter.Place, visit counter.Visit) (*panelView, error) {
	p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, visit.Person)
	if err != nil {
		return nil, err
	}
	v := &panelView{Person: personHead(r, p), End: true}
	v.Person.Href = "/desk/visit"
	for _, c := range p.Contacts {
		if c.Verified {
			v.Facts = append(v.Facts, ui.Fact{Key: r.T("desk.channel." + c.Channel), Value: c.Address})
		}
	}
	v.Facts = append(v.Facts,
		ui.Fact{Key: r.T("desk.visit.proof"), Value: r.T("desk.proof." + visit.Proof)},
		ui.Fact{Key: r.T("desk.visit.until"), Value: ui.DateTime(r.Context(), visit.Until)},
	)
	return v, nil
}

// personHead names a person with what tells them apart.
func personHead(r *frame.Request, p counter.Person) ui.PersonView {
	v := ui.PersonView{Name: p.Name}
	if !p.Card.Born.IsZero() {
		v.Lines = append(v.Lines, r.T("desk.born_on", "date", dateWords(r, p.Card.Born)))
	}
	if n := p.Card.NationalID; n != "" {
		v.Lines = append(v.Lines, r.T("desk.id_number", "n", counter.Mask(n)))
	}
	return v
}

// proved are the person's addresses to which a code can go, masked.
func proved(p counter.Person) []identity.Contact {
	return slices.DeleteFunc(slices.Clone(p.Contacts), func(c identity.Contact) bool { return !c.Verified })
}
