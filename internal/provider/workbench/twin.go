package workbench

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

// leastAlike is the score from which two applications are shown as perhaps the same.
const leastAlike = 40

// Twin is what an officer has said about two applications: that they are the same, or that they are not.
type Twin struct {
	Other          uuid.UUID
	OtherReference string
	Same           bool
	Reason         string
	ByName         string
	At             time.Time
}

// Alike is an application that is perhaps the same as another. Twin is what somebody has said about it, nil for nothing.
type Alike struct {
	Row
	Like orchestration.Likeness
	Twin *Twin
}

// Related is what has to do with a case: other cases of the same person, and applications that are perhaps made twice, the most alike first.
type Related struct {
	Application orchestration.Application
	OfPerson    []Row
	Alike       []Alike
}

// Related looks for what has to do with a case; that others were looked at is on record. Permission: as for Case, for the others
// orchestration:read too: those that the officer may not read are left out. Errors: those of Case.
func (s *Service) Related(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID) (r Related, err error) {
	defer fault.Wrap(&err, "workbench.Related(%s)", application)
	if err := authorise(tx, by); err != nil {
		return r, err
	}
	if r.Application, err = s.deps.Applications.Application(ctx, tx, application, by); err != nil {
		return r, err
	}
	found, err := s.deps.Applications.Related(ctx, tx, by, r.Application)
	if err != nil {
		return r, err
	}
	rows, err := s.rowsOf(ctx, tx, by, append(slices.Clone(found.OfPerson), found.Near...))
	if err != nil {
		return r, err
	}
	for _, id := range found.OfPerson {
		if row, ok := rows[id]; ok {
			r.OfPerson = append(r.OfPerson, row)
		}
	}
	twins, err := s.twins(ctx, tx, r.Application, rows)
	if err != nil {
		return r, err
	}
	r.Alike, err = s.alike(ctx, tx, by, r.Application, found, rows, twins)
	return r, err
}

// rowsOf are cases as they stand in lists, by id.
func (s *Service) rowsOf(ctx context.Context, tx *pg.Tx, by identity.Principal, ids []uuid.UUID) (map[uuid.UUID]Row, error) {
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return nil, err
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	list, err := s.rows(ctx, tx, by, cases, u)
	rows := map[uuid.UUID]Row{}
	for _, r := range list {
		rows[r.ID] = r
	}
	return rows, err
}

// mostCompared is how many applications are compared in full.
const mostCompared = 20

// alike compares an application with others of its service.
func (s *Service) alike(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application, found orchestration.Related, rows map[uuid.UUID]Row, twins []Twin) (list []Alike, err error) {
	svc, _, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return nil, err
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range append(slices.Clone(found.OfPerson), found.Near...) {
		row, ok := rows[id]
		if !ok || seen[id] || row.Service != app.Service || len(seen) >= mostCompared {
			continue
		}
		seen[id] = true
		other, err := s.deps.Applications.Application(ctx, tx, id, by)
		if err != nil {
			return nil, err
		}
		a := Alike{Row: row, Like: app.Like(other, svc)}
		if n := slices.IndexFunc(twins, func(t Twin) bool { return t.Other == id }); n >= 0 {
			a.Twin = &twins[n]
		}
		if a.Like.Score >= leastAlike || a.Twin != nil {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b Alike) int { return b.Like.Score - a.Like.Score })
	return list, nil
}

// Comparison sets two applications of a service side by side.
type Comparison struct {
	First, Second orchestration.Application
	Spec          *servicespec.Service
	Facts         servicespec.Facts
	Like          orchestration.Likeness
	Twin          *Twin
}

// Compare reads two applications of the same service. Permission: workbench:use and orchestration:read for both. Errors: ErrForbidden,
// ErrTwin, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Compare(ctx context.Context, tx *pg.Tx, by identity.Principal, first, second uuid.UUID) (c Comparison, err error) {
	defer fault.Wrap(&err, "workbench.Compare(%s, %s)", first, second)
	if err := authorise(tx, by); err != nil {
		return c, err
	}
	if c.First, err = s.deps.Applications.Application(ctx, tx, first, by); err != nil {
		return c, err
	}
	if c.Second, err = s.deps.Applications.Application(ctx, tx, second, by); err != nil {
		return c, err
	}
	if first == second || c.First.Service != c.Second.Service {
		return c, ErrTwin
	}
	if c.Spec, c.Facts, err = s.deps.Applications.Spec(ctx, tx, c.First); err != nil {
		return c, err
	}
	c.Like = c.First.Like(c.Second, c.Spec)
	twins, err := s.twins(ctx, tx, c.First, map[uuid.UUID]Row{second: {Reference: c.Second.Reference}})
	for _, t := range twins {
		if t.Other == second {
			c.Twin = &t
		}
	}
	return c, err
}

// MarkTwin says that two applications are the same, or that they are not.
type MarkTwin struct {
	By            identity.Principal
	First, Second uuid.UUID
	Same          bool
	Reason        string
}

// MarkTwin keeps what an officer says about two applications; the cases go on as they would, and both show it. Permission: workbench:use and
// orchestration:read for both. Errors: ErrHandover, and those of Compare.
func (s *Service) MarkTwin(ctx context.Context, tx *pg.Tx, in MarkTwin) (err error) {
	defer fault.Wrap(&err, "workbench.MarkTwin(%s, %s)", in.First, in.Second)
	c, err := s.Compare(ctx, tx, in.By, in.First, in.Second)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(reason); n < shortestReason || n > longestReason {
		return ErrHandover.WithFields(fault.Field{Path: "reason", Code: ErrHandover.Code, Args: map[string]any{"min": shortestReason, "max": longestReason}})
	}
	first, second := c.First, c.Second
	if bytes.Compare(first.ID[:], second.ID[:]) > 0 {
		first, second = second, first
	}
	row := workbenchdb.PutTwinParams{ID: id.New(), FirstID: first.ID, SecondID: second.ID, Same: in.Same, ByID: in.By.Account, At: tx.Now}
	if row.Reason, err = s.deps.Sealer.Seal(ctx, tx, first.Person, twinPlace(row.ID), []byte(reason)); err != nil {
		return err
	}
	if err := db.PutTwin(ctx, tx, row); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.twin", Object: orchestration.Subject, ObjectID: first.ID, Person: first.Person,
		Detail: map[string]any{"other": second.ID.String(), "same": in.Same, "agency": first.Agency},
	})
}

// twins are what has been said about an application and those among rows.
func (s *Service) twins(ctx context.Context, tx *pg.Tx, app orchestration.Application, rows map[uuid.UUID]Row) (list []Twin, err error) {
	found, err := db.ListTwins(ctx, tx, app.ID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var firsts, accounts []uuid.UUID
	for _, t := range found {
		firsts, accounts = append(firsts, t.FirstID), append(accounts, t.ByID)
	}
	people, err := s.deps.Applications.People(ctx, tx, firsts...)
	if err != nil {
		return nil, err
	}
	names, err := s.staffNames(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		other := t.FirstID
		if other == app.ID {
			other = t.SecondID
		}
		row, known := rows[other]
		if !known { // one that the reader may not see
			continue
		}
		plain, err := s.deps.Sealer.Open(ctx, tx, people[t.FirstID], twinPlace(t.ID), t.Reason)
		if errors.Is(err, encryption.ErrForgotten) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Twin{Other: other, OtherReference: row.Reference, Same: t.Same, Reason: string(plain), ByName: names[t.ByID], At: t.At})
	}
	return list, nil
}

// sameAs are the applications that somebody has said are the same as this one, as far as the reader may see them.
func (s *Service) sameAs(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application) (list []Twin, err error) {
	found, err := db.ListTwins(ctx, tx, app.ID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var others []uuid.UUID
	for _, t := range found {
		others = append(others, t.FirstID, t.SecondID)
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, others)
	if err != nil {
		return nil, err
	}
	rows := map[uuid.UUID]Row{}
	for _, i := range cases {
		if i.ID != app.ID && i.Reached(by, orchestration.Read, tx.Now) {
			rows[i.ID] = Row{Reference: i.Reference}
		}
	}
	list, err = s.twins(ctx, tx, app, rows)
	return slices.DeleteFunc(list, func(t Twin) bool { return !t.Same }), err
}

func twinPlace(twin uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workbench.twin", Column: "reason", Row: twin}
}
