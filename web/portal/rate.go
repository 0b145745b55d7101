package portal

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// rateLink leads to the page on which the reader says how it went.
type rateLink struct{ Label, Href, Until string }

// rateLink finds what a decided application's page says of rating; nil where it is too early or too late for it.
func (p *Portal) rateLink(ctx context.Context, tx *pg.Tx, r *frame.Request, a application) (*rateLink, error) {
	until := a.RateUntil()
	if !tx.Now.Before(until) {
		return nil, nil
	}
	said, err := p.deps.Requests.Rating(ctx, tx, a.Request)
	if err != nil {
		return nil, err
	}
	day := ui.DateLong(r.Context(), until)
	l := &rateLink{Label: r.T("rate.link"), Href: a.path() + "/rate", Until: r.T("request.again.until", "date", day)}
	if said.Stars > 0 {
		l.Until = r.T("rate.until", "date", day)
		l.Label = r.T("rate.link_again", "stars", r.T("rate.stars."+strconv.Itoa(said.Stars)))
	}
	return l, nil
}

type rateView struct {
	Site                    ui.Site
	Name, Reference         string
	Lead, Action, Back      string
	Stars, Good, Bad, Words ui.Field
	Problems                []ui.Problem
}

// rateAsk asks how the reader found the service, with what they have said already.
func (p *Portal) rateAsk(r *frame.Request) error {
	var a application
	var link *rateLink
	var said request.Rating
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if link, err = p.rateLink(ctx, tx, r, a); err != nil {
			return err
		}
		said, err = p.deps.Requests.Rating(ctx, tx, a.Request)
		return err
	})
	if err != nil {
		return err
	}
	if link == nil {
		return request.ErrRateLate
	}
	return r.HTML(ratePage(rateForm(r, a, said.Rate, nil)))
}

func rateForm(r *frame.Request, a application, said request.Rate, wrong []fault.Field) rateView {
	v := rateView{
		Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Reference: a.Reference, Lead: r.T("rate.lead") + " " + r.T("rate.until", "date", ui.DateLong(r.Context(), a.RateUntil())),
		Action: a.path() + "/rate", Back: a.path(), Problems: r.Problems(wrong),
		Stars: ui.Field{Name: "stars", Label: r.T("rate.stars")},
		Good:  ui.Field{Name: "good", Label: r.T("rate.good"), Hint: r.T("rate.several"), Optional: true},
		Bad:   ui.Field{Name: "bad", Label: r.T("rate.bad"), Hint: r.T("rate.several"), Optional: true},
		Words: ui.Field{Name: "words", Label: r.T("rate.words"), Hint: r.T("rate.words_hint"), Rows: 4, MaxLength: request.RemarkMost, Value: said.Words, Optional: true},
	}
	for n := 5; n >= 1; n-- {
		v.Stars.Options = append(v.Stars.Options, ui.Option{Value: strconv.Itoa(n), Label: r.T("rate.stars." + strconv.Itoa(n)), Checked: said.Stars == n})
	}
	for _, aspect := range request.Aspects() {
		label := r.T("rate.aspect." + aspect)
		v.Good.Options = append(v.Good.Options, ui.Option{Value: aspect, Label: label, Checked: slices.Contains(said.Good, aspect)})
		v.Bad.Options = append(v.Bad.Options, ui.Option{Value: aspect, Label: label, Checked: slices.Contains(said.Bad, aspect)})
	}
	for _, f := range wrong {
		field := &v.Stars
		if f.Path == "words" {
			field = &v.Words
		}
		field.Error = r.FieldSentence(f)
	}
	return v
}

// rate keeps what the reader says. Whoever is not content is asked whether it should be looked at again, where the service allows that.
func (p *Portal) rate(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	stars, _ := strconv.Atoi(posted.Get("stars")) // no number is no stars, which is refused in words
	said := request.Rate{Stars: stars, Good: posted["good"], Bad: posted["bad"], Words: posted.Get("words")}
	var a application
	var ways []request.Again
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if ways, err = p.deps.Requests.Again(ctx, tx, a.Request); err != nil {
			return err
		}
		return p.deps.Requests.Rate(ctx, tx, r.Person(), a.ID, said)
	})
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid && a.spec != nil {
		return r.HTMLStatus(http.StatusUnprocessableEntity, ratePage(rateForm(r, a, said, refused.Fields)))
	}
	if err != nil {
		return err
	}
	if stars <= request.Poor && len(ways) > 0 {
		return r.Redirect(a.path() + "/rated")
	}
	return r.Redirect(a.path() + "?done=request.rated")
}

type ratedView struct {
	Site            ui.Site
	Name, Reference string
	Ways            []againLink
	Back            string
}

// rated thanks somebody who was not content, and shows the ways in which what was decided can be looked at again.
func (p *Portal) rated(r *frame.Request) error {
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
	if len(ways) == 0 {
		return r.Redirect(a.path() + "?done=request.rated")
	}
	return r.HTML(ratedPage(ratedView{
		Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Reference: a.Reference, Ways: againLinks(r, a, ways), Back: a.path(),
	}))
}
