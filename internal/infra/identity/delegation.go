package identity

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// What somebody is who acts for somebody else.
const (
	Guardian = "guardian"
	Agent    = "agent"
	Helper   = "helper"
	Visit    = "visit"   // the member of staff at whose counter the person is
	Manager  = "manager" // of a business: applies for it, and says who else may
	Member   = "member"  // of a business: applies for it
)

// The states of a delegation.
const (
	Invited = "invited" // waits for the other to accept
	Active  = "active"
	Ended   = "ended"
)

// Delegation says that somebody may act for somebody else, by consent of both.
type Delegation struct {
	ID         uuid.UUID
	Person     uuid.UUID // who is acted for
	Delegate   uuid.UUID // who acts; uuid.Nil as long as the invitation is open
	Name       string    // of the other side, "" where not known yet
	Channel    string
	Address    string   // where the invitation went; told to who invited alone
	Kind       string   // Guardian, Agent, Helper or Visit; Manager or Member of a business
	Services   []string // codes; empty for all
	Proof      string   // sign-in, document, code or register: what the right rests on
	Status     string
	Until      *time.Time // tenant's clock, excluded
	InvitedAt  time.Time
	AcceptedAt *time.Time
	EndedAt    *time.Time
	EndedBy    uuid.UUID
}

// Open reports whether the delegation counts, or waits to, at now.
func (d Delegation) Open(now time.Time) bool {
	return d.Status != Ended && (d.Until == nil || now.Before(*d.Until))
}

// The bounds of delegations.
const (
	delegationsMost = 10 // open at a time
	membersMost     = 50 // of a business
	delegationsList = 100
)

// Invite asks somebody to act for a person.
type Invite struct {
	Person   uuid.UUID
	Channel  string // ChannelSMS or ChannelEmail
	Address  string // as typed: of an account, or of one that comes to be
	Kind     string
	Services []string   // codes; empty for all
	Until    *time.Time // tenant's clock, excluded; nil until somebody ends it
}

// Invite asks whoever is reached at an address to act for a person; the answer does not tell whether anybody is. It counts once they
// have accepted. Permission: one's own account, proved afresh (the page asks for that), and in nobody else's name.
// Errors: ErrForbidden, ErrAddress, ErrDelegation with the fields at fault, ErrSelf.
func (s *Service) Invite(ctx context.Context, tx *pg.Tx, in Invite) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.Invite(%s)", in.Person)
	if err := own(tx, in.Person); err != nil {
		return uuid.Nil, err
	}
	if !slices.Contains([]string{Guardian, Agent, Helper}, in.Kind) {
		return uuid.Nil, ErrDelegation.WithFields(fault.Field{Path: "kind", Code: "identity.delegation_kind"})
	}
	return s.inviteInto(ctx, tx, in)
}

// inviteInto keeps an invitation to act for a person or a business, and sends it.
func (s *Service) inviteInto(ctx context.Context, tx *pg.Tx, in Invite) (uuid.UUID, error) {
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(in.Channel, in.Address, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	row := identitydb.InsertDelegationParams{
		ID: id.New(), PersonID: in.Person, Channel: to.channel, Kind: in.Kind, Services: in.Services, Until: in.Until, InvitedAt: tx.Now,
	}
	if row.Services == nil {
		row.Services = []string{}
	}
	if err := s.mayInvite(ctx, tx, in); err != nil {
		return uuid.Nil, err
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return uuid.Nil, err
	}
	row.AddressIndex = indexes[0]
	mine, err := queries.CountProvedContact(ctx, tx, identitydb.CountProvedContactParams{AccountID: tx.Actor.ID, Indexes: indexes})
	if err != nil {
		return uuid.Nil, err
	}
	if mine > 0 {
		return uuid.Nil, ErrSelf
	}
	if row.Address, err = s.encryption.SealString(ctx, tx, in.Person, delegationPlace(row.ID), to.text); err != nil {
		return uuid.Nil, err
	}
	if err := queries.InsertDelegation(ctx, tx, row); err != nil {
		return uuid.Nil, err
	}
	if err := s.invite(ctx, tx, in.Person, row.ID, to, settings.DefaultLanguage); err != nil {
		return uuid.Nil, err
	}
	return row.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.delegation.invite", Object: "identity.delegation", ObjectID: row.ID, Person: in.Person,
		Detail: map[string]any{"kind": in.Kind, "services": in.Services, "until": in.Until},
	})
}

func (s *Service) mayInvite(ctx context.Context, tx *pg.Tx, in Invite) error {
	if in.Until != nil && !in.Until.After(tx.Now) {
		return ErrDelegation.WithFields(fault.Field{Path: "until", Code: "identity.delegation_until"})
	}
	most := int64(delegationsMost)
	if in.Kind == Manager || in.Kind == Member {
		most = membersMost
	}
	n, err := queries.CountOpenDelegations(ctx, tx, identitydb.CountOpenDelegationsParams{PersonID: in.Person, Now: tx.Now})
	if err == nil && n >= most {
		err = ErrDelegation.WithFields(fault.Field{Path: "address", Code: "identity.delegation_many", Args: map[string]any{"max": most}})
	}
	return err
}

// invite sends the invitation in the language of whom it reaches, as far as that is known.
func (s *Service) invite(ctx context.Context, tx *pg.Tx, person, delegation uuid.UUID, to address, lang string) error {
	if s.alerts == nil {
		return nil
	}
	name, err := s.Name(ctx, tx, person)
	if err != nil {
		return err
	}
	return s.alerts.SendAlert(ctx, tx, Alert{
		Kind: AlertInvitation, Channel: to.channel, Address: to.text, Lang: lang, Args: map[string]any{"name": name},
		Once: "identity.delegation:" + delegation.String(),
	})
}

// own refuses everybody but the account itself, acting for itself, and the system.
func own(tx *pg.Tx, account uuid.UUID) error {
	if tx.Actor.Kind == "system" || account != uuid.Nil && tx.Actor.ID == account && tx.Actor.OnBehalf == uuid.Nil {
		return nil
	}
	return ErrForbidden
}

// Accept lets the actor act for who invited them. Permission: whose account has proved the address to which the invitation went, in
// nobody else's name. Errors: ErrNotFound, ErrSelf.
func (s *Service) Accept(ctx context.Context, tx *pg.Tx, delegation uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.Accept(%s)", delegation)
	row, err := s.lockDelegation(ctx, tx, delegation)
	if err != nil {
		return err
	}
	switch {
	case row.Status == Active && given(row.DelegateID) == tx.Actor.ID: // the button was pressed twice
		return nil
	case row.Status != Invited || row.PersonID == tx.Actor.ID || row.Until != nil && !tx.Now.Before(*row.Until):
		return ErrNotFound
	}
	p, status, err := standingOf(ctx, tx, tx.Actor.ID)
	if err != nil {
		return err
	}
	if status != statusActive || tx.Actor.OnBehalf != uuid.Nil {
		return ErrForbidden
	}
	if row.Kind == Manager || row.Kind == Member {
		err = s.mayJoin(ctx, tx, row, p)
	} else if slices.Contains(p.Self, row.PersonID) {
		err = ErrSelf
	}
	if err != nil {
		return err
	}
	err = queries.AcceptDelegation(ctx, tx, identitydb.AcceptDelegationParams{ID: delegation, DelegateID: &tx.Actor.ID, Now: &tx.Now})
	if err != nil {
		return err
	}
	name, err := s.Name(ctx, tx, tx.Actor.ID)
	if err != nil {
		return err
	}
	if err := s.alertSide(ctx, tx, row.PersonID, Alert{Kind: AlertAccepted, Args: map[string]any{"name": name}}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.delegation.accept", Object: "identity.delegation", ObjectID: delegation, Person: row.PersonID,
		Detail: map[string]any{"kind": row.Kind, "services": row.Services},
	})
}

// lockDelegation locks a delegation with which the actor has to do: theirs to give, to hold or to accept. Errors: ErrNotFound.
func (s *Service) lockDelegation(ctx context.Context, tx *pg.Tx, delegation uuid.UUID) (identitydb.LockDelegationRow, error) {
	row, err := queries.LockDelegation(ctx, tx, delegation)
	if pg.NotFound(err) {
		return row, ErrNotFound
	}
	if err != nil || tx.Actor.Kind == "system" || row.PersonID == tx.Actor.ID || given(row.DelegateID) == tx.Actor.ID {
		return row, err
	}
	if may, err := manages(ctx, tx, row.PersonID); err != nil || may {
		return row, err
	}
	reached, err := s.reached(ctx, tx, row)
	if err == nil && (!reached || row.Status != Invited) {
		err = ErrNotFound
	}
	return row, err
}

// reached reports whether the actor has proved the address to which an invitation went.
func (s *Service) reached(ctx context.Context, tx *pg.Tx, row identitydb.LockDelegationRow) (bool, error) {
	if len(row.Address) == 0 {
		return false, nil
	}
	text, err := s.openKept(ctx, tx, row.PersonID, delegationPlace(row.ID), row.Address)
	if err != nil {
		return false, err
	}
	indexes, err := s.addressIndexes(ctx, tx, address{row.Channel, text})
	if err != nil {
		return false, err
	}
	n, err := queries.CountProvedContact(ctx, tx, identitydb.CountProvedContactParams{AccountID: tx.Actor.ID, Indexes: indexes})
	return n > 0, err
}

func given(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// EndDelegation ends a delegation or declines an invitation, at once, also where the other side acts under it at this moment.
// Permission: either side, and for a business who manages it, in nobody else's name. Errors: ErrNotFound, ErrForbidden, ErrLastManager.
func (s *Service) EndDelegation(ctx context.Context, tx *pg.Tx, delegation uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.EndDelegation(%s)", delegation)
	row, err := s.lockDelegation(ctx, tx, delegation)
	if err != nil {
		return err
	}
	if given(row.DelegateID) != tx.Actor.ID && tx.Actor.OnBehalf != uuid.Nil {
		return ErrForbidden
	}
	if row.Status == Ended {
		return nil
	}
	if err := s.keepManaged(ctx, tx, row); err != nil {
		return err
	}
	err = queries.EndDelegation(ctx, tx, identitydb.EndDelegationParams{ID: delegation, Now: &tx.Now, EndedBy: optional(tx.Actor.ID)})
	if err != nil {
		return err
	}
	if err := queries.LeaveDelegation(ctx, tx, &delegation); err != nil {
		return err
	}
	other := row.PersonID
	if tx.Actor.ID != given(row.DelegateID) {
		other = given(row.DelegateID)
	}
	if other != uuid.Nil && tx.Actor.ID != uuid.Nil {
		name, err := s.Name(ctx, tx, tx.Actor.ID)
		if err != nil {
			return err
		}
		if err := s.alertSide(ctx, tx, other, Alert{Kind: AlertEnded, Args: map[string]any{"name": name}}); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.delegation.end", Object: "identity.delegation", ObjectID: delegation, Person: row.PersonID,
		Detail: map[string]any{"was": row.Status},
	})
}

// Representatives lists who may act for a person, open ones first, and whom they have asked. Permission: one's own account, a business that one manages, or
// identity:read in the whole tenant; who looks at another's is on record, which needs a transaction that writes.
// Errors: ErrForbidden.
func (s *Service) Representatives(ctx context.Context, tx *pg.Tx, person uuid.UUID) (_ []Delegation, err error) {
	defer fault.Wrap(&err, "identity.Representatives(%s)", person)
	if may, err := manages(ctx, tx, person); err != nil {
		return nil, err
	} else if !may {
		if err := s.ownOrRead(ctx, tx, person); err != nil {
			return nil, err
		}
	}
	rows, err := queries.ListGivenDelegations(ctx, tx, identitydb.ListGivenDelegationsParams{PersonID: person, Size: delegationsList})
	if err != nil {
		return nil, err
	}
	list := make([]Delegation, 0, len(rows))
	for _, row := range rows {
		d := Delegation{
			ID: row.ID, Person: row.PersonID, Delegate: given(row.DelegateID), Channel: row.Channel, Kind: row.Kind, Services: row.Services, Proof: row.Proof,
			Status: row.Status, Until: row.Until, InvitedAt: row.InvitedAt, AcceptedAt: row.AcceptedAt, EndedAt: row.EndedAt, EndedBy: given(row.EndedBy),
		}
		if len(row.Address) > 0 { // not forgotten with whose it was
			if d.Address, err = s.openKept(ctx, tx, person, delegationPlace(d.ID), row.Address); err != nil {
				return nil, err
			}
		}
		if row.Name != nil {
			if d.Name, err = s.openName(ctx, tx, d.Delegate, row.Name); err != nil {
				return nil, err
			}
		}
		list = append(list, d)
	}
	readDelegations(ctx, tx, person, list)
	return list, nil
}

// Represented lists for whom an account may act, open ones first, and the invitations that wait for its answer: those to an address
// that it has proved. Permission: one's own account, or identity:read in the whole tenant; who looks at another's is on record, which
// needs a transaction that writes. Errors: ErrForbidden.
func (s *Service) Represented(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ []Delegation, err error) {
	defer fault.Wrap(&err, "identity.Represented(%s)", account)
	if err := s.ownOrRead(ctx, tx, account); err != nil {
		return nil, err
	}
	indexes, err := s.reachedBy(ctx, tx, account, true)
	if err != nil {
		return nil, err
	}
	rows, err := queries.ListReceivedDelegations(ctx, tx, identitydb.ListReceivedDelegationsParams{AccountID: account, Indexes: indexes, Size: delegationsList})
	if err != nil {
		return nil, err
	}
	list := make([]Delegation, 0, len(rows))
	for _, row := range rows {
		d := Delegation{
			ID: row.ID, Person: row.PersonID, Delegate: given(row.DelegateID), Channel: row.Channel, Kind: row.Kind, Services: row.Services, Proof: row.Proof,
			Status: row.Status, Until: row.Until, InvitedAt: row.InvitedAt, AcceptedAt: row.AcceptedAt, EndedAt: row.EndedAt, EndedBy: given(row.EndedBy),
		}
		if d.Name, err = s.openName(ctx, tx, d.Person, row.Name); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	readDelegations(ctx, tx, account, list)
	return list, nil
}

// readDelegations puts on record that somebody else looked at an account's delegations.
func readDelegations(ctx context.Context, tx *pg.Tx, account uuid.UUID, list []Delegation) {
	if tx.Actor.ID == account { // staff see their own, too
		return
	}
	ids := make([]uuid.UUID, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.delegation.list", Object: "identity.delegation", Person: account}, ids...)
}

func (s *Service) ownOrRead(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if tx.Actor.ID == account && account != uuid.Nil {
		return nil
	}
	r, err := require(ctx, tx, permissionRead)
	if err == nil && !r.everywhere {
		err = forbidden(permissionRead)
	}
	return err
}

// ActFor turns the actor's session to acting under a delegation; uuid.Nil turns it back to acting for oneself. The next request is
// the first that acts so. Permission: who the delegation was given to. Errors: ErrNotFound, ErrNoSession.
func (s *Service) ActFor(ctx context.Context, tx *pg.Tx, delegation uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.ActFor(%s)", delegation)
	entry := audit.Entry{Action: "identity.delegation.leave", Object: "identity.session", ObjectID: tx.Actor.Session, Person: tx.Actor.OnBehalf}
	if delegation != uuid.Nil {
		row, err := s.lockDelegation(ctx, tx, delegation)
		if err != nil {
			return err
		}
		if row.Status != Active || given(row.DelegateID) != tx.Actor.ID || row.Until != nil && !tx.Now.Before(*row.Until) {
			return ErrNotFound
		}
		entry = audit.Entry{
			Action: "identity.delegation.enter", Object: "identity.session", ObjectID: tx.Actor.Session, Person: row.PersonID,
			Detail: map[string]any{"delegation": delegation},
		}
	}
	n, err := queries.SetSessionDelegation(ctx, tx, identitydb.SetSessionDelegationParams{
		ID: tx.Actor.Session, AccountID: tx.Actor.ID, DelegationID: optional(delegation),
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoSession
	}
	return audit.Record(ctx, tx, entry)
}

// MayRepresent refuses an actor who acts in a person's name without their consent for a service; service "" asks for consent to all.
// Who acts for themselves passes, and so does the system. Errors: ErrRepresentative.
func (s *Service) MayRepresent(ctx context.Context, tx *pg.Tx, person uuid.UUID, service string) (err error) {
	defer fault.Wrap(&err, "identity.MayRepresent(%s, %s)", person, service)
	if tx.Actor.Kind == "system" || tx.Actor.OnBehalf == uuid.Nil {
		return nil
	}
	rows, err := scopes(ctx, tx)
	if err != nil {
		return err
	}
	for _, services := range rows {
		who := decision.NewAsker(decision.Subject{ID: tx.Actor.ID, Kind: tx.Actor.Kind, For: tx.Actor.OnBehalf, Services: services})
		on := Object{Kind: "request", Person: person, Service: service}
		if decision.House.Decide(who, decision.Represent, on, decision.Circumstances{Now: tx.Now}).Allowed {
			return nil
		}
	}
	return ErrRepresentative
}

// RepresentedServices returns the services to which the actor's consent to act for a person is limited, for a list to be narrowed by;
// nil where it is not, as for who acts for themselves. Errors: ErrRepresentative.
func (s *Service) RepresentedServices(ctx context.Context, tx *pg.Tx, person uuid.UUID) (services []string, err error) {
	defer fault.Wrap(&err, "identity.RepresentedServices(%s)", person)
	if tx.Actor.Kind == "system" || tx.Actor.OnBehalf == uuid.Nil {
		return nil, nil
	}
	rows, err := scopes(ctx, tx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || person != tx.Actor.OnBehalf {
		return nil, ErrRepresentative
	}
	for _, some := range rows {
		if len(some) == 0 {
			return nil, nil
		}
		services = append(services, some...)
	}
	return services, nil
}

// scopes are the services of each consent under which the actor may act now for whom it does.
func scopes(ctx context.Context, tx *pg.Tx) ([][]string, error) {
	return queries.ListScopes(ctx, tx, identitydb.ListScopesParams{DelegateID: tx.Actor.ID, PersonID: tx.Actor.OnBehalf, Now: tx.Now})
}

func delegationPlace(delegation uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.delegation", Column: "address", Row: delegation}
}
