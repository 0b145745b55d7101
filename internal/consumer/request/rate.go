package request

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Rate keeps how the person found the service once it was decided, also where it was refused or withdrawn: one rating for each request, which
// can be changed until Request.RateUntil. Figures hear of it without the words and without whose it is. Permission: one's own, and who acts for
// the person. Errors: ErrNotFound, ErrRateLate, ErrStars, ErrRemark.
func (s *Service) Rate(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, in Rate) (err error) {
	defer fault.Wrap(&err, "request.Rate(%s)", request)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if r.Timeline, err = s.timeline(ctx, tx, r); err != nil {
		return err
	}
	if !tx.Now.Before(r.RateUntil()) {
		return ErrRateLate
	}
	if in, err = in.tidy(); err != nil {
		return err
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return err
	}
	agency := spec.Pack().Agency
	row, err := db.PutRating(ctx, tx, requestdb.PutRatingParams{
		ID: id.New(), RequestID: r.ID, Service: r.Service, Agency: agency, Stars: int16(in.Stars), Good: in.Good, Bad: in.Bad, Now: tx.Now,
	})
	if err != nil {
		return err
	}
	words := requestdb.SetRatingWordsParams{ID: row.ID}
	if in.Words != "" {
		if words.Words, err = s.deps.Encryption.SealString(ctx, tx, r.Person, ratingPlace(row.ID), in.Words); err != nil {
			return err
		}
	}
	if err := db.SetRatingWords(ctx, tx, words); err != nil {
		return err
	}
	if err := tx.Publish(ctx, exchange.RequestRated{
		ID: row.ID, Service: r.Service, Agency: agency, Stars: in.Stars, Good: in.Good, Bad: in.Bad, RatedAt: row.RatedAt, At: tx.Now,
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request.rate", Object: "request.request", ObjectID: r.ID, Person: person})
}

// Rating returns what the person said of the service. Whether the caller may see the request is decided by who asks for it: r comes from Request.
func (s *Service) Rating(ctx context.Context, tx *pg.Tx, r Request) (rating Rating, err error) {
	defer fault.Wrap(&err, "request.Rating(%s)", r.ID)
	row, err := db.GetRating(ctx, tx, r.ID)
	if pg.NotFound(err) {
		return rating, nil
	}
	if err != nil {
		return rating, err
	}
	rating = Rating{Rate: Rate{Stars: int(row.Stars), Good: row.Good, Bad: row.Bad}, RatedAt: row.RatedAt, ChangedAt: row.ChangedAt}
	if row.Words != nil {
		rating.Words, err = s.deps.Encryption.OpenString(ctx, tx, r.Person, ratingPlace(row.ID), row.Words)
	}
	return rating, err
}

// Remark is what somebody wrote about a service, without who they are and which request it was.
type Remark struct {
	ID              uuid.UUID
	Service, Agency string
	Rate
	At time.Time // last changed
}

// RemarkFilter narrows the remarks: Agency and Service to one ("" for all), Stars to those of so many (0 for all), Since to those who rated then or later.
type RemarkFilter struct {
	Agency, Service string
	Stars           int
	Since           time.Time
}

// Remarks returns what people wrote about the services of agencies that the caller may read them of, newest first. Each reading is on record
// with whose words they were. Permission: request:remarks. Errors: ErrRemarks, page.ErrCursor.
func (s *Service) Remarks(ctx context.Context, tx *pg.Tx, by identity.Principal, f RemarkFilter, p page.Request) (found page.Page[Remark], err error) {
	defer fault.Wrap(&err, "request.Remarks(%s)", f.Agency)
	in, err := remarksIn(by, f.Agency)
	if err != nil {
		return found, err
	}
	if in.Before, err = p.AfterID(); err != nil {
		return found, err
	}
	in.Service, in.Least, in.Most, in.Since, in.Lim = f.Service, 1, 5, f.Since, int32(p.Limit()+1)
	if f.Stars > 0 {
		in.Least, in.Most = int32(f.Stars), int32(f.Stars)
	}
	rows, err := db.ListRemarks(ctx, tx, in)
	if err != nil {
		return found, err
	}
	list := make([]Remark, 0, len(rows))
	for _, row := range rows {
		m := Remark{ID: row.ID, Service: row.Service, Agency: row.Agency, Rate: Rate{Stars: int(row.Stars), Good: row.Good, Bad: row.Bad}, At: row.ChangedAt}
		if m.Words, err = s.deps.Encryption.OpenString(ctx, tx, row.PersonID, ratingPlace(row.ID), row.Words); err != nil {
			return found, err
		}
		list = append(list, m)
	}
	found = page.Of(p, list, func(m Remark) []string { return []string{m.ID.String()} })
	for i := range found.Rows {
		audit.ReadList(ctx, tx, audit.Entry{Action: "request.remarks", Object: "request.rating", Person: rows[i].PersonID}, rows[i].ID)
	}
	return found, nil
}

// remarksIn is whose remarks a person may read; agency "" asks for all there are. A role that is limited to an area opens none, since remarks are
// about an agency's services. Errors: ErrRemarks.
func remarksIn(by identity.Principal, agency string) (in requestdb.ListRemarksParams, err error) {
	everywhere, agencies := by.Reach(ReadRemarks)
	in.Agencies = []string{}
	switch {
	case agency == "":
		in.Everywhere, in.Agencies = everywhere, append(in.Agencies, agencies...)
	case everywhere, slices.Contains(agencies, agency):
		in.Agencies = append(in.Agencies, agency)
	}
	if !in.Everywhere && len(in.Agencies) == 0 {
		return in, ErrRemarks.With("permission", ReadRemarks)
	}
	return in, nil
}

// dropRatings deletes what a person said of services: no law keeps it. The figures that were made of it name nobody.
func (s *Service) dropRatings(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	of, err := db.DeleteRatingsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, request := range of {
		if err := audit.Record(ctx, tx, audit.Entry{Action: "request.rate.drop", Object: "request.request", ObjectID: request, Person: person}); err != nil {
			return err
		}
	}
	return nil
}

func ratingPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "request.rating", Column: "words", Row: row}
}

func (s *Service) sealedRatings(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageRatings(ctx, tx, requestdb.PageRatingsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockRating(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, have.PersonID, ratingPlace(r.ID), have.Words)
			if err != nil {
				return err
			}
			return db.SetRatingWords(ctx, tx, requestdb.SetRatingWordsParams{ID: r.ID, Words: fresh})
		}, r.Head))
	}
	return rows, err
}
