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
// number once it is paid. Found and Because are what registers held of the person at receipt, and why things were asked,
// charged and refused then. Case is where it stands. Hidden are the questions whose answers are of a special kind and not
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
	Business    bool   // Person is a business
	By          string // name of who applied in the person's name; "" where the person did
	Lang        string
	Answers     servicespec.Answers
	Found       map[servicespec.LookupKey]map[string]any // records that registers held at receipt
	Because     []servicespec.Because                    // decisions of rules at receipt; nil in lists
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
	Findings    workflow.Found // what officers found out; with Case alone
	Hidden      []string
	Revealable  bool

	spec          *servicespec.Service
	whole, before servicespec.Answers // with what the reader may not see
	reader        []string            // the roles of the member of staff that it was read by
	read          bool
}

// paid reports whether nothing is left to pay.
func (a Application) paid() bool { return a.Demand == uuid.Nil || a.Receipt != "" }

// Sees reports whether the member of staff that read the application may see the answer to a question: the service shows it to
// one of their roles, and it is not hidden for being of a special kind.
func (a Application) Sees(q *servicespec.Question) bool {
	return !a.read || q.SeenByAny(a.reader) && !a.hides(q)
}

// hides reports whether a question is hidden, or asked in the rows of a group that is.
func (a Application) hides(q *servicespec.Question) bool {
	for _, code := range a.Hidden {
		hidden := a.spec.Question(code)
		if hidden == q || hidden == nil && code == q.Code {
			return true
		}
		if a.spec.Question(q.Code) == q {
			continue // of the form itself, whatever fields of rows are called
		}
		if slices.ContainsFunc(hidden.Fields, func(f servicespec.Question) bool { return f.Code == q.Code }) {
			return true
		}
	}
	return false
}

// Changed returns the codes of the questions whose answers the last correction changed, in the order of the form: those that the
// reader may see, and those that are hidden from them, without saying how.
func (a Application) Changed(svc *servicespec.Service) []string {
	before := a.Previous
	if a.before != nil {
		before = a.before
	}
	if before == nil {
		return nil
	}
	var codes []string
	for _, code := range svc.Questions() {
		if (a.Sees(svc.Question(code)) || slices.Contains(a.Hidden, code)) && !servicespec.Same(before[code], a.all()[code]) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Files returns the documents that answer the questions that the reader may see, in the order of the form.
func (a Application) Files(svc *servicespec.Service) []servicespec.File {
	var files []servicespec.File
	seen := svc.Seen(a.Answers, a.Sees)
	for _, code := range svc.Questions() {
		files = append(files, servicespec.FilesIn(seen[code])...)
	}
	return files
}
