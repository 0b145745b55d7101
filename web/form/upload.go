package form

import (
	"context"
	"errors"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
)

// Upload is a file that came with a form: what became of it when it was looked into, or why it was refused.
type Upload struct {
	File    document.Upload
	Refused *fault.Error
}

// Inspect looks into the files that came, by the names of their inputs, before any transaction begins: that takes a while. Inputs that
// were left empty have none, and neither has a form that is nil. Errors: tooMany, with the argument max, where more than most came.
func Inspect(ctx context.Context, documents *document.Service, posted *multipart.Form, most int, tooMany *fault.Error) (map[string][]Upload, error) {
	if posted == nil {
		return nil, nil
	}
	all, n := map[string][]Upload{}, 0
	for _, at := range slices.Sorted(maps.Keys(posted.File)) {
		for _, h := range posted.File[at] {
			if h.Size == 0 && h.Filename == "" { // a field that was left empty
				continue
			}
			if n++; n > most {
				return nil, tooMany.With("max", most)
			}
			u, err := inspectOne(ctx, documents, h)
			if err != nil {
				return nil, err
			}
			all[at] = append(all[at], u)
		}
	}
	return all, nil
}

func inspectOne(ctx context.Context, documents *document.Service, h *multipart.FileHeader) (u Upload, err error) {
	content, err := h.Open()
	if err != nil {
		return u, err
	}
	defer content.Close()
	u.File, err = documents.Inspect(ctx, h.Filename, h.Header.Get("Content-Type"), content)
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
		return Upload{Refused: refused}, nil
	}
	return u, err
}

// Attaching is how the files of a form become answers. Prefix begins the names of inputs (of a row); Say puts a key of the catalogue into
// words; Keep keeps one file for a place.
type Attaching struct {
	Spec   *servicespec.Service
	Prefix string
	Posted url.Values
	Say    func(key string, args ...any) string
	Keep   func(at string, file document.Upload) error
}

// Attach keeps the files that came with questions. One that cannot be taken is a fault of its question; only what is no fault of the
// file is an error.
func (a Attaching) Attach(questions []servicespec.QuestionView, uploads map[string][]Upload) (wrong []fault.Field, err error) {
	for _, q := range questions {
		at := a.place(q)
		if at == "" {
			continue
		}
		for _, u := range uploads[at] {
			refused := u.Refused
			if refused == nil {
				err := a.Keep(at, u.File)
				if refused = fault.Of(err); refused != nil && refused.Kind != fault.KindInvalid || refused == nil && err != nil {
					return nil, err
				}
			}
			if refused == nil {
				continue
			}
			if place, ok := a.Spec.FilePlace(at); ok && errors.Is(refused, document.ErrType) { // of all types that anybody may send this question takes some
				refused = refused.With("accept", strings.Join(place.Accept, ", "))
			}
			wrong = MergeFields(wrong, []fault.Field{{Path: a.Prefix + q.Code, Code: refused.Code, Args: RefusedWords(a.Say, refused)}})
		}
	}
	return wrong, nil
}

// place is where the files of a question go: of a document only those of the proof that was chosen.
func (a Attaching) place(q servicespec.QuestionView) string {
	name := a.Prefix + q.Code
	switch q.Kind {
	case servicespec.KindFile:
		return name
	case servicespec.KindSignature:
		return name + ".drawing"
	case servicespec.KindDocument:
		if len(q.Document.Proofs) == 1 {
			return name + "." + q.Document.Proofs[0].Code
		}
		return name + "." + a.Posted.Get(name)
	}
	return ""
}

// RefusedWords puts what a refused file may be into words, as arguments of its sentence: not media types, not bytes.
func RefusedWords(say func(key string, args ...any) string, refused *fault.Error) map[string]any {
	args := maps.Clone(refused.Args)
	if limit, ok := args["max"].(int64); ok && errors.Is(refused, document.ErrTooLarge) {
		args["message"] = say("request.file.too_large", "size", Size(limit))
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

// MergeFields keeps the first fault of each question.
func MergeFields(a, b []fault.Field) []fault.Field {
	for _, f := range b {
		if !slices.ContainsFunc(a, func(g fault.Field) bool { return g.Path == f.Path }) {
			a = append(a, f)
		}
	}
	return a
}
