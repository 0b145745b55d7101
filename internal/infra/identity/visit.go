package identity

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// VisitLasts is how long a member of staff may act for a person who stands before them, on the tenant's clock: as long as a
// visit can take. It ends by itself, or earlier when either side ends it.
const VisitLasts = 2 * time.Hour

// What a visit rests on.
const (
	ProofCode     = "code"     // the person told the code that was sent to them
	ProofDocument = "document" // the person signed a paper, which is kept
)

// Visitor is somebody at a counter, as far as their account knows them.
type Visitor struct {
	ID       uuid.UUID
	Name     string
	Lang     string
	Contacts []Contact
}

// AddVisitor makes the account of a person who has none, at a counter. It has no address until the person proves one.
// Permission: identity:visit. Errors: ErrForbidden, ErrName.
func (s *Service) AddVisitor(ctx context.Context, tx *pg.Tx, name, lang string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.AddVisitor")
	if _, err := require(ctx, tx, permissionVisit); err != nil {
		return uuid.Nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	if name, err = cleanName(name); err != nil {
		return uuid.Nil, err
	}
	return s.insertAccount(ctx, tx, KindPerson, name, i18n.Match(lang, settings.Languages))
}

// VisitorsAt finds who is reached at exactly this telephone number or e-mail address; nobody where it is neither.
// Permission: identity:visit. Errors: ErrForbidden.
func (s *Service) VisitorsAt(ctx context.Context, tx *pg.Tx, typed string) (_ []uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.VisitorsAt")
	if _, err := require(ctx, tx, permissionVisit); err != nil {
		return nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	to, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return nil, nil
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	return queries.FindPeopleAt(ctx, tx, indexes)
}

// Visitor returns a person as they are known at a counter. The look is on record, which needs a transaction that writes.
// Permission: identity:visit. Errors: ErrForbidden, ErrNotPerson.
func (s *Service) Visitor(ctx context.Context, tx *pg.Tx, person uuid.UUID) (v Visitor, err error) {
	defer fault.Wrap(&err, "identity.Visitor(%s)", person)
	if _, err := require(ctx, tx, permissionVisit); err != nil {
		return v, err
	}
	a, err := queries.GetAccount(ctx, tx, person)
	if pg.NotFound(err) || err == nil && (a.Kind != KindPerson || a.Status != statusActive) {
		return v, ErrNotPerson
	}
	if err != nil {
		return v, err
	}
	v = Visitor{ID: person, Lang: a.Lang}
	if v.Name, err = s.openName(ctx, tx, person, a.Name); err != nil {
		return v, err
	}
	all, err := s.contacts(ctx, tx, person)
	v.Contacts = all[person]
	if err != nil {
		return v, err
	}
	return v, audit.Read(ctx, tx, audit.Entry{Action: "identity.visitor.read", Object: "identity.account", ObjectID: person, Person: person})
}

// StartVisit sends a code to a person who stands at the actor's counter and returns the id under which FinishVisit takes it.
// It goes to an address that they have proved; somebody who has proved none may name one, which the code proves.
// Permission: identity:visit. Errors: ErrForbidden, ErrNotPerson, ErrSelf, ErrVisitAddress, ErrAddress, ErrTooManyCodes.
func (s *Service) StartVisit(ctx context.Context, tx *pg.Tx, person uuid.UUID, typed string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartVisit(%s)", person)
	v, err := s.mayVisit(ctx, tx, person)
	if err != nil {
		return uuid.Nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	proved := slices.ContainsFunc(v.Contacts, func(c Contact) bool { return c.Verified })
	if proved && !slices.ContainsFunc(v.Contacts, func(c Contact) bool { return c.Verified && c.Channel == to.channel && c.Address == to.text }) {
		return uuid.Nil, ErrVisitAddress
	}
	name, err := s.Name(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	return s.sendCode(ctx, tx, codeFor{purpose: forVisit, kind: KindPerson, account: person, to: to, lang: i18n.Match(v.Lang, settings.Languages), by: name})
}

// mayVisit refuses an actor who may not act for people at a counter, and for somebody who is evidently themselves.
func (s *Service) mayVisit(ctx context.Context, tx *pg.Tx, person uuid.UUID) (v Visitor, err error) {
	actor, err := actorOf(ctx, tx)
	if err != nil {
		return v, err
	}
	if actor.reach(permissionVisit, tx.Now).none() || tx.Actor.Kind != KindStaff {
		return v, forbidden(permissionVisit)
	}
	if slices.Contains(actor.Self, person) {
		return v, ErrSelf
	}
	return s.Visitor(ctx, tx, person)
}

// FinishVisit takes the code that the person told, and lets the actor act for them until the visit ends. An address that was
// proved by it is theirs from now on. A wrong try is counted although an error is returned (pg.Keep). Permission:
// identity:visit. Errors: ErrForbidden, ErrNotPerson, ErrSelf, ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrContactTaken.
func (s *Service) FinishVisit(ctx context.Context, tx *pg.Tx, person, code uuid.UUID, text string) (_ Delegation, err error) {
	defer fault.Wrap(&err, "identity.FinishVisit(%s)", person)
	if _, err := s.mayVisit(ctx, tx, person); err != nil {
		return Delegation{}, err
	}
	row, found, err := s.takeCode(ctx, tx, code, forVisit, person, text)
	if err != nil {
		return Delegation{}, err
	}
	switch found.account {
	case uuid.Nil:
		typed, err := s.encryption.OpenString(ctx, tx, uuid.Nil, codePlace(row.ID), row.Address)
		if err != nil {
			return Delegation{}, err
		}
		if err := s.insertContact(ctx, tx, person, KindPerson, address{row.Channel, typed}, true); err != nil {
			return Delegation{}, err
		}
	case person:
		if err := queries.VerifyContact(ctx, tx, identitydb.VerifyContactParams{ID: found.contact, VerifiedAt: &tx.Now}); err != nil {
			return Delegation{}, err
		}
	default:
		return Delegation{}, pg.Keep(ErrContactTaken)
	}
	return s.beginVisit(ctx, tx, person, ProofCode)
}

// VisitOnPaper lets the actor act for a person who has signed that they may; the caller keeps the paper. The person is told
// where they have an address. Permission: identity:visit. Errors: ErrForbidden, ErrNotPerson, ErrSelf.
func (s *Service) VisitOnPaper(ctx context.Context, tx *pg.Tx, person uuid.UUID) (_ Delegation, err error) {
	defer fault.Wrap(&err, "identity.VisitOnPaper(%s)", person)
	if _, err := s.mayVisit(ctx, tx, person); err != nil {
		return Delegation{}, err
	}
	d, err := s.beginVisit(ctx, tx, person, ProofDocument)
	if err != nil {
		return d, err
	}
	name, err := s.Name(ctx, tx, tx.Actor.ID)
	if err != nil {
		return d, err
	}
	return d, s.alert(ctx, tx, person, Alert{Kind: AlertVisit, Args: map[string]any{"name": name}, Once: "identity.visit:" + d.ID.String()})
}

// beginVisit makes the consent, ends the visit before it, and turns the actor's session to the person.
func (s *Service) beginVisit(ctx context.Context, tx *pg.Tx, person uuid.UUID, proof string) (Delegation, error) {
	if err := s.endVisits(ctx, tx); err != nil {
		return Delegation{}, err
	}
	until := tx.Now.Add(VisitLasts)
	d := Delegation{
		ID: id.New(), Person: person, Delegate: tx.Actor.ID, Channel: "desk", Kind: Visit, Proof: proof, Status: Active, Until: &until,
		InvitedAt: tx.Now, AcceptedAt: &tx.Now,
	}
	err := queries.InsertVisit(ctx, tx, identitydb.InsertVisitParams{
		ID: d.ID, PersonID: person, DelegateID: &tx.Actor.ID, Proof: proof, Until: &until, BegunAt: tx.Now,
	})
	if err != nil {
		return d, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		Action: "identity.visit.begin", Object: "identity.delegation", ObjectID: d.ID, Person: person, Detail: map[string]any{"proof": proof},
	})
	if err != nil {
		return d, err
	}
	if err := s.ActFor(ctx, tx, d.ID); err != nil && !errors.Is(err, ErrNoSession) { // a program has none to turn
		return d, err
	}
	return d, nil
}

// EndVisits ends what the actor may do for people at their counter. Permission: the actor's own. Errors: ErrForbidden.
func (s *Service) EndVisits(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "identity.EndVisits(%s)", tx.Actor.ID)
	if tx.Actor.Kind != KindStaff {
		return forbidden(permissionVisit)
	}
	return s.endVisits(ctx, tx)
}

func (s *Service) endVisits(ctx context.Context, tx *pg.Tx) error {
	open, err := queries.ListOpenVisits(ctx, tx, tx.Actor.ID)
	if err != nil {
		return err
	}
	for _, visit := range open {
		err := queries.EndDelegation(ctx, tx, identitydb.EndDelegationParams{ID: visit, Now: &tx.Now, EndedBy: optional(tx.Actor.ID)})
		if err != nil {
			return err
		}
		if err := queries.LeaveDelegation(ctx, tx, &visit); err != nil {
			return err
		}
		err = audit.Record(ctx, tx, audit.Entry{Action: "identity.visit.end", Object: "identity.delegation", ObjectID: visit, Person: tx.Actor.OnBehalf})
		if err != nil {
			return err
		}
	}
	return nil
}
