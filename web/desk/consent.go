package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

// sendCode sends the code by which the person agrees.
func (d *Desk) sendCode(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var code uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, id)
		if err != nil {
			return err
		}
		address := posted.Get("address")
		if i := slices.IndexFunc(p.Contacts, func(c identity.Contact) bool { return c.ID.String() == posted.Get("contact") }); i >= 0 {
			address = p.Contacts[i].Address
		}
		code, err = d.deps.Desk.StartCode(ctx, tx, *r.Principal, at, id, address)
		return err
	})
	if f := fault.Of(err); f != nil && (errors.Is(err, identity.ErrAddress) || errors.Is(err, identity.ErrTooManyCodes) || errors.Is(err, identity.ErrVisitAddress)) {
		return d.personPage(r, r.Status(f), posted.Get("address"), f)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/people/" + id.String() + "/code?code=" + code.String())
}

type codeView struct {
	Site     ui.Site
	Person   ui.PersonView
	ID       string
	Sent     string // id of the code
	Code     ui.Field
	Problems []ui.Problem
}

// codeAsk asks for the code that the person reads out.
func (d *Desk) codeAsk(r *frame.Request) error {
	return d.codePage(r, http.StatusOK, r.Query("code"), "", nil)
}

func (d *Desk) codePage(r *frame.Request, status int, sent, typed string, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := codeView{Site: r.Site(frame.Desk), ID: id.String(), Sent: sent, Code: ui.Field{
		Name: "text", Label: r.T("desk.code"), Hint: r.T("desk.code.hint"), Width: "10", Code: true, InputMode: "numeric", Autocomplete: "off", Value: typed,
		Attrs: map[string]any{"autofocus": true},
	}}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, id)
		v.Person = personHead(r, p)
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		v.Code.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: "text", Text: v.Code.Error}}
	}
	return r.HTMLStatus(status, codePage(v))
}

// checkCode begins the visit with the code.
func (d *Desk) checkCode(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code, err := uuid.Parse(posted.Get("code"))
	if err != nil {
		return identity.ErrCodeExpired
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.FinishCode(ctx, tx, *r.Principal, at, id, code, posted.Get("text"))
		return err
	})
	for _, wrong := range []error{identity.ErrCodeWrong, identity.ErrCodeTries, identity.ErrCodeExpired, identity.ErrCodeUsed, identity.ErrContactTaken} {
		if errors.Is(err, wrong) {
			return d.codePage(r, r.Status(fault.Of(err)), code.String(), posted.Get("text"), fault.Of(err))
		}
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/visit?done=desk.agreed")
}

type paperView struct {
	Site                             ui.Site
	ID, Office, State, Operator, Day string
	Lang                             string // of the person
	Person                           ui.PersonView
	Name, Born                       string
	Until                            string
	File                             ui.Field
	Problems                         []ui.Problem
}

// paperAsk is the paper on which a person agrees, to be printed, and where it is brought back scanned.
func (d *Desk) paperAsk(r *frame.Request) error { return d.paperPage(r, http.StatusOK, nil) }

func (d *Desk) paperPage(r *frame.Request, status int, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := paperView{
		Site: r.Site(frame.Desk), ID: id.String(), State: r.Text(r.Settings.Name), Operator: r.Principal.Name, Day: ui.Date(r.Context(), r.Now),
		Until: ui.DateTime(r.Context(), r.Now.Add(identity.VisitLasts)),
		File: ui.Field{
			Name: "paper", Label: r.T("desk.paper.file"), Hint: r.T("desk.paper.file_hint"), Accept: "application/pdf,image/jpeg,image/png",
			Attrs: map[string]any{"capture": "environment"},
		},
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		p, err := d.deps.Desk.Person(ctx, tx, *r.Principal, at, id)
		v.Person, v.Name, v.Lang = personHead(r, p), p.Name, p.Lang
		if !p.Card.Born.IsZero() {
			v.Born = dateWords(r, p.Card.Born)
		}
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		v.File.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: "paper", Text: v.File.Error}}
	}
	return r.HTMLStatus(status, paperPage(v))
}

// errNoPaper says that no file came with the form.
var errNoPaper = fault.Invalid("desk.paper_missing")

// paper begins the visit on the paper that was scanned.
func (d *Desk) paper(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	uploads, err := d.inspect(r)
	if err != nil {
		return err
	}
	if len(uploads["paper"]) == 0 {
		return d.paperPage(r, http.StatusUnprocessableEntity, errNoPaper)
	}
	scan := uploads["paper"][0]
	if scan.Refused != nil {
		return d.paperPage(r, http.StatusUnprocessableEntity, scan.Refused)
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.BeginOnPaper(ctx, tx, *r.Principal, at, id, scan.File)
		return err
	})
	if errors.Is(err, document.ErrType) || errors.Is(err, document.ErrTooLarge) || errors.Is(err, document.ErrEmpty) {
		return d.paperPage(r, http.StatusUnprocessableEntity, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/visit?done=desk.agreed")
}

// endVisit ends what the reader may do for the person before them.
func (d *Desk) endVisit(r *frame.Request) error {
	if err := r.Write(d.deps.Desk.End); err != nil {
		return err
	}
	return r.Redirect("/desk?done=desk.ended")
}

// serving returns the visit under which the reader acts; whoever has none is told to find the person first.
func (d *Desk) serving(ctx context.Context, tx *pg.Tx, r *frame.Request) (counter.Place, counter.Visit, error) {
	at, err := d.at(ctx, tx, r)
	if err != nil {
		return at, counter.Visit{}, err
	}
	visit, err := d.deps.Desk.Current(ctx, tx, *r.Principal, at)
	return at, visit, err
}
