package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"strconv"
	"strings"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// maxUploads is how many files one page may send.
const maxUploads = 20

// inspect looks into the files that came with a page, a row or a message.
func (p *Portal) inspect(r *frame.Request) (map[string][]form.Upload, error) {
	return form.Inspect(r.Context(), p.deps.Documents, r.MultipartForm, maxUploads, request.ErrTooManyFiles)
}

// attachPage keeps the files that came with a page.
func (p *Portal) attachPage(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, code string, uploads map[string][]form.Upload) ([]fault.Field, error) {
	if len(uploads) == 0 {
		return nil, nil
	}
	page, _, ok := a.page(code)
	if !ok {
		return nil, request.ErrUnknownPage.With("page", code)
	}
	return p.attach(ctx, tx, r, a, "", page.Questions, uploads)
}

// attach keeps the files that came with questions, whose inputs' names begin with a prefix.
func (p *Portal) attach(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, prefix string, questions []servicespec.QuestionView, uploads map[string][]form.Upload) ([]fault.Field, error) {
	return form.Attaching{Spec: a.spec, Prefix: prefix, Posted: r.PostForm, Say: r.T, Keep: func(at string, file document.Upload) error {
		_, err := p.deps.Requests.Attach(ctx, tx, r.Person(), a.ID, at, file)
		return err
	}}.Attach(questions, uploads)
}

// filePath is where a file of an answer is opened.
func (a application) filePath(place string, f servicespec.File) string {
	return a.path() + "/files/" + place + "/" + f.ID.String()
}

// file returns a file of an answer to whom it belongs.
func (p *Portal) file(r *frame.Request) error {
	var f document.File
	var body bytes.Buffer
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		attached, err := a.file(r)
		if err != nil {
			return err
		}
		if f, err = p.deps.Documents.File(ctx, tx, attached.ID); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

// file returns the file that the path names, when it stands in the answers. Errors: document.ErrNotFound.
func (a application) file(r *frame.Request) (servicespec.File, error) {
	id, err := r.UUID("file")
	if err != nil {
		return servicespec.File{}, err
	}
	if place, ok := a.spec.FilePlace(r.Param("question")); ok {
		for _, f := range place.Files(a.Answers) {
			if f.ID == id {
				return f, nil
			}
		}
	}
	return servicespec.File{}, document.ErrNotFound
}

type removeFileView struct {
	Site                 ui.Site
	Name, Action, Cancel string
}

// filePage is the page to go back to from a file: that of its question, or that of its row.
func (a application) filePage(r *frame.Request) string {
	path := a.path() + "/pages/" + r.Query("page")
	if group, row, ok := rowOf(r.Param("question")); ok {
		path += "/rows/" + group + "/" + row
	}
	return path
}

// rowOf returns the group and the row that a path such as members.2.photo begins with.
func rowOf(path string) (group, row string, ok bool) {
	parts := strings.SplitN(path, ".", 3)
	if len(parts) < 3 {
		return "", "", false
	}
	_, err := strconv.Atoi(parts[1])
	return parts[0], parts[1], err == nil
}

func (p *Portal) removeFileAsk(r *frame.Request) error {
	var a application
	var f servicespec.File
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		f, err = a.file(r)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(removeFilePage(removeFileView{
		Site: r.Site(frame.Portal), Name: f.Name, Action: r.URL.RequestURI(), Cancel: a.filePage(r),
	}))
}

func (p *Portal) removeFile(r *frame.Request) error {
	var a application
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		f, err := a.file(r)
		if errors.Is(err, document.ErrNotFound) {
			return nil // removed already: the button was pressed twice
		}
		if err != nil {
			return err
		}
		return p.deps.Requests.Detach(ctx, tx, r.Person(), a.ID, r.Param("question"), f.ID)
	})
	if err != nil {
		return err
	}
	return r.Redirect(a.filePage(r))
}

// readAll reads a posted file within the route's limit.
func readAll(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
