package workbench

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// opinionsPath is where an agency finds what others ask it.
const opinionsPath = "/workbench/opinions"

// allAgencies are what agencies are called.
func (w *Workbench) allAgencies(ctx context.Context, tx *pg.Tx) (map[string]i18n.Text, error) {
	all, err := w.deps.Agencies.Agencies(ctx, tx)
	names := map[string]i18n.Text{}
	for _, a := range all {
		names[a.Code] = a.Name
	}
	return names, err
}

// consultationTag says where a consultation stands.
func consultationTag(r *frame.Request, c orchestration.Consultation) ui.TagView {
	switch {
	case c.Status == orchestration.ConsultationRecalled:
		return ui.TagView{Text: r.T("opinion.recalled"), Kind: ui.Neutral}
	case c.Status == orchestration.ConsultationAnswered:
		return answerTag(r, c.Answer)
	case c.DueAt.Before(r.Now):
		return ui.TagView{Text: r.T("opinion.late"), Kind: ui.Danger}
	case c.RemindedAt != nil:
		return ui.TagView{Text: r.T("opinion.reminded"), Kind: ui.Warning}
	}
	return ui.TagView{Text: r.T("opinion.open"), Kind: ui.Info}
}

func answerTag(r *frame.Request, answer string) ui.TagView {
	kind := ui.Success
	switch answer {
	case servicespec.OpinionObjection:
		kind = ui.Danger
	case servicespec.OpinionConditions:
		kind = ui.Warning
	case servicespec.OpinionSilent:
		kind = ui.Neutral
	}
	return ui.TagView{Text: r.T("opinion.answer." + answer), Kind: kind}
}

type opinionView struct {
	Site                     ui.Site
	Queues                   []ui.NavItem
	Title, Reference, Action string
	Question                 string
	Tag                      ui.TagView
	About, Shown, Said       []ui.Fact
	Over                     string
	Open                     bool
	Answer, Words, Files     ui.Field
	Problems                 []ui.Problem
}

// opinion shows what an agency is asked, with what it is shown of the case.
func (w *Workbench) opinion(r *frame.Request) error {
	return w.opinionPage(r, http.StatusOK, orchestration.Advice{}, nil)
}

func (w *Workbench) opinionPage(r *frame.Request, status int, typed orchestration.Advice, wrong []fault.Field) error {
	at, err := r.UUID("opinion")
	if err != nil {
		return err
	}
	var v opinionView
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		c, svc, _, err := w.deps.Applications.Consultation(ctx, tx, at, *r.Principal)
		if err != nil {
			return err
		}
		if v, err = w.opinionView(ctx, tx, r, c, svc); err != nil {
			return err
		}
		n, err := w.nav(ctx, tx, r)
		v.Queues = queues(r, n, bench.Filter{Queue: "opinions"})
		return err
	})
	if err != nil {
		return err
	}
	v.form(r, typed, wrong)
	return r.HTMLStatus(status, opinionPage(v))
}

func (w *Workbench) opinionView(ctx context.Context, tx *pg.Tx, r *frame.Request, c orchestration.Consultation, svc *servicespec.Service) (v opinionView, err error) {
	v = opinionView{
		Site: r.Site(frame.Workbench), Title: r.Text(svc.Pack().Name), Reference: c.Reference, Action: opinionsPath + "/" + c.ID.String(),
		Tag: consultationTag(r, c), Open: c.Status == orchestration.ConsultationOpen,
	}
	if c.Status == orchestration.ConsultationRecalled {
		v.Over = r.T("opinion.recalled.text")
	}
	if of := svc.Opinion(c.Code); of != nil {
		v.Question = r.Text(of.Question)
	}
	names, err := w.allAgencies(ctx, tx)
	if err != nil {
		return v, err
	}
	v.About = []ui.Fact{
		{Key: r.T("opinion.column.asker"), Value: nameOr(r, names[c.Asker], c.Asker)},
		{Key: r.T("opinion.asked_at"), Value: ui.DateTime(r.Context(), c.AskedAt)},
		{Key: r.T("opinion.column.due"), Value: dueText(r, c.DueAt)},
	}
	if v.Shown, err = w.shown(ctx, tx, r, c, svc); err != nil || c.Status != orchestration.ConsultationAnswered {
		return v, err
	}
	name, err := w.deps.Identity.Name(ctx, tx, c.AnsweredBy)
	if err != nil && fault.Of(err).Kind != fault.KindNotFound {
		return v, err
	}
	v.Said = said(r, c.Answer, c.Words, c.Files, v.Action)
	v.Said = append(v.Said, ui.Fact{Key: r.T("opinion.by"), Value: name + ", " + ui.DateTime(r.Context(), *c.AnsweredAt)})
	return v, nil
}

// shown are the answers that an agency sees.
func (w *Workbench) shown(ctx context.Context, tx *pg.Tx, r *frame.Request, c orchestration.Consultation, svc *servicespec.Service) (facts []ui.Fact, err error) {
	o := opened{codes: map[string][]refdata.Code{}}
	o.Spec = svc
	if o.areas, err = w.areas(ctx, tx); err != nil {
		return nil, err
	}
	if err := w.codes(ctx, tx, &o); err != nil {
		return nil, err
	}
	for _, code := range svc.Questions() {
		v, ok := c.Shown[code]
		if !ok {
			continue
		}
		q := svc.Question(code)
		f := ui.Fact{Key: r.Text(q.Label), Value: o.display(r, q, v)}
		if files := servicespec.FilesIn(v); len(files) > 0 {
			var list []exchange.File
			for _, x := range files {
				list = append(list, exchange.File(x))
			}
			f.Value, f.Body = "", ui.FileList(fileItems(list, opinionsPath+"/"+c.ID.String()+"/files/"))
		}
		facts = append(facts, f)
	}
	return facts, nil
}

func fileItems(files []exchange.File, base string) (items []ui.FileItem) {
	for _, f := range files {
		items = append(items, ui.FileItem{Name: f.Name, Size: form.Size(f.Size), Href: base + f.ID.String()})
	}
	return items
}

// said is what an agency answered.
func said(r *frame.Request, answer, words string, files []exchange.File, base string) []ui.Fact {
	facts := []ui.Fact{{Key: r.T("opinion.answer"), Body: ui.Tag(answerTag(r, answer))}}
	if words != "" {
		facts = append(facts, ui.Fact{Key: r.T("opinion.words"), Value: words})
	}
	if len(files) > 0 {
		facts = append(facts, ui.Fact{Key: r.T("opinion.files"), Body: ui.FileList(fileItems(files, base+"/files/"))})
	}
	return facts
}

// form fills the form in with what was typed, and says what is wrong with it.
func (v *opinionView) form(r *frame.Request, typed orchestration.Advice, wrong []fault.Field) {
	v.Answer = ui.Field{Name: "answer", Label: r.T("opinion.answer.label")}
	for _, code := range servicespec.Opinions() {
		v.Answer.Options = append(v.Answer.Options, ui.Option{Value: code, Label: r.T("opinion.answer." + code), Hint: r.T("opinion.answer." + code + ".hint"), Checked: typed.Answer == code})
	}
	v.Words = ui.Field{Name: "words", Label: r.T("opinion.words"), Hint: r.T("opinion.words.hint"), Rows: 5, MaxLength: 4000, Value: typed.Words, Optional: true}
	v.Files = ui.Field{Name: "files", Label: r.T("opinion.files"), Hint: r.T("thread.files.hint", "max", orchestration.OpinionFiles), Optional: true, Multiple: true}
	for _, f := range wrong {
		for _, field := range []*ui.Field{&v.Answer, &v.Words, &v.Files} {
			if field.Name == f.Path {
				field.Error = r.FieldSentence(f)
			}
		}
	}
	v.Problems = r.Problems(wrong)
}

// advise answers for the agency.
func (w *Workbench) advise(r *frame.Request) error {
	at, err := r.UUID("opinion")
	if err != nil {
		return err
	}
	uploads, err := w.inspect(r)
	if err != nil {
		return err
	}
	in := orchestration.Advice{Answer: r.PostForm.Get("answer"), Words: strings.TrimSpace(r.PostForm.Get("words"))}
	var refused *fault.Error
	for _, u := range uploads["files"] {
		if u.Refused != nil {
			refused = u.Refused
		}
		in.Files = append(in.Files, u.File)
	}
	if refused == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			return w.deps.Applications.Advise(ctx, tx, at, *r.Principal, in)
		})
		if refused = fault.Of(err); err != nil && refused.Kind != fault.KindInvalid {
			return err
		}
	}
	if refused != nil {
		wrong := refused.Fields
		if len(wrong) == 0 {
			wrong = []fault.Field{{Path: "files", Code: refused.Code, Args: refused.Args}}
		}
		return w.opinionPage(r, http.StatusUnprocessableEntity, in, wrong)
	}
	return r.Redirect(opinionsPath + "?done=opinion.sent")
}

// opinionFile opens a file that an agency is shown, or one that went with its answer.
func (w *Workbench) opinionFile(r *frame.Request) error {
	at, err := r.UUID("opinion")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("file")
	if err != nil {
		return err
	}
	return w.sendFile(r, func(ctx context.Context, tx *pg.Tx) (uuid.UUID, error) {
		c, _, _, err := w.deps.Applications.Consultation(ctx, tx, at, *r.Principal)
		if err != nil {
			return uuid.Nil, err
		}
		for _, v := range c.Shown {
			if slices.ContainsFunc(servicespec.FilesIn(v), func(f servicespec.File) bool { return f.ID == wanted }) {
				return w.deps.Workbench.Given(ctx, tx, wanted)
			}
		}
		if slices.ContainsFunc(c.Files, func(f exchange.File) bool { return f.ID == wanted }) {
			return wanted, nil
		}
		return uuid.Nil, nil
	})
}

// caseOpinionFile opens a file that another agency has sent with its opinion about a case that the reader may open.
func (w *Workbench) caseOpinionFile(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("file")
	if err != nil {
		return err
	}
	return w.sendFile(r, func(ctx context.Context, tx *pg.Tx) (uuid.UUID, error) {
		app, err := w.deps.Applications.Application(ctx, tx, at, *r.Principal)
		if err != nil {
			return uuid.Nil, err
		}
		list, err := w.deps.Applications.Opinions(ctx, tx, app)
		for _, o := range list {
			if slices.ContainsFunc(o.Files, func(f exchange.File) bool { return f.ID == wanted }) {
				return wanted, err
			}
		}
		return uuid.Nil, err
	})
}

// sendFile opens the document that find finds, which the reader may see; uuid.Nil for none.
func (w *Workbench) sendFile(r *frame.Request, find func(ctx context.Context, tx *pg.Tx) (uuid.UUID, error)) error {
	var f document.File
	var body bytes.Buffer
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		wanted, err := find(ctx, tx)
		if err != nil {
			return err
		}
		if wanted == uuid.Nil {
			return document.ErrNotFound
		}
		if f, err = w.deps.Documents.File(ctx, tx, wanted); err != nil {
			return err
		}
		return w.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

// askedOpinion is what the case's page shows of an opinion of another agency.
type askedOpinion struct {
	Name  string
	Tag   ui.TagView
	Facts []ui.Fact
}

// asked finds what the case's page says of the opinions of other agencies.
func (w *Workbench) asked(ctx context.Context, tx *pg.Tx, r *frame.Request, c opened) (list []askedOpinion, err error) {
	all, err := w.deps.Applications.Opinions(ctx, tx, c.Application)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, o := range all {
		a := askedOpinion{Name: o.Code, Tag: ui.TagView{Text: r.T("opinion.open"), Kind: ui.Info}}
		if of := c.Spec.Opinion(o.Code); of != nil {
			a.Name = r.Text(of.Name)
			a.Facts = append(a.Facts, ui.Fact{Key: r.T("opinion.question"), Value: r.Text(of.Question)})
		}
		a.Facts = append(a.Facts, ui.Fact{Key: r.T("opinion.asked_at"), Value: ui.DateTime(r.Context(), o.AskedAt)})
		switch o.Status {
		case orchestration.OpinionOpen:
			a.Facts = append(a.Facts, ui.Fact{Key: r.T("opinion.column.due"), Value: dueText(r, o.DueAt)})
			if o.Reminders > 0 {
				a.Facts = append(a.Facts, ui.Fact{Key: r.T("opinion.reminders"), Value: ui.Number(r.Context(), o.Reminders)})
			}
			if o.DueAt.Before(r.Now) {
				a.Tag = ui.TagView{Text: r.T("opinion.late"), Kind: ui.Danger}
			}
		case orchestration.OpinionRecalled:
			a.Tag = ui.TagView{Text: r.T("opinion.recalled"), Kind: ui.Neutral}
		default:
			a.Tag = answerTag(r, o.Answer)
			if o.Status == orchestration.OpinionReplaced {
				a.Tag = ui.TagView{Text: r.T("opinion.replaced"), Kind: ui.Neutral}
			}
			if o.Answer != "" {
				facts := said(r, o.Answer, o.Words, o.Files, casePath(c.Application.ID)+"/opinions")
				if o.Status == orchestration.OpinionGiven { // which its tag says
					facts = facts[1:]
				}
				a.Facts = append(a.Facts, facts...)
			}
			if o.ClosedAt != nil {
				a.Facts = append(a.Facts, ui.Fact{Key: r.T("opinion.answered_at"), Value: ui.DateTime(r.Context(), *o.ClosedAt)})
			}
		}
		list = append(list, a)
	}
	return list, nil
}
