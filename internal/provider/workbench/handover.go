package workbench

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
	"digit/internal/provider/workflow"
)

// The bounds of the reason of a hand-over, in characters.
const (
	shortestReason = 5
	longestReason  = 500
)

// Handover is a case that was given to somebody or taken over. From is uuid.Nil where nobody had it.
type Handover struct {
	From, To, By             uuid.UUID
	FromName, ToName, ByName string
	Branch                   string
	Reason                   string
	At                       time.Time
}

// GiveCase gives a case, or the branch of it that is named, to a colleague; with To uuid.Nil the officer takes it over from whoever has it,
// which needs a reason.
type GiveCase struct {
	By          identity.Principal
	Application uuid.UUID
	Branch      string
	To          uuid.UUID
	Reason      string
	Rev         int64
}

// Give gives a case to a colleague, or takes it over. Permission: workbench:use; workflow:release to give it to others, a role in its state to
// take it over. Errors: ErrForbidden, ErrHandover, and those of workflow.Assign and workflow.TakeOver.
func (s *Service) Give(ctx context.Context, tx *pg.Tx, in GiveCase) (i workflow.Instance, err error) {
	defer fault.Wrap(&err, "workbench.Give(%s)", in.Application)
	if err := authorise(tx, in.By); err != nil {
		return i, err
	}
	reason := strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(reason); in.To == uuid.Nil && n < shortestReason || n > longestReason {
		return i, ErrHandover.WithFields(fault.Field{Path: "reason", Code: ErrHandover.Code, Args: map[string]any{"min": shortestReason, "max": longestReason}})
	}
	i, _, err = s.give(ctx, tx, in, reason)
	return i, err
}

// give hands over and keeps it on record; from is who had the case.
func (s *Service) give(ctx context.Context, tx *pg.Tx, in GiveCase, reason string) (i workflow.Instance, from uuid.UUID, err error) {
	to, hand := in.To, s.deps.Workflow.Assign
	if to == uuid.Nil {
		to, hand = in.By.Account, s.deps.Workflow.TakeOver
	}
	i, from, err = hand(ctx, tx, workflow.Handover{Instance: in.Application, Branch: in.Branch, By: in.By, To: in.To, Rev: in.Rev})
	if err != nil || from == to {
		return i, from, err
	}
	row := workbenchdb.InsertHandoverParams{
		ID: id.New(), ApplicationID: in.Application, Branch: in.Branch, ToID: to, ByID: in.By.Account, At: tx.Now,
	}
	if from != uuid.Nil {
		row.FromID = &from
	}
	if reason != "" {
		if row.Reason, err = s.deps.Sealer.Seal(ctx, tx, i.Person, handoverPlace(row.ID), []byte(reason)); err != nil {
			return i, from, err
		}
	}
	return i, from, db.InsertHandover(ctx, tx, row)
}

func handoverPlace(handover uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workbench.handover", Column: "reason", Row: handover}
}

// handovers of a case, the first first.
func (s *Service) handovers(ctx context.Context, tx *pg.Tx, app orchestration.Application) ([]Handover, error) {
	rows, err := db.ListHandovers(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	var accounts []uuid.UUID
	for _, r := range rows {
		accounts = append(accounts, r.ToID, r.ByID)
		if r.FromID != nil {
			accounts = append(accounts, *r.FromID)
		}
	}
	names, err := s.staffNames(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	var list []Handover
	for _, r := range rows {
		h := Handover{To: r.ToID, By: r.ByID, ToName: names[r.ToID], ByName: names[r.ByID], Branch: r.Branch, At: r.At}
		if r.FromID != nil {
			h.From, h.FromName = *r.FromID, names[*r.FromID]
		}
		if r.Reason != nil {
			plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, handoverPlace(r.ID), r.Reason)
			if err != nil {
				return nil, err
			}
			h.Reason = string(plain)
		}
		list = append(list, h)
	}
	return list, nil
}

// Colleague is somebody who can be given a case.
type Colleague struct {
	ID   uuid.UUID
	Name string
}

// colleagues are those who can be given a place of a case, save for who has it, by name.
func (s *Service) colleagues(ctx context.Context, tx *pg.Tx, at workflow.Instance) ([]Colleague, error) {
	able, err := s.deps.Workflow.Able(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	return s.named(ctx, tx, able, at.Assignee)
}
