package desk

import (
	"context"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
)

// mostFiles is how many files one form may send at once.
const mostFiles = 20

// errManyFiles says that too many files came at once; argument: max.
var errManyFiles = fault.Invalid("desk.many_files")

// inspect looks into the files that were scanned in.
func (d *Desk) inspect(r *frame.Request) (map[string][]form.Upload, error) {
	if _, err := r.Form(); err != nil {
		return nil, err
	}
	return form.Inspect(r.Context(), d.deps.Documents, r.MultipartForm, mostFiles, errManyFiles)
}

// attach keeps the files that came with the questions of a whole form.
func (d *Desk) attach(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, uploads map[string][]form.Upload) ([]fault.Field, error) {
	if len(uploads) == 0 {
		return nil, nil
	}
	var questions []servicespec.QuestionView
	for _, p := range a.pages() {
		questions = append(questions, p.Questions...)
	}
	return form.Attaching{Spec: a.spec, Posted: r.PostForm, Say: r.T, Keep: func(at string, file document.Upload) error {
		_, err := d.deps.Requests.Attach(ctx, tx, r.Person(), a.ID, at, file)
		return err
	}}.Attach(questions, uploads)
}
