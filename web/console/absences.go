package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// absences lists who of an agency is, was or will be away, and who stands in.
func (c *Console) absences(r *frame.Request) error {
	code := r.Param("agency")
	here, may := "/console/agencies/"+code, r.Principal.MayIn(agency.Manage, code)
	known, err := c.known(r)
	if err != nil {
		return err
	}
	v := view(r, r.T("console.absences")).back(here, known.agency(code))
	v.Lead = r.T("console.absences.lead")
	var first *ui.ButtonView
	if may {
		first = &ui.ButtonView{Label: r.T("console.absences.new"), Href: here + "/absences/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	people := map[uuid.UUID]string{}
	l := list[agency.Absence]{
		name: "absences", columns: []string{"name", "stand_in", "from", "until", "state", "act"}, empty: empty(r, "absences", "calendar", first),
		fetch: func(ctx context.Context, tx *pg.Tx, req page.Request) (page.Page[agency.Absence], error) {
			if _, err := c.deps.Agencies.Agency(ctx, tx, code); err != nil {
				return page.Page[agency.Absence]{}, err
			}
			found, err := c.deps.Agencies.Absences(ctx, tx, *r.Principal, code, req)
			if err != nil {
				return found, err
			}
			for _, a := range found.Rows {
				people[a.Account], people[a.StandIn] = "", ""
			}
			return found, c.nameAll(ctx, tx, people)
		},
		cells: func(a agency.Absence) []ui.Cell {
			who := ui.Cell{Text: people[a.Account]}
			if r.Principal.May("identity:read") {
				who.Href = "/console/people/" + a.Account.String()
			}
			act := ui.Cell{}
			if may && a.Open(r.Now) {
				act = ui.Cell{Text: r.T("console.absences." + map[bool]string{true: "decide", false: "end"}[a.State == agency.AbsenceAsked]), Href: here + "/absences/" + a.ID.String()}
			}
			return []ui.Cell{
				who, {Text: orNone(r, people[a.StandIn])}, {Text: ui.Date(r.Context(), a.From)}, {Text: day(r, lastDay(&a.Until))}, {Tag: absenceTag(r, a)}, act,
			}
		},
	}
	return l.serve(r, v)
}

func absenceTag(r *frame.Request, a agency.Absence) *ui.TagView {
	switch {
	case a.State == agency.AbsenceAsked && a.Open(r.Now):
		return &ui.TagView{Text: r.T("absence.state.asked"), Kind: ui.Warning}
	case a.State == agency.AbsenceRefused:
		return &ui.TagView{Text: r.T("absence.state.refused"), Kind: ui.Danger}
	case a.State == agency.AbsenceWithdrawn:
		return &ui.TagView{Text: r.T("absence.state.withdrawn"), Kind: ui.Neutral}
	case a.Current(r.Now):
		return &ui.TagView{Text: r.T("absence.state.now"), Kind: ui.Info}
	case a.Open(r.Now):
		return &ui.TagView{Text: r.T("absence.state.later"), Kind: ui.Success}
	}
	return &ui.TagView{Text: r.T("absence.state.over"), Kind: ui.Neutral}
}

// absenceForm asks who is away, from when until when, and who stands in.
func (c *Console) absenceForm(r *frame.Request, account, standIn, from, until string) (v pageView, err error) {
	code := r.Param("agency")
	who, instead := []ui.Option{{Label: r.T("console.choose")}}, []ui.Option{{Label: r.T("absence.nobody"), Checked: standIn == ""}}
	var a agency.Agency
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = c.deps.Agencies.Agency(ctx, tx, code); err != nil {
			return err
		}
		staff, err := c.deps.Agencies.Colleagues(ctx, tx, *r.Principal, code)
		if err != nil {
			return err
		}
		for _, w := range staff {
			name, err := c.deps.Identity.Name(ctx, tx, w)
			if err != nil {
				return err
			}
			who = append(who, ui.Option{Value: w.String(), Label: name, Checked: w.String() == account})
			instead = append(instead, ui.Option{Value: w.String(), Label: name, Checked: w.String() == standIn})
		}
		return nil
	})
	byName := func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(who[1:], byName)
	slices.SortFunc(instead[1:], byName)
	v = view(r, r.T("console.absences.new")).back("/console/agencies/"+code+"/absences", r.T("console.absences"))
	v.Caption, v.Lead = r.Text(a.Name), r.T("absence.stand_in.text")
	date := func(f *field) { f.Type, f.Width = "date", "10" }
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.absences.new")}, Fields: []field{
		input(r, "account", "", options(selectField, who)), input(r, "from", from, date), input(r, "until", until, date, hint(r.T("absence.until.hint"))),
		input(r, "stand_in", "", optional, options(selectField, instead)),
	}}
	return v, err
}

func (c *Console) absenceAsk(r *frame.Request) error {
	v, err := c.absenceForm(r, "", "", "", "")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) absenceSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, err := c.absenceForm(r, posted.Get("account"), posted.Get("stand_in"), trimmed(posted, "from"), trimmed(posted, "until"))
	if err != nil {
		return err
	}
	in := agency.AskAbsence{Agency: r.Param("agency")}
	if in.Account, err = uuid.Parse(posted.Get("account")); err != nil {
		v.Form.wrong("account", r.T("console.choose_person"))
	}
	in.StandIn, _ = uuid.Parse(posted.Get("stand_in")) // what is none is nobody
	in.From = c.dayOf(r, &v, "from", trimmed(posted, "from"), 0)
	in.Until = c.dayOf(r, &v, "until", trimmed(posted, "until"), 1)
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Agencies.AskAbsence(ctx, tx, *r.Principal, in)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(strings.TrimSuffix(r.URL.Path, "/new") + "?done=console.saved")
}

// dayOf is when a day that was typed begins, in the tenant's zone, so many days later; what is none is noted on the form.
func (c *Console) dayOf(r *frame.Request, v *pageView, name, text string, later int) (begin time.Time) {
	d, err := civil.Parse(text)
	if err != nil {
		v.Form.wrong(name, r.T("console.date.wrong"))
		return begin
	}
	return d.AddDays(later).In(r.Settings.Location())
}

// absenceHere is the open absence of the path, with the names of both.
func (c *Console) absenceHere(r *frame.Request) (a agency.Absence, people map[uuid.UUID]string, err error) {
	id, err := r.UUID("absence")
	if err != nil {
		return a, nil, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		open, err := c.deps.Agencies.Away(ctx, tx, *r.Principal, r.Param("agency"))
		if err != nil {
			return err
		}
		n := slices.IndexFunc(open, func(x agency.Absence) bool { return x.ID == id })
		if n < 0 {
			return agency.ErrUnknownAbsence
		}
		a, people = open[n], map[uuid.UUID]string{open[n].Account: "", open[n].StandIn: ""}
		return c.nameAll(ctx, tx, people)
	})
	return a, people, err
}

// absence asks whether an absence is confirmed, or whether it ends.
func (c *Console) absence(r *frame.Request) error {
	a, people, err := c.absenceHere(r)
	if err != nil {
		return err
	}
	list := "/console/agencies/" + a.Agency + "/absences"
	v := view(r, people[a.Account]).back(list, r.T("console.absences"))
	v.Caption, v.Tag = r.T("console.absences"), absenceTag(r, a)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.from"), Value: ui.Date(r.Context(), a.From)},
		{Key: r.T("console.column.until"), Value: day(r, lastDay(&a.Until))},
		{Key: r.T("console.column.stand_in"), Value: orNone(r, people[a.StandIn])},
	}
	s := section{Title: r.T("console.absences.decide"), Text: r.T("absence.stand_in.text")}
	here := list + "/" + a.ID.String()
	if a.State == agency.AbsenceAsked {
		s.Posts = []postView{{Action: here + "/confirm", Label: r.T("absence.confirm")}, {Action: here + "/refuse", Label: r.T("absence.refuse")}}
	} else {
		s.Title, s.Text = r.T("console.absences.end"), r.T("absence.end.text")
		s.Posts = []postView{{Action: here + "/end", Label: r.T("absence.end")}}
	}
	v.Sections = []section{s}
	return r.HTML(consolePage(v))
}

func (c *Console) absenceAct(r *frame.Request) error {
	a, _, err := c.absenceHere(r)
	if err != nil {
		return err
	}
	act := r.Param("act")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		switch act {
		case "confirm", "refuse":
			return c.deps.Agencies.DecideAbsence(ctx, tx, *r.Principal, a.ID, act == "confirm")
		case "end":
			return c.deps.Agencies.EndAbsence(ctx, tx, *r.Principal, a.ID)
		}
		return frame.Lost(r)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/agencies/" + a.Agency + "/absences?done=absence." + act)
}

// absenceFacts say when an account is away and who stands in, and for whom it stands in itself.
func (c *Console) absenceFacts(ctx context.Context, tx *pg.Tx, r *frame.Request, account uuid.UUID, known names) (facts []ui.Fact, err error) {
	open, err := c.deps.Agencies.AbsencesOf(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	people := map[uuid.UUID]string{}
	for _, a := range open {
		people[a.Account], people[a.StandIn] = "", ""
	}
	if err := c.nameAll(ctx, tx, people); err != nil {
		return nil, err
	}
	for _, a := range open {
		when := ui.Date(r.Context(), a.From) + " – " + day(r, lastDay(&a.Until)) + " · " + known.agency(a.Agency) + " · " + absenceTag(r, a).Text
		key, who := r.T("console.people.away"), a.StandIn
		if a.Account != account {
			key, who = r.T("console.people.stands_in"), a.Account
		}
		if who != uuid.Nil {
			when = people[who] + " · " + when
		}
		facts = append(facts, ui.Fact{Key: key, Value: when})
	}
	return facts, nil
}
