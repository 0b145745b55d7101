package workbench

import (
	"context"
	"strings"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/web/form"
	"digit/web/frame"
)

// The bounds of what an officer attaches to an act.
const (
	mostAttached = 10
	attachLimit  = 64 << 20
)

// inspect looks into the files that came with an act or a message.
func (w *Workbench) inspect(r *frame.Request) (map[string][]form.Upload, error) {
	if _, err := r.Form(); err != nil {
		return nil, err
	}
	return form.Inspect(r.Context(), w.deps.Documents, r.MultipartForm, mostAttached, errTooMany)
}

// errTooMany says that more files came with an act than one may attach; argument: max.
var errTooMany = fault.Invalid("workbench.too_many_files")

// attach keeps the files that came with an act that asks for them.
func (w *Workbench) attach(ctx context.Context, tx *pg.Tx, app orchestration.Application, a *servicespec.Action, uploads map[string][]form.Upload, wrong *[]fault.Field) (map[string][]servicespec.File, error) {
	if a == nil || len(uploads) == 0 {
		return nil, nil
	}
	files := map[string][]servicespec.File{}
	for _, d := range a.Documents {
		for _, u := range uploads["documents."+d.Code] {
			if u.Refused != nil {
				*wrong = append(*wrong, fault.Field{Path: "documents." + d.Code, Code: u.Refused.Code, Args: u.Refused.Args})
				continue
			}
			f, err := w.deps.Documents.Take(ctx, tx, document.Store{Name: "", Person: app.Person, Purpose: "finding", Accept: d.Accept}, u.File)
			if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
				*wrong = append(*wrong, fault.Field{Path: "documents." + d.Code, Code: refused.Code, Args: refused.Args})
				continue
			}
			if err != nil {
				return nil, err
			}
			files[d.Code] = append(files[d.Code], servicespec.File{ID: f.ID, Name: strings.TrimSpace(f.Name), MediaType: f.MediaType, Size: f.Size})
		}
	}
	return files, nil
}
