package desk

import (
	"context"
	"time"

	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type boardView struct {
	Site    ui.Site
	Office  string
	Path    string
	Called  []calledView
	Waiting []waitView
	Take    []ui.Option
}

type calledView struct{ Label, Counter string }

type waitView struct{ Name, Count, Wait string }

// board is the screen of a waiting room: who is called to where, and how long it takes. It names nobody.
func (d *Desk) board(r *frame.Request) error {
	at := counter.Place{Agency: r.Param("agency"), Office: r.Param("office")}
	v := boardView{Site: r.Site(""), Path: "/queue/" + at.Agency + "/" + at.Office}
	v.Site.Capacities, v.Site.SignedIn, v.Site.Account = nil, "", nil // everybody reads it, whoever has put it up
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		topics, err := d.deps.Desk.Topics(ctx, tx, at)
		if err != nil {
			return err
		}
		if len(topics) == 0 {
			return counter.ErrNoTopic
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		called, waiting, err := d.deps.Desk.Board(ctx, tx, at)
		for _, t := range called[:min(len(called), 8)] {
			v.Called = append(v.Called, calledView{t.Label(), t.Counter})
		}
		for _, t := range topics {
			if !t.Active {
				continue
			}
			before := len(counter.OfTopic(waiting, t.Code))
			v.Waiting = append(v.Waiting, waitView{
				Name: t.Code + " · " + r.Text(t.Name), Count: r.T("desk.board.waiting", "n", before), Wait: r.T("desk.board.wait", "time", r.Duration(max(time.Minute, t.Wait(before, len(called))))),
			})
			v.Take = append(v.Take, ui.Option{Value: t.Code, Label: t.Code + " · " + r.Text(t.Name)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(boardPage(v))
}
