package portal

import (
	"bytes"
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// threadView is the conversation with the office about an application, and what is being written.
type threadView struct {
	Site                        ui.Site
	Notice                      *ui.NoticeView
	Name, Reference, Path, Form string // Form is the id of the message to come
	Thread                      ui.ThreadView
	Open                        bool
	Words, Files                ui.Field
	Problems                    []ui.Problem
}

// threadLink is what an application's page shows of the conversation.
type threadLink struct {
	Href   string
	Unread int
	Any    bool // there are messages
}

// conversation finds what an application's page says of the messages; nil where nobody wrote and nobody can.
func (p *Portal) conversation(ctx context.Context, tx *pg.Tx, a application) (*threadLink, error) {
	open, err := p.deps.Requests.Converses(ctx, tx, a.Request)
	if err != nil {
		return nil, err
	}
	list, err := p.deps.Requests.Thread(ctx, tx, a.Request)
	if err != nil || !open && len(list) == 0 {
		return nil, err
	}
	l := &threadLink{Href: a.path() + "/messages", Any: len(list) > 0}
	for _, m := range list {
		if m.Side == request.Office && m.ReadAt == nil {
			l.Unread++
		}
	}
	return l, nil
}

// messages shows the conversation; what the office wrote is read thereby.
func (p *Portal) messages(r *frame.Request) error { return p.threadPage(r, http.StatusOK, "", nil) }

func (p *Portal) threadPage(r *frame.Request, status int, words string, wrong []fault.Field) error {
	var a application
	var list []request.Message
	var scans map[uuid.UUID]document.Scan
	v := threadView{Site: r.Site(frame.Portal), Notice: r.Done(), Form: id.New().String()}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if list, err = p.deps.Requests.ReadThread(ctx, tx, r.Person(), a.ID); err != nil {
			return err
		}
		var files []uuid.UUID
		for _, m := range list {
			for _, f := range m.Files {
				files = append(files, f.ID)
			}
		}
		if scans, err = p.deps.Documents.Scans(ctx, tx, files...); err != nil {
			return err
		}
		v.Open, err = p.deps.Requests.Converses(ctx, tx, a.Request)
		return err
	})
	if err != nil {
		return err
	}
	if a.Reference == "" {
		return r.Redirect(a.path())
	}
	v.Name, v.Reference, v.Path = r.Text(a.spec.Pack().Name), a.Reference, a.path()
	v.Thread = p.thread(r, a, list, scans)
	v.Words = ui.Field{Name: "words", Label: r.T("thread.words"), Hint: r.T("thread.words.hint"), Rows: 5, MaxLength: 4000, Value: words}
	v.Files = ui.Field{Name: "files", Label: r.T("thread.files"), Hint: r.T("thread.files.hint", "max", request.MessageFiles), Optional: true, Multiple: true}
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

func (p *Portal) thread(r *frame.Request, a application, list []request.Message, scans map[uuid.UUID]document.Scan) ui.ThreadView {
	v := ui.ThreadView{Label: r.T("thread.title")}
	for _, m := range list {
		line := ui.ThreadMessage{ID: "m-" + m.ID.String(), Author: r.T("thread.office"), Time: m.At, Text: m.Words}
		if m.Side == request.Citizen {
			line.Mine, line.Author, line.Seen = true, r.T("thread.you"), r.T("thread.sent")
			if m.Author != uuid.Nil && m.Author != a.Person {
				line.Author = r.T("thread.for_you")
			}
			if m.ReadAt != nil {
				line.Seen = r.T("thread.seen", "date", ui.DateTime(r.Context(), *m.ReadAt))
			}
		}
		for _, f := range m.Files {
			line.Files = append(line.Files, ui.FileItem{
				Name: f.Name, Size: form.Size(f.Size), Href: a.path() + "/messages/files/" + f.ID.String(), Status: form.ScanTag(r.Context(), scans[f.ID]),
			})
		}
		v.Messages = append(v.Messages, line)
	}
	return v
}

// write sends a message. Pressed twice, it is sent once.
func (p *Portal) write(r *frame.Request) error {
	at, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	uploads, err := p.inspect(r)
	if err != nil {
		return err
	}
	in := request.WriteMessage{Words: posted.Get("words")}
	if in.ID, err = uuid.Parse(posted.Get("message")); err != nil {
		in.ID = id.New()
	}
	for _, u := range uploads["files"] {
		if u.Refused != nil {
			return p.threadPage(r, http.StatusUnprocessableEntity, in.Words, []fault.Field{{Path: "files", Code: u.Refused.Code, Args: form.RefusedWords(r.T, u.Refused)}})
		}
		in.Files = append(in.Files, u.File)
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return p.deps.Requests.Write(ctx, tx, r.Person(), at, in) })
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
		wrong := refused.Fields
		if len(wrong) == 0 { // a file that is of no kind that is taken
			wrong = []fault.Field{{Path: "files", Code: refused.Code, Args: form.RefusedWords(r.T, refused)}}
		}
		return p.threadPage(r, http.StatusUnprocessableEntity, in.Words, wrong)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/requests/" + at.String() + "/messages?done=request.written#write")
}

// messageFile opens a file that went with a message of the reader's own request.
func (p *Portal) messageFile(r *frame.Request) error {
	wanted, err := r.UUID("file")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := p.deps.Requests.Thread(ctx, tx, a.Request)
		if err != nil {
			return err
		}
		if !inThread(list, wanted) {
			return document.ErrNotFound
		}
		if f, err = p.deps.Documents.File(ctx, tx, wanted); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

func inThread(list []request.Message, file uuid.UUID) bool {
	for _, m := range list {
		for _, f := range m.Files {
			if f.ID == file {
				return true
			}
		}
	}
	return false
}
