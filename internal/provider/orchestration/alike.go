package orchestration

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// The bounds of looking for applications that are perhaps made twice.
const (
	mostRelated = 50
	mostNear    = 15
	nearFor     = 60 * 24 * time.Hour
)

// Related are other applications that have to do with one: of the same person, and of the same service from the same place at about the same
// time. Only those that the reader may read are among them, the newest first.
type Related struct {
	OfPerson []uuid.UUID
	Near     []uuid.UUID
}

// Related returns what has to do with an application that the caller has read. Permission: orchestration:read, case by case.
func (s *Service) Related(ctx context.Context, tx *pg.Tx, by identity.Principal, app Application) (r Related, err error) {
	defer fault.Wrap(&err, "orchestration.Related(%s)", app.ID)
	if r.OfPerson, err = db.ListOfPeople(ctx, tx, orchestrationdb.ListOfPeopleParams{People: []uuid.UUID{app.Person}, Size: mostRelated}); err != nil {
		return r, err
	}
	if app.Boundary != "" {
		if r.Near, err = db.ListNear(ctx, tx, orchestrationdb.ListNearParams{
			Service: app.Service, Boundary: app.Boundary, Since: app.ReceivedAt.Add(-nearFor), Until: app.ReceivedAt.Add(nearFor), ID: app.ID, Size: mostNear,
		}); err != nil {
			return r, err
		}
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, append(slices.Clone(r.OfPerson), r.Near...))
	readable := map[uuid.UUID]bool{}
	for _, i := range cases {
		readable[i.ID] = i.ID != app.ID && i.Reached(by, Read, tx.Now)
	}
	hidden := func(id uuid.UUID) bool { return !readable[id] }
	r.OfPerson, r.Near = slices.DeleteFunc(r.OfPerson, hidden), slices.DeleteFunc(r.Near, hidden)
	return r, err
}

// Likeness is how alike two applications are, from 0 to 100, and by what.
type Likeness struct {
	Score                       int
	Person, Name, Place, Answer bool // the same person; the names share words; the same place; most answers are the same
	Days                        int  // between them
}

// The weights of a likeness.
const (
	weighsPerson = 40
	weighsName   = 25 // instead of the person
	weighsPlace  = 15
	weighsAnswer = 35
	weighsDays   = 10 // on the same day, less each day
)

// Like compares two applications of a service by what the reader may see of both.
func (a Application) Like(b Application, svc *servicespec.Service) (l Likeness) {
	l.Person, l.Place = a.Person == b.Person, a.Boundary != "" && a.Boundary == b.Boundary
	l.Name = shared(blind.Words(a.Name), blind.Words(b.Name)) >= 2
	same, asked := 0, 0
	for _, code := range svc.Questions() {
		mine, is := a.Answers[code]
		theirs, was := b.Answers[code]
		if is || was {
			asked++
			if is && was && servicespec.Same(mine, theirs) {
				same++
			}
		}
	}
	between := a.ReceivedAt.Sub(b.ReceivedAt).Abs()
	l.Days, l.Answer = int(between.Hours()/24), asked > 0 && same*2 > asked
	switch {
	case l.Person:
		l.Score += weighsPerson
	case l.Name:
		l.Score += weighsName
	}
	if l.Place {
		l.Score += weighsPlace
	}
	if asked > 0 {
		l.Score += weighsAnswer * same / asked
	}
	l.Score += max(0, weighsDays-l.Days)
	return l
}

func shared(a, b []string) (n int) {
	for _, w := range a {
		if slices.Contains(b, w) {
			n++
		}
	}
	return n
}
