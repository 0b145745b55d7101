package desk

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

type formView struct {
	Site       ui.Site
	Panel      *panelView
	Name       string
	Action     string
	Seen       string // the questions that are asked
	Pages      []form.View
	Problems   []ui.Problem
	Note       string
	Correction bool
	Fees       feesView
	Multipart  bool
	Params     string // what a save by itself sends: not the files, which stay where they are
}

// feesView is what is to be paid with the answers so far, and when they were kept.
type feesView struct {
	Lines   []ui.BillLine
	Total   money.Amount
	Known   bool
	SavedAt string // "" before anything was
}

// The buttons of the form. No question can have their names.
const (
	saveItself = "_save" // the page saves itself
	keepOn     = "later-"
	seen       = "_seen"
)

// form shows a draft whole: all that is asked, with what is to be paid beside it.
func (d *Desk) form(r *frame.Request) error { return d.formPage(r, http.StatusOK, shown{}) }

func (d *Desk) formPage(r *frame.Request, status int, in shown) error {
	var v formView
	var a application
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, visit, err := d.serving(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Panel, err = d.panel(ctx, tx, r, at, visit); err != nil {
			return err
		}
		if a, err = d.open(ctx, tx, r); err != nil || !a.answerable() {
			return err
		}
		in.wrong = form.MergeFields(in.wrong, a.infected())
		v.Pages, err = d.views(ctx, tx, r, a, in)
		return err
	})
	if err != nil {
		return err
	}
	if !a.answerable() {
		return r.Redirect("/desk/visit/requests/" + a.ID.String())
	}
	v.Site, v.Name, v.Action, v.Seen = r.Site(frame.Desk), r.Text(a.spec.Pack().Name), "/desk/visit/forms/"+a.ID.String(), a.asked()
	v.Note, v.Correction, v.Fees = a.Note, a.Status == request.Correction, feesOf(r, a)
	v.Params = "*"
	for _, p := range v.Pages {
		if files := p.FileInputs(); len(files) > 0 {
			v.Multipart, v.Params = true, "not "+strings.Join(files, ",")
		}
	}
	v.Problems = problems(r, v.Pages, in.wrong)
	return r.HTMLStatus(status, formPage(v))
}

// problems are the lines of the error summary, each leading to what the page has for it.
func problems(r *frame.Request, pages []form.View, wrong []fault.Field) []ui.Problem {
	out := r.Problems(wrong)
	for i := range out {
		root, _, _ := strings.Cut(out[i].Field, ".")
		for _, v := range pages {
			if slices.ContainsFunc(v.Page.Questions, func(q servicespec.QuestionView) bool { return q.Code == root }) {
				out[i].Field = v.Anchor(out[i].Field)
			}
		}
	}
	return out
}

func feesOf(r *frame.Request, a application) feesView {
	v := feesView{SavedAt: ui.DateTime(r.Context(), a.UpdatedAt)}
	if a.Status == request.Draft {
		v.Lines, v.Total, v.Known = a.fees(r)
		// That nothing is to be paid is not said as long as an answer may change it.
		v.Known = v.Known && (len(v.Lines) > 0 || !slices.ContainsFunc(a.pages(), func(p servicespec.PageView) bool { return !p.Complete }))
	}
	return v
}

// answer keeps what was typed on all pages. By itself the page is saved as it is; the button for it says what is wrong; the
// one that submits sends the application when nothing is.
func (d *Desk) answer(r *frame.Request) error {
	uploads, err := d.inspect(r) // reads the form
	if err != nil {
		return err
	}
	posted := r.PostForm
	itself, stays, before := posted.Has(saveItself), posted.Has(keepOn), posted.Get(seen)
	for _, name := range []string{saveItself, keepOn, seen} {
		posted.Del(name)
	}
	act, acted := form.TakeAct(posted)
	if acted && act.Name == form.Remove {
		form.DropRow(posted, act.Group, act.Row)
	}
	var a application
	var wrong []fault.Field
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if _, _, err := d.serving(ctx, tx, r); err != nil {
			return err
		}
		if a, err = d.open(ctx, tx, r); err != nil {
			return err
		}
		a, wrong, err = d.save(ctx, tx, r, a, posted, uploads, itself || acted)
		return err
	})
	if err != nil {
		return err
	}
	in := shown{posted: a.typed(posted, before)}
	switch {
	case itself && !acted && before == a.asked():
		r.W.Header().Set("HX-Reswap", "none")
		return r.HTML(feesPart(feesOf(r, a), true))
	case acted && act.Name == form.Add:
		in.extra = map[string]int{act.Group: 1}
		return d.formPage(r, http.StatusOK, in)
	case itself || acted:
		return d.formPage(r, http.StatusOK, in)
	}
	in.wrong = wrong
	if stays {
		in.wrong = slices.DeleteFunc(in.wrong, func(f fault.Field) bool { return f.Code == "required" })
	}
	switch {
	case len(in.wrong) > 0:
		return d.formPage(r, http.StatusUnprocessableEntity, in)
	case stays:
		return r.Redirect("/desk/visit?done=desk.saved")
	}
	return d.send(r, a, in)
}

// save keeps each page of which something changed; with quiet the others' faults are not asked for. It returns the application
// as it stands then.
func (d *Desk) save(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, posted url.Values, uploads map[string][]form.Upload, quiet bool) (application, []fault.Field, error) {
	wrong, err := d.attach(ctx, tx, r, a, uploads)
	if err != nil {
		return a, nil, err
	}
	for _, page := range a.spec.Pack().Form.Pages {
		mine := a.of(page.Code, posted)
		if len(mine) == 0 && quiet {
			continue
		}
		if a, err = d.open(ctx, tx, r); err != nil { // what was answered on the pages before decides what this one asks
			return a, nil, err
		}
		if !slices.ContainsFunc(a.pages(), func(p servicespec.PageView) bool { return p.Code == page.Code }) || quiet && a.unchanged(page.Code, mine) {
			continue
		}
		more, err := d.deps.Requests.SavePage(ctx, tx, r.Person(), a.ID, page.Code, r.Lang, mine)
		if err != nil {
			return a, nil, err
		}
		wrong = form.MergeFields(wrong, more)
	}
	a, err = d.open(ctx, tx, r)
	return a, wrong, err
}

// of are the inputs of one page.
func (a application) of(page string, posted url.Values) url.Values {
	out := url.Values{}
	for name, values := range posted {
		root, _, _ := strings.Cut(name, ".")
		if a.spec.PageOf(root) == page {
			out[name] = values
		}
	}
	return out
}

// unchanged reports whether a page as typed says what is kept already.
func (a application) unchanged(page string, posted url.Values) bool {
	read, _ := a.spec.Read(page, posted, a.Answers, a.facts)
	merged := a.spec.Merge(page, a.Answers, read)
	for code := range merged {
		if !servicespec.Same(merged[code], a.Answers[code]) {
			return false
		}
	}
	return len(merged) == len(a.Answers)
}

// typed is what the form shows when it comes again: what was typed, and of questions that were not there before what is known.
func (a application) typed(posted url.Values, before string) url.Values {
	out := maps.Clone(posted)
	had := strings.Split(before, ",")
	for _, p := range a.pages() {
		for _, q := range p.Questions {
			if !slices.Contains(had, q.Code) {
				maps.Copy(out, servicespec.Posted(q.Code, q.Question, q.Value, a.facts))
			}
		}
	}
	return out
}

// send submits the application in the person's name.
func (d *Desk) send(r *frame.Request, a application, in shown) error {
	var refused *fault.Error
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if verdict := a.spec.Eligible(a.Answers, a.facts); !verdict.Eligible {
			refused = errNotEligible.With("why", ruledOut(r, verdict))
			return nil
		}
		_, err := d.deps.Requests.Submit(ctx, tx, r.Person(), a.ID)
		return err
	})
	if errors.Is(err, request.ErrIncomplete) {
		in.wrong = fault.Of(err).Fields
		return d.formPage(r, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	if refused != nil {
		in.wrong = []fault.Field{{Code: refused.Code, Args: map[string]any{"message": r.Sentence(refused)}}}
		return d.formPage(r, http.StatusUnprocessableEntity, in)
	}
	return r.Redirect("/desk/visit/requests/" + a.ID.String() + "?sent=1")
}

// ruledOut says why somebody may not have the service.
func ruledOut(r *frame.Request, v servicespec.Verdict) string {
	var why []string
	for _, f := range v.Failing() {
		if !f.Advisory {
			why = append(why, r.Text(f.No))
		}
	}
	return strings.Join(why, " ")
}

// errNotEligible says that the person may not have the service with these answers; argument: why.
var errNotEligible = fault.Conflict("desk.not_eligible")
