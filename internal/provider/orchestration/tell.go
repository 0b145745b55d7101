package orchestration

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// tellStaff sends the notices of events that are written for staff: holders of a role, who has the case, who puts cases back in the agency,
// each in the language in which they are spoken to where the service has it.
// Each gets a notice once a moment, however often the events are told. What goes to the citizen, the citizen's side sends.
func (s *Service) tellStaff(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, at workflow.Instance, extra []string, events ...string) error {
	var facts servicespec.Facts
	for _, event := range events {
		if !slices.ContainsFunc(svc.Pack().Notices, func(n servicespec.Notice) bool { return n.On == event }) {
			continue
		}
		if facts.Case == nil {
			var err error
			if facts, err = s.facts(ctx, tx, svc, app, tx.Now); err != nil {
				return err
			}
		}
		for n, notice := range svc.NoticesOn(event, app.Answers, facts) {
			if err := s.tellOne(ctx, tx, app, svc, facts, at, append(slices.Clone(notice.To), extra...), notice, event, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) tellOne(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, f servicespec.Facts, at workflow.Instance, to []string, n servicespec.Notice, event string, no int) error {
	people, err := s.recipients(ctx, tx, at, to)
	if err != nil || len(people) == 0 {
		return err
	}
	link, err := s.deps.People.CaseURL(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	first := svc.Pack().Languages[0]
	for _, account := range people {
		theirs, err := s.deps.People.Language(ctx, tx, account)
		if err != nil {
			return err
		}
		lang := i18n.Match(theirs, svc.Pack().Languages)
		fields := s.fields(app, svc, f, lang, "", n.Subject, n.Text)
		fields["link"] = link
		contacts, err := s.deps.People.Contacts(ctx, tx, account)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if !c.Verified || !slices.Contains(n.Channel, c.Channel) {
				continue
			}
			if _, err := s.deps.Messages.Send(ctx, tx, notification.Message{
				Person: account, Channel: c.Channel, Address: c.Address, Lang: lang, Purpose: "orchestration." + event,
				Subject: strings.Join(strings.Fields(servicespec.Fill(n.Subject.In(lang, first), fields)), " "), Text: servicespec.Fill(n.Text.In(lang, first), fields),
				Once: strings.Join([]string{app.ID.String(), event, account.String(), c.Channel, tx.Now.Format("20060102150405.000000"), string(rune('a' + no))}, ":"), Related: app.ID,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// recipients are the accounts of staff that a notice goes to.
func (s *Service) recipients(ctx context.Context, tx *pg.Tx, at workflow.Instance, to []string) (people []uuid.UUID, err error) {
	areas := append(slices.Clone(at.BoundaryPath), at.Boundary)
	for _, recipient := range to {
		var found []uuid.UUID
		role, isRole := strings.CutPrefix(recipient, "role:")
		switch {
		case isRole:
			found, err = s.deps.People.Holders(ctx, tx, at.Agency, role, areas)
		case recipient == "agency":
			found, err = s.deps.People.HoldersOf(ctx, tx, at.Agency, workflow.Release)
		case recipient == "assignee" && at.Assignee != uuid.Nil:
			found = []uuid.UUID{at.Assignee}
		}
		if err != nil {
			return nil, err
		}
		for _, account := range found {
			if !slices.Contains(people, account) && account != at.Person {
				people = append(people, account)
			}
		}
	}
	return people, nil
}
