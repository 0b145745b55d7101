package desk

import (
	"context"
	"slices"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
)

// mostFiles is how many files one form may send at once.
const mostFiles = 20

// upload is a file that was scanned in: what became of it when it was looked into, or why it was refused.
type upload struct {
	file    document.Upload
	refused *fault.Error
}

// errManyFiles says that too many files came at once; argument: max.
var errManyFiles = fault.Invalid("desk.many_files")

// inspect looks into the files that came, by the names of their inputs, before any transaction begins: that takes a while.
func (d *Desk) inspect(r *frame.Request) (map[string][]upload, error) {
	if _, err := r.Form(); err != nil || r.MultipartForm == nil {
		return nil, err
	}
	all, n := map[string][]upload{}, 0
	for at, files := range r.MultipartForm.File {
		for _, h := range files {
			if h.Size == 0 && h.Filename == "" { // a field that was left empty
				continue
			}
			if n++; n > mostFiles {
				return nil, errManyFiles.With("max", mostFiles)
			}
			content, err := h.Open()
			if err != nil {
				return nil, err
			}
			u := upload{}
			u.file, err = d.deps.Documents.Inspect(r.Context(), h.Filename, h.Header.Get("Content-Type"), content)
			content.Close()
			if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
				u.refused = refused
			} else if err != nil {
				return nil, err
			}
			all[at] = append(all[at], u)
		}
	}
	return all, nil
}

// attach keeps the files that came with questions. A file that cannot be taken is a fault of its question.
func (d *Desk) attach(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, uploads map[string][]upload) (wrong []fault.Field, err error) {
	if len(uploads) == 0 {
		return nil, nil
	}
	for _, p := range a.pages() {
		for _, q := range p.Questions {
			at := filePlace(r, q)
			for _, u := range uploads[at] {
				refused := u.refused
				if refused == nil {
					_, err := d.deps.Requests.Attach(ctx, tx, r.Person(), a.ID, at, u.file)
					if refused = fault.Of(err); refused != nil && refused.Kind != fault.KindInvalid {
						return nil, err
					}
				}
				if refused != nil {
					wrong = append(wrong, fault.Field{Path: q.Code, Code: refused.Code, Args: refused.Args})
				}
			}
		}
	}
	return wrong, nil
}

// filePlace is where the files of a question go, "" for one that takes none: of a document those of the proof that was chosen.
func filePlace(r *frame.Request, q servicespec.QuestionView) string {
	switch q.Kind {
	case servicespec.KindFile:
		return q.Code
	case servicespec.KindSignature:
		return q.Code + ".drawing"
	case servicespec.KindDocument:
		if len(q.Document.Proofs) == 1 {
			return q.Code + "." + q.Document.Proofs[0].Code
		}
		return q.Code + "." + r.PostForm.Get(q.Code)
	}
	return ""
}

// mergeFields keeps the first fault of each question.
func mergeFields(a, b []fault.Field) []fault.Field {
	for _, f := range b {
		if !slices.ContainsFunc(a, func(g fault.Field) bool { return g.Path == f.Path }) {
			a = append(a, f)
		}
	}
	return a
}
