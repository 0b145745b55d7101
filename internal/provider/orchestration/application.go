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
}

// Changed returns the codes of the questions whose answers the last correction changed, in the order of the form.
func (a Application) Changed(svc *servicespec.Service) []string {
	if a.Previous == nil {
		return nil
	}
	var codes []string
	for _, code := range svc.Questions() {
		if !servicespec.Same(a.Previous[code], a.Answers[code]) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Files returns the documents that answer the questions, in the order of the form.
func (a Application) Files(svc *servicespec.Service) []servicespec.File {
	var files []servicespec.File
	for _, code := range svc.Questions() {
		files = append(files, servicespec.FilesIn(a.Answers[code])...)
	}
	return files
}
