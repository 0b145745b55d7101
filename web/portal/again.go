package portal

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// againLink leads to the page on which what was decided can be taken up again.
type againLink struct{ Label, Href, Until string }

func againLinks(r *frame.Request, a application, ways []request.Again) (links []againLink) {
	for _, w := range ways {
		links = append(links, againLink{
			Label: r.Text(w.Action.Name), Href: a.path() + "/again/" + w.Kind, Until: r.T("request.again.until", "date", ui.DateLong(r.Context(), w.Until)),
		})
	}
	return links
}

type againView struct {
	Site                       ui.Site
	Title, Text, Action, Close string
	Submit                     string
	Words                      ui.Field
	Problems                   []ui.Problem
}

// againAsk asks why what was decided should be taken up again.
func (p *Portal) againAsk(r *frame.Request) error {
	return p.againPage(r, http.StatusOK, "", nil)
}

func (p *Portal) againPage(r *frame.Request, status int, words string, refused *fault.Error) error {
	var a application
	var ways []request.Again
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		ways, err = p.deps.Requests.Again(ctx, tx, a.Request)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range ways {
		if w.Kind != r.Param("kind") {
			continue
		}
		v := againView{
			Site: r.Site(frame.Portal), Title: r.Text(w.Action.Name), Close: a.path(), Action: a.path() + "/again/" + w.Kind, Submit: r.Text(w.Action.Name),
			Text: r.T("request.again." + w.Kind + ".text"),
			Words: ui.Field{
				Name: "words", Label: r.T("request.again." + w.Kind + ".words"), Hint: r.T("request.again.hint"), Rows: 6, MaxLength: 4000, Value: words,
				Optional: w.Action.Comment != "required",
			},
		}
		if refused != nil {
			v.Words.Error = r.Sentence(refused)
			v.Problems = []ui.Problem{{Field: "words", Text: v.Words.Error}}
		}
		return r.HTMLStatus(status, againPage(v))
	}
	return r.Redirect(a.path())
}

// again sends the reader's words to the office.
func (p *Portal) again(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	kind := r.Param("kind")
	if kind != exchange.Reopen && kind != exchange.Appeal {
		return request.ErrNotFound
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return p.deps.Requests.AskAgain(ctx, tx, r.Person(), id, kind, posted.Get("words"))
	})
	if errors.Is(err, request.ErrWords) {
		return p.againPage(r, http.StatusUnprocessableEntity, posted.Get("words"), fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "?done=request.asked." + kind)
}

// letter opens a letter that was sent to the reader.
func (p *Portal) letter(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("document")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := p.deps.Requests.Letter(ctx, tx, r.Person(), id, wanted); err != nil {
			return err
		}
		if f, err = p.deps.Documents.File(ctx, tx, wanted); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}
