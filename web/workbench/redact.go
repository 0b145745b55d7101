package workbench

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

type redactView struct {
	Site         ui.Site
	Queues       []ui.NavItem
	Back, Name   string
	Picture      string
	Action       string
	ID, Boxes    string
	BoxesProblem string
	Reason       ui.Field
	Problems     []ui.Problem
}

// redacting offers to blacken parts of a picture, and shows the copies that were made of it.
func (d *documentView) redacting(r *frame.Request, c opened, f servicespec.File) {
	may := r.Principal.Decide(bench.RedactFiles, c.Application.Case.Object(), r.Now).Allowed
	if may && bench.Redactable(f.MediaType) {
		d.RedactHref = d.Href + "/redact"
	}
	for _, x := range c.redactions {
		if x.File != f.ID {
			continue
		}
		v := copyView{Text: r.T("redact.status."+x.Status, "reason", r.T("redact.reason."+x.Reason), "name", x.ByName, "date", ui.DateTime(r.Context(), x.At))}
		path := casePath(c.Application.ID) + "/redactions/" + x.ID.String()
		if x.Status == bench.RedactionMade {
			v.Href = path
		}
		if may {
			v.Remove = path + "/withdraw"
		}
		d.Copies = append(d.Copies, v)
	}
}

func (w *Workbench) redactPage(r *frame.Request) error {
	return w.showRedact(r, http.StatusOK, url.Values{"id": {id.New().String()}}, nil)
}

func (w *Workbench) showRedact(r *frame.Request, status int, typed url.Values, wrong []fault.Field) error {
	at, file, err := caseFile(r)
	if err != nil {
		return err
	}
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.open(ctx, tx, r, at)
		return err
	}); err != nil {
		return err
	}
	n := slices.IndexFunc(c.Files, func(f servicespec.File) bool { return f.ID == file })
	if n < 0 || !bench.Redactable(c.Files[n].MediaType) {
		return bench.ErrNoFile
	}
	v := redactView{
		Site: r.Site(frame.Workbench), Queues: queues(r, c.nav, bench.Filter{}), Back: casePath(at) + "/check", Name: c.Files[n].Name,
		Picture: casePath(at) + "/files/" + file.String(), Action: casePath(at) + "/files/" + file.String() + "/redact",
		ID: typed.Get("id"), Boxes: typed.Get("boxes"),
	}
	v.Reason = ui.Field{Name: "reason", Label: r.T("redact.reason")}
	for _, code := range bench.RedactionReasons() {
		v.Reason.Options = append(v.Reason.Options, ui.Option{Value: code, Label: r.T("redact.reason." + code), Checked: typed.Get("reason") == code})
	}
	for _, f := range wrong {
		if f.Path == v.Reason.Name {
			v.Reason.Error = r.FieldSentence(f)
		} else {
			v.BoxesProblem = r.FieldSentence(f)
		}
	}
	v.Problems = r.Problems(wrong)
	return r.HTMLStatus(status, redactPage(v))
}

func caseFile(r *frame.Request) (at, file uuid.UUID, err error) {
	if at, err = r.UUID("id"); err != nil {
		return at, file, err
	}
	file, err = r.UUID("file")
	return at, file, err
}

// redact has the copy made.
func (w *Workbench) redact(r *frame.Request) error {
	at, file, err := caseFile(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := bench.Redact{Application: at, File: file, Reason: posted.Get("reason"), By: *r.Principal}
	if in.ID, err = uuid.Parse(posted.Get("id")); err != nil {
		in.ID = id.New()
		posted.Set("id", in.ID.String())
	}
	if json.Unmarshal([]byte(posted.Get("boxes")), &in.Boxes) != nil { // what a browser without the script sends
		in.Boxes = nil
		posted.Del("boxes")
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return w.deps.Workbench.Redact(ctx, tx, in) })
	if e := fault.Of(err); e != nil && e.Code == bench.ErrRedaction.Code {
		return w.showRedact(r, http.StatusUnprocessableEntity, posted, e.Fields)
	}
	if err != nil {
		return err
	}
	return r.Redirect(casePath(at) + "/check?done=redact.asked")
}

// redacted opens a copy.
func (w *Workbench) redacted(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("redaction")
	if err != nil {
		return err
	}
	return w.sendFile(r, func(ctx context.Context, tx *pg.Tx) (uuid.UUID, error) {
		app, err := w.deps.Applications.Application(ctx, tx, at, *r.Principal)
		if err != nil {
			return uuid.Nil, err
		}
		svc, _, err := w.deps.Applications.Spec(ctx, tx, app)
		if err != nil {
			return uuid.Nil, err
		}
		list, err := w.deps.Workbench.Redactions(ctx, tx, app)
		for _, x := range list {
			seen := slices.ContainsFunc(app.Files(svc), func(f servicespec.File) bool { return f.ID == x.File })
			if x.ID == wanted && seen {
				return x.Copy, err
			}
		}
		return uuid.Nil, err
	})
}

// withdrawRedaction takes a copy out of use.
func (w *Workbench) withdrawRedaction(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	redaction, err := r.UUID("redaction")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return w.deps.Workbench.WithdrawRedaction(ctx, tx, *r.Principal, at, redaction)
	}); err != nil {
		return err
	}
	return r.Redirect(casePath(at) + "/check?done=redact.withdrawn")
}
