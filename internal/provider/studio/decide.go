package studio

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
)

// MayDecide tells whether somebody may approve or refuse a proposal: they hold studio:approve in its agency and did not write it.
// Errors: ErrForbidden, ErrAuthor, identity.ErrPolicy.
func (s *Service) MayDecide(tx *pg.Tx, by identity.Principal, p Proposal) error {
	if err := authorise(tx, by, Approve, p.Agency); err != nil {
		return err
	}
	for _, author := range p.Authors {
		if author == by.Account {
			return ErrAuthor
		}
	}
	d := by.Decide(Approve, identity.Object{Kind: "service", Agency: p.Agency, EnteredBy: p.Authors}, tx.Now)
	if !d.Allowed && tx.Actor.Kind != "system" {
		return by.Refused(d, ErrAuthor)
	}
	return nil
}

// Approve decides that a proposal is published: at once, or on its day. Permission: studio:approve in the agency, and catalog:publish
// for what is published at once; never who wrote it. Errors: ErrNoProposal, ErrForbidden, ErrAuthor, ErrDecided, ErrNotReady where the
// state has changed so that it has errors by now, and those of catalog.Publish.
func (s *Service) Approve(ctx context.Context, tx *pg.Tx, by identity.Principal, proposal uuid.UUID, answer string) (p Proposal, err error) {
	defer fault.Wrap(&err, "studio.Approve(%s)", proposal)
	p, pack, err := s.decidable(ctx, tx, by, proposal)
	if err != nil {
		return p, err
	}
	problems, err := s.Check(ctx, tx, pack)
	if err != nil {
		return p, err
	}
	if len(servicespec.Errors(problems)) > 0 {
		return p, ErrNotReady
	}
	p.DecidedAt, p.DecidedBy, p.Answer = &tx.Now, by.Account, strings.TrimSpace(answer)
	zone, err := s.deps.World.Zone(ctx, tx)
	if err != nil {
		return p, err
	}
	if !p.On.IsZero() && p.On.In(zone).After(tx.Now) {
		p.State = Scheduled
		if err := setProposal(ctx, tx, p); err != nil {
			return p, err
		}
		if err := tx.At(ctx, p.On.In(zone), timerKey(p.ID), PublishArgs{Proposal: p.ID}); err != nil {
			return p, err
		}
		return p, recordProposal(ctx, tx, "studio.approve", p)
	}
	if err := recordProposal(ctx, tx, "studio.approve", p); err != nil {
		return p, err
	}
	return s.publish(ctx, tx, by, p, pack)
}

// Refuse decides that a proposal is not published, and why. Permission: as Approve. Errors: ErrNoProposal, ErrForbidden, ErrAuthor,
// ErrDecided, ErrAnswer.
func (s *Service) Refuse(ctx context.Context, tx *pg.Tx, by identity.Principal, proposal uuid.UUID, answer string) (p Proposal, err error) {
	defer fault.Wrap(&err, "studio.Refuse(%s)", proposal)
	if p, _, err = s.decidable(ctx, tx, by, proposal); err != nil {
		return p, err
	}
	if strings.TrimSpace(answer) == "" {
		return p, ErrAnswer.WithFields(fault.Field{Path: "answer", Code: "studio.answer"})
	}
	p.State, p.DecidedAt, p.DecidedBy, p.Answer = Refused, &tx.Now, by.Account, strings.TrimSpace(answer)
	if err := setProposal(ctx, tx, p); err != nil {
		return p, err
	}
	return p, recordProposal(ctx, tx, "studio.refuse", p)
}

func (s *Service) decidable(ctx context.Context, tx *pg.Tx, by identity.Principal, proposal uuid.UUID) (Proposal, *servicespec.Pack, error) {
	p, pack, err := lockProposal(ctx, tx, proposal)
	if err != nil {
		return p, nil, err
	}
	if err := s.MayDecide(tx, by, p); err != nil {
		return p, nil, err
	}
	if p.State != Waiting {
		return p, nil, ErrDecided.With("state", p.State)
	}
	return p, pack, nil
}

// Withdraw takes a proposal back, also one that is approved and waits for its day. A second time changes nothing.
// Permission: studio:design or studio:approve in the agency. Errors: ErrNoProposal, ErrForbidden, ErrDecided.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, by identity.Principal, proposal uuid.UUID) (err error) {
	defer fault.Wrap(&err, "studio.Withdraw(%s)", proposal)
	p, _, err := lockProposal(ctx, tx, proposal)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Design, p.Agency); err != nil {
		if authorise(tx, by, Approve, p.Agency) != nil {
			return err
		}
	}
	if p.State == Withdrawn {
		return nil
	}
	if !p.Open() {
		return ErrDecided.With("state", p.State)
	}
	p.State = Withdrawn
	if err := setProposal(ctx, tx, p); err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, timerKey(p.ID)); err != nil {
		return err
	}
	return recordProposal(ctx, tx, "studio.withdraw", p)
}

// publish hands a decided pack to the catalogue, and has the draft follow the new version.
func (s *Service) publish(ctx context.Context, tx *pg.Tx, by identity.Principal, p Proposal, pack *servicespec.Pack) (Proposal, error) {
	version, err := s.deps.Catalog.Publish(ctx, tx, by, *pack)
	if err != nil {
		return p, err
	}
	if err := s.list(ctx, tx, pack); err != nil {
		return p, err
	}
	p.State, p.Version = Published, version
	if err := setProposal(ctx, tx, p); err != nil {
		return p, err
	}
	d, found, err := draftOf(ctx, tx, p.Code)
	if err != nil {
		return p, err
	}
	if found {
		if err := setBase(ctx, tx, d.ID, version); err != nil {
			return p, err
		}
	}
	return p, recordProposal(ctx, tx, "studio.publish", p)
}

// list enters a new service in the directory as one that is provided here; who provides one that is there already stays.
func (s *Service) list(ctx context.Context, tx *pg.Tx, pack *servicespec.Pack) error {
	routes, err := s.deps.Directory.Routes(ctx, tx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(routes, func(r exchange.Route) bool { return r.Service == pack.Code }) {
		return nil
	}
	return s.deps.Directory.PutRoute(ctx, tx, exchange.Route{Service: pack.Code, Agency: pack.Agency, Endpoint: exchange.Local})
}

// PublishFile publishes a definition at once, without a second person: the way of administrators. The proposal that records it is
// returned. Permission: studio:publish and catalog:publish in its agency. Errors: ErrForbidden, ErrNotReady,
// ErrWaiting, and those of catalog.Publish.
func (s *Service) PublishFile(ctx context.Context, tx *pg.Tx, by identity.Principal, pack *servicespec.Pack) (p Proposal, err error) {
	defer fault.Wrap(&err, "studio.PublishFile(%s)", pack.Code)
	if err := authorise(tx, by, Publish, pack.Agency); err != nil {
		return p, err
	}
	return s.publishNow(ctx, tx, by, WayFile, pack, "")
}

// Rollback publishes an earlier version of a service anew: it was decided before, so who may approve returns to it alone.
// Permission: studio:approve and catalog:publish in its agency. Errors: ErrForbidden, ErrAnswer without a reason, ErrWaiting,
// catalog.ErrUnknown, and those of catalog.Publish.
func (s *Service) Rollback(ctx context.Context, tx *pg.Tx, by identity.Principal, code string, version int, reason string) (p Proposal, err error) {
	defer fault.Wrap(&err, "studio.Rollback(%s, %d)", code, version)
	live, err := s.deps.Catalog.Entry(ctx, tx, code)
	if err != nil {
		return p, err
	}
	if err := authorise(tx, by, Approve, live.Agency); err != nil {
		return p, err
	}
	if strings.TrimSpace(reason) == "" {
		return p, ErrAnswer.WithFields(fault.Field{Path: "reason", Code: "studio.answer"})
	}
	if version <= 0 || version >= live.Version {
		return p, catalog.ErrUnknown.With("service", code, "version", version)
	}
	pack, err := s.published(ctx, tx, code, version)
	if err != nil {
		return p, err
	}
	return s.publishNow(ctx, tx, by, WayRollback, pack, strings.TrimSpace(reason))
}

func (s *Service) publishNow(ctx context.Context, tx *pg.Tx, by identity.Principal, way string, pack *servicespec.Pack, comment string) (Proposal, error) {
	p := s.proposal(tx, by, way, pack)
	p.Comment = comment
	var err error
	if p.Base, err = s.liveVersion(ctx, tx, pack); err != nil {
		return p, err
	}
	if err := s.putUp(ctx, tx, p, pack); err != nil {
		return p, err
	}
	p.DecidedAt, p.DecidedBy = &tx.Now, by.Account
	return s.publish(ctx, tx, by, p, pack)
}

// ProposalQuery narrows a list of proposals; empty fields do not narrow.
type ProposalQuery struct{ State, Code string }

// Proposals returns the proposals that the caller may look at, newest first. Permission: studio:read. Errors: page.ErrCursor.
func (s *Service) Proposals(ctx context.Context, tx *pg.Tx, by identity.Principal, q ProposalQuery, req page.Request) (out page.Page[Proposal], err error) {
	defer fault.Wrap(&err, "studio.Proposals")
	at, after, err := momentOf(req)
	if err != nil {
		return out, err
	}
	rows, err := listProposals(ctx, tx, s.reach(tx, by), q, at, after, req.Limit()+1)
	if err != nil {
		return out, err
	}
	return page.Of(req, rows, func(p Proposal) []string { return momentKey(p.At, p.ID) }), nil
}

// Proposal returns a proposal and what it would publish; the definition is the caller's own. Permission: studio:read.
// Errors: ErrNoProposal, ErrForbidden.
func (s *Service) Proposal(ctx context.Context, tx *pg.Tx, by identity.Principal, proposal uuid.UUID) (p Proposal, pack *servicespec.Pack, err error) {
	defer fault.Wrap(&err, "studio.Proposal(%s)", proposal)
	if p, pack, err = proposalRow(ctx, tx, proposal); err != nil {
		return p, nil, err
	}
	return p, pack, authorise(tx, by, Read, p.Agency)
}

// Standing returns the proposal of a service that waits, or is scheduled; found is false for none. Permission: studio:read.
// Errors: ErrForbidden.
func (s *Service) Standing(ctx context.Context, tx *pg.Tx, by identity.Principal, code string) (p Proposal, found bool, err error) {
	defer fault.Wrap(&err, "studio.Standing(%s)", code)
	if p, found, err = proposalOpen(ctx, tx, code); err != nil || !found {
		return p, false, err
	}
	return p, true, authorise(tx, by, Read, p.Agency)
}
