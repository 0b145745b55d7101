package studio

import (
	"errors"
	"io"
	"net/http"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// uploaded returns the content of a posted file, nothing where none was chosen.
func uploaded(r *frame.Request, name string) ([]byte, error) {
	f, _, err := r.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(f)
}

// fileProblems says line by line, in the reader's language, why a file is no service.
func (s *Studio) fileProblems(r *frame.Request, err error) (out []ui.Problem) {
	e := fault.Of(err)
	if e == nil {
		return nil
	}
	for _, f := range e.Fields {
		p, ok := f.Args["problem"].(servicespec.Problem)
		if !ok {
			continue
		}
		text := locale.Problem(s.deps.Texts, r.Lang, p)
		if p.Line > 0 {
			text = r.T("studio.file.line", "line", p.Line, "problem", text)
		}
		out = append(out, ui.Problem{Field: "file", Text: text})
	}
	return out
}
