package orchestration

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "orchestration.application.name, sent_by, answers, previous, found, because", Owner: encryption.People, Page: s.sealedApplications},
		{Name: "orchestration.decision.reason, because", Owner: encryption.People, Page: s.sealedReasons},
		{Name: "orchestration.version.answers", Owner: encryption.People, Page: s.sealedVersions},
		{Name: "orchestration.message.words, files", Owner: encryption.People, Page: s.sealedMessages},
		{Name: "orchestration.letter.words", Owner: encryption.People, Page: s.sealedLetters},
		{Name: "orchestration.opinion.words, files", Owner: encryption.People, Page: s.sealedOpinions},
		{Name: "orchestration.consultation.shown, words, files", Owner: encryption.People, Page: s.sealedConsultations},
		{Name: "orchestration.name_token.token", Owner: encryption.Indexed, Fields: []string{nameField}, Page: s.indexedNames},
	}
}

func (s *Service) sealedApplications(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageApplications(ctx, tx, orchestrationdb.PageApplicationsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.renew(ctx, tx, r.ID) }, r.Name, r.SentBy, r.Answers, r.Previous, r.Found, r.Because))
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
		{column("sent_by", id), have.SentBy, &p.SentBy},
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

// numbered is the key of a row that is one of several of an application.
type numbered struct {
	application uuid.UUID
	no          int32
}

func (k numbered) String() string { return fmt.Sprintf("%s/%d", k.application, k.no) }

// parseNumbered reads what String wrote; "" is the row before all.
func parseNumbered(key string) (k numbered) {
	if len(key) > 37 {
		k.application, _ = uuid.Parse(key[:36])
		_, _ = fmt.Sscan(key[37:], &k.no)
	}
	return k
}

func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseNumbered(of.After)
	found, err := db.PageReasons(ctx, tx, orchestrationdb.PageReasonsParams{Person: of.Person, Application: after.application, Round: after.no, Size: of.Limit})
	for _, r := range found {
		k := numbered{r.ApplicationID, r.Round}
		rows = append(rows, encryption.Row{Key: k.String(), Heads: [][]byte{r.Reason, r.Because}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			d, err := db.LockReason(ctx, tx, orchestrationdb.LockReasonParams{ApplicationID: k.application, Round: k.no})
			if err != nil {
				return err
			}
			p := orchestrationdb.SetReasonParams{ApplicationID: k.application, Round: k.no}
			if p.Reason, err = s.deps.Sealer.Reseal(ctx, tx, d.PersonID, reasonPlace(k.application), d.Reason); err != nil {
				return err
			}
			if p.Because, err = s.deps.Sealer.Reseal(ctx, tx, d.PersonID, becausePlace(k.application), d.Because); err != nil {
				return err
			}
			return db.SetReason(ctx, tx, p)
		}})
	}
	return rows, err
}

// sealedVersions pages answers from before corrections; they are bound to the column of the answers, as openAnswers says.
func (s *Service) sealedVersions(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseNumbered(of.After)
	found, err := db.PageVersions(ctx, tx, orchestrationdb.PageVersionsParams{Person: of.Person, Application: after.application, No: after.no, Size: of.Limit})
	for _, r := range found {
		k := numbered{r.ApplicationID, r.No}
		rows = append(rows, encryption.Row{Key: k.String(), Heads: [][]byte{r.Answers}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			v, err := db.LockVersion(ctx, tx, orchestrationdb.LockVersionParams{ApplicationID: k.application, No: k.no})
			if err != nil {
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, v.PersonID, column("answers", k.application), v.Answers)
			if err != nil {
				return err
			}
			return db.SetVersion(ctx, tx, orchestrationdb.SetVersionParams{ApplicationID: k.application, No: k.no, Answers: fresh})
		}})
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
