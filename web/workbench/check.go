package workbench

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

// checkView sets the documents of a case beside what was answered, to say of each answer whether it is right.
type checkView struct {
	Site       ui.Site
	Notice     *ui.NoticeView
	Queues     []ui.NavItem
	Back       string
	Reference  string
	Action     string
	Problems   []ui.Problem
	Items      []checkItem
	Documents  []documentView
	AnySettled bool
}

// checkItem is an answer with what was found about it: Fine and Wrong say which is chosen.
type checkItem struct {
	Code, Label string
	Answer      ui.Fact
	Fine, Wrong bool
	Reason      ui.Field
	Note        string // who said so
}

// documentView is a document of the case: pictures are shown, others open beside.
type documentView struct {
	Name, Href string
	Picture    bool
	RedactHref string // "" where the reader may not blacken parts of it
	Copies     []copyView
}

// copyView is a copy of a document with parts blackened; Href is "" until it is there.
type copyView struct{ Text, Href, Remove string }

// checkable are the questions that can be right or wrong, as the reader may see them.
func checkable(c opened) (list []servicespec.QuestionView) {
	for _, p := range c.Pages {
		for _, q := range p.Questions {
			switch {
			case q.Kind == servicespec.KindInfo, q.Kind == servicespec.KindDeclaration, q.Kind == servicespec.KindComputed:
			case slices.Contains(c.Application.Hidden, q.Code), c.Application.Answers[q.Code] == nil:
			default:
				list = append(list, q)
			}
		}
	}
	return list
}

func checkOf(r *frame.Request, c opened, posted url.Values, wrong []fault.Field) checkView {
	v := checkView{
		Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, c.nav, bench.Filter{}), Back: casePath(c.Application.ID), Reference: c.Application.Reference,
		Action: casePath(c.Application.ID) + "/check",
	}
	reader := c.reader(r)
	for _, q := range checkable(c) {
		item := checkItem{Code: q.Code, Label: q.Text(q.Label, r.Lang, c.words(r)), Answer: reader.Fact(r.Context(), q)}
		item.Reason = ui.Field{Name: "reason." + q.Code, Label: r.T("bench.check.reason"), Optional: true, MaxLength: 300, Rows: 2}
		for _, said := range c.Verdicts {
			if said.Question == q.Code {
				item.Fine, item.Wrong, item.Reason.Value = said.Fine, !said.Fine, said.Reason
				item.Note = r.T("bench.check.said", "name", said.ByName, "date", ui.DateTime(r.Context(), said.At))
				v.AnySettled = true
			}
		}
		if posted != nil {
			item.Fine, item.Wrong, item.Reason.Value = posted.Get("verdict."+q.Code) == "yes", posted.Get("verdict."+q.Code) == "no", posted.Get("reason."+q.Code)
		}
		for _, f := range wrong {
			if f.Path == q.Code {
				item.Reason.Error = r.FieldSentence(f)
				v.Problems = append(v.Problems, ui.Problem{Field: item.Reason.Name, Text: item.Label + ": " + item.Reason.Error})
			}
		}
		v.Items = append(v.Items, item)
	}
	for _, f := range c.Files {
		d := documentView{
			Name: f.Name, Href: casePath(c.Application.ID) + "/files/" + f.ID.String(), Picture: strings.HasPrefix(f.MediaType, "image/"),
		}
		d.redacting(r, c, f)
		v.Documents = append(v.Documents, d)
	}
	return v
}

func (w *Workbench) checkPage(r *frame.Request) error { return w.showCheck(r, http.StatusOK, nil, nil) }

func (w *Workbench) showCheck(r *frame.Request, status int, posted url.Values, wrong []fault.Field) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.open(ctx, tx, r, id)
		return err
	}); err != nil {
		return err
	}
	return r.HTMLStatus(status, checkAnswersPage(checkOf(r, c, posted, wrong)))
}

// check keeps what was found; answers about which nothing is said are left as they were.
func (w *Workbench) check(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := bench.CheckAnswers{By: *r.Principal, Application: id}
	for name := range posted {
		code, is := strings.CutPrefix(name, "verdict.")
		if is && (posted.Get(name) == "yes" || posted.Get(name) == "no") {
			in.Verdicts = append(in.Verdicts, bench.Verdict{Question: code, Fine: posted.Get(name) == "yes", Reason: posted.Get("reason." + code)})
		}
	}
	slices.SortFunc(in.Verdicts, func(a, b bench.Verdict) int { return strings.Compare(a.Question, b.Question) })
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return w.deps.Workbench.Check(ctx, tx, in) })
	if e := fault.Of(err); e != nil && e.Code == bench.ErrVerdict.Code {
		return w.showCheck(r, http.StatusUnprocessableEntity, posted, e.Fields)
	}
	if err != nil {
		return err
	}
	return r.Redirect(casePath(id) + "?done=bench.checked")
}

// proposed fills an action that asks for corrections in with what was found wrong, where the officer has typed nothing yet.
func proposed(r *frame.Request, c opened, in typed) typed {
	if in.action != "" {
		return in
	}
	var lines []string
	for _, v := range c.Verdicts {
		if !v.Fine {
			in.items = append(in.items, v.Question)
			lines = append(lines, c.itemName(r, v.Question)+": "+v.Reason)
		}
	}
	in.comment = strings.Join(lines, "\n")
	return in
}

// checked tells on the case's page what was found about answers: what is wrong first.
func checked(r *frame.Request, c opened) (facts []ui.Fact) {
	for _, fine := range []bool{false, true} {
		for _, v := range c.Verdicts {
			if v.Fine != fine {
				continue
			}
			tag := ui.TagView{Text: r.T("bench.check.yes"), Kind: ui.Success}
			if !v.Fine {
				tag = ui.TagView{Text: r.T("bench.check.no"), Kind: ui.Danger}
			}
			facts = append(facts, ui.Fact{Key: c.itemName(r, v.Question), Body: verdictShown(tag, v.Reason, v.ByName)})
		}
	}
	return facts
}

// relatedView shows other cases of the person, and applications that are perhaps made twice.
type relatedView struct {
	Site      ui.Site
	Notice    *ui.NoticeView
	Queues    []ui.NavItem
	Back      string
	Reference string
	OfPerson  ui.TableView
	Alike     ui.TableView
}

func (w *Workbench) related(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var found bench.Related
	var n nav
	var known areas
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if found, err = w.deps.Workbench.Related(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		if n, err = w.nav(ctx, tx, r); err != nil {
			return err
		}
		known, err = w.areas(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	v := relatedView{Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, n, bench.Filter{}), Back: casePath(id), Reference: found.Application.Reference}
	v.OfPerson = ui.TableView{
		Caption: r.T("bench.related.person"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("workbench.step")}, {Label: r.T("workbench.area")}, {Label: r.T("workbench.received"), Date: true}},
		Empty:   &ui.EmptyView{Icon: "user", Title: r.T("bench.related.none_person")},
	}
	for _, c := range found.OfPerson {
		v.OfPerson.Rows = append(v.OfPerson.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Reference, Href: casePath(c.ID)},
			{Text: nameOr(r, c.StateName, c.State), Sub: r.Text(c.ServiceName)},
			{Text: known.name(r, c.Boundary)},
			{Text: ui.Date(r.Context(), c.ReceivedAt)},
		}})
	}
	v.Alike = ui.TableView{
		Caption: r.T("bench.related.alike"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("bench.related.score"), Num: true}, {Label: r.T("bench.related.by")}, {Label: r.T("bench.related.said")}, {Label: r.T("bench.related.compare"), HideLabel: true}},
		Empty:   &ui.EmptyView{Icon: "copy", Title: r.T("bench.related.none_alike")},
	}
	for _, a := range found.Alike {
		said := ui.Cell{Text: "–"}
		if a.Twin != nil {
			said = ui.Cell{Tag: twinTag(r, *a.Twin), Sub: a.Twin.ByName}
		}
		v.Alike.Rows = append(v.Alike.Rows, ui.Row{Cells: []ui.Cell{
			{Text: a.Reference, Sub: a.Name, Href: casePath(a.ID)},
			{Text: r.T("bench.related.percent", "n", a.Like.Score)},
			{Text: signs(r, a)},
			said,
			{Text: r.T("bench.related.compare"), Href: casePath(id) + "/related/" + a.ID.String()},
		}})
	}
	return r.HTML(relatedPage(v))
}

func twinTag(r *frame.Request, t bench.Twin) *ui.TagView {
	if t.Same {
		return &ui.TagView{Text: r.T("bench.twin.same"), Kind: ui.Warning, Icon: "copy"}
	}
	return &ui.TagView{Text: r.T("bench.twin.different"), Kind: ui.Neutral}
}

// signs say by what two applications are alike.
func signs(r *frame.Request, a bench.Alike) string {
	var list []string
	for _, s := range []struct {
		is  bool
		key string
	}{{a.Like.Person, "person"}, {a.Like.Name && !a.Like.Person, "name"}, {a.Like.Place, "place"}, {a.Like.Answer, "answer"}} {
		if s.is {
			list = append(list, r.T("bench.sign."+s.key))
		}
	}
	apart := r.T("bench.sign.same_day")
	if a.Like.Days > 0 {
		apart = r.T("bench.sign.days", "n", a.Like.Days)
	}
	list = append(list, apart)
	return strings.Join(list, " · ")
}

type compareView struct {
	Site     ui.Site
	Queues   []ui.NavItem
	Back     string
	Title    string
	Score    string
	Table    ui.TableView
	Twin     *ui.NoticeView
	Action   string
	Reason   ui.Field
	Problems []ui.Problem
}

func (w *Workbench) compare(r *frame.Request) error { return w.showCompared(r, http.StatusOK, "", nil) }

func (w *Workbench) showCompared(r *frame.Request, status int, reason string, refused *fault.Error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	other, err := r.UUID("other")
	if err != nil {
		return err
	}
	var c bench.Comparison
	o := opened{codes: nil}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = w.deps.Workbench.Compare(ctx, tx, *r.Principal, id, other); err != nil {
			return err
		}
		o.Spec, o.Application = c.Spec, c.First
		if err := w.codes(ctx, tx, &o); err != nil {
			return err
		}
		if o.areas, err = w.areas(ctx, tx); err != nil {
			return err
		}
		o.nav, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := compareView{
		Site: r.Site(frame.Workbench), Queues: queues(r, o.nav, bench.Filter{}), Back: casePath(id) + "/related", Title: r.T("bench.compare.title", "first", c.First.Reference, "second", c.Second.Reference),
		Score: r.T("bench.compare.score", "n", c.Like.Score), Table: o.sideBySide(r, c), Action: casePath(id) + "/related/" + other.String(),
		Reason: ui.Field{Name: "reason", Label: r.T("bench.compare.reason"), Hint: r.T("workbench.note.hint"), Rows: 2, MaxLength: 500, Value: reason},
	}
	if c.Twin != nil {
		v.Twin = &ui.NoticeView{Kind: ui.Info, Title: twinTag(r, *c.Twin).Text, Text: c.Twin.ByName + ": " + c.Twin.Reason}
	}
	if refused != nil {
		v.Problems = r.Problems(refused.Fields)
		v.Reason.Error = v.Problems[0].Text
	}
	return r.HTMLStatus(status, comparePage(v))
}

// sideBySide sets the answers of two applications beside each other; what differs is marked.
func (c opened) sideBySide(r *frame.Request, both bench.Comparison) ui.TableView {
	t := ui.TableView{
		Caption: r.T("bench.related.compare"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.question")}, {Label: both.First.Reference}, {Label: both.Second.Reference}},
	}
	row := func(label, a, b string) {
		second := ui.Cell{Text: b}
		if a != b {
			// A number of a telephone has no direction of its own; isolated, it keeps its order from right to left.
			second = ui.Cell{Tag: &ui.TagView{Text: "\u2068" + b + "\u2069", Kind: ui.Warning, Icon: "triangle-alert"}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: label}, {Text: a}, second}})
	}
	row(r.T("workbench.person"), both.First.Name, both.Second.Name)
	row(r.T("workbench.received"), ui.DateTime(r.Context(), both.First.ReceivedAt), ui.DateTime(r.Context(), both.Second.ReceivedAt))
	row(r.T("workbench.area"), c.areas.name(r, both.First.Boundary), c.areas.name(r, both.Second.Boundary))
	for _, code := range c.Spec.Questions() {
		q := c.Spec.Question(code)
		a, b := both.First.Answers[code], both.Second.Answers[code]
		if q == nil || q.Kind == servicespec.KindGroup || a == nil && b == nil {
			continue
		}
		shown := func(v any) string {
			if s := c.display(r, q, v); s != "" {
				return s
			}
			return r.T("ui.not_given")
		}
		row(r.Text(q.Label), shown(a), shown(b))
	}
	return t
}

// mark keeps that two applications are the same, or that they are not.
func (w *Workbench) mark(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	other, err := r.UUID("other")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return w.deps.Workbench.MarkTwin(ctx, tx, bench.MarkTwin{By: *r.Principal, First: id, Second: other, Same: posted.Get("same") == "1", Reason: posted.Get("reason")})
	})
	if e := fault.Of(err); e != nil && e.Code == bench.ErrHandover.Code {
		return w.showCompared(r, http.StatusUnprocessableEntity, posted.Get("reason"), e)
	}
	if err != nil {
		return err
	}
	return r.Redirect(casePath(id) + "/related?done=bench.marked")
}

// twinsOf says on the case's page which applications somebody has said are the same.
func twinsOf(r *frame.Request, c opened) (list []ui.NoticeView) {
	for _, t := range c.SameAs {
		list = append(list, ui.NoticeView{
			Kind: ui.Warning, Title: r.T("bench.twin.notice", "reference", t.OtherReference), Text: t.ByName + ": " + t.Reason,
			Link: &ui.Link{Label: r.T("bench.related.compare"), Href: casePath(c.Application.ID) + "/related/" + t.Other.String()},
		})
	}
	return list
}
