package portal

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type confirmView struct {
	Site                                ui.Site
	Title, Text, Action, Submit, Cancel string
}

// ask shows a question about one of the reader's requests.
func (p *Portal) ask(r *frame.Request, view func(path string) confirmView) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(confirmPage(view(a.path())))
}

func (p *Portal) withdrawAsk(r *frame.Request) error {
	return p.ask(r, func(path string) confirmView {
		return confirmView{
			Site: r.Site(frame.Portal), Title: r.T("request.withdraw.title"), Text: r.T("request.withdraw.text"), Action: path + "/withdraw",
			Submit: r.T("request.withdraw.submit"), Cancel: path,
		}
	})
}

func (p *Portal) withdraw(r *frame.Request) error {
	return p.act(r, "request.withdrawn", p.deps.Requests.Withdraw)
}

func (p *Portal) discardAsk(r *frame.Request) error {
	return p.ask(r, func(path string) confirmView {
		return confirmView{
			Site: r.Site(frame.Portal), Title: r.T("request.discard.title"), Text: r.T("request.discard.text"), Action: path + "/discard",
			Submit: r.T("request.discard.submit"), Cancel: path,
		}
	})
}

func (p *Portal) discard(r *frame.Request) error {
	return p.act(r, "request.discarded", p.deps.Requests.Discard)
}

func (p *Portal) resume(r *frame.Request) error {
	return p.act(r, "request.resumed", p.deps.Requests.Resume)
}

func (p *Portal) act(r *frame.Request, done string, do func(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect("/requests/" + id.String() + "?done=" + done)
}
