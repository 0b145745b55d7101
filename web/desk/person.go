package desk

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type registerView struct {
	Site     ui.Site
	Fields   registerFields
	Problems []ui.Problem
	Same     *ui.TableView
	Known    bool // somebody has this number of identity: it can be nobody else
}

type registerFields struct{ Name, Born, NationalID, Phone, Email, Lang ui.Field }

// registerAsk asks for a person whom nobody knows.
func (d *Desk) registerAsk(r *frame.Request) error {
	return r.HTML(registerPage(registerView{Site: r.Site(frame.Desk), Fields: d.registerForm(r, func(string) string { return "" })}))
}

func (d *Desk) registerForm(r *frame.Request, get func(string) string) registerFields {
	f := registerFields{
		Name: ui.Field{Name: "name", Label: r.T("desk.person.name"), Hint: r.T("desk.person.name_hint"), Value: get("name"), NoSpellcheck: true, Autocomplete: "off"},
		Born: ui.Field{Name: "born", Label: r.T("desk.person.born"), Hint: r.T("desk.born_hint"), Day: get("born.day"), Month: get("born.month"), Year: get("born.year")},
		NationalID: ui.Field{
			Name: "national_id", Label: r.T("desk.person.national_id"), Value: get("national_id"), Optional: true, Code: true, Width: "20", Autocomplete: "off",
		},
		Phone: ui.Field{Name: "phone", Label: r.T("desk.channel.sms"), Type: "tel", Value: get("phone"), Optional: true, Width: "20", Autocomplete: "off"},
		Email: ui.Field{Name: "email", Label: r.T("desk.channel.email"), Type: "email", Value: get("email"), Optional: true, NoSpellcheck: true, Autocomplete: "off"},
		Lang:  ui.Field{Name: "lang", Label: r.T("desk.person.lang"), Hint: r.T("desk.person.lang_hint"), Inline: true},
	}
	chosen := get("lang")
	if chosen == "" {
		chosen = r.Settings.DefaultLanguage
	}
	for _, l := range r.Site(frame.Desk).Languages {
		f.Lang.Options = append(f.Lang.Options, ui.Option{Value: l.Lang, Label: l.Name, Checked: l.Lang == chosen})
	}
	return f
}

// register makes a person's account and card; who may be the same is shown first.
func (d *Desk) register(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	born, _ := typedDate(posted.Get, "born")
	in := counter.Register{
		Name: posted.Get("name"), Born: born, NationalID: posted.Get("national_id"), Phone: posted.Get("phone"), Email: posted.Get("email"),
		Lang: posted.Get("lang"), Sure: posted.Get("sure") == "yes",
	}
	var account uuid.UUID
	var same []counter.Match
	var refused *fault.Error
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		account, same, err = d.deps.Desk.RegisterPerson(ctx, tx, *r.Principal, at, in)
		if f := fault.Of(err); f != nil && (f.Code == counter.ErrPerson.Code || f.Code == counter.ErrPossible.Code || f.Code == counter.ErrKnown.Code) {
			refused, err = f, nil // nothing was written, but that who may be the same was looked at
		}
		return err
	})
	if err != nil {
		return err
	}
	if refused == nil {
		return r.Redirect("/desk/people/" + account.String() + "?done=desk.registered")
	}
	v := registerView{Site: r.Site(frame.Desk), Fields: d.registerForm(r, posted.Get), Problems: r.Problems(refused.Fields), Known: refused.Code == counter.ErrKnown.Code}
	for _, f := range refused.Fields {
		for _, field := range []*ui.Field{&v.Fields.Name, &v.Fields.Born, &v.Fields.NationalID, &v.Fields.Phone, &v.Fields.Email} {
			if field.Name == f.Path {
				field.Error = r.FieldSentence(f)
			}
		}
	}
	if len(same) > 0 {
		t := d.foundTable(r, same, "desk.same")
		v.Same = &t
	}
	return r.HTMLStatus(http.StatusUnprocessableEntity, registerPage(v))
}

type personView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Person   ui.PersonView
	ID       string
	Contacts ui.Field // to which the code goes
	Typed    ui.Field // where the person has proved none
	Problems []ui.Problem
	Visits   ui.TableView
}

// person shows who somebody is, as far as it can be shown before they have agreed, and how they can agree.
func (d *Desk) person(r *frame.Request) error {
	return d.personPage(r, http.StatusOK, "", nil)
}

func (d *Desk) personPage(r *frame.Request, status int, typed string, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := personView{Site: r.Site(frame.Desk), Notice: r.Done(), ID: id.String()}
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
		v.contacts(r, p, typed)
		v.Visits = ui.TableView{
			ID: "visits", Caption: r.T("desk.visits.here"), Stack: true, Empty: &ui.EmptyView{Icon: "history", Title: r.T("desk.visits.first")},
			Columns: []ui.Column{{Label: r.T("desk.person.name")}, {Label: r.T("desk.visit.begun")}, {Label: r.T("desk.visit.proof")}, {Label: r.T("desk.visit.by")}, {Label: r.T("desk.visit.ended")}},
		}
		list, err := d.deps.Desk.Visits(ctx, tx, *r.Principal, at, counter.VisitFilter{Person: id}, r.Paging())
		if err != nil {
			return err
		}
		return d.visitRows(ctx, tx, r, list, &v.Visits)
	})
	if err != nil {
		return err
	}
	if refused != nil {
		field := &v.Contacts
		if len(field.Options) == 0 {
			field = &v.Typed
		}
		field.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: field.Name, Text: field.Error}}
	}
	return r.HTMLStatus(status, personPage(v))
}

// contacts asks to which address the code goes: one that is proved, by its number in the list, or one that is typed.
func (v *personView) contacts(r *frame.Request, p counter.Person, typed string) {
	v.Contacts = ui.Field{Name: "contact", Label: r.T("desk.code.to")}
	for i, c := range proved(p) {
		v.Contacts.Options = append(v.Contacts.Options, ui.Option{
			Value: c.ID.String(), Label: r.T("desk.channel."+c.Channel) + ": " + counter.Mask(c.Address), Checked: i == 0,
		})
	}
	if typed == "" {
		if typed = p.Card.Phone; typed == "" {
			typed = p.Card.Email
		}
	}
	v.Typed = ui.Field{
		Name: "address", Label: r.T("desk.code.address"), Hint: r.T("desk.code.address_hint"), Value: typed, NoSpellcheck: true, Autocomplete: "off",
	}
}
