package portal

import (
	"context"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

type startView struct {
	Site       ui.Site
	Code, Name string
	Hidden     [][2]string // what was answered before signing in
}

// startAsk is where somebody lands who had to sign in first: a link must not begin an application by itself.
func (p *Portal) startAsk(r *frame.Request) error {
	var e catalog.Entry
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err = p.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(startPage(startView{Site: r.Site(frame.Portal), Code: e.Code, Name: r.Text(e.Name), Hidden: screened(r, e.Code)}))
}

// start begins an application, or takes up the draft that is there.
func (p *Portal) start(r *frame.Request) error {
	posted, err := r.Form() // what was answered before, where somebody comes from the questions of eligibility
	if err != nil {
		return err
	}
	var req request.Request
	var first string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		e, err := p.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		if err != nil {
			return err
		}
		if req, err = p.deps.Requests.Start(ctx, tx, r.Person(), e.Code, r.Lang); err != nil {
			return err
		}
		if len(posted) > 0 && req.LastPage == "" {
			if err := p.deps.Requests.Carry(ctx, tx, r.Person(), req.ID, posted); err != nil {
				return err
			}
			if req, err = p.deps.Requests.Request(ctx, tx, r.Person(), req.ID); err != nil {
				return err
			}
		}
		spec, facts, err := p.deps.Requests.Spec(ctx, tx, req)
		if err != nil {
			return err
		}
		first = "/pages/" + nextPage(spec.Pages(req.Answers, facts), "")
		if req.LastPage != "" || r.Represents() || !request.AsksSubject(spec) {
			return nil
		}
		household, err := p.deps.Profiles.Household(ctx, tx, r.Person())
		if len(household) > 0 {
			first = "/for"
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.Recall(screenCookie) != "" {
		r.Forget(screenCookie)
	}
	if req.LastPage != "" { // a draft: show where it stands
		return r.Redirect("/requests/" + req.ID.String())
	}
	return r.Redirect("/requests/" + req.ID.String() + first)
}

func verdictTitle(ctx context.Context, v screenView) string {
	if v.No {
		return ui.T(ctx, "eligible.no")
	}
	return ui.T(ctx, "eligible.yes")
}

func serviceFacts(ctx context.Context, v serviceView) []ui.Fact {
	fee := v.Fee
	if fee == "" {
		fee = ui.T(ctx, "service.free")
	}
	facts := []ui.Fact{{Key: ui.T(ctx, "service.cost"), Value: fee}}
	if v.Days > 0 {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.time"), Value: ui.T(ctx, "service.days", "n", v.Days)})
	}
	if v.Real != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.real"), Value: v.Real})
	}
	if v.Rated != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.rated"), Value: v.Rated})
	}
	if v.Languages != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.languages"), Value: v.Languages})
	}
	if v.Certificate {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.result"), Value: ui.T(ctx, "service.result_certificate")})
	}
	return facts
}
