package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"slices"
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

// upload is a file that came with a page: what became of it when it was looked into, or why it was refused.
type upload struct {
	file    document.Upload
	refused *fault.Error
}

// inspect looks into the files that came with a page or a row, by the name of their input, before any transaction begins: that
// takes a while.
func (p *Portal) inspect(r *frame.Request) (map[string][]upload, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	all := map[string][]upload{}
	n := 0
	for _, at := range slices.Sorted(maps.Keys(r.MultipartForm.File)) {
		for _, h := range r.MultipartForm.File[at] {
			if h.Size == 0 && h.Filename == "" { // a field that was left empty
				continue
			}
			if n++; n > maxUploads {
				return nil, request.ErrTooManyFiles.With("max", maxUploads)
			}
			u, err := p.inspectOne(r, h)
			if err != nil {
				return nil, err
			}
			all[at] = append(all[at], u)
		}
	}
	return all, nil
}

func (p *Portal) inspectOne(r *frame.Request, h *multipart.FileHeader) (u upload, err error) {
	content, err := h.Open()
	if err != nil {
		return u, err
	}
	defer content.Close()
	u.file, err = p.deps.Documents.Inspect(r.Context(), h.Filename, h.Header.Get("Content-Type"), content)
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
		return upload{refused: refused}, nil
	}
	return u, err
}

// attachPage keeps the files that came with a page.
func (p *Portal) attachPage(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, code string, uploads map[string][]upload) ([]fault.Field, error) {
	if len(uploads) == 0 {
		return nil, nil
	}
	page, _, ok := a.page(code)
	if !ok {
		return nil, request.ErrUnknownPage.With("page", code)
	}
	return p.attach(ctx, tx, r, a, "", page.Questions, uploads)
}

// attach keeps the files that came with questions, whose inputs' names begin with a prefix. A file that cannot be taken is a
// fault of its question.
func (p *Portal) attach(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, prefix string, questions []servicespec.QuestionView, uploads map[string][]upload) (wrong []fault.Field, err error) {
	for _, q := range questions {
		at := filePlace(r, q, prefix+q.Code)
		if at == "" {
			continue
		}
		for _, u := range uploads[at] {
			refused := u.refused
			if refused == nil {
				_, err := p.deps.Requests.Attach(ctx, tx, r.Person(), a.ID, at, u.file)
				if refused = fault.Of(err); refused != nil && refused.Kind != fault.KindInvalid {
					return nil, err
				}
			}
			if refused == nil {
				continue
			}
			if place, ok := a.spec.FilePlace(at); ok && errors.Is(refused, document.ErrType) { // of all types that anybody may send this question takes some
				refused = refused.With("accept", strings.Join(place.Accept, ", "))
			}
			wrong = mergeFields(wrong, []fault.Field{{Path: prefix + q.Code, Code: refused.Code, Args: fileWords(r, refused)}})
		}
	}
	return wrong, nil
}

// filePlace is where the files of a question go: of a document only those of the proof that was chosen.
func filePlace(r *frame.Request, q servicespec.QuestionView, name string) string {
	switch q.Kind {
	case servicespec.KindFile:
		return name
	case servicespec.KindSignature:
		return name + ".drawing"
	case servicespec.KindDocument:
		if len(q.Document.Proofs) == 1 {
			return name + "." + q.Document.Proofs[0].Code
		}
		return name + "." + r.PostForm.Get(name)
	}
	return ""
}

// fileWords puts what a refused file may be into words: not media types, not bytes.
func fileWords(r *frame.Request, refused *fault.Error) map[string]any {
	args := maps.Clone(refused.Args)
	if limit, ok := args["max"].(int64); ok && errors.Is(refused, document.ErrTooLarge) {
		args["message"] = r.T("request.file.too_large", "size", form.Size(limit))
	}
	if accept, ok := args["accept"].(string); ok {
		var kinds []string
		for kind := range strings.SplitSeq(accept, ", ") {
			_, short, _ := strings.Cut(kind, "/")
			kinds = append(kinds, strings.ToUpper(strings.ReplaceAll(short, "jpeg", "jpg")))
		}
		args["accept"] = strings.Join(kinds, ", ")
	}
	return args
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
