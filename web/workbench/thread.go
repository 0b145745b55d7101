package workbench

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// threadView is the conversation with who applied, and what is being written to them.
type threadView struct {
	Site                        ui.Site
	Notice                      *ui.NoticeView
	Queues                      []ui.NavItem
	Name, Reference, Path, Form string // Form is the id of the message to come
	Thread                      ui.ThreadView
	Ended, May                  bool
	Words, Files                ui.Field
	Problems                    []ui.Problem
}

// threadLink is what the case's page shows of the conversation.
type threadLink struct {
	Href        string
	Unread, All int
}

// conversation finds what the case's page says of the messages.
func (w *Workbench) conversation(ctx context.Context, tx *pg.Tx, app orchestration.Application) (l threadLink, err error) {
	list, err := w.deps.Applications.Thread(ctx, tx, app)
	l = threadLink{Href: casePath(app.ID) + "/messages", All: len(list)}
	for _, m := range list {
		if !m.Office && m.ReadAt == nil {
			l.Unread++
		}
	}
	return l, err
}

// messages shows the conversation; what the citizen wrote is read thereby.
func (w *Workbench) messages(r *frame.Request) error {
	return w.threadPage(r, http.StatusOK, "", nil)
}

func (w *Workbench) threadPage(r *frame.Request, status int, words string, wrong []fault.Field) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	var app orchestration.Application
	v := threadView{Site: r.Site(frame.Workbench), Notice: r.Done(), Path: casePath(at), Form: id.New().String()}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		var list []orchestration.Message
		if app, list, err = w.deps.Applications.ReadThread(ctx, tx, at, *r.Principal); err != nil {
			return err
		}
		if v.Thread, err = w.thread(ctx, tx, r, app, list); err != nil {
			return err
		}
		n, err := w.nav(ctx, tx, r)
		v.Queues = queues(r, n, bench.Filter{})
		return err
	})
	if err != nil {
		return err
	}
	v.Name, v.Reference, v.Ended = app.Name, app.Reference, app.Case.Ended
	v.May = r.Principal.Decide(orchestration.WriteTo, app.Case.Object(), r.Now).Allowed
	v.Words = ui.Field{Name: "words", Label: r.T("thread.to", "name", app.Name), Hint: r.T("thread.to.hint"), Rows: 5, MaxLength: 4000, Value: words}
	v.Files = ui.Field{Name: "files", Label: r.T("thread.files"), Hint: r.T("thread.files.hint", "max", orchestration.MessageFiles), Optional: true, Multiple: true}
	for _, f := range wrong {
		field := &v.Words
		if f.Path == "files" {
			field = &v.Files
		}
		field.Error = r.FieldSentence(f)
	}
	v.Problems = r.Problems(wrong)
	return r.HTMLStatus(status, messagesPage(v))
}

func (w *Workbench) thread(ctx context.Context, tx *pg.Tx, r *frame.Request, app orchestration.Application, list []orchestration.Message) (ui.ThreadView, error) {
	v := ui.ThreadView{Label: r.T("thread.title")}
	var files []uuid.UUID
	for _, m := range list {
		for _, f := range m.Files {
			files = append(files, f.ID)
		}
	}
	scans, err := w.deps.Documents.Scans(ctx, tx, files...)
	if err != nil {
		return v, err
	}
	for _, m := range list {
		line := ui.ThreadMessage{ID: "m-" + m.ID.String(), Author: app.Name, Mine: m.Office, Time: m.At, Text: m.Words}
		if m.Office {
			if line.Author, err = w.deps.Identity.Name(ctx, tx, m.Author); err != nil && fault.Of(err).Kind != fault.KindNotFound {
				return v, err
			}
			line.Seen = r.T("thread.sent")
			if m.ReadAt != nil {
				line.Seen = r.T("thread.seen", "date", ui.DateTime(r.Context(), *m.ReadAt))
			}
		}
		for _, f := range m.Files {
			line.Files = append(line.Files, ui.FileItem{
				Name: f.Name, Size: form.Size(f.Size), Href: casePath(app.ID) + "/messages/files/" + f.ID.String(), Status: form.ScanTag(r.Context(), scans[f.ID]),
			})
		}
		v.Messages = append(v.Messages, line)
	}
	return v, nil
}

// write sends a message. Pressed twice, it is sent once.
func (w *Workbench) write(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	uploads, err := w.inspect(r)
	if err != nil {
		return err
	}
	in := orchestration.WriteMessage{Words: r.PostForm.Get("words")}
	if in.ID, err = uuid.Parse(r.PostForm.Get("message")); err != nil {
		in.ID = id.New()
	}
	var refused *fault.Error
	for _, u := range uploads["files"] {
		if u.Refused != nil {
			refused = u.Refused
		}
		in.Files = append(in.Files, u.File)
	}
	if refused == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			return w.deps.Applications.Write(ctx, tx, at, *r.Principal, in)
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
		return w.threadPage(r, http.StatusUnprocessableEntity, strings.TrimSpace(in.Words), wrong)
	}
	return r.Redirect(casePath(at) + "/messages?done=request.written#write")
}

// messageFile opens a file that went with a message about a case that the reader may open.
func (w *Workbench) messageFile(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("file")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		app, err := w.deps.Applications.Application(ctx, tx, at, *r.Principal)
		if err != nil {
			return err
		}
		list, err := w.deps.Applications.Thread(ctx, tx, app)
		if err != nil {
			return err
		}
		for _, m := range list {
			for _, own := range m.Files {
				if own.ID != wanted {
					continue
				}
				if f, err = w.deps.Documents.File(ctx, tx, wanted); err != nil {
					return err
				}
				return w.deps.Documents.Read(ctx, tx, f.ID, &body)
			}
		}
		return document.ErrNotFound
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}
