package workbench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

// How far a copy with blackened parts is.
const (
	RedactionMaking    = "making"
	RedactionMade      = "made"
	RedactionFailed    = "failed"
	RedactionWithdrawn = "withdrawn" // others are given the original again
)

// RedactionReasons are why parts of a document are blackened: they tell of other people, of health, faith or origin, of what is secret, or of
// what nobody needs to know for the purpose.
func RedactionReasons() []string { return []string{"others", "sensitive", "secret", "unneeded"} }

// Box is a part of a picture, in thousandths of its width and height, from the top left corner.
type Box struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

func (b Box) ok() bool {
	return b.X >= 0 && b.Y >= 0 && b.W > 0 && b.H > 0 && b.X+b.W <= whole && b.Y+b.H <= whole
}

const (
	whole = 1000
	// MostBoxes is how many parts of a picture can be blackened at once.
	MostBoxes = 50
)

// Redaction is a copy of a picture with parts blackened. Copy is uuid.Nil until it is made.
type Redaction struct {
	ID     uuid.UUID
	File   uuid.UUID // the original
	Copy   uuid.UUID
	Boxes  []Box
	Reason string
	Status string
	By     uuid.UUID
	ByName string
	At     time.Time
}

// Redact asks for a copy. ID is the form's, so that a form that is sent twice makes one.
type Redact struct {
	ID          uuid.UUID
	Application uuid.UUID
	File        uuid.UUID
	Boxes       []Box
	Reason      string
	By          identity.Principal
}

// Redactable reports whether parts of files of a kind can be blackened: pictures, not pages of PDF.
func Redactable(mediaType string) bool { return mediaType == "image/jpeg" || mediaType == "image/png" }

// Redact has a copy of a picture of the case's answers made in which parts are black, by a job; what is under them is not in it any more. From now on
// others are given the copy, and nothing until it is there. Permission: workbench:redact and orchestration:read for the case. Errors:
// ErrForbidden, ErrRedaction with fields, ErrNoFile, orchestration.ErrUnknown, orchestration.ErrForbidden, identity.ErrPolicy.
func (s *Service) Redact(ctx context.Context, tx *pg.Tx, in Redact) (err error) {
	defer fault.Wrap(&err, "workbench.Redact(%s)", in.File)
	app, err := s.redacting(ctx, tx, in.By, in.Application)
	if err != nil {
		return err
	}
	svc, _, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return err
	}
	files := app.Files(svc)
	n := slices.IndexFunc(files, func(f servicespec.File) bool { return f.ID == in.File })
	if n < 0 || !Redactable(files[n].MediaType) {
		return ErrNoFile
	}
	var wrong []fault.Field
	if len(in.Boxes) == 0 || len(in.Boxes) > MostBoxes || slices.ContainsFunc(in.Boxes, func(b Box) bool { return !b.ok() }) {
		wrong = append(wrong, fault.Field{Path: "boxes", Code: "workbench.redaction.boxes", Args: map[string]any{"max": MostBoxes}})
	}
	if !slices.Contains(RedactionReasons(), in.Reason) {
		wrong = append(wrong, fault.Field{Path: "reason", Code: "workbench.redaction.reason"})
	}
	if len(wrong) > 0 {
		return ErrRedaction.WithFields(wrong...)
	}
	boxes, err := json.Marshal(in.Boxes)
	if err != nil {
		return err
	}
	fresh, err := db.InsertRedaction(ctx, tx, workbenchdb.InsertRedactionParams{
		ID: in.ID, ApplicationID: app.ID, FileID: in.File, Boxes: boxes, Reason: in.Reason, MadeBy: in.By.Account, MadeAt: tx.Now,
	})
	if err != nil || fresh == 0 {
		return err
	}
	if err := tx.Enqueue(ctx, RedactArgs{Redaction: in.ID}); err != nil {
		return err
	}
	return s.recordRedaction(ctx, tx, app, "workbench.redact", in.ID, in.File, map[string]any{"reason": in.Reason, "boxes": len(in.Boxes)})
}

// WithdrawRedaction takes a copy out of use: others are given what they were given before it. Permission: as Redact. Errors: ErrNoFile and those of Redact.
func (s *Service) WithdrawRedaction(ctx context.Context, tx *pg.Tx, by identity.Principal, application, redaction uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workbench.WithdrawRedaction(%s)", redaction)
	app, err := s.redacting(ctx, tx, by, application)
	if err != nil {
		return err
	}
	x, err := db.GetRedaction(ctx, tx, redaction)
	if pg.NotFound(err) || err == nil && x.ApplicationID != app.ID {
		return ErrNoFile
	}
	if err != nil {
		return err
	}
	n, err := db.SetRedactionStatus(ctx, tx, workbenchdb.SetRedactionStatusParams{
		ID: redaction, Status: RedactionWithdrawn, Was: []string{RedactionMaking, RedactionMade, RedactionFailed},
	})
	if err != nil || n == 0 {
		return err
	}
	return s.recordRedaction(ctx, tx, app, "workbench.redact.withdraw", redaction, x.FileID, nil)
}

// redacting returns the application if the caller may blacken parts of its documents.
func (s *Service) redacting(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID) (app orchestration.Application, err error) {
	if err := authorise(tx, by); err != nil {
		return app, err
	}
	if app, err = s.deps.Applications.Application(ctx, tx, application, by); err != nil {
		return app, err
	}
	if d := by.Decide(RedactFiles, app.Case.Object(), tx.Now); !d.Allowed {
		return app, by.Refused(d, ErrForbidden.With("permission", RedactFiles))
	}
	return app, nil
}

func (s *Service) recordRedaction(ctx context.Context, tx *pg.Tx, app orchestration.Application, action string, redaction, file uuid.UUID, more map[string]any) error {
	detail := map[string]any{"file": file, "application": app.ID, "agency": app.Agency}
	for k, v := range more {
		detail[k] = v
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "workbench.redaction", ObjectID: redaction, Person: app.Person, Detail: detail})
}

// Redactions returns the copies that were made of a case's documents and are in use, the last first. That the caller may see the application is the
// caller's to know.
func (s *Service) Redactions(ctx context.Context, tx *pg.Tx, app orchestration.Application) (list []Redaction, err error) {
	defer fault.Wrap(&err, "workbench.Redactions(%s)", app.ID)
	rows, err := db.ListRedactions(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	staff := names{people: s.deps.People}
	for _, x := range rows {
		r := Redaction{ID: x.ID, File: x.FileID, Reason: x.Reason, Status: x.Status, By: x.MadeBy, At: x.MadeAt}
		if x.CopyID != nil {
			r.Copy = *x.CopyID
		}
		if err := json.Unmarshal(x.Boxes, &r.Boxes); err != nil {
			return nil, err
		}
		if r.ByName, err = staff.of(ctx, tx, r.By); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// Given returns which file others are given for one that was handed in: the last copy with blackened parts, or the file itself where there is none.
// Permission: none, the caller asks for one. Errors: ErrNotBlackened where a copy is wanted and is not there.
func (s *Service) Given(ctx context.Context, tx *pg.Tx, file uuid.UUID) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "workbench.Given(%s)", file)
	rows, err := db.ListCopies(ctx, tx, []uuid.UUID{file})
	switch {
	case err != nil || len(rows) == 0:
		return file, err
	case rows[0].CopyID == nil:
		return uuid.Nil, ErrNotBlackened
	}
	return *rows[0].CopyID, nil
}

// RedactArgs is the job that makes a copy of a picture with parts blackened.
type RedactArgs struct {
	job.Tenant
	Redaction uuid.UUID `json:"redaction"`
}

// Kind names the job.
func (RedactArgs) Kind() string { return "workbench.redact" }

var errPicture = fmt.Errorf("workbench: no picture that can be read")
