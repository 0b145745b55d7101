package encryption

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Errors of dual control.
var (
	// ErrNoProposal says that there is no such proposal.
	ErrNoProposal = fault.NotFound("encryption.no_proposal")
	// ErrProposed says that the same was proposed before and is not decided yet.
	ErrProposed = fault.Conflict("encryption.proposed")
	// ErrDecided says that a proposal was decided, withdrawn or not decided in time.
	ErrDecided = fault.Conflict("encryption.decided")
	// ErrSelf says that nobody approves what they proposed.
	ErrSelf = fault.Forbidden("encryption.self")
	// ErrReason says that a reason is needed, of at most a thousand characters.
	ErrReason = fault.Invalid("encryption.reason")
	// ErrInUse says that what the key signed or sealed is still in force.
	ErrInUse = fault.Conflict("encryption.in_use")
)

// Act is what a proposal would destroy.
type Act string

// The acts.
const (
	DestroySigning     Act = "signing_key"     // a signing key that nothing in force needs any more
	DestroyCompromised Act = "compromised_key" // a signing key that fell into wrong hands, whatever it signed
	DestroyPerson      Act = "person_key"      // a person's key, and with it the person's data
	DestroyTenantKey   Act = "tenant_key"      // a retired key that sealed for other systems or made authentication codes
)

// ProposalState is what became of a proposal.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen      ProposalState = "open"
	ProposalApproved  ProposalState = "approved"
	ProposalRefused   ProposalState = "refused"
	ProposalWithdrawn ProposalState = "withdrawn"
	ProposalExpired   ProposalState = "expired"
)

// proposalTime is how long a proposal waits for somebody to decide.
const proposalTime = 72 * time.Hour

const reasonMax = 1000 // characters

// Proposal is a destruction that one administrator proposed and another decides about. Times are the machine's.
type Proposal struct {
	ID         uuid.UUID
	Act        Act
	Target     string // key id of a signing key, id of a person, or purpose and key id of a tenant's key: "api/1a2b3c4d"
	Reason     string
	State      ProposalState
	ProposedBy uuid.UUID
	ProposedAt time.Time
	ExpiresAt  time.Time
	DecidedBy  uuid.UUID // uuid.Nil for nobody
	DecidedAt  *time.Time
}

// Propose asks for a key to be destroyed, which somebody else has to approve. What could not be destroyed anyway is refused
// at once. Permission: encryption:manage, which the page asks for; only staff may.
// Errors: ErrForbidden, ErrReason, ErrNoKey, ErrState, ErrInUse, ErrProposed.
func (s *Service) Propose(ctx context.Context, tx *pg.Tx, act Act, target, reason string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "encryption.Propose(%s, %s)", act, target)
	if tx.Actor.Kind != "staff" || tx.Actor.ID == uuid.Nil {
		return uuid.Nil, ErrForbidden
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > reasonMax {
		return uuid.Nil, ErrReason.WithFields(fault.Field{Path: "reason", Code: ErrReason.Code})
	}
	if err := s.mayDestroy(ctx, tx, act, target); err != nil {
		return uuid.Nil, err
	}
	proposal := id.New()
	sealed, err := s.SealString(ctx, tx, uuid.Nil, reasonPlace(proposal), reason)
	if err != nil {
		return uuid.Nil, err
	}
	err = db.InsertProposal(ctx, tx, encryptiondb.InsertProposalParams{
		ID: proposal, Act: string(act), Target: target, Reason: sealed, ProposedBy: tx.Actor.ID, ProposedAt: tx.Wall, ExpiresAt: tx.Wall.Add(proposalTime),
	})
	if pg.Constraint(err) == "proposal_open_key" {
		return uuid.Nil, ErrProposed.Because(err)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return proposal, recordProposal(ctx, tx, "propose", proposal, act, target)
}

// mayDestroy refuses what must not be destroyed now.
func (s *Service) mayDestroy(ctx context.Context, tx *pg.Tx, act Act, target string) error {
	switch act {
	case DestroySigning, DestroyCompromised:
		k, err := s.SigningKey(ctx, tx, target)
		if err != nil {
			return err
		}
		if k.State == KeyDestroyed || act == DestroySigning && k.State != KeyRetired {
			return ErrState
		}
		if act == DestroyCompromised {
			return nil
		}
		living, err := s.Living(ctx, tx, k)
		if err == nil && living.Count > 0 {
			err = ErrInUse.With("n", living.Count)
		}
		return err
	case DestroyPerson:
		person, err := uuid.Parse(target)
		if err != nil {
			return ErrNoKey
		}
		k, err := s.PersonKey(ctx, tx, person)
		if err == nil && k.ForgottenAt != nil {
			err = ErrState
		}
		return err
	case DestroyTenantKey:
		_, _, err := s.retiredKey(ctx, tx, target)
		return err
	}
	return ErrNoKey
}

// Decide approves a proposal, and with it does what it proposes, or refuses it. Nobody decides about their own, which they
// can withdraw. Permission: as for Propose.
// Errors: ErrForbidden, ErrNoProposal, ErrDecided, ErrSelf, and those of Propose where things changed since.
func (s *Service) Decide(ctx context.Context, tx *pg.Tx, proposal uuid.UUID, approve bool) (err error) {
	defer fault.Wrap(&err, "encryption.Decide(%s)", proposal)
	p, err := openProposal(ctx, tx, proposal)
	if err != nil {
		return err
	}
	if p.ProposedBy == tx.Actor.ID {
		return ErrSelf
	}
	if !approve {
		return decide(ctx, tx, p, ProposalRefused, "refuse")
	}
	if err := s.mayDestroy(ctx, tx, Act(p.Act), p.Target); err != nil {
		return err
	}
	if err := decide(ctx, tx, p, ProposalApproved, "approve"); err != nil {
		return err
	}
	switch Act(p.Act) {
	case DestroySigning, DestroyCompromised:
		return s.destroySigning(ctx, tx, p.Target)
	case DestroyTenantKey:
		return s.destroyTenantKey(ctx, tx, p.Target)
	}
	person, err := uuid.Parse(p.Target)
	if err != nil {
		return err
	}
	return s.Forget(ctx, tx, person)
}

// Withdraw takes one's own proposal back. Permission: as for Propose. Errors: ErrForbidden, ErrNoProposal, ErrDecided.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (err error) {
	defer fault.Wrap(&err, "encryption.Withdraw(%s)", proposal)
	p, err := openProposal(ctx, tx, proposal)
	if err != nil {
		return err
	}
	if p.ProposedBy != tx.Actor.ID {
		return ErrForbidden
	}
	return decide(ctx, tx, p, ProposalWithdrawn, "withdraw")
}

// openProposal locks a proposal that can still be decided by the actor.
func openProposal(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (encryptiondb.LockProposalRow, error) {
	if tx.Actor.Kind != "staff" || tx.Actor.ID == uuid.Nil {
		return encryptiondb.LockProposalRow{}, ErrForbidden
	}
	p, err := db.LockProposal(ctx, tx, proposal)
	if pg.NotFound(err) {
		return p, ErrNoProposal
	}
	if err == nil && (ProposalState(p.State) != ProposalOpen || !tx.Wall.Before(p.ExpiresAt)) {
		err = ErrDecided
	}
	return p, err
}

func decide(ctx context.Context, tx *pg.Tx, p encryptiondb.LockProposalRow, to ProposalState, step string) error {
	if err := db.DecideProposal(ctx, tx, encryptiondb.DecideProposalParams{
		ID: p.ID, State: string(to), DecidedBy: &tx.Actor.ID, DecidedAt: &tx.Wall,
	}); err != nil {
		return err
	}
	return recordProposal(ctx, tx, step, p.ID, Act(p.Act), p.Target)
}

func recordProposal(ctx context.Context, tx *pg.Tx, step string, proposal uuid.UUID, act Act, target string) error {
	e := audit.Entry{Action: "encryption.proposal." + step, Object: "encryption.proposal", ObjectID: proposal, Detail: map[string]any{"act": act, "target": target}}
	if act == DestroyPerson {
		e.Person, _ = uuid.Parse(target) // it was read before
	}
	return audit.Record(ctx, tx, e)
}

// Proposals lists proposals, the newest first; State "" does not narrow. Permission: as for Propose, or encryption:read.
func (s *Service) Proposals(ctx context.Context, tx *pg.Tx, state ProposalState, r page.Request) (_ page.Page[Proposal], err error) {
	defer fault.Wrap(&err, "encryption.Proposals")
	before, err := r.AfterID()
	if err != nil {
		return page.Page[Proposal]{}, err
	}
	rows, err := db.ListProposals(ctx, tx, encryptiondb.ListProposalsParams{State: string(state), Before: orNil(before), Size: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[Proposal]{}, err
	}
	list := make([]Proposal, 0, len(rows))
	for _, row := range rows {
		p, err := s.toProposal(ctx, tx, encryptiondb.GetProposalRow(row))
		if err != nil {
			return page.Page[Proposal]{}, err
		}
		list = append(list, p)
	}
	return page.Of(r, list, func(p Proposal) []string { return []string{p.ID.String()} }), nil
}

// Proposal returns one proposal. Permission: as for Proposals. Errors: ErrNoProposal.
func (s *Service) Proposal(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (_ Proposal, err error) {
	defer fault.Wrap(&err, "encryption.Proposal(%s)", proposal)
	row, err := db.GetProposal(ctx, tx, proposal)
	if pg.NotFound(err) {
		return Proposal{}, ErrNoProposal
	}
	if err != nil {
		return Proposal{}, err
	}
	return s.toProposal(ctx, tx, row)
}

func (s *Service) toProposal(ctx context.Context, tx *pg.Tx, r encryptiondb.GetProposalRow) (Proposal, error) {
	p := Proposal{
		ID: r.ID, Act: Act(r.Act), Target: r.Target, State: ProposalState(r.State), ProposedBy: r.ProposedBy, ProposedAt: r.ProposedAt,
		ExpiresAt: r.ExpiresAt, DecidedBy: orZero(r.DecidedBy), DecidedAt: r.DecidedAt,
	}
	if p.State == ProposalOpen && !tx.Wall.Before(p.ExpiresAt) {
		p.State = ProposalExpired
	}
	var err error
	p.Reason, err = s.OpenString(ctx, tx, uuid.Nil, reasonPlace(r.ID), r.Reason)
	return p, err
}

func reasonPlace(proposal uuid.UUID) Place {
	return Place{Table: "encryption.proposal", Column: "reason", Row: proposal}
}

func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of Span) ([]Row, error) {
	found, err := db.PageProposals(ctx, tx, encryptiondb.PageProposalsParams{After: of.AfterID(), Size: of.Limit})
	rows := make([]Row, 0, len(found))
	for _, r := range found {
		rows = append(rows, Row{Key: r.ID.String(), Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			p, err := db.LockProposal(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.Reseal(ctx, tx, uuid.Nil, reasonPlace(p.ID), p.Reason)
			if err != nil {
				return err
			}
			return db.SetProposalReason(ctx, tx, encryptiondb.SetProposalReasonParams{ID: p.ID, Reason: fresh})
		}})
	}
	return rows, err
}

// retiredKey reads which key of the tenant a proposal names: one that is used no more, of a purpose whose keys are not
// destroyed by themselves. Errors: ErrNoKey, ErrState.
func (s *Service) retiredKey(ctx context.Context, tx *pg.Tx, target string) (Purpose, uint32, error) {
	purpose, name, _ := strings.Cut(target, "/")
	p := Purpose(purpose)
	key, err := parseKey(name)
	if err != nil || !p.Lasting() {
		return p, 0, ErrNoKey
	}
	versions, err := s.versions(ctx, tx)
	if err != nil {
		return p, 0, err
	}
	for _, v := range versions[p] {
		if v.Key == name {
			if v.State != versionRetired {
				return p, 0, ErrState
			}
			return p, key, nil
		}
	}
	return p, 0, ErrNoKey
}

// destroyTenantKey takes a retired key out of its keyset: what it sealed is unreadable from then on, what it made is not
// believed any more.
func (s *Service) destroyTenantKey(ctx context.Context, tx *pg.Tx, target string) error {
	purpose, key, err := s.retiredKey(ctx, tx, target)
	if err != nil {
		return err
	}
	if err := s.edit(ctx, tx, Rotation{Purpose: purpose}, func(m *keyset.Manager) error { return m.Delete(key) }); err != nil {
		return err
	}
	if err := setKeyVersion(ctx, tx, string(purpose), key, versionDestroyed); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "encryption.tenant_key.destroy", Object: "encryption.tenant_key", Detail: map[string]any{"purpose": purpose, "key": keyName(key)},
	})
}
