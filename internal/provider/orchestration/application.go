package orchestration

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Application is what an agency was asked for. Previous are the answers before the last correction, nil without one;
// Asked the questions the citizen is to correct now. Demand is uuid.Nil where nothing is to be paid, Receipt the
// number once it is paid. Case is where it stands. Hidden are the questions whose answers are of a special kind and not
// shown to this reader; they are in neither Answers nor Previous. Revealable says that the reader may have them shown.
type Application struct {
	ID          uuid.UUID
	Reference   string
	Service     string
	Version     int
	Agency      string
	Boundary    string
	Person      uuid.UUID
	Name        string
	Lang        string
	Answers     servicespec.Answers
	Previous    servicespec.Answers
	CorrectedAt *time.Time
	Asked       []string
	SubmittedAt time.Time
	ReceivedAt  time.Time
	PromisedAt  *time.Time
	Demand      uuid.UUID
	Receipt     string
	Credential  uuid.UUID
	Certificate string
	Outcome     string
	DecidedAt   *time.Time
	Case        workflow.Instance
	Hidden      []string
	Revealable  bool

	spec          *servicespec.Service
	whole, before servicespec.Answers // with what is hidden
}

// Changed returns the codes of the questions whose answers the last correction changed, in the order of the form.
func (a Application) Changed(svc *servicespec.Service) []string {
	before := a.Previous
	if a.before != nil {
		before = a.before
	}
	if before == nil {
		return nil
	}
	var codes []string
	for _, code := range questions(svc) {
		if !same(before[code], a.all()[code]) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Files returns the documents that answer the questions, in the order of the form.
func (a Application) Files(svc *servicespec.Service) []servicespec.File {
	var files []servicespec.File
	for _, code := range questions(svc) {
		if f, ok := a.Answers[code].([]servicespec.File); ok {
			files = append(files, f...)
		}
	}
	return files
}

func questions(svc *servicespec.Service) []string {
	var codes []string
	for _, p := range svc.Pack().Form.Pages {
		for _, q := range p.Questions {
			if q.Kind != servicespec.KindInfo {
				codes = append(codes, q.Code)
			}
		}
	}
	return codes
}

func same(a, b any) bool {
	switch x := a.(type) {
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	case []servicespec.File:
		y, ok := b.([]servicespec.File)
		return ok && slices.Equal(x, y)
	}
	switch b.(type) {
	case []string, []servicespec.File:
		return false
	}
	return a == b
}

// place returns the first area among the answers, in the order of the form: it decides whose case this is.
func place(svc *servicespec.Service, a servicespec.Answers) string {
	for _, code := range questions(svc) {
		if svc.Question(code).Kind == servicespec.KindBoundary {
			if area, ok := a[code].(string); ok && area != "" {
				return area
			}
		}
	}
	return ""
}

// corrected returns the answers after a correction: of what was answered before only the questions that were asked
// about change; what a changed answer opens is new and taken as it is.
func corrected(before, sent servicespec.Answers, asked []string) servicespec.Answers {
	out := servicespec.Answers{}
	for code, v := range before {
		if !slices.Contains(asked, code) {
			out[code] = v
		}
	}
	for code, v := range sent {
		if _, answered := before[code]; !answered || slices.Contains(asked, code) {
			out[code] = v
		}
	}
	return out
}
