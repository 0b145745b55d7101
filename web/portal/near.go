package portal

import (
	"context"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
	"digit/web/ui"
)

// nearView are reports of others that may be of the same problem.
type nearView struct {
	Site       ui.Site
	Name, Path string
	Reports    []nearReport
}

type nearReport struct {
	Title, Text, Action string
}

// nearby finds open reports of others nearby, for a draft that is about to be sent.
func (p *Portal) nearby(r *frame.Request) (a application, list []orchestration.Near, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || a.Status != request.Draft {
			return err
		}
		list, err = p.deps.Applications.Near(ctx, tx, a.spec, a.Answers)
		return err
	})
	return a, list, err
}

// near shows them before the reader sends another.
func (p *Portal) near(r *frame.Request) error {
	a, list, err := p.nearby(r)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return r.Redirect(a.path() + "/check")
	}
	v := nearView{Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Path: a.path()}
	for _, n := range list {
		text := r.T("near.reported", "date", ui.Date(r.Context(), n.ReceivedAt), "state", r.Text(n.State))
		if n.Followers > 0 {
			text += " " + r.T("near.followers", "n", n.Followers)
		}
		v.Reports = append(v.Reports, nearReport{
			Title: r.T("near.metres", "n", max(n.Metres, 1)), Text: text, Action: a.path() + "/near/" + n.Application.String(),
		})
	}
	return r.HTML(nearPage(v))
}

// follow has the reader told of another's report, and puts their own draft away.
func (p *Portal) follow(r *frame.Request) error {
	wanted, err := r.UUID("report")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		if a.Status != request.Draft { // pressed twice
			return nil
		}
		if err := p.deps.Applications.Follow(ctx, tx, a.spec, a.Answers, wanted, r.Lang); err != nil {
			return err
		}
		return p.deps.Requests.Discard(ctx, tx, r.Person(), a.ID)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/requests?done=near.followed")
}
