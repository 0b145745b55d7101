package identity

import (
	"context"
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

// ProofRegister says that the right to act for a business rests on an entry of a register.
const ProofRegister = "register"

// Membership is what somebody may do for a business at the moment.
type Membership struct {
	ID       uuid.UUID // of the delegation
	Account  uuid.UUID
	Kind     string     // Manager or Member
	Services []string   // codes; empty for all
	Until    *time.Time // tenant's clock, excluded
}

// AddBusiness makes the account of a business: an applicant with a key of its own to whom nobody signs in. Nobody acts for it before
// AppointManager. Permission: people with an account, in nobody else's name. Errors: ErrForbidden, ErrName.
func (s *Service) AddBusiness(ctx context.Context, tx *pg.Tx, name string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.AddBusiness")
	if err := s.MayAddBusiness(ctx, tx); err != nil {
		return uuid.Nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	if name, err = cleanName(name); err != nil {
		return uuid.Nil, err
	}
	business := id.New()
	sealed, err := s.encryption.SealString(ctx, tx, business, namePlace(business), name)
	if err != nil {
		return uuid.Nil, err
	}
	err = queries.InsertBusiness(ctx, tx, identitydb.InsertBusinessParams{
		ID: business, Name: sealed, Lang: i18n.Match(settings.DefaultLanguage, settings.Languages), Now: tx.Now,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return business, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.add", Object: "identity.account", ObjectID: business, Person: business, Detail: map[string]any{"kind": KindBusiness},
	})
}

// MayAddBusiness refuses everybody but people who have an account and act for themselves. Errors: ErrForbidden.
func (s *Service) MayAddBusiness(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "identity.MayAddBusiness(%s)", tx.Actor.ID)
	if tx.Actor.Kind != KindPerson || tx.Actor.ID == uuid.Nil || tx.Actor.OnBehalf != uuid.Nil {
		return ErrForbidden
	}
	p, status, err := standingOf(ctx, tx, tx.Actor.ID)
	if err == nil && (status != statusActive || p.Guest) {
		err = ErrForbidden
	}
	return err
}

// Appointment makes somebody a manager of a business.
type Appointment struct {
	Business, Person uuid.UUID
	Proof            string     // ProofDocument or ProofRegister
	Until            *time.Time // tenant's clock, excluded: when their authority ends
}

// AppointManager confirms a business, and who may manage it. Permission: identity:businesses in the whole tenant, and not for oneself.
// Errors: ErrForbidden, ErrNotFound, ErrSelf.
func (s *Service) AppointManager(ctx context.Context, tx *pg.Tx, in Appointment) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.AppointManager(%s)", in.Business)
	if err := s.MayConfirmBusiness(ctx, tx, in.Person); err != nil {
		return uuid.Nil, err
	}
	_, err = queries.LockBusiness(ctx, tx, in.Business)
	if pg.NotFound(err) {
		return uuid.Nil, ErrNotFound
	}
	if err != nil {
		return uuid.Nil, err
	}
	if err := queries.ConfirmBusiness(ctx, tx, in.Business); err != nil {
		return uuid.Nil, err
	}
	d := id.New()
	err = queries.InsertManager(ctx, tx, identitydb.InsertManagerParams{
		ID: d, PersonID: in.Business, DelegateID: in.Person, Proof: in.Proof, Until: in.Until, Now: tx.Now,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return d, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.business.appoint", Object: "identity.delegation", ObjectID: d, Person: in.Business,
		Detail: map[string]any{"manager": in.Person, "proof": in.Proof, "until": in.Until},
	})
}

// MayConfirmBusiness refuses an actor who may not say whether a person acts for a business; nobody says so of themselves.
// Errors: ErrForbidden, ErrSelf.
func (s *Service) MayConfirmBusiness(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.MayConfirmBusiness(%s)", person)
	if err := s.MayReadBusinesses(ctx, tx); err != nil {
		return err
	}
	p, err := actorOf(ctx, tx)
	if err == nil && (person == tx.Actor.ID || slices.Contains(p.Self, person)) {
		err = ErrSelf
	}
	return err
}

// MayReadBusinesses refuses an actor who has not identity:businesses in the whole tenant. Errors: ErrForbidden.
func (s *Service) MayReadBusinesses(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "identity.MayReadBusinesses")
	r, err := require(ctx, tx, permissionBusinesses)
	if err == nil && !r.everywhere {
		err = forbidden(permissionBusinesses)
	}
	return err
}

// Members returns who may act for a business now, in the order in which they came. It asks for no permission: it is for modules that
// write to them, or decide what somebody may do.
func (s *Service) Members(ctx context.Context, tx *pg.Tx, business uuid.UUID) (list []Membership, err error) {
	defer fault.Wrap(&err, "identity.Members(%s)", business)
	rows, err := queries.ListMembers(ctx, tx, identitydb.ListMembersParams{Business: business, Now: tx.Now})
	for _, r := range rows {
		list = append(list, Membership{ID: r.ID, Account: r.DelegateID, Kind: r.Kind, Services: r.Services, Until: r.Until})
	}
	return list, err
}

// IsBusiness reports whether an account is that of a business. It asks for no permission.
func (s *Service) IsBusiness(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ bool, err error) {
	defer fault.Wrap(&err, "identity.IsBusiness(%s)", account)
	return queries.IsBusiness(ctx, tx, account)
}

// Manages refuses an actor who does not manage a business at the moment, in nobody else's name. Errors: ErrForbidden.
func (s *Service) Manages(ctx context.Context, tx *pg.Tx, business uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.Manages(%s)", business)
	may, err := manages(ctx, tx, business)
	if err == nil && !may {
		err = ErrForbidden
	}
	return err
}

func manages(ctx context.Context, tx *pg.Tx, business uuid.UUID) (bool, error) {
	m, err := membershipOf(ctx, tx, business, tx.Actor.ID)
	return err == nil && m != nil && m.Kind == Manager && tx.Actor.OnBehalf == uuid.Nil, err
}

// membershipOf returns what an account may do for a business now; nil where it may do nothing.
func membershipOf(ctx context.Context, tx *pg.Tx, business, account uuid.UUID) (*identitydb.ListMembersRow, error) {
	if account == uuid.Nil {
		return nil, nil
	}
	rows, err := queries.ListMembers(ctx, tx, identitydb.ListMembersParams{Business: business, Now: tx.Now})
	for i := range rows {
		if rows[i].DelegateID == account {
			return &rows[i], err
		}
	}
	return nil, err
}

// InviteMember asks somebody to act for a business.
type InviteMember struct {
	Business uuid.UUID
	Channel  string // ChannelSMS or ChannelEmail
	Address  string // as typed
	Kind     string // Manager or Member
	Services []string
	Until    *time.Time // tenant's clock, excluded; nil for as long as the inviter's own authority lasts
}

// InviteMember asks whoever is reached at an address to act for a business; it counts once they have accepted, and no longer than the
// inviter's own authority. Permission: who manages the business, in nobody else's name, proved afresh (the page asks for that).
// Errors: ErrForbidden, ErrAddress, ErrDelegation with the fields at fault, ErrSelf.
func (s *Service) InviteMember(ctx context.Context, tx *pg.Tx, in InviteMember) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.InviteMember(%s)", in.Business)
	if err := s.Manages(ctx, tx, in.Business); err != nil {
		return uuid.Nil, err
	}
	mine, err := membershipOf(ctx, tx, in.Business, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	switch {
	case in.Kind != Manager && in.Kind != Member:
		return uuid.Nil, ErrDelegation.WithFields(fault.Field{Path: "kind", Code: "identity.delegation_kind"})
	case in.Kind == Manager && len(in.Services) > 0: // who manages members gives rights that they have themselves
		return uuid.Nil, ErrDelegation.WithFields(fault.Field{Path: "services", Code: "identity.delegation_manager"})
	case mine.Until != nil && in.Until != nil && in.Until.After(*mine.Until):
		return uuid.Nil, ErrDelegation.WithFields(fault.Field{Path: "until", Code: "identity.delegation_beyond"})
	case in.Until == nil:
		in.Until = mine.Until
	}
	return s.inviteInto(ctx, tx, Invite{
		Person: in.Business, Channel: in.Channel, Address: in.Address, Kind: in.Kind, Services: in.Services, Until: in.Until,
	})
}

// mayJoin refuses guests and staff, and a manager of the business who would take up an invitation that went to somebody else. Who is a
// member already is one by the new invitation from now on.
func (s *Service) mayJoin(ctx context.Context, tx *pg.Tx, row identitydb.LockDelegationRow, p Principal) error {
	if p.Guest || p.Kind != KindPerson {
		return ErrForbidden
	}
	reached, err := s.reached(ctx, tx, row)
	if err == nil && !reached {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.replaceMembership(ctx, tx, row.PersonID, row.Kind)
}

// replaceMembership ends what the actor may do for a business, who is about to accept another invitation; kind is what they will be.
func (s *Service) replaceMembership(ctx context.Context, tx *pg.Tx, business uuid.UUID, kind string) error {
	if _, err := queries.LockBusiness(ctx, tx, business); err != nil {
		return err
	}
	for {
		m, err := membershipOf(ctx, tx, business, tx.Actor.ID)
		if err != nil || m == nil {
			return err
		}
		if m.Kind == Manager && kind != Manager {
			if err := s.anotherManager(ctx, tx, business, m.ID); err != nil {
				return err
			}
		}
		if err := queries.EndDelegation(ctx, tx, identitydb.EndDelegationParams{ID: m.ID, Now: &tx.Now, EndedBy: optional(tx.Actor.ID)}); err != nil {
			return err
		}
		if err := queries.LeaveDelegation(ctx, tx, &m.ID); err != nil {
			return err
		}
		err = audit.Record(ctx, tx, audit.Entry{
			Action: "identity.delegation.end", Object: "identity.delegation", ObjectID: m.ID, Person: business, Detail: map[string]any{"was": Active},
		})
		if err != nil {
			return err
		}
	}
}

// keepManaged refuses to end the authority of a business's only manager by their own hand: nobody could invite anybody any more. The
// system may, which closes accounts.
func (s *Service) keepManaged(ctx context.Context, tx *pg.Tx, row identitydb.LockDelegationRow) error {
	over := row.Until != nil && !tx.Now.Before(*row.Until)
	if row.Kind != Manager || row.Status != Active || over || tx.Actor.Kind == "system" {
		return nil
	}
	if _, err := queries.LockBusiness(ctx, tx, row.PersonID); err != nil { // two managers who leave at one moment
		return err
	}
	return s.anotherManager(ctx, tx, row.PersonID, row.ID)
}

func (s *Service) anotherManager(ctx context.Context, tx *pg.Tx, business, but uuid.UUID) error {
	members, err := s.Members(ctx, tx, business)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(members, func(m Membership) bool { return m.Kind == Manager && m.ID != but }) {
		return ErrLastManager
	}
	return nil
}

// alertSide tells one side of a delegation: a person, or all who manage a business.
func (s *Service) alertSide(ctx context.Context, tx *pg.Tx, account uuid.UUID, a Alert) error {
	business, err := queries.IsBusiness(ctx, tx, account)
	if err != nil {
		return err
	}
	if !business {
		return s.alert(ctx, tx, account, a)
	}
	members, err := s.Members(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Kind != Manager || m.Account == tx.Actor.ID {
			continue
		}
		if err := s.alert(ctx, tx, m.Account, a); err != nil {
			return err
		}
	}
	return nil
}
