// Package talk has the pages of conversations by telephone: where somebody hands a file in by the link that they were sent, or by the code that
// stands on their phone. Who has it is who it was sent to; it is good once.
package talk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/channel"
	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// Deps is what the pages call.
type Deps struct {
	Talks     *channel.Service
	Documents *document.Service
}

// Talk holds the handlers.
type Talk struct{ deps Deps }

// New makes the pages.
func New(d Deps) *Talk {
	if d.Talks == nil || d.Documents == nil {
		panic("talk.New: a dependency is missing")
	}
	return &Talk{deps: d}
}

const (
	uploadLimit = 25 << 20 // bytes; the question's own limit is less
	perMinute   = 20
)

// Routes lists the routes.
func (t *Talk) Routes() []frame.Route {
	return []frame.Route{
		{Method: http.MethodGet, Pattern: "/talk", Permission: frame.Public, Kind: frame.Page, Handler: t.codeAsk},
		{Method: http.MethodPost, Pattern: "/talk", Permission: frame.Public, Kind: frame.Page, Handler: t.code, PerMinute: perMinute},
		{Method: http.MethodGet, Pattern: "/talk/files/{token}", Permission: frame.Public, Kind: frame.Page, Handler: t.ask, PerMinute: perMinute},
		{Method: http.MethodPost, Pattern: "/talk/files/{token}", Permission: frame.Public, Kind: frame.Page, Handler: t.take, PerMinute: perMinute, MaxBody: uploadLimit},
		{Method: http.MethodGet, Pattern: "/talk/thanks", Permission: frame.Public, Kind: frame.Page, Handler: t.thanks},
	}
}

type fileView struct {
	Site     ui.Site
	Action   string
	Until    string
	Field    ui.Field
	Problems []ui.Problem
}

type codeView struct {
	Site     ui.Site
	Field    ui.Field
	Problems []ui.Problem
}

// codeAsk asks for the code that stands on somebody's phone.
func (t *Talk) codeAsk(r *frame.Request) error {
	return r.HTML(codePage(t.codeView(r, "", nil)))
}

func (t *Talk) codeView(r *frame.Request, typed string, wrong []fault.Field) codeView {
	v := codeView{
		Site: r.Site(frame.Portal), Problems: r.Problems(wrong),
		Field: ui.Field{Name: "code", Label: r.T("talk.page.code"), Hint: r.T("talk.page.code.hint"), Value: typed, Heading: true, Autocomplete: "off", Width: "20"},
	}
	if len(v.Problems) > 0 {
		v.Field.Error = v.Problems[0].Text
	}
	return v
}

// code leads to where the file of a code is handed in.
func (t *Talk) code(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code := channel.Code(posted.Get("code"))
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		_, err := t.deps.Talks.Holder(ctx, tx, code)
		return err
	})
	if errors.Is(err, channel.ErrTicket) {
		wrong := []fault.Field{{Path: "code", Code: channel.ErrTicket.Code}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, codePage(t.codeView(r, posted.Get("code"), wrong)))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/talk/files/" + code)
}

// as runs work as whoever the link was sent to.
func (t *Talk) as(r *frame.Request, work func(ctx context.Context, tx *pg.Tx) error) error {
	var person uuid.UUID
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		person, err = t.deps.Talks.Holder(ctx, tx, r.Param("token"))
		return err
	})
	if err != nil {
		return err
	}
	scope := r.Scope(false)
	scope.Actor.ID, scope.Actor.Kind, scope.Actor.Session, scope.Actor.OnBehalf, scope.Actor.Purpose = person, "person", uuid.Nil, uuid.Nil, "own"
	return r.DB().InTx(r.Context(), scope, work)
}

func (t *Talk) ticket(r *frame.Request) (ticket channel.Ticket, err error) {
	err = t.as(r, func(ctx context.Context, tx *pg.Tx) (err error) {
		ticket, err = t.deps.Talks.Ticket(ctx, tx, r.Param("token"))
		return err
	})
	if err == nil && slices.Contains(r.Settings.Languages, ticket.Lang) {
		r.Speak(ticket.Lang)
	}
	return ticket, err
}

// ask shows where the file is chosen.
func (t *Talk) ask(r *frame.Request) error {
	ticket, err := t.ticket(r)
	if err != nil {
		return err
	}
	return r.HTML(filePage(t.view(r, ticket, nil)))
}

func (t *Talk) view(r *frame.Request, ticket channel.Ticket, wrong []fault.Field) fileView {
	var kinds []string
	for _, kind := range ticket.Place.Accept {
		_, short, _ := strings.Cut(kind, "/")
		kinds = append(kinds, strings.ToUpper(strings.ReplaceAll(short, "jpeg", "jpg")))
	}
	v := fileView{
		Site: r.Site(frame.Portal), Action: r.URL.Path, Until: ui.DateTime(r.Context(), ticket.Expires), Problems: r.Problems(wrong),
		Field: ui.Field{
			Name: "file", Label: ticket.Label, Heading: true, Accept: strings.Join(ticket.Place.Accept, ","),
			Hint: r.T("form.file.hint", "kinds", strings.Join(kinds, ", "), "size", form.Size(ticket.Place.MaxSize)),
		},
	}
	if len(v.Problems) > 0 {
		v.Field.Error = v.Problems[0].Text
	}
	return v
}

// take keeps the file that came.
func (t *Talk) take(r *frame.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	ticket, err := t.ticket(r)
	if err != nil {
		return err
	}
	uploads, err := form.Inspect(r.Context(), t.deps.Documents, r.MultipartForm, 1, request.ErrTooManyFiles)
	if err != nil {
		return err
	}
	if len(uploads["file"]) == 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, filePage(t.view(r, ticket, []fault.Field{{Path: "file", Code: "required", Args: map[string]any{"question": ticket.Label}}})))
	}
	file := uploads["file"][0]
	refused := file.Refused
	if refused == nil {
		err := t.as(r, func(ctx context.Context, tx *pg.Tx) error {
			return t.deps.Talks.HandIn(ctx, tx, r.Param("token"), file.File)
		})
		if err == nil {
			return r.Redirect("/talk/thanks?lang=" + ticket.Lang)
		}
		if refused = fault.Of(err); refused == nil || refused.Kind != fault.KindInvalid {
			return err
		}
	}
	words := form.RefusedWords(r.T, refused.With("accept", strings.Join(ticket.Place.Accept, ", ")))
	return r.HTMLStatus(http.StatusUnprocessableEntity, filePage(t.view(r, ticket, []fault.Field{{Path: "file", Code: refused.Code, Args: words}})))
}

type thanksView struct{ Site ui.Site }

// thanks sends the reader back to the phone.
func (t *Talk) thanks(r *frame.Request) error {
	if lang := r.Query("lang"); slices.Contains(r.Settings.Languages, lang) {
		r.Speak(lang)
	}
	return r.HTML(thanksPage(thanksView{Site: r.Site(frame.Portal)}))
}
