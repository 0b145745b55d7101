package workbench

import (
	"context"
	"strings"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
)

// The bounds of what an officer attaches to an act.
const (
	mostAttached = 10
	attachLimit  = 64 << 20
)

// upload is a file that came with an act: what became of it when it was looked into, or why it was refused.
type upload struct {
	file    document.Upload
	refused *fault.Error
}

// inspect looks into the files that came with an act, before any transaction begins: that takes a while.
func (w *Workbench) inspect(r *frame.Request) (map[string][]upload, error) {
	if _, err := r.Form(); err != nil || r.MultipartForm == nil {
		return nil, err
	}
	all, n := map[string][]upload{}, 0
	for at, files := range r.MultipartForm.File {
		for _, h := range files {
			if h.Size == 0 && h.Filename == "" { // a field that was left empty
				continue
			}
			if n++; n > mostAttached {
				return nil, errTooMany.With("max", mostAttached)
			}
			content, err := h.Open()
			if err != nil {
				return nil, err
			}
			u := upload{}
			u.file, err = w.deps.Documents.Inspect(r.Context(), h.Filename, h.Header.Get("Content-Type"), content)
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

// errTooMany says that more files came with an act than one may attach; argument: max.
var errTooMany = fault.Invalid("workbench.too_many_files")

// attach keeps the files that came with an act that asks for them.
func (w *Workbench) attach(ctx context.Context, tx *pg.Tx, app orchestration.Application, a *servicespec.Action, uploads map[string][]upload, wrong *[]fault.Field) (map[string][]servicespec.File, error) {
	if a == nil || len(uploads) == 0 {
		return nil, nil
	}
	files := map[string][]servicespec.File{}
	for _, d := range a.Documents {
		for _, u := range uploads["documents."+d.Code] {
			if u.refused != nil {
				*wrong = append(*wrong, fault.Field{Path: "documents." + d.Code, Code: u.refused.Code, Args: u.refused.Args})
				continue
			}
			f, err := w.deps.Documents.Take(ctx, tx, document.Store{Name: "", Person: app.Person, Purpose: "finding", Accept: d.Accept}, u.file)
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
