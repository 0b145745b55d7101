package orchestration

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "orchestration.application.name, answers, previous, found, because", Owner: encryption.People, Page: s.sealedApplications},
		{Name: "orchestration.decision.reason, because", Owner: encryption.People, Page: s.sealedReasons},
	}
}

func (s *Service) sealedApplications(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageApplications(ctx, tx, orchestrationdb.PageApplicationsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.renew(ctx, tx, r.ID) }, r.Name, r.Answers, r.Previous, r.Found, r.Because))
	}
	return rows, err
}

// renew seals an application again. Answers from before a correction are bound to the column of the answers, as openAnswers says.
func (s *Service) renew(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
	have, err := db.LockSealed(ctx, tx, id)
	if err != nil {
		return err
	}
	p := orchestrationdb.SetSealedParams{ID: id}
	for _, part := range []struct {
		place  encryption.Place
		sealed []byte
		into   *[]byte
	}{
		{column("name", id), have.Name, &p.Name},
		{column("answers", id), have.Answers, &p.Answers},
		{column("answers", id), have.Previous, &p.Previous},
		{column("found", id), have.Found, &p.Found},
		{column("because", id), have.Because, &p.Because},
	} {
		if *part.into, err = s.deps.Sealer.Reseal(ctx, tx, have.PersonID, part.place, part.sealed); err != nil {
			return err
		}
	}
	return db.SetSealed(ctx, tx, p)
}

func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageReasons(ctx, tx, orchestrationdb.PageReasonsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ApplicationID, func(ctx context.Context, tx *pg.Tx) error {
			d, err := db.LockReason(ctx, tx, r.ApplicationID)
			if err != nil {
				return err
			}
			p := orchestrationdb.SetReasonParams{ApplicationID: r.ApplicationID}
			if p.Reason, err = s.deps.Sealer.Reseal(ctx, tx, d.PersonID, reasonPlace(r.ApplicationID), d.Reason); err != nil {
				return err
			}
			if p.Because, err = s.deps.Sealer.Reseal(ctx, tx, d.PersonID, becausePlace(r.ApplicationID), d.Because); err != nil {
				return err
			}
			return db.SetReason(ctx, tx, p)
		}, r.Reason, r.Because))
	}
	return rows, err
}

// People returns whose applications are, for modules that keep things about applications sealed for the person. It asks for
// no permission and shows nothing of an application.
func (s *Service) People(ctx context.Context, tx *pg.Tx, applications ...uuid.UUID) (map[uuid.UUID]uuid.UUID, error) {
	rows, err := db.ListPeople(ctx, tx, applications)
	people := make(map[uuid.UUID]uuid.UUID, len(rows))
	for _, r := range rows {
		people[r.ID] = r.PersonID
	}
	return people, err
}
