package access

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

const absencesPath = "/staff/absences"

// absenceView is one absence on the reader's page.
type absenceView struct {
	ID, Title string
	Tag       ui.TagView
	Facts     []ui.Fact
	EndHref   string // "" where it is not the reader's to end
	Decide    bool
}

// absencesView is when the reader is away, for whom they stand in, and on whose absence they decide.
type absencesView struct {
	Site             ui.Site
	Notice           *ui.NoticeView
	Home             string
	Works            bool // the reader works in an agency
	Own, For, Decide []absenceView
	Led              []absenceView // of colleagues whom the reader leads
}

func (a *Access) absences(r *frame.Request) error {
	v := absencesView{Site: r.Site(""), Notice: r.Done(), Home: frame.StaffHome(*r.Principal)}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		posts, err := a.deps.Agencies.Posts(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		v.Works = len(posts) > 0
		open, err := a.deps.Agencies.AbsencesOf(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		asked, err := a.deps.Agencies.ToDecide(ctx, tx, *r.Principal)
		if err != nil {
			return err
		}
		for _, x := range open {
			row, err := a.absenceRow(ctx, tx, r, x)
			if err != nil {
				return err
			}
			if x.Account == r.Person() {
				row.EndHref = absencesPath + "/" + row.ID + "/end"
				v.Own = append(v.Own, row)
			} else if x.State == agency.AbsenceConfirmed {
				v.For = append(v.For, row)
			}
		}
		led, err := a.ledAbsences(ctx, tx, r, posts)
		if err != nil {
			return err
		}
		for _, x := range led {
			row, err := a.absenceRow(ctx, tx, r, x)
			if err != nil {
				return err
			}
			row.EndHref = absencesPath + "/" + row.ID + "/end"
			v.Led = append(v.Led, row)
		}
		for _, x := range asked {
			row, err := a.absenceRow(ctx, tx, r, x)
			if err != nil {
				return err
			}
			row.Decide = true
			v.Decide = append(v.Decide, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(absencesPage(v))
}

func (a *Access) absenceRow(ctx context.Context, tx *pg.Tx, r *frame.Request, x agency.Absence) (v absenceView, err error) {
	v = absenceView{ID: x.ID.String(), Tag: ui.TagView{Text: r.T("absence.state.asked"), Kind: ui.Warning}}
	switch {
	case x.Current(r.Now):
		v.Tag = ui.TagView{Text: r.T("absence.state.now"), Kind: ui.Info}
	case x.State == agency.AbsenceConfirmed:
		v.Tag = ui.TagView{Text: r.T("absence.state.later"), Kind: ui.Success}
	}
	if v.Title, err = a.deps.Identity.Name(ctx, tx, x.Account); err != nil {
		return v, err
	}
	instead := r.T("absence.nobody")
	if x.StandIn != uuid.Nil {
		if instead, err = a.deps.Identity.Name(ctx, tx, x.StandIn); err != nil {
			return v, err
		}
	}
	name, err := a.deps.Agencies.Name(ctx, tx, x.Agency)
	v.Facts = []ui.Fact{
		{Key: r.T("absence.agency"), Value: r.Text(name)},
		{Key: r.T("absence.days"), Value: ui.Date(r.Context(), x.From) + " – " + ui.Date(r.Context(), x.Until.Add(-time.Second))},
		{Key: r.T("absence.stand_in"), Value: instead},
	}
	return v, err
}

// absenceFormView is the form by which staff say when they are away.
type absenceFormView struct {
	Site                              ui.Site
	Agencies, Who, Instead            []ui.Option // Who is empty where the reader leads nobody
	From, Until                       string
	FromError, UntilError, StandError string
	Problems                          []ui.Problem
}

// submit is what the button says: whoever leads others may enter theirs without asking.
func (v absenceFormView) submit() string {
	if len(v.Who) > 0 {
		return "absence.new"
	}
	return "absence.ask"
}

func (v *absenceFormView) wrong(field, text string) {
	switch field {
	case "from":
		v.FromError = text
	case "until":
		v.UntilError = text
	default:
		field, v.StandError = "stand_in", text
	}
	v.Problems = append(v.Problems, ui.Problem{Field: field, Text: text})
}

// absenceForm offers the agencies where the reader works, themself and whom they lead there, and everybody who works there as well.
func (a *Access) absenceForm(r *frame.Request, in agency.AskAbsence, from, until string) (v absenceFormView, err error) {
	v = absenceFormView{Site: r.Site(""), From: from, Until: until, Instead: []ui.Option{{Label: r.T("absence.nobody"), Checked: in.StandIn == uuid.Nil}}}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		posts, err := a.deps.Agencies.Posts(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		seen := map[uuid.UUID]bool{r.Person(): true}
		for n, w := range posts {
			name, err := a.deps.Agencies.Name(ctx, tx, w.Agency)
			if err != nil {
				return err
			}
			v.Agencies = append(v.Agencies, ui.Option{Value: w.Agency, Label: r.Text(name), Checked: w.Agency == in.Agency || in.Agency == "" && n == 0})
			staff, err := a.deps.Agencies.Colleagues(ctx, tx, *r.Principal, w.Agency)
			if err != nil {
				return err
			}
			led, err := a.deps.Agencies.Led(ctx, tx, *r.Principal, w.Agency)
			if err != nil {
				return err
			}
			for _, who := range staff {
				if seen[who] {
					continue
				}
				seen[who] = true
				name, err := a.deps.Identity.Name(ctx, tx, who)
				if err != nil {
					return err
				}
				v.Instead = append(v.Instead, ui.Option{Value: who.String(), Label: name, Checked: who == in.StandIn})
				if slices.Contains(led, who) {
					v.Who = append(v.Who, ui.Option{Value: who.String(), Label: name, Checked: who == in.Account})
				}
			}
		}
		return nil
	})
	byName := func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) }
	slices.SortFunc(v.Instead[1:], byName)
	if slices.SortFunc(v.Who, byName); len(v.Who) > 0 {
		self := ui.Option{Value: r.Person().String(), Label: r.T("absence.self"), Checked: in.Account == r.Person() || in.Account == uuid.Nil}
		v.Who = append([]ui.Option{self}, v.Who...)
	}
	if err == nil && v.Agencies == nil {
		err = agency.ErrNotStaff
	}
	return v, err
}

func (a *Access) absenceAsk(r *frame.Request) error {
	v, err := a.absenceForm(r, agency.AskAbsence{}, "", "")
	if err != nil {
		return err
	}
	return r.HTML(absenceFormPage(v))
}

func (a *Access) absenceSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	from, until := strings.TrimSpace(posted.Get("from")), strings.TrimSpace(posted.Get("until"))
	in := agency.AskAbsence{Agency: posted.Get("agency"), Account: r.Person()}
	in.StandIn, _ = uuid.Parse(posted.Get("stand_in")) // what is none is nobody
	if who, err := uuid.Parse(posted.Get("who")); err == nil {
		in.Account = who // AskAbsence says whether the reader may
	}
	v, err := a.absenceForm(r, in, from, until)
	if err != nil {
		return err
	}
	first, err := civil.Parse(from)
	if err != nil {
		v.wrong("from", r.T("console.date.wrong"))
	}
	last, err := civil.Parse(until)
	if err != nil {
		v.wrong("until", r.T("console.date.wrong"))
	}
	if len(v.Problems) == 0 {
		in.From, in.Until = first.In(r.Settings.Location()), last.AddDays(1).In(r.Settings.Location())
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			_, err := a.deps.Agencies.AskAbsence(ctx, tx, *r.Principal, in)
			return err
		})
		if e := fault.Of(err); e != nil && (e.Kind == fault.KindInvalid || e.Kind == fault.KindConflict) {
			for _, f := range e.Fields {
				v.wrong(f.Path, r.FieldSentence(f))
			}
			if len(e.Fields) == 0 {
				v.wrong("from", r.Sentence(e))
			}
		} else if err != nil {
			return err
		}
	}
	if len(v.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, absenceFormPage(v))
	}
	if in.Account != r.Person() {
		return r.Redirect(absencesPath + "?done=absence.entered")
	}
	return r.Redirect(absencesPath + "?done=absence.asked")
}

// absenceAct confirms or refuses a colleague's absence, as far as the reader may.
func (a *Access) absenceAct(confirm bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		id, err := r.UUID("id")
		if err != nil {
			return err
		}
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			return a.deps.Agencies.DecideAbsence(ctx, tx, *r.Principal, id, confirm)
		})
		if err != nil {
			return err
		}
		if confirm {
			return r.Redirect(absencesPath + "?done=absence.confirm")
		}
		return r.Redirect(absencesPath + "?done=absence.refuse")
	}
}

// ledAbsences are those confirmed, and not over, of colleagues whom the reader leads.
func (a *Access) ledAbsences(ctx context.Context, tx *pg.Tx, r *frame.Request, posts []agency.Staff) (list []agency.Absence, err error) {
	seen := map[string]bool{}
	for _, w := range posts {
		if seen[w.Agency] {
			continue
		}
		seen[w.Agency] = true
		led, err := a.deps.Agencies.Led(ctx, tx, *r.Principal, w.Agency)
		if err != nil {
			return nil, err
		}
		for _, who := range led {
			open, err := a.deps.Agencies.AbsencesOf(ctx, tx, who)
			if err != nil {
				return nil, err
			}
			for _, x := range open {
				if x.Account == who && x.Agency == w.Agency && x.State == agency.AbsenceConfirmed && x.StandIn != r.Person() {
					list = append(list, x)
				}
			}
		}
	}
	return list, nil
}

// ownAbsence is the absence of the path, the reader's own or that of somebody whom they lead. Errors: agency.ErrUnknownAbsence.
func (a *Access) ownAbsence(r *frame.Request) (x agency.Absence, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return x, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		open, err := a.deps.Agencies.AbsencesOf(ctx, tx, r.Person())
		for _, x = range open {
			if x.ID == id && x.Account == r.Person() {
				return err
			}
		}
		if err != nil {
			return err
		}
		posts, err := a.deps.Agencies.Posts(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		led, err := a.ledAbsences(ctx, tx, r, posts)
		for _, x = range led {
			if x.ID == id {
				return err
			}
		}
		if err == nil {
			err = agency.ErrUnknownAbsence
		}
		return err
	})
	return x, err
}

func (a *Access) absenceEndAsk(r *frame.Request) error {
	if _, err := a.ownAbsence(r); err != nil {
		return err
	}
	return r.HTML(absenceEndPage(r.Site(""), ui.ConfirmActView{
		Title: r.T("absence.end.title"), Text: r.T("absence.end.text"), Action: r.URL.Path, Submit: r.T("absence.end"),
		Cancel: ui.Link{Label: r.T("console.cancel"), Href: absencesPath},
	}))
}

func (a *Access) absenceEnd(r *frame.Request) error {
	x, err := a.ownAbsence(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return a.deps.Agencies.EndAbsence(ctx, tx, *r.Principal, x.ID)
	}); err != nil {
		return err
	}
	return r.Redirect(absencesPath + "?done=absence.end")
}
