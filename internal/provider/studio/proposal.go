package studio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
)

// The states of a proposal.
const (
	Waiting   = "waiting"   // for a second person
	Withdrawn = "withdrawn" // by whoever may design
	Refused   = "refused"
	Scheduled = "scheduled" // approved; published on its day
	Published = "published"
	Failed    = "failed" // approved, but on its day it could not be published any more
)

// The ways to a publication.
const (
	WayDraft    = "draft"
	WayFile     = "file"     // an administrator's shortcut, without a second person
	WayRollback = "rollback" // an earlier version, which was decided before
)

// Proposal is a version put up for publication. Base is the version that was live then, Authors are who wrote it. Answer is what the
// second person said, or why it failed. On is the day on which it is to be published, zero for at once; Version what it became.
type Proposal struct {
	ID           uuid.UUID
	Draft        uuid.UUID // uuid.Nil for none
	Revision     int
	Way          string
	Code, Agency string
	Name         i18n.Text
	Hash         string
	Base         int
	Authors      []uuid.UUID
	State        string
	Comment      string
	At           time.Time
	By           uuid.UUID
	DecidedAt    *time.Time
	DecidedBy    uuid.UUID
	Answer       string
	On           civil.Date
	Version      int
}

// Open reports whether something is still to happen to the proposal.
func (p Proposal) Open() bool { return p.State == Waiting || p.State == Scheduled }

// Readiness is what stands between a definition and its publication.
type Readiness struct {
	Problems  []servicespec.Problem // without those of texts that are not translated
	Gaps      map[string]int        // texts not translated, by language
	Texts     int
	Scenarios []servicespec.Played
	Changes   []servicespec.Change // to the live version; everything is new where there is none
	Live      int                  // the live version, 0 for none
}

// Ready reports whether the definition may be proposed.
func (r Readiness) Ready() bool {
	return len(servicespec.Errors(r.Problems)) == 0 && len(r.Gaps) == 0 && (r.Live == 0 || len(r.Changes) > 0) &&
		!slices.ContainsFunc(r.Scenarios, func(p servicespec.Played) bool { return !p.OK() })
}

// translation are the codes of problems that say that a text is not translated.
var translation = []string{"translation_missing", "translations_missing"}

// Readiness looks at a definition as the publication would: everything that is wrong, what is not translated, how its scenarios come
// out, and what it says otherwise than the live version.
func (s *Service) Readiness(ctx context.Context, tx *pg.Tx, p *servicespec.Pack) (r Readiness, err error) {
	defer fault.Wrap(&err, "studio.Readiness(%s)", p.Code)
	problems, err := s.Check(ctx, tx, p)
	if err != nil {
		return r, err
	}
	for _, pr := range problems {
		if !slices.Contains(translation, pr.Code) {
			r.Problems = append(r.Problems, pr)
		}
	}
	r.Gaps, r.Texts = servicespec.Gaps(p)
	if svc, err := servicespec.Compile(p); err == nil {
		for i := range p.Scenarios {
			r.Scenarios = append(r.Scenarios, svc.RunScenario(&p.Scenarios[i]))
		}
	}
	live, err := s.deps.Catalog.Entry(ctx, tx, p.Code)
	if errors.Is(err, catalog.ErrUnknown) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Live = live.Version
	before, err := s.published(ctx, tx, p.Code, live.Version)
	if err != nil {
		return r, err
	}
	r.Changes = Changes(before, p)
	return r, nil
}

// Changes is servicespec.Diff without the number of the version, which the catalogue gives.
func Changes(before, after *servicespec.Pack) []servicespec.Change {
	return slices.DeleteFunc(servicespec.Diff(before, after), func(c servicespec.Change) bool { return slices.Equal(c.Path, []string{"version"}) })
}

// Propose puts a draft up for publication as it is at rev. on is the day to publish it, zero for as soon as it is approved.
// Permission: studio:design. Errors: ErrUnknown, ErrForbidden, ErrStale, ErrNotReady, ErrUnchanged, ErrWaiting, ErrDay.
func (s *Service) Propose(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, rev int, on civil.Date, comment string) (p Proposal, err error) {
	defer fault.Wrap(&err, "studio.Propose(%s)", draft)
	d, err := s.lock(ctx, tx, by, draft)
	if err != nil {
		return p, err
	}
	if rev != d.Head {
		return p, ErrStale.With("stale", Stale{Head: d.Head, By: []uuid.UUID{d.ChangedBy}})
	}
	if err := s.checkDay(ctx, tx, on); err != nil {
		return p, err
	}
	pack, err := revisionPack(ctx, tx, d.ID, d.Head)
	if err != nil {
		return p, err
	}
	ready, err := s.Readiness(ctx, tx, pack)
	if err != nil {
		return p, err
	}
	if ready.Live > 0 && len(ready.Changes) == 0 {
		return p, ErrUnchanged.With("version", ready.Live)
	}
	if !ready.Ready() {
		return p, ErrNotReady
	}
	since, err := lastPublished(ctx, tx, d.ID)
	if err != nil {
		return p, err
	}
	p = s.proposal(tx, by, WayDraft, pack)
	p.Draft, p.Revision, p.Base, p.On, p.Comment = d.ID, d.Head, ready.Live, on, strings.TrimSpace(comment)
	if p.Authors, err = authors(ctx, tx, d.ID, since, d.Last); err != nil {
		return p, err
	}
	if !slices.Contains(p.Authors, by.Account) {
		p.Authors = append(p.Authors, by.Account)
	}
	return p, s.putUp(ctx, tx, p, pack)
}

func (s *Service) proposal(tx *pg.Tx, by identity.Principal, way string, pack *servicespec.Pack) Proposal {
	return Proposal{
		ID: id.New(), Way: way, Code: pack.Code, Agency: pack.Agency, Name: pack.Name, Hash: servicespec.Hash(pack), State: Waiting, At: tx.Now, By: by.Account,
		Authors: []uuid.UUID{by.Account},
	}
}

// putUp stores a proposal, where none waits.
func (s *Service) putUp(ctx context.Context, tx *pg.Tx, p Proposal, pack *servicespec.Pack) error {
	if other, found, err := proposalOpen(ctx, tx, p.Code); err != nil || found {
		if found {
			return ErrWaiting.With("proposal", other.ID.String())
		}
		return err
	}
	if err := insertProposal(ctx, tx, p, pack); err != nil {
		return err
	}
	return recordProposal(ctx, tx, "studio.propose", p)
}

// checkDay refuses a day that has passed.
func (s *Service) checkDay(ctx context.Context, tx *pg.Tx, on civil.Date) error {
	zone, err := s.deps.World.Zone(ctx, tx)
	if err != nil || on.IsZero() {
		return err
	}
	if on.Before(civil.Of(tx.Now.In(zone))) {
		return ErrDay
	}
	return nil
}

func recordProposal(ctx context.Context, tx *pg.Tx, action string, p Proposal) error {
	detail := map[string]any{"service": p.Code, "agency": p.Agency, "hash": p.Hash, "way": p.Way}
	if p.Draft != uuid.Nil {
		detail["draft"], detail["revision"] = p.Draft.String(), p.Revision
	}
	if p.Version > 0 {
		detail["version"] = p.Version
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "studio.proposal", ObjectID: p.ID, Detail: detail})
}
