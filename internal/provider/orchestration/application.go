package orchestration

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Application is what an agency was asked for. Previous are the answers before the last correction, nil without one;
// Asked the questions the citizen is to correct now. Demand is uuid.Nil where nothing is to be paid, Receipt the
// number once it is paid. Found and Because are what registers held of the person at receipt, and why things were asked,
// charged and refused then. Case is where it stands.
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

	reader []string // the roles of the member of staff that it was read by
	read   bool
}

// Sees reports whether the member of staff that read the application may see the answer to a question.
func (a Application) Sees(q *servicespec.Question) bool { return !a.read || q.SeenByAny(a.reader) }

// Changed returns the codes of the questions that the reader may see and whose answers the last correction changed, in the
// order of the form.
func (a Application) Changed(svc *servicespec.Service) []string {
	if a.Previous == nil {
		return nil
	}
	var codes []string
	for _, code := range svc.Questions() {
		if a.Sees(svc.Question(code)) && !servicespec.Same(a.Previous[code], a.Answers[code]) {
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
